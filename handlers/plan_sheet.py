"""A plan as a spreadsheet, and read back out of one: what was exported and comes back unchanged changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.plan_words import read_kind, read_month
from handlers.spreadsheet import HEADING_WITHIN, HeadingsMissing, NotReadable, TooLarge, read_lines, write_table
from handlers.texts import Texts, t
from models.activities import Activity
from models.plan_import import PlanRow
from models.plans import Planned, fitting_text

COLUMNS = {"number": 8, "month": 10, "topic": 44, "kind": 14, "responsible": 26, "standing": 12, "activities": 50}
"""Each column and its width. The last two tell what has become of an item, and are not read."""
REQUIRED = ("month", "topic")
OTHER_HEADINGS = {
    "number": ("序号", "no", "id"),
    "month": ("时间", "计划时间", "月", "计划月份", "活动时间"),
    "topic": ("活动主题", "活动内容", "计划内容", "内容", "议题", "项目", "活动名称"),
    "kind": ("活动类型", "形式", "活动形式", "类别"),
    "responsible": ("负责人", "责任人员", "牵头人", "责任单位", "牵头单位"),
}
LONGEST = 10_000


class PlanHeadingsMissing(HeadingsMissing):
    """No row has the headings; ``missing`` names those that are not there."""

    key = "plan.headings_missing"


class PlanNotReadable(NotReadable):
    """The file is no xlsx spreadsheet."""

    key = "plan.not_readable"


class PlanTooLarge(TooLarge):
    """The file is larger than a plan can be."""

    key = "plan.too_large"


@dataclass(frozen=True)
class Sheet:
    """What a file says; ``ignored`` are headings the plan has no use for."""

    rows: Sequence[PlanRow]
    ignored: Sequence[str] = ()


def plan_sheet(plan: Iterable[tuple[Planned, Sequence[Activity]]], year: int, texts: Texts, language: str) -> bytes:
    """An xlsx with one row an item, in the reader's language."""

    def say(key: str, **values: Any) -> str:
        return texts.say(t(key, **values), language)

    def row(planned: Planned, activities: Sequence[Activity]) -> list[Any]:
        item = planned.item
        grown = (f"{texts.date(one.starts_at, language)} {one.title} · {say(f'activity.state.{one.state}')}" for one in activities)
        standing = say(f"plan.standing.{planned.standing}")
        kind = say(f"activity.kind.{item.kind}")
        return [item.id, item.month, item.topic, kind, item.responsible, standing, fitting_text("；".join(grown), LONGEST)]

    headings = [say(f"plan.column.{column}") for column in COLUMNS]
    title = say("plan.sheet_title", year=year)
    return write_table(title, headings, [row(planned, activities) for planned, activities in plan], widths=list(COLUMNS.values()))


def read_plan(content: bytes, texts: Texts, languages: Sequence[str]) -> Sheet:
    """Read the first sheet. Raises PlanTooLarge, PlanNotReadable, TooManyRows, PlanHeadingsMissing."""
    try:
        lines = read_lines(content)
    except NotReadable as refusal:
        raise PlanNotReadable from refusal
    except TooLarge as refusal:
        raise PlanTooLarge from refusal
    known = _headings(texts, languages)
    best: dict[str, int] = {}
    for at, line in enumerate(lines[:HEADING_WITHIN]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(line):
            if (field := known.get(_heading(cell))) is not None:
                columns.setdefault(field, place)
        if all(field in columns for field in REQUIRED):
            ignored = tuple(text for cell in line if (text := _text(cell)) and _heading(cell) not in known)
            rows = [
                _row(number, line, columns, texts, languages)
                for number, line in enumerate(lines[at + 1 :], at + 2)
                if any(_text(line[place]) for field, place in columns.items() if field != "number" and place < len(line))
            ]
            return Sheet(rows, ignored)
        best = max(best, columns, key=len)
    names = [texts.say(t(f"plan.column.{field}"), languages[0]) for field in REQUIRED if field not in best]
    raise PlanHeadingsMissing(missing="、".join(names))


def _headings(texts: Texts, languages: Sequence[str]) -> Mapping[str, str]:
    """By a heading in any language: the field."""
    known = {_heading(texts.say(t(f"plan.column.{field}"), language)): field for field in COLUMNS for language in languages}
    return known | {other: field for field, others in OTHER_HEADINGS.items() for other in others}


def _heading(cell: Any) -> str:
    return re.sub(r"[（(].*$", "", _text(cell).lower()).replace(" ", "")


def _text(cell: Any) -> str:
    """A cell as a line of text; whole numbers without a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return fitting_text(str(cell)[:LONGEST], LONGEST * 2)


def _row(number: int, line: Sequence[Any], columns: Mapping[str, int], texts: Texts, languages: Sequence[str]) -> PlanRow:
    def raw(field: str) -> Any:
        place = columns.get(field)
        return line[place] if place is not None and place < len(line) else None

    def cell(field: str) -> str | None:
        return _text(raw(field)) if field in columns else None

    unread: list[tuple[str, str]] = []
    month = raw("month").month if isinstance(raw("month"), date) else read_month(_text(raw("month")))
    if month is None and _text(raw("month")):
        unread.append(("month", _text(raw("month"))))
    kind = cell("kind")
    found = read_kind(kind, texts, languages) if kind else None
    if kind and found is None:
        unread.append(("kind", kind))
    id = cell("number") or ""
    return PlanRow(
        line=number,
        number=int(id) if re.fullmatch(r"[0-9]{1,9}", id) else None,
        month=month or 0,
        topic=cell("topic") or "",
        kind=found.value if found is not None else (None if kind is None else ""),
        responsible=cell("responsible"),
        unread=tuple(unread),
    )
