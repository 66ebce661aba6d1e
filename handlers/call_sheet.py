"""The office calls those who are silent or could not be reached: the sheet comes by itself, and each call is logged with one tap."""

from __future__ import annotations

import asyncio
import contextlib

from telegram import Update

from handlers.calendar_file import file_stem
from handlers.call_card import KIND, RESULTS, show_sheet, show_to_others
from handlers.call_files import call_document, call_spreadsheet
from handlers.call_presses import CallDo, CallLeavePress, CallPress
from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button
from handlers.leave import ReasonTooLong
from handlers.leave_card import refresh_leave_cards
from handlers.post import Post
from handlers.roster_people import PeopleAct, PeoplePress
from handlers.texts import t
from models.activities import Activity
from models.audit import record
from models.call_sheet import BeingCalled, end_turn, has_turn, next_sheet_at, note_given, sheet_of, sheets_due, take_turn
from models.forms import close_form, form_of, open_form
from models.invitations import Invitation, Reply, activity_by_id
from models.leave import REASON_LIMIT, LeaveCategory
from models.people import Role, people_with
from models.phone_calls import CallResult, PhoneCall, ask_leave_by_phone, call_by_id, log_call, undo_call
from models.rules import Gone, RuleBroken

ABOUT_ACTIVITY = (CallDo.SHEET, CallDo.LIST, CallDo.NEXT, CallDo.STOP, CallDo.SPREADSHEET, CallDo.DOCUMENT)


async def press(update: Update, context: HomeContext) -> None:
    """A button of the sheet. Raises NotAllowed for whoever is not of the office."""
    pressed = CallPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if pressed.do in ABOUT_ACTIVITY:
        await _with_activity(context, await activity_by_id(context.session, pressed.number), pressed)
    elif pressed.do is CallDo.UNDO:
        await _undo(context, await call_by_id(context.session, pressed.number))
    elif pressed.do is CallDo.NO_REASON:
        await _submit_leave(context, "")
    else:
        invitation = await context.session.get(Invitation, pressed.number)
        if invitation is None or invitation.released_at is not None:
            raise Gone
        if pressed.do is CallDo.PERSON:
            await _turn_to(context, invitation)
        else:
            await _log(context, invitation, RESULTS[pressed.do])


async def _with_activity(context: HomeContext, activity: Activity, pressed: CallPress) -> None:
    if pressed.do in (CallDo.SPREADSHEET, CallDo.DOCUMENT):
        await _file(context, activity, pressed.do)
        return
    if pressed.do is CallDo.NEXT:
        activity.require_open(now=context.now)
        await _go_on(context, activity, skip=True)
        return
    if pressed.do is not CallDo.LIST:
        await _leave_form(context)
        await end_turn(context.session, context.person)
    await show_sheet(context.post, activity, context.person, afresh=pressed.do is CallDo.SHEET, page=max(pressed.page, 0))
    if pressed.do is CallDo.STOP:
        await show_to_others(context.post, activity, context.person)


async def _leave_form(context: HomeContext) -> None:
    """A leave half filled in is dropped; the call stays logged."""
    if await form_of(context.session, context.person.id, KIND) is not None:
        await close_form(context.session, context.person.id)


async def _turn_to(context: HomeContext, invitation: Invitation) -> None:
    """Call this one now, wherever they stand in the list."""
    invitation.activity.require_open(now=context.now)
    await _leave_form(context)
    await take_turn(context.session, invitation, context.person, now=context.now)
    await show_sheet(context.post, invitation.activity, context.person)
    await show_to_others(context.post, invitation.activity, context.person)


async def _go_on(context: HomeContext, activity: Activity, *, skip: bool = False, afresh: bool = False) -> None:
    """The next person, or the list when there is none; ``skip`` leaves out whoever is being called now."""
    await _leave_form(context)
    sheet = await sheet_of(context.session, activity, now=context.now)
    following = sheet.next_for(context.person, now=context.now, skip=skip)
    await end_turn(context.session, context.person)
    if following is not None:
        await take_turn(context.session, following.invitation, context.person, now=context.now)
    await show_sheet(context.post, activity, context.person, afresh=afresh)
    await show_to_others(context.post, activity, context.person)


async def _log(context: HomeContext, invitation: Invitation, result: CallResult) -> None:
    """One tap after a call; a second tap on the same button finds that it is logged."""
    activity = invitation.activity
    activity.require_open(now=context.now)
    if not await has_turn(context.session, invitation, context.person):
        await context.toast(t("calls.no_turn", name=invitation.person.name), alert=True)
        await show_sheet(context.post, activity, context.person)
        return
    try:
        call = await log_call(context.session, invitation, context.person, result, now=context.now)
    except RuleBroken as refusal:
        await context.toast(t(refusal.key, **refusal.values), alert=True)
        await _go_on(context, activity)
        return
    if invitation.reply is Reply.WAITING and result is CallResult.WILL_ATTEND:
        await context.toast(t("calls.logged_waiting", name=invitation.person.name), alert=True)
    else:
        await context.toast(t("calls.logged", name=invitation.person.name, result=t(f"calls.result.{result}")))
    if result is CallResult.ASKS_LEAVE:
        data = {"activity": activity.id, "call": call.id}
        await open_form(context.session, context.person.id, KIND, "category", now=context.now, **data)
        await show_sheet(context.post, activity, context.person)
        return
    if result is CallResult.WRONG_NUMBER:
        await _ask_for_number(context.post, call)
    await end_turn(context.session, context.person)
    await _go_on(context, activity)


