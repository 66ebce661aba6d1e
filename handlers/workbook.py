"""Spreadsheets of several sheets: a line that says what it is, bold headings that stay in view, real dates, amounts and shares.

Each prints across the width of a page, its headings again on every one.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.plain_text import plain


@dataclass(frozen=True)
class Share:
    """A part of one whole, shown in per cent."""

    value: float


@dataclass(frozen=True)
class Sheet:
    """``columns`` are the headings with their widths; ``bold_last`` for a row of totals."""

    title: str
    lead: str
    columns: Mapping[str, int]
    rows: Sequence[Sequence[Any]]
    bold_last: bool = False


def workbook(sheets: Sequence[Sheet], *, timezone: ZoneInfo, date_format: str) -> bytes:
    """An xlsx file. What people wrote stays text, never a formula; times are local."""
    from openpyxl import Workbook  # here and below: a Home starts without it

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(sheet.title[:31]), sheet, timezone, date_format)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(page: Any, sheet: Sheet, timezone: ZoneInfo, date_format: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties
    from openpyxl.worksheet.worksheet import Worksheet

    page.freeze_panes = "B3"
    page.print_title_rows = "1:2"
    page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight = "landscape", Worksheet.PAPERSIZE_A4, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for place, width in enumerate(sheet.columns.values(), start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    lead = _cell(page, sheet.lead, timezone, date_format)
    lead.font = Font(bold=True, size=12)
    page.append([lead])
    headings = [_cell(page, heading, timezone, date_format) for heading in sheet.columns]
    for cell in headings:
        as_heading(cell)
    page.append(headings)
    for number, row in enumerate(sheet.rows, start=1):
        cells = [_cell(page, value, timezone, date_format) for value in row]
        if sheet.bold_last and number == len(sheet.rows):
            for cell in cells:
                cell.font = Font(bold=True)
        page.append(cells)
    listed = len(sheet.rows) - (1 if sheet.bold_last and sheet.rows else 0)
    if listed:
        page.auto_filter.ref = f"A2:{get_column_letter(len(sheet.columns))}{listed + 2}"


def as_heading(cell: Any, *, wrap: bool = True) -> None:
    """How all our sheets show what a column is."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF5")
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=wrap or None)


def _cell(page: Any, value: Any, timezone: ZoneInfo, date_format: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell: Any = WriteOnlyCell(page)
    if isinstance(value, str):
        cell.value = plain(value)
        cell.data_type = "s"
    elif isinstance(value, Decimal):
        cell.value, cell.number_format = value, "#,##0.00"
    elif isinstance(value, Share):
        cell.value, cell.number_format = value.value, "0.0%"
    elif isinstance(value, datetime):
        cell.value, cell.number_format = value.astimezone(timezone).replace(tzinfo=None), date_format
    else:
        cell.value = value
    return cell
