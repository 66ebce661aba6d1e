"""The office and a submitted record: confirmed, attendance is final and everybody concerned hears of it; or sent back with a reason."""

from __future__ import annotations

from telegram import Update

from handlers.activity_card import show_cards
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.pieces import words_of
from handlers.post import Post
from handlers.record_card import keepers_of, opening, show_record, show_to_office
from handlers.record_presses import ObjectPress, RecordPress
from handlers.texts import t
from models.attendance import Attendance
from models.duty import DutyEntry
from models.final_attendance import confirm_record
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id
from models.outbox import Lane
from models.people import Person, Role
from models.records import REASON_LIMIT, ActivityRecord, RecordChanged, record_of, require_seen, send_back_record
from models.rules import Gone, RuleBroken

FORM = "record_back"


async def confirm(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    """One tap of the office; what has changed meanwhile is shown again instead."""
    post = context.post
    try:
        entries = await confirm_record(context.session, kept, context.person, post.policy, seen=pressed.version, now=context.now)
    except RecordChanged as refusal:
        await context.toast(t(refusal.key), alert=True)
        await show_record(post, kept, context.person)
        return
    await show_to_office(post, kept)
    for person in await _keepers(post, kept):
        await show_record(post, kept, person)
        await post.tell(person, "record/confirmed", kept=kept, activity=kept.activity)
    for entry in entries:
        if entry.attendance in (Attendance.LATE, Attendance.ABSENT) or entry.left_early:
            await tell_attendance(post, entry)
    await show_cards(post, kept.activity)
    await context.toast(t("record.confirmed_toast", number=kept.number or ""))


async def tell_attendance(post: Post, entry: DutyEntry, *, was: Attendance | None = None, reason: str = "") -> None:
    """What stands in somebody's duty file now; they can object by one tap."""
    keyboard = [[Button(t("duty.do.object"), ObjectPress(entry.id))]]
    await post.tell(
        entry.person, "record/attendance", keyboard=keyboard, lane=Lane.NOTICE, entry=entry, activity=entry.activity, was=was, reason=reason
    )


async def _keepers(post: Post, kept: ActivityRecord) -> list[Person]:
    """Who is to hear what became of it, the office apart."""
    people = [kept.submitted_by] if kept.submitted_by is not None else await keepers_of(post, kept.activity, kept)
    return [person for person in people if person.active and not person.has(Role.OFFICE)]


async def ask_reason(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    require_seen(kept, context.person, seen=pressed.version)
    await open_form(context.session, context.person.id, FORM, "reason", now=context.now, activity=kept.activity_id, version=pressed.version)
    await context.reply("record/ask_reason", activity=kept.activity)


async def take_reason(update: Update, context: HomeContext) -> None:
    """What is still missing, in the office's words."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    if not words or words.startswith("/") or len(words) > REASON_LIMIT:
        await context.reply("plain", text=t("record.reason_in_words", limit=REASON_LIMIT))
        return
    data = dict(form.data)
    await close_form(context.session, context.person.id)
    try:
        activity = await activity_by_id(context.session, int(data["activity"]), to_change=True)
        kept = await record_of(context.session, activity, lock=True)
        if kept is None:
            raise Gone
        send_back_record(context.session, kept, context.person, words, seen=int(data["version"]), now=context.now)
    except RuleBroken as refusal:
        await context.refuse(refusal)
        return
    await context.session.flush()
    await show_to_office(context.post, kept)
    for person in await _keepers(context.post, kept):
        await context.post.tell(person, "record/returned", keyboard=opening(activity), kept=kept, activity=activity)
        await show_record(context.post, kept, person)
    await show_cards(context.post, activity)
    await context.reply("plain", text=t("record.sent_back"))


JOURNEY = Journey(forms={FORM: take_reason})