async def _ask_for_number(post: Post, call: PhoneCall) -> None:
    """The office is asked to correct the roster; a card, so that an undone tap takes it back."""
    person = call.invitation.person
    keyboard = [] if call.undone_at else [[Button(t("calls.do.open_person"), PeoplePress(PeopleAct.PERSON, person.id))]]
    for office in await people_with(post.session, Role.OFFICE):
        await post.card(f"wrong-number:{person.id}", office, "calls/wrong_number", keyboard=keyboard, call=call, person=person)


async def choose_category(update: Update, context: HomeContext) -> None:
    """What kind of leave they asked for."""
    pressed = CallLeavePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or form.data["call"] != pressed.call_id or not 0 <= pressed.category < len(LeaveCategory):
        raise Gone
    form.step, form.data["category"], form.updated_at = "reason", list(LeaveCategory)[pressed.category].value, context.now
    await show_sheet(context.post, await activity_by_id(context.session, form.data["activity"]), context.person)


async def take_reason(update: Update, context: HomeContext) -> None:
    """The reason as they gave it on the phone, typed. Raises ReasonTooLong."""
    form, message = await form_of(context.session, context.person.id, KIND), update.message
    if form is None or message is None:
        return
    reason = (message.text or message.caption or "").strip()
    if not reason or form.step != "reason":
        await context.reply("plain", text=t("calls.write_reason" if form.step == "reason" else "calls.choose_category"))
        return
    if len(reason) > REASON_LIMIT:
        raise ReasonTooLong(limit=REASON_LIMIT, length=len(reason))
    await _submit_leave(context, reason, afresh=True)


async def _submit_leave(context: HomeContext, reason: str, *, afresh: bool = False) -> None:
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or "category" not in form.data:
        raise Gone
    call, category = await call_by_id(context.session, form.data["call"]), LeaveCategory(form.data["category"])
    invitation, earlier = call.invitation, call.invitation.leave
    try:
        cutoff = context.policy.leave_cutoff
        request = ask_leave_by_phone(context.session, call, context.person, category, reason, cutoff=cutoff, now=context.now)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await context.refuse(refusal)
        await _go_on(context, invitation.activity, skip=True)
        return
    await context.session.flush()
    details = {"emergency": request.emergency, "by_phone_for": invitation.person_id}
    record(context.session, context.person, "leave.asked", f"leave:{request.id}", now=context.now, **details)
    for changed in (earlier, request):
        if changed is not None:
            await refresh_leave_cards(context.post, changed)
    await context.toast(t("calls.leave_submitted", name=invitation.person.name))
    await end_turn(context.session, context.person)
    await _go_on(context, invitation.activity, afresh=afresh)


async def _undo(context: HomeContext, call: PhoneCall) -> None:
    """A wrong tap is taken back, and the person is on the line again."""
    invitation, leave = call.invitation, call.leave
    undo_call(context.session, call, context.person, now=context.now)
    await context.session.flush()
    if leave is not None:
        await refresh_leave_cards(context.post, leave)
    if call.result is CallResult.WRONG_NUMBER:
        await _ask_for_number(context.post, call)
    await context.toast(t("calls.undone", name=invitation.person.name))
    await _leave_form(context)
    with contextlib.suppress(BeingCalled):  # somebody else has them on the line by now; the tap is undone all the same
        await take_turn(context.session, invitation, context.person, now=context.now)
    await show_sheet(context.post, invitation.activity, context.person)
    await show_to_others(context.post, invitation.activity, context.person)


async def _file(context: HomeContext, activity: Activity, do: CallDo) -> None:
    texts, language = context.post.texts, context.language
    sheet = await sheet_of(context.session, activity, now=context.now)
    make, ending = (call_spreadsheet, "xlsx") if do is CallDo.SPREADSHEET else (call_document, "docx")
    # Paper for two hundred people takes a second: the others need not wait for it.
    content = await asyncio.to_thread(
        make, activity, sheet, say=lambda text: texts.say(text, language), moment=lambda at: texts.moment(at, language)
    )
    name = texts.say(t("calls.file", title=file_stem(activity.title), ending=ending), language)
    record(context.session, context.person, "calls.exported", f"activity:{activity.id}", now=context.now)
    await context.post.tell(context.here, "calls/file", attachment=await context.post.attach(name, content), activity=activity)


async def give_sheets(post: Post) -> None:
    """At its time the office gets the sheet, unless everybody has been reached and has answered."""
    for activity in await sheets_due(post.session, post.policy, now=post.now):
        note_given(post.session, activity, now=post.now)
        if (await sheet_of(post.session, activity, now=post.now)).lines:
            for person in await people_with(post.session, Role.OFFICE):
                await show_sheet(post, activity, person, afresh=True)


JOURNEY = Journey(
    presses={CallPress: press, CallLeavePress: choose_category},
    forms={KIND: take_reason},
    due=(Due(give_sheets, next_sheet_at),),
)
