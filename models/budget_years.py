"""A year's money by deputies' group: planned and spent, and every entry for those who keep the books.

An activity belongs to the year in which it begins. What was planned for one that was called off counts no more; what it cost does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityState
from models.budgets import Budget, BudgetEntry, MoneyKind, Sum
from models.money import NOTHING
from models.people import DeputyGroup, Person, Role
from models.rules import NotAllowed


@dataclass(frozen=True)
class GroupYear:
    """One group's year; an empty name stands for the office."""

    name: str
    activities: int
    sum: Sum


def counting() -> ColumnElement[bool]:
    """The entries that count; they are to be joined with their activities."""
    return and_(BudgetEntry.struck_at.is_(None), or_(BudgetEntry.kind == MoneyKind.SPENT, Activity.state != ActivityState.CANCELLED))


def only_group(reader: Person) -> int | None:
    """The group whose money this person may see; None for the office and the leaders, who see all. Raises NotAllowed."""
    if reader.has(Role.OFFICE, Role.LEADER):
        return None
    if reader.has(Role.GROUP_LEADER) and reader.group_id is not None:
        return reader.group_id
    raise NotAllowed


async def budget_year(session: AsyncSession, reader: Person, year: int, *, timezone: ZoneInfo) -> list[GroupYear]:
    """The year by group, the office's own last. Raises NotAllowed."""

    def summed(kind: MoneyKind) -> ColumnElement[object]:
        return func.sum(case((BudgetEntry.kind == kind, BudgetEntry.amount)))

    query = (
        select(DeputyGroup.name, func.count(BudgetEntry.activity_id.distinct()), summed(MoneyKind.PLANNED), summed(MoneyKind.SPENT))
        .select_from(BudgetEntry)
        .join(Activity, Activity.id == BudgetEntry.activity_id)
        .join(Budget, Budget.activity_id == Activity.id)
        .outerjoin(DeputyGroup, DeputyGroup.id == Budget.group_id)
        .where(counting(), _within(reader, year, timezone))
        .group_by(DeputyGroup.id, DeputyGroup.name)
        .order_by(DeputyGroup.id.is_(None), DeputyGroup.id)
    )
    rows = await session.execute(query)
    return [GroupYear(name or "", count, Sum(planned or NOTHING, spent or NOTHING)) for name, count, planned, spent in rows]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Booked:
    """An entry with what it belongs to."""

    activity: Activity
    group: str
    entry: BudgetEntry


async def booked(session: AsyncSession, reader: Person, year: int, *, timezone: ZoneInfo) -> Sequence[Booked]:
    """Every entry of the year, those struck out too, by activity. Raises NotAllowed."""
    rows = await session.execute(
        select(Activity, DeputyGroup.name, BudgetEntry)
        .select_from(BudgetEntry)
        .join(Activity, Activity.id == BudgetEntry.activity_id)
        .join(Budget, Budget.activity_id == Activity.id)
        .outerjoin(DeputyGroup, DeputyGroup.id == Budget.group_id)
        .where(_within(reader, year, timezone))
        .order_by(Activity.starts_at, Activity.id, BudgetEntry.id)
    )
    return [Booked(activity, group or "", entry) for activity, group, entry in rows]


def _within(reader: Person, year: int, timezone: ZoneInfo) -> ColumnElement[bool]:
    since, until = datetime(year, 1, 1, tzinfo=timezone), datetime(year + 1, 1, 1, tzinfo=timezone)
    group, in_year = only_group(reader), and_(Activity.starts_at >= since, Activity.starts_at < until)
    return in_year if group is None else and_(in_year, Budget.group_id == group)
