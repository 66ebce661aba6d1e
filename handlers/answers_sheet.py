"""The list of answers as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from handlers.leave_card import decided_by
from handlers.texts import T, t
from models.activities import Activity
from models.invitations import Invitation
from models.notice_record import Notified
from models.phone_calls import PhoneCall

COLUMNS = {
    "name": 12,
    "phone": 15,
    "area": 16,
    "group": 16,
    "answer": 16,
    "answered_at": 20,
    "answered_by": 18,
    "category": 14,
    "reason": 36,
    "decision": 12,
    "decided_by": 12,
    "delivery": 18,
}
"""Each column's text key and its width."""

NOTICES = {"name": 12, "way": 14, "at": 20, "about": 20, "outcome": 24, "settled_at": 20, "by": 12, "phone": 16}
"""The columns of the record of notice: one row a notice or a call."""

Say = Callable[[T], str]
Moment = Callable[[datetime], str]


def answers_sheet(activity: Activity, invitations: Iterable[Invitation], ledger: Sequence[Notified], *, say: Say, moment: Moment) -> bytes:
    """An xlsx file: one row for everybody called, and on a second sheet how each was notified.

    ``say`` and ``moment`` speak the reader's language.
    """
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    by_phone = {each.invitation.id: call.by.name for each in ledger if (call := each.answered_by) is not None}
    heading = f"{activity.title}  {moment(activity.starts_at)}  {activity.place}"
    rows = (_row(invitation, by_phone.get(invitation.id, ""), say, moment) for invitation in invitations)
    _fill(sheet, say(t("sheet.title")), heading, {say(t(f"sheet.{column}")): width for column, width in COLUMNS.items()}, rows)
    notices = (row for each in ledger for row in _notice_rows(each, say, moment))
    columns = {say(t(f"calls.sheet.{column}")): width for column, width in NOTICES.items()}
    _fill(book.create_sheet(), say(t("calls.record_title")), heading, columns, notices)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Worksheet, title: str, heading: str, columns: Mapping[str, int], rows: Iterable[Sequence[str]]) -> None:
    """A sheet with its heading, its columns' names, and its rows below, which can be filtered."""
    sheet.title = title[:31]
    sheet.append([_cell(heading)])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_cell(text) for text in row])
    sheet["A1"].font = Font(bold=True, size=13)
    for place, width in enumerate(columns.values(), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}2"].font = Font(bold=True)
        sheet[f"{letter}2"].alignment = Alignment(horizontal="center")
    sheet.freeze_panes = "B3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{max(sheet.max_row, 2)}"


def _notice_rows(notified: Notified, say: Say, moment: Moment) -> Iterator[list[str]]:
    name = notified.invitation.person.name
    for entry in notified.entries:
        about = moment(entry.starts_at)
        if isinstance(entry, PhoneCall):
            result = say(t(f"calls.result.{entry.result}"))
            yield [name, say(t("calls.sheet.by_phone")), moment(entry.at), about, result, "", entry.by.name, entry.phone]
        else:
            settled = moment(entry.settled_at) if entry.settled_at else ""
            kind = say(t(f"activity.notice.{entry.kind}"))
            yield [name, kind, moment(entry.sent_at), about, say(t(f"calls.outcome.{entry.outcome}")), settled, "", ""]


def _row(invitation: Invitation, by_phone: str, say: Say, moment: Moment) -> list[str]:
    person, leave = invitation.person, invitation.leave
    return [
        person.name,
        person.phone or "",
        person.area.name if person.area else "",
        person.group.name if person.group else "",
        say(t(f"activity.standing.{invitation.standing}")),
        moment(invitation.replied_at) if invitation.replied_at else "",
        say(t("calls.sheet.phone_by", by=by_phone)) if by_phone else "",
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
