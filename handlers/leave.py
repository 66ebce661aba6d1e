"""Asking leave: a category, from a session the half days, a reason, and any number of proofs."""

from __future__ import annotations

from typing import Any

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.invitation_card import LeavePress, LeaveStep, answer_buttons, invitation_values, show_invitation
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.leave_card import half_day_names, refresh_leave_cards
from handlers.leave_presses import HalfDaysPress, MoreDo, MorePress
from handlers.leave_thread import is_proof
from handlers.texts import t
from models.activities import Activity, ActivityKind
from models.audit import record
from models.forms import Form, close_form, form_of, open_form
from models.half_days import HalfDay, half_days_between
from models.invitations import Invitation, invitation_for
from models.leave import REASON_LIMIT, LeaveCategory, NoHalfDays, ask_leave, require_may_ask
from models.leave_thread import MOST_PROOFS, TooManyProofs, add_proof
from models.rules import Gone, RuleBroken

FORM = "leave"


class ReasonTooLong(RuleBroken):
    """A reason is a line or two."""

    key = "leave.reason_too_long"


async def take_step(update: Update, context: HomeContext) -> None:
    """The deputy's buttons: 请假, the category, nothing to add, back."""
    press = LeavePress.unpack(context.pressed)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    form = await form_of(context.session, context.person.id, FORM)
    about_this = form is not None and form.data["activity"] == press.activity_id
    if press.step is LeaveStep.BACK:
        if about_this:
            await close_form(context.session, context.person.id)
        await show_invitation(context, invitation)
        return
    require_may_ask(invitation, now=context.now)
    if press.step is LeaveStep.BEGIN:
        await _ask_category(context, invitation)
    elif press.step is not LeaveStep.NO_REASON:
        await _ask_half_days(update, context, invitation, LeaveCategory(press.step.value))
    elif form is not None and about_this:
        await _submit(context, invitation, form)
    else:
        raise Gone


async def _ask_category(context: HomeContext, invitation: Invitation) -> None:
    activity = invitation.activity
    categories = [Button(t(f"leave.category.{c}"), LeavePress(activity.id, LeaveStep(c.value))) for c in LeaveCategory]
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    emergency = context.now > activity.starts_at - context.policy.leave_cutoff
    await context.show("activity/leave_category", keyboard=[*rows(categories, 2), back], activity=activity, emergency=emergency)


def _possible(context: HomeContext, activity: Activity) -> list[HalfDay]:
    """The half days that leave may be asked for: a session's; anything else is missed as a whole."""
    if activity.kind is not ActivityKind.SESSION:
        return []
    return half_days_between(activity.starts_at, activity.ends_at, context.policy.timezone)


async def _ask_half_days(update: Update, context: HomeContext, invitation: Invitation, category: LeaveCategory) -> None:
    """From a session of more than half a day: which of them."""
    possible = _possible(context, invitation.activity)
    if len(possible) > 1:
        await _show_half_days(context, invitation.activity, possible, category, chosen=0)
    else:
        await _ask_reason(update, context, invitation, category, possible)


async def _show_half_days(
    context: HomeContext, activity: Activity, possible: list[HalfDay], category: LeaveCategory, *, chosen: int
) -> None:
    def press(chosen: int, *, done: bool = False) -> HalfDaysPress:
        return HalfDaysPress(activity.id, activity.sequence, category, chosen, int(done))

    names = half_day_names(context.post, map(str, possible), context.language)
    ticks = [Button(f"{'☑️' if chosen >> n & 1 else '▫️'} {name}", press(chosen ^ 1 << n)) for n, name in enumerate(names)]
    everything = [Button(t("leave.whole_session"), press((1 << len(possible)) - 1, done=True))]
    done = [Button(t("leave.half_days_done", count=chosen.bit_count()), press(chosen, done=True))] if chosen else []
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    keyboard = [*rows(ticks, 2), everything, done, back]
    await context.show("leave/half_days", keyboard=keyboard, activity=activity, category=category)


async def take_half_days(update: Update, context: HomeContext) -> None:
    """A half day ticked, or all of them. Raises Gone where the session has been moved meanwhile."""
    press = HalfDaysPress.unpack(context.pressed)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    require_may_ask(invitation, now=context.now)
    possible = _possible(context, invitation.activity)
    if press.sequence != invitation.activity.sequence or not 0 <= press.chosen < 1 << len(possible):
        raise Gone
    if not press.done:
        await _show_half_days(context, invitation.activity, possible, press.category, chosen=press.chosen)
        return
    chosen = [half_day for n, half_day in enumerate(possible) if press.chosen >> n & 1]
    if not chosen:
        raise NoHalfDays
    await _ask_reason(update, context, invitation, press.category, chosen)


