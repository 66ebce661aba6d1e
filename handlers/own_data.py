"""``/my_data``: everything the Home holds about whoever asks, as one spreadsheet; what is left out is named there, with the reason."""

from __future__ import annotations

import asyncio
import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from telegram import Update

from handlers.audit_words import about, did
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.post import Post
from handlers.texts import T, t
from handlers.workbook import Sheet, workbook
from models.audit import record
from models.audit_reading import SHEET_LIMIT, Chosen, entries
from models.outbox import Attachment, OutboxMessage, OutboxState
from models.own_data import LEFT_OUT, TELLING_OF_PEOPLE, Told, told_to

LONG = frozenset({"text", "shared_text", "answer", "biography", "reason", "notes", "situation", "analysis", "proposal", "reopen_reason"})
NARROW = frozenset({"active", "emergency", "left_early", "month", "question", "volunteered", "year", "half_days_missed", "photo_id"})


async def my_data(update: Update, context: HomeContext) -> None:
    """One file; the Home keeps no copy of it once it has arrived."""
    person, session = context.person, context.session
    told = await told_to(session, person)
    acts = await entries(session, Chosen(person_id=person.id), offset=0, limit=SHEET_LIMIT)

    def say(text: T | str) -> str:
        return context.post.texts.say(text, context.language)

    day = f"{context.now.astimezone(context.policy.timezone):%Y-%m-%d}"
    lead = say(t("own.lead", name=person.name, home=context.policy.home_name, day=day))
    acted = [
        [line.entry.at, line.actor if line.actor is not None else say(t("audit.home")), say(did(line)), say(about(line) or "")]
        for line in acts
    ]
    columns = {say(t(f"audit.column.{name}")): width for name, width in (("at", 20), ("who", 14), ("did", 34), ("about", 34))}
    sheets = [
        *(_sheet(each, lead, say) for each in told),
        Sheet(say(t("own.table.acts")), lead, columns, acted),
        _left_out(lead, say),
    ]
    content = await asyncio.to_thread(workbook, sheets, timezone=context.policy.timezone, date_format=say(t("views.sheet.date_format")))
    record(session, person, "own_data.exported", f"person:{person.id}", now=context.now)
    name = say(t("own.file", name=person.name, day=day))
    await context.post.tell(person, "own_data/caption", attachment=await context.post.attach(name, content), subject="file")


def _sheet(told: Told, lead: str, say: Any) -> Sheet:
    columns = {say(t(f"own.column.{column}")): 60 if column in LONG else 10 if column in NARROW else 20 for column in told.own.told}
    rows = [[_cell(value, say) for value in row] for row in told.rows]
    return Sheet(say(t(f"own.table.{told.own.name}")), lead, columns, rows)


def _cell(value: Any, say: Any) -> Any:
    """A value as people read it; an enumeration's by the name of its kind and itself."""
    if isinstance(value, bool):
        return say(t("own.yes" if value else "own.no"))
    if isinstance(value, enum.Enum):
        return say(t(f"own.value.{type(value).__name__}.{value.value}"))
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else value


def _left_out(lead: str, say: Any) -> Sheet:
    """What may be about the reader and is not told, by its reason."""
    reasons = [why for why in TELLING_OF_PEOPLE if why in LEFT_OUT.values()]
    columns = {say(t("own.column.left_out")): 40, say(t("own.column.why")): 90}
    rows = [[say(t(f"own.left_out.{why}")), say(t(f"own.why.{why}"))] for why in reasons]
    return Sheet(say(t("own.table.left_out")), lead, columns, rows)


async def arrived(post: Post, message: OutboxMessage, result: Any) -> None:
    """A file made for one person has arrived, or will not: its bytes go."""
    if message.attachment_id is None or message.state not in (OutboxState.SENT, OutboxState.FAILED, OutboxState.UNREACHABLE):
        return
    file = message.attachment_id
    message.attachment_id = None
    await post.session.flush()
    await post.session.execute(delete(Attachment).where(Attachment.id == file))


JOURNEY = Journey(entries=(Entry("my_data", my_data),), outcomes={"file": arrived})
