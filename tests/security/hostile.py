"""A district in which every word that anybody can write is an attack, and the signs by which one shows that came through."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import Enum, String, Table, cast, literal
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sandbox.entities import parse_html
from bot.sandbox.errors import ApiError
from models.base import Base
from models.policy import Policy
from models.specialties import DESCRIPTION_LENGTH
from tests.permissions.walking import Call

NOT_WRITTEN = frozenset(
    {
        "audit_entries",
        "inbox_updates",
        "outbox_messages",
        "attachments",
        "cards",
        "forms",
        "personal_links",
    }
)
"""Tables of which no column is anybody's words."""
OURS = frozenset(
    {
        "card_shown",
        "code",
        "evidence",
        "file_id",
        "file_unique_id",
        "initials",
        "invite_link",
        "language",
        "made_of",
        "media_group_id",
        "number",
        "phone",
        "photo_file_id",
        "rule",
        "secret",
        "sha256",
        "shown",
        "state",
    }
)
"""Columns of text that the Home alone writes."""
ROOM = {"biography": Policy().biography_length, "description": DESCRIPTION_LENGTH, "sent_back_for": 300}
"""How much a rule lets be written where the column would hold anything."""
SUM = "8281"
WORD = '=9<u>&amp;{{91*91}}{0}%s\u202e\u2066甲\u200b<a href="tg://user?id=1">'
"""A formula, a tag, an entity, a template, a format, an override of the direction, an isolate that never ends, a sign that nobody sees."""
INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060\ufeff]")
TEXT_LIMIT, CAPTION_LIMIT, TOAST_LIMIT = 4096, 1024, 200


def written_columns() -> Iterator[tuple[Table, Any]]:
    """Every column that holds somebody's own words."""
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            words = isinstance(column.type, String) and not isinstance(column.type, Enum)
            if words and table.name not in NOT_WRITTEN and column.name not in OURS and not column.foreign_keys:
                yield table, column


async def write_over(session: AsyncSession, word: str) -> None:
    """Put the word wherever somebody can write, as much of it as fits; where it must be the only one of its kind, with its row's number."""
    for table, column in written_columns():
        room = ROOM.get(column.name) or getattr(column.type, "length", None) or len(word)
        value = literal(word[: room - 8]) + cast(table.c.id, String) if column.unique else literal(word[:room])
        await session.execute(table.update().values({column.name: value}))


def problems_of(message: Call) -> list[str]:
    """What of the attack came through in a call."""
    params, found = message.params, []
    for name, limit in (("text", TEXT_LIMIT), ("caption", CAPTION_LIMIT)):
        if name not in params:
            continue
        if message.method == "answerCallbackQuery":
            plain, entities, limit = params[name], [], TOAST_LIMIT
        else:
            try:
                plain, entities = parse_html(params[name])
            except ApiError as error:
                found.append(f"{error}: {params[name]!r}")
                continue
        if message.file is not None and message.method != "sendMessage":
            limit = CAPTION_LIMIT
        if name == "text" and not plain.strip():
            found.append("a message that says nothing")
        if len(plain) > limit:
            found.append(f"{len(plain)} characters in {name}")
        found += [
            f"a tag of somebody's: {entity}" for entity in entities if entity["type"] == "underline" or "tg://" in str(entity.get("url"))
        ]
        found += _tricks(plain)
    for row in (params.get("reply_markup") or {}).get("inline_keyboard", ()):
        for button in row:
            found += _tricks(button["text"])
            if not button["text"].strip():
                found.append("a button that says nothing")
    if message.file is not None:
        found += _tricks(message.file[0]) + problems_of_file(*message.file)
        found += [f"no name of a file: {message.file[0]!r}"] if re.search(r'[\\/:*?"<>|\n]', message.file[0]) else []
    return found


def _tricks(text: str) -> list[str]:
    found = [f"hidden signs: {text!r}"] if INVISIBLE.search(text) else []
    return found + ([f"a template was filled in: {text!r}"] if SUM in text else [])


def problems_of_file(name: str, content: bytes) -> list[str]:
    """A formula, or words that show otherwise than they are written, in a file that the Home gives out."""
    if name.endswith(".xlsx"):
        book = load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        formulas = [f"a formula: {cell.value!r}" for cell in cells if cell.data_type == "f"]
        return formulas + [f"hidden signs: {cell.value!r}" for cell in cells if INVISIBLE.search(str(cell.value))]
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            text = parts.read("word/document.xml").decode()
        return ["a field of somebody's"] if "instrText" in text else []
    if name.endswith(".ics"):
        lines = content.decode().split("\r\n")
        return [f"no line of a calendar: {line!r}" for line in lines if line and not re.match(r"[A-Z-]+[:;]| ", line)]
    return []
