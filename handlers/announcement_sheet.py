"""Who received an announcement, as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from handlers.texts import T, t
from models.announcements import Announcement, AnnouncementRecipient
from models.invitations import Delivery

COLUMNS = {"name": 12, "phone": 15, "area": 16, "group": 16, "reached": 24, "reached_at": 22, "received": 14, "received_at": 22}
"""Each column's text key and its width."""

Say = Callable[[T | str], str]


def receipts_sheet(
    announcement: Announcement,
    title: str,
    rows: Iterable[AnnouncementRecipient],
    *,
    say: Say,
    moment: Callable[[datetime], str],
) -> bytes:
    """An xlsx file: one row for everybody it is for. ``say`` and ``moment`` speak the reader's language."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = say(t("announcements.sheet.title"))[:31]
    published = moment(announcement.published_at) if announcement.published_at else ""
    sheet.append([_cell(f"{title}  {published}")])
    sheet.append([say(t(f"announcements.sheet.{column}")) for column in COLUMNS])
    for row in rows:
        sheet.append([_cell(text) for text in _row(announcement, row, say, moment)])
    sheet["A1"].font = Font(bold=True, size=13)
    for place, width in enumerate(COLUMNS.values(), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}2"].font = Font(bold=True)
        sheet[f"{letter}2"].alignment = Alignment(horizontal="center")
    sheet.freeze_panes = "B3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(COLUMNS))}{max(sheet.max_row, 2)}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _row(announcement: Announcement, row: AnnouncementRecipient, say: Say, moment: Callable[[datetime], str]) -> list[str]:
    person = row.person
    return [
        person.name,
        person.phone or "",
        person.area.name if person.area else "",
        person.group.name if person.group else "",
        say(t(f"announcements.reached.{reached(row)}")),
        moment(row.reached_at) if row.reached_at else "",
        say(t(f"announcements.receipt.{receipt(announcement, row)}")),
        moment(row.received_at) if row.received_at else "",
    ]


def reached(row: AnnouncementRecipient) -> str:
    """Whether it reached somebody, or why not."""
    if row.delivery is Delivery.NONE and row.person.telegram_id is not None:
        return Delivery.ON_THE_WAY.value
    return "without_files" if row.delivery is Delivery.REACHED and row.files_failed else row.delivery.value


def receipt(announcement: Announcement, row: AnnouncementRecipient) -> str:
    if row.received_round == announcement.round:
        return "received"
    return "before" if row.received_round else "silent"


def _cell(text: str) -> str:
    """Somebody's own words, never a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
