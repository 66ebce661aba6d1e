"""A selection of issues as a spreadsheet: only what was shared, never who the constituent is."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.texts import T, t
from handlers.workbook import as_heading
from models.issue_sheet import SheetRow
from models.plain_text import plain

COLUMNS = {
    "number": 12,
    "shared_at": 20,
    "state": 12,
    "outcome": 16,
    "area": 16,
    "specialty": 14,
    "deputy": 12,
    "asked": 20,
    "advised": 20,
    "answered_at": 20,
    "hours": 14,
    "ended_at": 20,
    "text": 80,
}
"""Each column's text key and its width."""
CELL_LIMIT = 32000
"""A little under what a cell of a spreadsheet holds."""

Say = Callable[[T], str]


def issues_sheet(rows: Iterable[SheetRow], *, say: Say, timezone: ZoneInfo) -> bytes:
    """An xlsx file with real dates in local time. What people wrote stays text, never a formula."""
    from openpyxl import Workbook  # here and below: a Home starts without it
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(say(t("views.sheet.title"))[:31])
    sheet.freeze_panes = "B2"
    for place, width in enumerate(COLUMNS.values(), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_heading(sheet, say(t(f"views.sheet.{column}"))) for column in COLUMNS])
    date_format, count = say(t("views.sheet.date_format")), 1
    for row in rows:
        sheet.append([_cell(sheet, value, date_format, timezone) for value in _values(row, say)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{count}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _values(row: SheetRow, say: Say) -> list[Any]:
    issue, comma = row.issue, say(t("issue.comma"))
    return [
        issue.number,
        issue.confirmed_at,
        say(t(f"issue.state.{issue.state}")),
        say(t(f"issue.closed_as.{issue.closed_as}")) if issue.closed_as else "",
        issue.area.name if issue.area else "",
        issue.specialty.name if issue.specialty else "",
        issue.deputy.name,
        comma.join(row.asked),
        comma.join(row.advised),
        row.answered_at,
        round(row.took.total_seconds() / 3600, 1) if row.took is not None else None,
        issue.closed_at,
        issue.shared_text,
    ]


def _heading(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    as_heading(cell, wrap=False)
    return cell


def _cell(sheet: Any, value: Any, date_format: str, timezone: ZoneInfo) -> Any:
    """A cell, its text at the top, since the long one makes its row high."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=plain(value)[:CELL_LIMIT])
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value=value.astimezone(timezone).replace(tzinfo=None))
        cell.number_format = date_format
    else:
        cell = WriteOnlyCell(sheet, value=value)
    cell.alignment = Alignment(vertical="top")
    return cell
