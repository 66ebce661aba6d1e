"""The record of notice in the chat: everybody called to an activity, and one person notice by notice, call by call."""

from __future__ import annotations

from telegram import Update

from handlers.answers_sheet import delivery_of
from handlers.call_presses import NoticeRecordPress
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.paging import turns
from handlers.texts import t
from models.invitations import activity_by_id, invitations_of
from models.notice_record import ledger_of
from models.phone_calls import PhoneCall
from models.rules import Gone, NotAllowed
from models.turnout import seen_by

PAGE = 12
ENTRIES_SHOWN = 25


async def press(update: Update, context: HomeContext) -> None:
    """Whoever may see the answers may see how people were notified. Raises NotAllowed, Gone."""
    pressed = NoticeRecordPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    seen = seen_by(context.person, activity, await invitations_of(context.session, activity))
    if not seen:
        raise NotAllowed
    page = min(max(pressed.page, 0), (len(seen) - 1) // PAGE)
    if pressed.person_id:
        chosen = [invitation for invitation in seen if invitation.person_id == pressed.person_id]
        if not chosen:
            raise Gone
        [notified] = await ledger_of(context.session, activity, chosen)
        entries = [(isinstance(entry, PhoneCall), entry) for entry in notified.entries]
        back = [[Button(t("activity.back"), NoticeRecordPress(activity.id, 0, page))]]
        shown, cut = entries[-ENTRIES_SHOWN:], max(len(entries) - ENTRIES_SHOWN, 0)
        await context.show("calls/record_person", keyboard=back, activity=activity, notified=notified, entries=shown, cut=cut)
        return
    ledger = await ledger_of(context.session, activity, seen)
    shown_people = ledger[page * PAGE : (page + 1) * PAGE]
    people = [Button(each.invitation.person.name, NoticeRecordPress(activity.id, each.invitation.person_id, page)) for each in shown_people]
    turning = turns(page, lambda to: NoticeRecordPress(activity.id, 0, to), more=len(ledger) > (page + 1) * PAGE)
    values = {
        "activity": activity,
        "people": [(each, t(f"activity.delivery.{delivery_of(each.invitation)}")) for each in shown_people],
        "count": len(ledger),
        "reached": sum(each.reached_at is not None for each in ledger),
        "heard": sum(each.heard is not None for each in ledger),
        "neither": sum(each.reached_at is None and each.heard is None for each in ledger),
    }
    show = context.show if pressed.page or _on_record(update) else context.reply
    await show("calls/record", keyboard=[*rows(people, 3), turning], **values)


def _on_record(update: Update) -> bool:
    """Whether the button stands on the record itself: on the activity's card it must not take the card's place."""
    message = update.callback_query.message if update.callback_query else None
    keyboard = getattr(message, "reply_markup", None)
    first = keyboard.inline_keyboard[0][0].callback_data if keyboard and keyboard.inline_keyboard else None
    return bool(first) and str(first).startswith(f"{NoticeRecordPress.prefix}:")


JOURNEY = Journey(presses={NoticeRecordPress: press})
