"""``/duty``: what stands in one's own duty file, and objecting to it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.record_presses import CorrectPress, DutyPress, ObjectPress
from handlers.texts import t
from models.audit import record as audit
from models.duty import DutyEntry, duty_counts_of, duty_entries_of, duty_entry_by_id
from models.forms import close_form, form_of, open_form
from models.people import Role, people_with
from models.records import REASON_LIMIT
from models.rules import Gone, RuleBroken

FORM = "duty_objection"
PAGE = 10


async def open_file(update: Update, context: HomeContext) -> None:
    """The newest entries, and this year's counts."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: HomeContext) -> None:
    await _show_page(context, max(DutyPress.unpack(context.pressed).page, 0))


async def _show_page(context: HomeContext, page: int) -> None:
    person, year = context.person, context.now.astimezone(context.policy.timezone).year
    person.require(Role.DEPUTY)
    found = await duty_entries_of(context.session, person, offset=page * PAGE, limit=PAGE + 1)
    counts = await duty_counts_of(context.session, person, since=date(year, 1, 1), until=date(year, 12, 31))
    by_attendance: Counter[str] = Counter()
    for (_, attendance), count in counts.items():
        by_attendance[attendance.value] += count
    entries = list(enumerate(found[:PAGE], start=page * PAGE + 1))
    objections = [Button(t("duty.do.object_to", number=number), ObjectPress(entry.id)) for number, entry in entries]
    pages = turns(page, DutyPress, more=len(found) > PAGE, newest_first=True)
    keyboard = [*rows(objections, 5), pages, [BACK_TO_MENU]]
    await context.show("record/duty", keyboard=keyboard, entries=entries, year=year, counts=by_attendance)


async def object_to(update: Update, context: HomeContext) -> None:
    """It is wrong: in what?"""
    entry = await _own_entry(context, ObjectPress.unpack(context.pressed).entry_id)
    await open_form(context.session, context.person.id, FORM, "words", now=context.now, entry=entry.id)
    await context.reply("record/ask_objection", entry=entry, activity=entry.activity)


async def _own_entry(context: HomeContext, entry_id: int) -> DutyEntry:
    entry = await duty_entry_by_id(context.session, entry_id)
    entry.require_own(context.person)
    if entry.corrected_at is not None:
        raise Gone
    return entry


async def take_objection(update: Update, context: HomeContext) -> None:
    """The deputy's words go to the office, which may correct it."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    if not words or words.startswith("/") or len(words) > REASON_LIMIT:
        await context.reply("plain", text=t("record.reason_in_words", limit=REASON_LIMIT))
        return
    entry_id = int(form.data["entry"])
    await close_form(context.session, context.person.id)
    try:
        entry = await _own_entry(context, entry_id)
    except RuleBroken as refusal:
        await context.refuse(refusal)
        return
    audit(context.session, context.person, "duty.objected", f"duty:{entry.id}", now=context.now, words=words)
    button = Button(t("record.do.correct"), CorrectPress(entry.activity_id, entry.person_id))
    for officer in await people_with(context.session, Role.OFFICE):
        await context.post.tell(officer, "record/objection", keyboard=[[button]], entry=entry, activity=entry.activity, words=words)
    await context.reply("plain", text=t("duty.objection_passed"))


JOURNEY = Journey(
    entries=(Entry("duty", open_file),),
    presses={DutyPress: turn_page, ObjectPress: object_to},
    forms={FORM: take_objection},
)
