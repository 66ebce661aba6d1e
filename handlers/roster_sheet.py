"""The roster as a spreadsheet with drop-downs: empty as a template, or with everybody, to be sent back after editing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.post import Post
from handlers.spreadsheet import HEADINGS, ROW_LIMIT, row_of
from handlers.texts import t
from handlers.workbook import as_heading
from models.outbox import Attachment
from models.people import Person
from models.plain_text import plain
from models.roster import circles_by_person, values_of
from models.roster_rows import NAMED, Field
from models.roster_stamps import stamp_for
from models.roster_words import CIRCLE, LANGUAGES, RARE_ROLES, ROLE_NAMES, tidy_line, words_of_roles, written

WIDTHS = {"姓名": 12, "手机号": 16, "归属地": 16, "代表小组": 18, "专长": 26, "工作圈": 26, "角色": 18, "工作单位": 32, "语言": 10}
LISTED = {"归属地": Field.AREA, "代表小组": Field.GROUP, "专长": Field.SPECIALTIES, "工作圈": Field.CIRCLES}
"""Columns with a drop-down of what there is; one may write something new."""
SEVERAL = ("专长", "工作圈", "角色")
STAMP = "系统编号（请勿改动）"
EXAMPLE = ("张三", "13800000000", "某某街道", "第一代表小组", "城建环保、法治监察", "城建环保", "代表", "某某单位", "中文")
SPARE = 300
"""Empty rows below the people that have drop-downs too."""


async def roster_template(post: Post, language: str) -> Attachment:
    """The empty roster, with drop-downs of what this Home has."""
    return await _file(post, post.texts.say(t("roster.template_file"), language), [], language)


async def roster_export(post: Post, language: str) -> tuple[Attachment, int]:
    """Everybody on the roster, and how many they are. Sent back unchanged it changes nothing."""
    rows = await roster_rows(post.session)
    day = post.now.astimezone(post.texts.timezone).strftime("%Y%m%d")
    return await _file(post, post.texts.say(t("sheet.export_file", day=day), language), rows, language), len(rows)


async def _file(post: Post, name: str, rows: Sequence[Sequence[str]], language: str) -> Attachment:
    guide = [post.texts.say(t(f"sheet.guide_{number}"), language) for number in range(1, 8)]
    return await post.attach(name, roster_workbook(rows, await choices(post.session), guide))


async def choices(session: AsyncSession) -> dict[str, Sequence[str]]:
    """By heading, what its drop-down offers."""
    offered: dict[str, Sequence[str]] = {}
    for heading, what in LISTED.items():
        names = await session.scalars(select(NAMED[what].name).order_by(NAMED[what].id))
        one_by_one = heading in SEVERAL
        offered[heading] = [written([name], without=CIRCLE) if one_by_one else tidy_line(name) for name in names]
    return offered | {"角色": [word for word in ROLE_NAMES if word not in RARE_ROLES], "语言": list(LANGUAGES)}


async def roster_rows(session: AsyncSession) -> list[tuple[str, ...]]:
    """The cells of everybody on the roster, in its order, each row with its stamp at the end."""
    people = (await session.scalars(select(Person).where(Person.active).order_by(Person.id))).all()
    circles_of = await circles_by_person(session)
    return [_cells(person, circles_of.get(person.id, ())) for person in people]


def _cells(person: Person, circles: tuple[str, ...]) -> tuple[str, ...]:
    values = values_of(person, {person.id: circles})
    language = next((word for word, code in LANGUAGES.items() if code == person.language), person.language)
    cells = (
        tidy_line(person.name),
        person.phone or "",
        *(tidy_line("".join(values[what])) for what in (Field.AREA, Field.GROUP)),
        written(values[Field.SPECIALTIES]),
        written(circles, without=CIRCLE),
        "、".join(words_of_roles(person.roles)),
        tidy_line(person.employer),
        language,
    )
    return (*cells, stamp_for(person.id, row_of(cells)))


def roster_workbook(rows: Sequence[Sequence[str]], offered: dict[str, Sequence[str]], guide: Iterable[str]) -> bytes:
    """The file: the roster first, what the columns mean, and, hidden, what the drop-downs offer."""
    from openpyxl import Workbook  # here and below: a Home starts without it
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.worksheets[0]
    page.title = "名册"
    headings = [heading for heading in HEADINGS if heading in WIDTHS]
    for place, heading in enumerate([*headings, STAMP], start=1):
        _write(page, 1, place, heading)
        as_heading(page.cell(1, place))
        page.column_dimensions[get_column_letter(place)].width = WIDTHS.get(heading, 10)
    last = min(len(rows) + SPARE, ROW_LIMIT) + 1
    for line in range(2, last + 1):
        cells = rows[line - 2] if line - 2 < len(rows) else ("",) * len(headings)
        for place, text in enumerate(cells, start=1):
            _write(page, line, place, text)
    page.column_dimensions[get_column_letter(len(headings) + 1)].hidden = True
    page.freeze_panes = "B2"
    # The stamps must be sorted with their rows.
    page.auto_filter.ref = f"A1:{get_column_letter(len(headings) + 1)}{max(len(rows), 1) + 1}"
    _explain(book.create_sheet("填写说明"), headings, guide)
    _offer(book, page, headings, offered, last)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _explain(page: Any, headings: Sequence[str], guide: Iterable[str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for line, text in enumerate(guide, start=1):
        _write(page, line, 1, text)
    below = page.max_row + 2
    for place, (heading, text) in enumerate(zip(headings, EXAMPLE, strict=True), start=1):
        _write(page, below, place, heading)
        page.cell(below, place).font = Font(bold=True)
        _write(page, below + 1, place, text)
        page.column_dimensions[get_column_letter(place)].width = WIDTHS[heading]


def _offer(book: Any, page: Any, headings: Sequence[str], offered: dict[str, Sequence[str]], last: int) -> None:
    from openpyxl.utils import get_column_letter, quote_sheetname
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    for place, (heading, names) in enumerate(offered.items(), start=1):
        if not names:
            continue
        letter = get_column_letter(place)
        for line, name in enumerate(names, start=1):
            _write(lists, line, place, name)
        allowed = DataValidation(type="list", formula1=f"{quote_sheetname('选项')}!${letter}$1:${letter}${len(names)}", allow_blank=True)
        if heading in SEVERAL:  # a drop-down gives one; more are written behind it
            allowed.showErrorMessage = False
            allowed.showInputMessage, allowed.promptTitle, allowed.prompt = True, heading, "可下拉选一项；多项用“、”分隔。"
        else:
            new_ones = heading in LISTED
            allowed.showErrorMessage, allowed.errorStyle = True, "warning" if new_ones else "stop"
            allowed.errorTitle = heading
            allowed.error = "现有选项中没有这一项，确定要这样填写吗？" if new_ones else "请从下拉选项中选择。"
        column = get_column_letter(headings.index(heading) + 1)
        allowed.add(f"{column}2:{column}{last}")
        page.add_data_validation(allowed)


def _write(page: Any, line: int, place: int, text: str) -> None:
    """Text stays text: never a formula, and a number keeps its zeros."""
    cell = page.cell(line, place)
    cell.number_format = "@"
    if text:
        cell.value = plain(text)
        cell.data_type = "s"
