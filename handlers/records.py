"""Records (活动纪实): opened from the activity's card, gathered, read, exported, and submitted to the office."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import groupby

from sqlalchemy import select
from telegram import Update

from handlers.activity_card import show_cards
from handlers.calendar_file import file_stem
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.long_texts import in_parts
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.record_card import is_gathering, show_record, show_to_office
from handlers.record_corrections import ask_whom
from handlers.record_document import Picture, record_document
from handlers.record_gathering import open_gathering
from handlers.record_keeper import ask_keeper
from handlers.record_minutes import minutes_of
from handlers.record_photos import fetch_missing
from handlers.record_presses import RecordDo, RecordPress, WaitingPress
from handlers.record_review import ask_reason, confirm
from handlers.texts import DEFAULT_LANGUAGE, t
from models.audit import record as audit
from models.forms import close_form
from models.invitations import activity_by_id
from models.outbox import Attachment
from models.people import Role
from models.records import (
    ActivityRecord,
    RecordState,
    begun_record,
    may_keep,
    record_of,
    records_waiting,
    require_keeper,
    require_reader,
    submit_record,
)
from models.rules import RuleBroken

KEEPERS = frozenset({Role.OFFICE, Role.GROUP_LEADER})
PAGE = 10
COPIED_AT_ONCE = 100
"""Telegram's."""


class NoRecord(RuleBroken):
    """Nobody has begun it."""

    key = "record.none"


async def press(update: Update, context: HomeContext) -> None:
    """A button of the record's card. Whoever keeps it begins it by opening it."""
    pressed = RecordPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id, to_change=pressed.do in (RecordDo.SUBMIT, RecordDo.CONFIRM))
    kept = await record_of(context.session, activity, lock=True)
    require_reader(context.person, activity, kept)
    if kept is None:
        if not may_keep(context.person, activity, kept):
            raise NoRecord
        kept = await begun_record(context.session, activity, now=context.now)
    await STEPS[pressed.do](context, kept, pressed)


async def _open(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    await show_record(context.post, kept, context.person, afresh=True)


async def _gather(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    if kept.state is RecordState.DRAFT and may_keep(context.person, kept.activity, kept):
        await open_gathering(context, kept.activity_id)
    await _open(context, kept, pressed)


async def _stop(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    await _close(context, kept)
    await show_record(context.post, kept, context.person)
    await context.toast(t("record.stopped_toast"))


async def _close(context: HomeContext, kept: ActivityRecord) -> None:
    if await is_gathering(context.post, kept.activity_id, context.person):
        await close_form(context.session, context.person.id)


async def _whole(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    minutes = await minutes_of(context.post, kept, context.language)
    for part in in_parts(minutes.as_text()):
        await context.reply("record/part", text=part)
    await show_record(context.post, kept, context.person, afresh=True)


async def _send(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    """Copies of the photos and files, for whoever must look at them."""
    shown = sorted([*kept.photos, *kept.files], key=lambda piece: (piece.chat_id, piece.message_id))
    for chat_id, pieces in groupby(shown, key=lambda piece: piece.chat_id):
        ids = [piece.message_id for piece in pieces]
        for start in range(0, len(ids), COPIED_AT_ONCE):
            await context.post.copy(context.here, chat_id, ids[start : start + COPIED_AT_ONCE])
    await show_record(context.post, kept, context.person, afresh=True)


async def _export(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    """The Word file, Chinese whatever language its reader uses: that is what goes into the archive."""
    post = context.post
    missing = await fetch_missing(post, kept)
    ids = [piece.attachment_id for piece in kept.photos if piece.attachment_id is not None]
    found = await context.session.execute(select(Attachment.id, Attachment.content).where(Attachment.id.in_(ids)))
    contents = {row.id: row.content for row in found}
    pictures = [Picture(contents.get(piece.attachment_id or 0), piece.text) for piece in kept.photos]
    minutes = await minutes_of(post, kept, DEFAULT_LANGUAGE)
    day = (kept.confirmed_at or context.now).astimezone(post.policy.timezone)
    content = await asyncio.to_thread(record_document, minutes, pictures, day, post.policy.home_name)
    name = post.texts.say(t("record.file_name", title=file_stem(kept.activity.title)), context.language)
    audit(context.session, context.person, "record.exported", f"record:{kept.id}", now=context.now)
    await post.tell(context.here, "record/file", attachment=await post.attach(name, content), kept=kept, missing=missing)


async def _submit(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    submit_record(context.session, kept, context.person, now=context.now)
    await _close(context, kept)
    await context.session.flush()
    if not context.person.has(Role.OFFICE):
        await show_record(context.post, kept, context.person)
    await show_to_office(context.post, kept, afresh=True)
    await show_cards(context.post, kept.activity)
    await context.toast(t("record.submitted_toast"))


async def _keeper(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    require_keeper(context.person, kept.activity, None)
    kept.require_draft()
    await ask_keeper(context, kept)


STEPS: Mapping[RecordDo, Callable[[HomeContext, ActivityRecord, RecordPress], Awaitable[None]]] = {
    RecordDo.OPEN: _open,
    RecordDo.GATHER: _gather,
    RecordDo.STOP: _stop,
    RecordDo.WHOLE: _whole,
    RecordDo.SEND: _send,
    RecordDo.EXPORT: _export,
    RecordDo.KEEPER: _keeper,
    RecordDo.SUBMIT: _submit,
    RecordDo.CONFIRM: confirm,
    RecordDo.SEND_BACK: ask_reason,
    RecordDo.CORRECT: ask_whom,
}


async def list_waiting(update: Update, context: HomeContext) -> None:
    """``/records``: what is not confirmed yet."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: HomeContext) -> None:
    await _show_page(context, max(WaitingPress.unpack(context.pressed).page, 0))


async def _show_page(context: HomeContext, page: int) -> None:
    context.person.require(*KEEPERS)
    found = await records_waiting(context.session, context.person, now=context.now, offset=page * PAGE, limit=PAGE + 1)
    buttons = [
        [
            Button(
                f"{context.post.texts.day(activity.starts_at, context.language)} {activity.title}", RecordPress(activity.id, RecordDo.OPEN)
            )
        ]
        for activity, _ in found[:PAGE]
    ]
    pages = turns(page, WaitingPress, more=len(found) > PAGE)
    await context.show("record/waiting", keyboard=[*buttons, pages, [BACK_TO_MENU]], waiting=found[:PAGE])


JOURNEY = Journey(
    entries=(Entry("records", list_waiting),),
    presses={RecordPress: press, WaitingPress: turn_page},
)
