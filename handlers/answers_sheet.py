"""The list of answers as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from handlers.leave_card import decided_by
from handlers.texts import T, t
from models.activities import Activity
from models.invitations import Invitation

COLUMNS = {
    "name": 12,
    "phone": 15,
    "area": 16,
    "group": 16,
    "answer": 16,
    "answered_at": 20,
    "category": 14,
    "reason": 36,
    "decision": 12,
    "decided_by": 12,
    "delivery": 18,
}
"""Each column's text key and its width."""

Say = Callable[[T], str]


def answers_sheet(activity: Activity, invitations: Iterable[Invitation], *, say: Say, moment: Callable[[datetime], str]) -> bytes:
    """An xlsx file: one row for everybody called. ``say`` and ``moment`` speak the reader's language."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = say(t("sheet.title"))[:31]
    sheet.append([_cell(f"{activity.title}  {moment(activity.starts_at)}  {activity.place}")])
    sheet.append([say(t(f"sheet.{column}")) for column in COLUMNS])
    for invitation in invitations:
        sheet.append([_cell(text) for text in _row(invitation, say, moment)])
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


def _row(invitation: Invitation, say: Say, moment: Callable[[datetime], str]) -> list[str]:
    person, leave = invitation.person, invitation.leave
    return [
        person.name,
        person.phone or "",
        person.area.name if person.area else "",
        person.group.name if person.group else "",
        say(t(f"activity.standing.{invitation.standing}")),
        moment(invitation.replied_at) if invitation.replied_at else "",
        say(t(f"leave.category.{leave.category}")) if leave else "",
        leave.reason if leave else "",
        say(t(f"leave.decision.{leave.decision}")) if leave else "",
        say(decided_by(leave)) if leave and leave.decided_by else "",
        say(t(f"activity.delivery.{delivery_of(invitation)}")),
    ]


def delivery_of(invitation: Invitation) -> str:
    """The delivery's text key; somebody who has never come in has nothing that could be delivered."""
    return invitation.delivery.value if invitation.person.telegram_id is not None else "not_in"


def _cell(text: str) -> str:
    """Somebody's own words, never a formula."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
