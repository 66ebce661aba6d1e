"""Spreadsheets: the roster read out of an xlsx file, and tables written into one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from models.people import normalise_phone
from models.plain_text import plain
from models.roster_rows import RosterRow
from models.roster_words import CIRCLE, several, tidy, tidy_line
from models.rules import RuleBroken

FILE_LIMIT = 5 * 1024 * 1024
UNPACKED_LIMIT = 40 * 1024 * 1024
TAG_LIMIT = 1_000_000
"""Opening and closing ones, in all parts. What a tag costs the library is three hundred bytes, however short it is in the file: eighty
kilobytes of empty cells took six gigabytes. A roster of five thousand people with all columns has less than half of it."""
CELL_LIMIT = 32_767
"""Characters; no spreadsheet program writes more into a cell."""
ROW_LIMIT = 5_000
COLUMN_LIMIT = 100
HEADING_WITHIN = 10

HEADINGS = {
    "姓名": ("name", "代表姓名", "名字"),
    "手机号": ("phone", "手机", "电话", "联系电话", "手机号码", "联系方式", "电话号码"),
    "归属地": ("area", "选区", "所属选区", "所在乡镇", "乡镇街道", "所属乡镇", "所属乡镇街道"),
    "代表小组": ("group", "小组", "所在小组", "所属小组", "所属代表小组"),
    "专长": ("specialties", "专业", "专业特长", "专业领域"),
    "工作圈": ("circles", "圈子", "所属工作圈", "代表工作圈"),
    "角色": ("roles", "职务角色", "身份"),
    "工作单位": ("employer", "单位", "单位及职务", "工作单位及职务"),
    "语言": ("language",),
    "系统编号": ("stamp",),
}
"""By the usual heading: the field, and the other ways to write it."""
REQUIRED = ("姓名", "手机号")
RARE = ("语言", "系统编号")
"""Nobody misses these in a file of their own."""

_USUAL = {heading: heading for heading in HEADINGS} | {other: heading for heading, (_, *others) in HEADINGS.items() for other in others}


class NotReadable(RuleBroken):
    """The file is no xlsx spreadsheet, whatever its name says."""

    key = "roster.not_readable"


class TooLarge(RuleBroken):
    """The file is larger than a roster can be."""

    key = "roster.too_large"


class TooManyRows(RuleBroken):
    """The spreadsheet has more rows than a roster can have."""

    key = "roster.too_many_rows"


class HeadingsMissing(RuleBroken):
    """No row has the headings; ``missing`` names those that are not there."""

    key: ClassVar[str] = "roster.headings_missing"


@dataclass(frozen=True)
class RosterSheet:
    """What stands in a roster's file. ``ignored`` are headings the Home has no use for, ``absent`` those it does not find."""

    rows: Sequence[RosterRow]
    ignored: Sequence[str] = ()
    absent: Sequence[str] = ()


def read_roster(content: bytes) -> RosterSheet:
    """Read the first sheet. Raises TooLarge, NotReadable, TooManyRows, HeadingsMissing."""
    lines = read_lines(content)
    best: dict[str, int] = {}
    for number, line in enumerate(lines[:HEADING_WITHIN]):
        columns = _columns(line)
        if all(heading in columns for heading in REQUIRED):
            headings = [text for text in map(_text, line) if text]
            ignored = tuple(heading for heading in headings if _usual(heading) is None)
            absent = tuple(heading for heading in HEADINGS if heading not in columns and heading not in RARE)
            rows = tuple(
                _row(at, line, columns) for at, line in enumerate(lines[number + 1 :], number + 2) if _says_something(line, columns)
            )
            return RosterSheet(rows, ignored, absent)
        best = max(best, columns, key=len)
    raise HeadingsMissing(missing="、".join(heading for heading in REQUIRED if heading not in best))


def write_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, widths: Sequence[int] = ()) -> bytes:
    """A sheet with a bold heading row that stays in view. What people wrote stays text, never a formula."""
    from openpyxl import Workbook  # here and below: a Home starts without it
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def row_of(cells: Sequence[str]) -> RosterRow:
    """What a row says whose cells stand in the order of the headings, those at the end left out."""
    return _row(0, cells, {heading: place for place, heading in enumerate(list(HEADINGS)[: len(cells)])})


def read_lines(content: bytes) -> list[tuple[Any, ...]]:
    """All cells of the first sheet, within limits. A small file can unpack into gigabytes, so its parts are measured first."""
    if len(content) > FILE_LIMIT:
        raise TooLarge
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_LIMIT or _has_too_many_tags(packed):
                raise TooLarge
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write them wrong, and then rows are lost
        lines = []
        for line in sheet.iter_rows(values_only=True, max_col=COLUMN_LIMIT):
            lines.append(tuple(line))
            if len(lines) > ROW_LIMIT + HEADING_WITHIN:
                raise TooManyRows(limit=ROW_LIMIT)
        book.close()
    except RuleBroken:
        raise
    except Exception as error:  # whatever a broken or hostile file makes the library raise
        raise NotReadable from error
    return lines


def _has_too_many_tags(packed: zipfile.ZipFile) -> bool:
    """Counted without taking anything apart. More than a part says of its size is never unpacked."""
    tags = 0
    for part in packed.infolist():
        with packed.open(part) as unpacked:
            while tags <= TAG_LIMIT and (piece := unpacked.read(1 << 20)):
                tags += piece.count(b"<")
    return tags > TAG_LIMIT


def _says_something(line: Sequence[Any], columns: dict[str, int]) -> bool:
    """Whether somebody is meant; a row emptied by hand keeps its hidden stamp."""
    return any(_text(value) for place, value in enumerate(line) if place != columns.get("系统编号"))


def _columns(line: Sequence[Any]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for number, value in enumerate(line):
        heading = _usual(_text(value))
        if heading is not None:
            columns.setdefault(heading, number)
    return columns


def _usual(heading: str) -> str | None:
    return _USUAL.get(re.sub(r"[\s（(].*$", "", heading.replace(" ", "")))


def _row(number: int, line: Sequence[Any], columns: dict[str, int]) -> RosterRow:
    def cell(heading: str) -> str | None:
        at = columns.get(heading)
        return None if at is None else (_text(line[at]) if at < len(line) else "")

    def names(heading: str, without: str = "") -> tuple[str, ...] | None:
        text = cell(heading)
        return None if text is None else several(text, without=without)

    def flat(heading: str) -> str | None:
        text = cell(heading)
        return None if text is None else tidy_line(text)

    phone = cell("手机号") or ""
    return RosterRow(
        line=number,
        name=flat("姓名") or "",
        phone=normalise_phone(phone) or phone,
        area=flat("归属地"),
        group=flat("代表小组"),
        specialties=names("专长"),
        circles=names("工作圈", CIRCLE),
        roles=names("角色"),
        employer=flat("工作单位"),
        language=flat("语言"),
        stamp=flat("系统编号"),
    )


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, full-width digits as usual ones, no gaps inside Chinese names."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value)[:CELL_LIMIT])


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value="" if value is None else plain(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
