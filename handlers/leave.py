"""Leave: a category, a reason, and one tap of a main leader. The decision reaches the deputy and the office."""

from __future__ import annotations

from typing import Any

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.invitation_card import LeavePress, LeaveStep, answer_buttons, invitation_values, show_invitation
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.leave_card import Verdict, VerdictPress, refresh_leave_cards, show_leave_card
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.audit import record
from models.forms import close_form, form_of, open_form
from models.invitations import Invitation, invitation_for
from models.leave import REASON_LIMIT, LeaveCategory, ask_leave, decide_leave, leave_by_id, undecided
from models.people import Role, people_with
from models.rules import Gone, RuleBroken

SHOWN_AT_ONCE = 10


class ReasonTooLong(RuleBroken):
    """A reason is a line or two."""

    key = "leave.reason_too_long"


async def take_step(update: Update, context: HomeContext) -> None:
    """The deputy's buttons: 请假, the category, nothing to add, back."""
    press = LeavePress.unpack(context.pressed)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    form = await form_of(context.session, context.person.id, "leave")
    about_this = form is not None and form.data["activity"] == press.activity_id
    if press.step is LeaveStep.BACK:
        if about_this:
            await close_form(context.session, context.person.id)
        await show_invitation(context, invitation)
        return
    invitation.activity.require_open(now=context.now)
    if press.step is LeaveStep.BEGIN:
        await _ask_category(context, invitation)
    elif press.step is not LeaveStep.NO_REASON:
        await _ask_reason(update, context, invitation, LeaveCategory(press.step.value))
    elif about_this:
        await _submit(context, invitation, "")
    else:
        raise Gone


async def _ask_category(context: HomeContext, invitation: Invitation) -> None:
    activity = invitation.activity
    categories = [Button(t(f"leave.category.{c}"), LeavePress(activity.id, LeaveStep(c.value))) for c in LeaveCategory]
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    emergency = context.now > activity.starts_at - context.policy.leave_cutoff
    await context.show("activity/leave_category", keyboard=[*rows(categories, 2), back], activity=activity, emergency=emergency)


async def _ask_reason(update: Update, context: HomeContext, invitation: Invitation, category: LeaveCategory) -> None:
    activity, pressed = invitation.activity, update.callback_query.message if update.callback_query else None
    await open_form(
        context.session,
        context.person.id,
        "leave",
        "reason",
        now=context.now,
        activity=activity.id,
        category=category.value,
        message=pressed.message_id if pressed else None,
        has_media=isinstance(pressed, Message) and pressed.document is not None,
    )
    nothing = [Button(t("leave.nothing_to_add"), LeavePress(activity.id, LeaveStep.NO_REASON))]
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    await context.show("activity/leave_reason", keyboard=[nothing, back], activity=activity, category=category)


async def take_reason(update: Update, context: HomeContext) -> None:
    """The reason, typed; or a photo or file as proof, with or without a caption. Raises ReasonTooLong."""
    form, message = await form_of(context.session, context.person.id, "leave"), update.message
    if form is None or message is None:
        return
    invitation = await invitation_for(context.session, form.data["activity"], context.person)
    try:
        invitation.activity.require_open(now=context.now)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    reason = (message.text or message.caption or "").strip()
    proof = message.message_id if message.photo or message.document else None
    if not reason and proof is None:
        await context.reply("plain", text=t("leave.write_reason"))
        return
    if len(reason) > REASON_LIMIT:
        raise ReasonTooLong(limit=REASON_LIMIT, length=len(reason))
    await _submit(context, invitation, reason, proof)


async def _submit(context: HomeContext, invitation: Invitation, reason: str, proof: int | None = None) -> None:
    form = await form_of(context.session, context.person.id, "leave")
    if form is None:
        raise Gone
    category, earlier, cutoff = LeaveCategory(form.data["category"]), invitation.leave, context.policy.leave_cutoff
    pressed, has_media = form.data["message"], form.data["has_media"]
    await close_form(context.session, context.person.id)
    request = ask_leave(invitation, category, reason, cutoff=cutoff, now=context.now, proof_message_id=proof)
    await context.session.flush()
    record(context.session, context.person, "leave.asked", f"leave:{request.id}", now=context.now, emergency=request.emergency)
    if pressed is not None:
        values, keyboard = invitation_values(context.post, invitation), answer_buttons(invitation, now=context.now)
        await context.post.edit(context.here, pressed, "activity/invitation", keyboard=keyboard, has_media=has_media, **values)
    await context.reply("activity/leave_submitted", request=request, activity=invitation.activity)
    if earlier is not None and earlier is not request:
        await refresh_leave_cards(context.post, earlier)
    await refresh_leave_cards(context.post, request)


async def decide(update: Update, context: HomeContext) -> None:
    """A main leader's tap. A second one, or another leader's, hears who decided."""
    press = VerdictPress.unpack(context.pressed)
    request = await leave_by_id(context.session, press.request_id)
    approve = press.verdict is Verdict.APPROVE
    await decide_leave(context.session, request, context.person, approve=approve, now=context.now)
    await refresh_leave_cards(context.post, request)
    invitation = request.invitation
    values: dict[str, Any] = {"request": request, "activity": invitation.activity, "invitation": invitation}
    await context.post.tell(
        invitation.person, "activity/leave_decided", keyboard=answer_buttons(invitation, now=context.now), now=context.now, **values
    )
    for person in await people_with(context.session, Role.OFFICE):
        await context.post.tell(person, "activity/leave_decided_office", **values)
    await context.toast(t("leave.approved_toast" if approve else "leave.refused_toast"))


async def open_pending(update: Update, context: HomeContext) -> None:
    """``/leave``: what waits for a main leader."""
    context.person.require(Role.LEADER)
    waiting = await undecided(context.session)
    await context.show("activity/leave_pending", keyboard=[[BACK_TO_MENU]], count=len(waiting), shown=min(len(waiting), SHOWN_AT_ONCE))
    for request in waiting[:SHOWN_AT_ONCE]:
        await show_leave_card(context.post, request, context.person, afresh=True)


JOURNEY = Journey(
    entries=(Entry("leave", open_pending, roles=frozenset({Role.LEADER})),),
    presses={LeavePress: take_step, VerdictPress: decide},
    forms={"leave": take_reason},
)