async def _ask_reason(
    update: Update, context: HomeContext, invitation: Invitation, category: LeaveCategory, half_days: list[HalfDay]
) -> None:
    activity, pressed = invitation.activity, update.callback_query.message if update.callback_query else None
    await open_form(
        context.session,
        context.person.id,
        FORM,
        "reason",
        now=context.now,
        activity=activity.id,
        category=category.value,
        half_days=[str(half_day) for half_day in half_days],
        reason="",
        proofs=[],
        message=pressed.message_id if pressed else None,
        has_media=isinstance(pressed, Message) and pressed.document is not None,
    )
    nothing = [Button(t("leave.nothing_to_add"), LeavePress(activity.id, LeaveStep.NO_REASON))]
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    names = half_day_names(context.post, map(str, half_days), context.language)
    await context.show("activity/leave_reason", keyboard=[nothing, back], activity=activity, category=category, half_days=names)


async def take_reason(update: Update, context: HomeContext) -> None:
    """The reason, typed or as a caption, completes the request; photos or files without one, forwarded or not, are gathered as proofs."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    invitation = await invitation_for(context.session, form.data["activity"], context.person)
    try:
        require_may_ask(invitation, now=context.now)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    reason = (message.text or message.caption or "").strip()
    if not reason and not is_proof(message):
        await context.reply("plain", text=t("leave.write_reason"))
        return
    if len(reason) > REASON_LIMIT:
        raise ReasonTooLong(limit=REASON_LIMIT, length=len(reason))
    if is_proof(message):
        if len(form.data["proofs"]) >= MOST_PROOFS:
            raise TooManyProofs(limit=MOST_PROOFS)
        form.data["proofs"] = [*form.data["proofs"], [message.message_id, message.media_group_id]]
        form.updated_at = context.now
    if reason:
        form.data["reason"] = reason
        await _submit(context, invitation, form)
    else:
        await _show_gathered(context, invitation.activity, form.data)


async def _show_gathered(context: HomeContext, activity: Activity, data: dict[str, Any], *, submitted: bool = False) -> None:
    """How many proofs there are; the request goes out by its button, or by the reason typed."""
    submit = [Button(t("leave.submit"), LeavePress(activity.id, LeaveStep.NO_REASON))]
    back = [Button(t("activity.back"), LeavePress(activity.id, LeaveStep.BACK))]
    await context.post.card(
        f"leave_form:{activity.id}",
        context.person,
        "leave/gathered",
        keyboard=[] if submitted else [submit, back],
        afresh=not submitted,
        count=len(data["proofs"]),
        submitted=submitted,
    )


async def _submit(context: HomeContext, invitation: Invitation, form: Form) -> None:
    data, earlier, here = dict(form.data), invitation.leave, context.here
    await close_form(context.session, context.person.id)
    half_days = [HalfDay.read(half_day) for half_day in data["half_days"]]
    request = ask_leave(
        invitation,
        LeaveCategory(data["category"]),
        data["reason"],
        cutoff=context.policy.leave_cutoff,
        now=context.now,
        half_days=half_days,
        partial=len(half_days) < len(_possible(context, invitation.activity)),
    )
    await context.session.flush()
    record(context.session, context.person, "leave.asked", f"leave:{request.id}", now=context.now, emergency=request.emergency)
    for message_id, album in data["proofs"]:
        add_proof(context.session, request, context.person, here.chat_id, message_id, album, now=context.now)
    if data["message"] is not None:
        values, keyboard = invitation_values(context.post, invitation), answer_buttons(invitation, now=context.now)
        await context.post.edit(here, data["message"], "activity/invitation", keyboard=keyboard, has_media=data["has_media"], **values)
    if data["proofs"]:
        await _show_gathered(context, invitation.activity, data, submitted=True)
    more = Button(t("leave.add_more"), MorePress(request.id, MoreDo.ADD))
    names = half_day_names(context.post, request.half_days, context.language)
    await context.reply("activity/leave_submitted", keyboard=[[more]], request=request, activity=invitation.activity, half_days=names)
    if earlier is not None and earlier is not request:
        await refresh_leave_cards(context.post, earlier)
    await refresh_leave_cards(context.post, request)


JOURNEY = Journey(
    presses={LeavePress: take_step, HalfDaysPress: take_half_days},
    forms={FORM: take_reason},
    file_forms=frozenset({FORM}),
)
