"""One tap decides a leave request. The decision reaches the deputy and the office; a question may go to the deputy first."""

from __future__ import annotations

from typing import Any

from telegram import Update

from handlers.context import HomeContext
from handlers.invitation_card import answer_buttons
from handlers.journey import Due, Journey
from handlers.keyboards import Button
from handlers.leave_card import decided_by, half_day_names, refresh_leave_cards
from handlers.leave_presses import BatchDo, BatchPress, MoreDo, MorePress, Verdict, VerdictPress
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.leave import Decision, LeaveRequest, decide_leave, leave_by_id
from models.leave_deciders import deciders_now
from models.leave_reminders import due_reminders, next_reminder
from models.leave_terms import raise_flag, span_at
from models.leave_thread import REMARK_LIMIT, LeaveSettled, ask_back
from models.people import Person, Role, people_with
from models.rules import Gone, RuleBroken

FORM = "leave_question"


async def press(update: Update, context: HomeContext) -> None:
    """A decider's tap. A second one, or another's, hears who decided."""
    pressed = VerdictPress.unpack(context.pressed)
    request = await leave_by_id(context.session, pressed.request_id)
    if pressed.verdict is Verdict.ASK:
        await _begin_question(context, request)
    elif pressed.verdict is Verdict.LEAVE_IT:
        form = await form_of(context.session, context.person.id, FORM)
        if form is None or form.data["request"] != request.id:
            raise Gone
        await close_form(context.session, context.person.id)
        await context.show("plain", text=t("leave.not_asked"))
    else:
        approve = pressed.verdict is Verdict.APPROVE
        await carry_out(context.post, request, context.person, approve=approve)
        await context.toast(t("leave.approved_toast" if approve else "leave.refused_toast"))


async def carry_out(post: Post, request: LeaveRequest, person: Person, *, approve: bool) -> None:
    """Decide, and tell everybody whom it concerns; see ``decide_leave`` for what it raises."""
    await decide_leave(post.session, request, person, approve=approve, now=post.now)
    await refresh_leave_cards(post, request)
    invitation = request.invitation
    values: dict[str, Any] = {"request": request, "activity": invitation.activity, "invitation": invitation}
    half_days = half_day_names(post, request.half_days, invitation.person.language)
    buttons = answer_buttons(invitation, now=post.now)
    await post.tell(invitation.person, "activity/leave_decided", keyboard=buttons, now=post.now, half_days=half_days, **values)
    office = await people_with(post.session, Role.OFFICE)
    for each in office:
        await post.tell(each, "activity/leave_decided_office", by=decided_by(request), **values)
    if not approve:
        return
    span = await span_at(post.session, invitation.activity.starts_at, post.policy)
    count = await raise_flag(post.session, invitation.person, span, post.policy, now=post.now)
    if count is not None:
        term = t("leave.span.term" if span.is_term else "leave.span.year")
        for each in office:
            await post.tell(each, "leave/flagged", person=invitation.person, count=count, term=term)


async def _begin_question(context: HomeContext, request: LeaveRequest) -> None:
    (await deciders_now(context.session, now=context.now)).require(request, context.person)
    if not request.waits:
        raise LeaveSettled
    await open_form(context.session, context.person.id, FORM, "words", now=context.now, request=request.id)
    back = Button(t("leave.rather_not"), VerdictPress(request.id, Verdict.LEAVE_IT))
    await context.reply("leave/ask_back", keyboard=[[back]], invitation=request.invitation)


async def take_question(update: Update, context: HomeContext) -> None:
    """The question, typed. It goes to the deputy, and the request stays undecided."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    if not words or words.startswith("/"):
        await context.reply("plain", text=t("leave.type_question", limit=REMARK_LIMIT))
        return
    try:
        request = await leave_by_id(context.session, form.data["request"])
        (await deciders_now(context.session, now=context.now)).require(request, context.person)
        if not request.waits:
            raise LeaveSettled
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    ask_back(context.session, request, context.person, words, now=context.now)
    await close_form(context.session, context.person.id)
    await refresh_leave_cards(context.post, request)
    answer = Button(t("leave.answer"), MorePress(request.id, MoreDo.ADD))
    deputy = request.invitation.person
    values: dict[str, Any] = {"asker": context.person, "words": words, "activity": request.invitation.activity}
    await context.post.tell(deputy, "leave/question", keyboard=[[answer]], subject=f"leave_question:{request.id}", **values)
    await context.reply("plain", text=t("leave.question_sent", name=deputy.name))


async def tell_taken_back(post: Post, request: LeaveRequest) -> None:
    """The deputy comes after all: the cards say so, and where leave was approved, whoever decides and the office hear of it."""
    await refresh_leave_cards(post, request)
    if request.decision is not Decision.APPROVED:
        return
    deciders = [decider.person for decider in (await deciders_now(post.session, now=post.now)).of(request)]
    told = [*deciders, *([request.decided_by] if request.decided_by else []), *await people_with(post.session, Role.OFFICE)]
    for person in {person.id: person for person in told if person.id != request.invitation.person_id}.values():
        await post.tell(person, "leave/taken_back", invitation=request.invitation, activity=request.invitation.activity)


async def remind(post: Post) -> None:
    """Whoever decides hears once, before the start, of what is undecided."""
    requests = await due_reminders(post.session, post.policy, now=post.now)
    if not requests:
        return
    deciders = await deciders_now(post.session, now=post.now)
    waiting: dict[int, tuple[Person, list[LeaveRequest]]] = {}
    for request in requests:
        for decider in deciders.of(request):
            waiting.setdefault(decider.person.id, (decider.person, []))[1].append(request)
    for person, those in waiting.values():
        titles = {request.invitation.activity_id: request.invitation.activity for request in those}
        look = Button(t("leave.look"), BatchPress(BatchDo.ALL))
        await post.tell(person, "leave/reminder", keyboard=[[look]], activities=list(titles.values()), count=len(those))


JOURNEY = Journey(presses={VerdictPress: press}, forms={FORM: take_question}, due=(Due(remind, next_reminder),))
