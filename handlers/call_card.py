"""The call sheet as a card: the list, or the one person who is being called, with a button for whatever comes of the call."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from handlers.answers_sheet import delivery_of
from handlers.call_presses import CallDo, CallLeavePress, CallPress
from handlers.keyboards import Button, rows
from handlers.paging import turns
from handlers.post import Post
from handlers.texts import T, t
from models.activities import OPEN, Activity
from models.call_sheet import Line, Sheet, sheet_of
from models.forms import Form, form_of
from models.invitations import Invitation
from models.leave import LeaveCategory
from models.outbox import Card
from models.people import Person, Role, people_with
from models.phone_calls import CallResult, PhoneCall, last_call_by

KIND = "call_leave"
"""The form of a leave asked for by phone."""
PAGE = 12
DONE_SHOWN = 8
RESULTS = {
    CallDo.WILL_ATTEND: CallResult.WILL_ATTEND,
    CallDo.ASKS_LEAVE: CallResult.ASKS_LEAVE,
    CallDo.NO_ANSWER: CallResult.NO_ANSWER,
    CallDo.WRONG_NUMBER: CallResult.WRONG_NUMBER,
}


def card_key(activity: Activity) -> str:
    return f"calls:{activity.id}"


async def show_sheet(post: Post, activity: Activity, person: Person, *, afresh: bool = False, page: int = 0) -> None:
    """One person's card: the leave they are filling in for somebody, else whom they are calling, else the list."""
    sheet = await sheet_of(post.session, activity, now=post.now)
    form = await form_of(post.session, person.id, KIND)
    can_call = activity.state in OPEN and post.now < activity.starts_at
    line = next((line for line in sheet.lines if line.turn is not None and line.turn.person_id == person.id), None)
    if can_call and form is not None and form.data["activity"] == activity.id:
        template, keyboard, values = await _leave(post, form)
    elif can_call and line is not None:
        template, keyboard, values = "calls/person", _person_buttons(line, sheet), _person_values(line, sheet)
    else:
        template, keyboard, values = "calls/sheet", _list_buttons(post, activity, sheet, person, page, can_call), _list_values(sheet, page)
    undo = await last_call_by(post.session, activity, person) if can_call and template != "calls/leave" else None
    if undo is not None:
        label = t("calls.do.undo", name=undo.invitation.person.name, result=t(f"calls.result.{undo.result}"))
        keyboard = [*keyboard, [Button(label, CallPress(CallDo.UNDO, undo.id))]]
    await post.card(
        card_key(activity), person, template, keyboard=keyboard, afresh=afresh, activity=activity, can_call=can_call, now=post.now, **values
    )


async def show_to_others(post: Post, activity: Activity, person: Person) -> None:
    """Whoever of the office has the sheet open too sees who was called by whom."""
    chats = set(await post.session.scalars(select(Card.chat_id).where(Card.key == card_key(activity))))
    for other in await people_with(post.session, Role.OFFICE):
        if other.id != person.id and other.telegram_id in chats:
            await show_sheet(post, activity, other)


Shown = tuple[str, list[list[Button]], dict[str, Any]]


def _list_buttons(post: Post, activity: Activity, sheet: Sheet, person: Person, page: int, can_call: bool) -> list[list[Button]]:
    shown = sheet.lines[page * PAGE : (page + 1) * PAGE]
    following = sheet.next_for(person, now=post.now)
    start = (
        [Button(t("calls.do.start", name=following.invitation.person.name), CallPress(CallDo.NEXT, activity.id))]
        if following is not None and can_call
        else []
    )
    names = [Button(line.invitation.person.name, CallPress(CallDo.PERSON, line.invitation.id)) for line in shown] if can_call else []
    return [
        start,
        *rows(names, 3),
        turns(page, lambda to: CallPress(CallDo.LIST, activity.id, to), more=len(sheet.lines) > (page + 1) * PAGE),
        [
            Button(t("calls.do.spreadsheet"), CallPress(CallDo.SPREADSHEET, activity.id)),
            Button(t("calls.do.document"), CallPress(CallDo.DOCUMENT, activity.id)),
        ],
    ]


def _list_values(sheet: Sheet, page: int) -> dict[str, Any]:
    shown = sheet.lines[page * PAGE : (page + 1) * PAGE]
    return {
        "entries": [(line, answer_of(line.invitation)) for line in shown],
        "first": page * PAGE,
        "count": len(sheet.lines),
        "done": sheet.done[:DONE_SHOWN],
        "done_count": len(sheet.done),
    }


def _person_buttons(line: Line, sheet: Sheet) -> list[list[Button]]:
    invitation = line.invitation

    def result(do: CallDo) -> Button:
        return Button(t(f"calls.do.{do.name.lower()}"), CallPress(do, invitation.id))

    return [
        [result(CallDo.WILL_ATTEND), result(CallDo.ASKS_LEAVE)],
        [result(CallDo.NO_ANSWER), result(CallDo.WRONG_NUMBER)],
        [
            Button(t("calls.do.stop"), CallPress(CallDo.STOP, invitation.activity_id)),
            *([Button(t("calls.do.next"), CallPress(CallDo.NEXT, invitation.activity_id))] if len(sheet.lines) > 1 else []),
        ],
    ]


def _person_values(line: Line, sheet: Sheet) -> dict[str, Any]:
    person = line.invitation.person
    return {
        "line": line,
        "person": person,
        "dialled": dialled(person),
        "answer": answer_of(line.invitation),
        "delivery": t(f"activity.delivery.{delivery_of(line.invitation)}"),
        "count": len(sheet.lines),
    }


async def _leave(post: Post, form: Form) -> Shown:
    """The category, then the reason."""
    call: PhoneCall = await post.session.get_one(PhoneCall, form.data["call"])
    undo = Button(t("calls.do.undo_leave"), CallPress(CallDo.UNDO, call.id))
    values = {"call": call, "person": call.invitation.person, "category": form.data.get("category")}
    if form.step == "category":
        categories = [Button(t(f"leave.category.{c}"), CallLeavePress(call.id, place)) for place, c in enumerate(LeaveCategory)]
        return "calls/leave", [*rows(categories, 2), [undo]], values
    return "calls/leave", [[Button(t("leave.nothing_to_add"), CallPress(CallDo.NO_REASON, call.id))], [undo]], values


def answer_of(invitation: Invitation) -> T:
    """The last answer, as the sheet shows it."""
    return t(f"activity.standing.{invitation.standing}")


def dialled(person: Person) -> str:
    """The number as Telegram makes it one to tap and dial: with the country's code for a mobile number."""
    phone = person.phone or ""
    return f"+86{phone}" if len(phone) == 11 and phone.startswith("1") else phone
