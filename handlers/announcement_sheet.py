"""Who received an announcement, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from handlers.texts import T, t
from handlers.workbook import Sheet, workbook
from models.announcements import Announcement, AnnouncementRecipient
from models.invitations import Delivery

COLUMNS = {"name": 12, "phone": 15, "area": 16, "group": 16, "reached": 24, "reached_at": 22, "received": 14, "received_at": 22}
"""Each column's text key and its width."""

Say = Callable[[T | str], str]


def receipts_sheet(announcement: Announcement, rows: Iterable[AnnouncementRecipient], *, say: Say, lead: str, timezone: ZoneInfo) -> bytes:
    """An xlsx file: one row for everybody it is for. ``say`` speaks the reader's language; ``lead`` says above which announcement."""
    receipts = Sheet(
        say(t("announcements.sheet.title")),
        lead,
        {say(t(f"announcements.sheet.{column}")): width for column, width in COLUMNS.items()},
        [_row(announcement, row, say) for row in rows],
    )
    return workbook([receipts], timezone=timezone, date_format=say(t("views.sheet.date_format")))


def _row(announcement: Announcement, row: AnnouncementRecipient, say: Say) -> list[Any]:
    person = row.person
    return [
        person.name,
        person.phone or "",
        person.area.name if person.area else "",
        person.group.name if person.group else "",
        say(t(f"announcements.reached.{reached(row)}")),
        row.reached_at,
        say(t(f"announcements.receipt.{receipt(announcement, row)}")),
        row.received_at,
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
