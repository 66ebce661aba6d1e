"""The activities' figures as a spreadsheet: a sheet each for people, groups, areas, kinds and activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.figures_words import line_name, whose
from handlers.texts import T, t
from handlers.workbook import Share, Sheet, workbook
from models.activity_figures import By, Count, Line, View, lines, whole

Say = Callable[[T | str], str]
FIRST = {By.PERSON: {"person": 12, "group": 20, "area": 16}, By.ACTIVITY: {"activity": 34, "date": 20, "state": 12}}
"""The columns before the figures; one name where nothing else is said."""
NUMBERS = {
    "called": 10,
    "came": 10,
    "present": 10,
    "late": 10,
    "excused": 10,
    "absent": 10,
    "rate": 12,
    "judged": 14,
    "in_time": 14,
    "share": 14,
}


async def figures_sheet(session: AsyncSession, view: View, *, say: Say, period: str) -> bytes:
    """An xlsx file. Raises NotAllowed."""
    count = await whole(session, view)
    lead = " · ".join([say(t("figures.title")), say(whose(view)), period])
    if count.provisional:
        lead += say(t("figures.sheet.provisional", count=count.provisional))
    sheets = [_sheet(by, await lines(session, view, by), count, lead, say) for by in By]
    return workbook(sheets, timezone=view.policy.timezone, date_format=say(t("views.sheet.date_format")))


def _sheet(by: By, found: list[Line], count: Count, lead: str, say: Say) -> Sheet:
    first = FIRST.get(by, {by.value: 24})
    activities = {} if by is By.ACTIVITY else {"activities": 10}
    columns = {say(t(f"figures.column.{name}")): width for name, width in (first | activities | NUMBERS).items()}
    table = [[*_first(line, by, say), *_numbers(line.count, by)] for line in found]
    total = [say(t("figures.sheet.total")), *[""] * (len(first) - 1), *_numbers(count, by)]
    return Sheet(say(t(f"figures.sheet.{by}")), lead, columns, [*table, total], bold_last=True)


def _first(line: Line, by: By, say: Say) -> list[Any]:
    name = say(line_name(line, by))
    if by is By.PERSON:
        return [name, line.group, line.area]
    if by is By.ACTIVITY:
        return [name, line.starts_at, say(t("figures.sheet.not_confirmed" if line.count.provisional else "figures.sheet.confirmed"))]
    return [name]


def _numbers(count: Count, by: By) -> list[Any]:
    activities = [] if by is By.ACTIVITY else [count.activities]
    rate, share = (Share(value) if value is not None else "" for value in (count.rate, count.share_in_time))
    attendance = [count.called, count.came, count.present, count.late, count.excused, count.absent]
    return [*activities, *attendance, rate, count.judged, count.in_time, share]
