"""Deputies' groups in which a quarter passed with nothing held: their leaders are reminded, once, early in the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.activities import NOT_HELD, Activity
from models.audience import Audience, Part
from models.audit import record
from models.base import Base
from models.people import DeputyGroup, Person, Role, people_with
from models.plans import PlanActivity, PlanItem
from models.policy import Policy
from models.working_days import in_working_hours


class PlanReview(Base):
    """When it is next looked which groups held nothing: one row, so that each quarter is looked at once."""

    __tablename__ = "plan_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


@dataclass(frozen=True)
class Quarter:
    """The stretch of a year in which each group holds one activity: three months where four a year are usual."""

    year: int
    first: int
    last: int

    @classmethod
    def of(cls, day: date, a_year: int) -> Quarter:
        length = 12 // a_year
        first = (day.month - 1) // length * length + 1
        return cls(day.year, first, first + length - 1)

    def before(self) -> Quarter:
        length = self.last - self.first + 1
        return Quarter(self.year, self.first - length, self.last - length) if self.first > 1 else Quarter(self.year - 1, 13 - length, 12)

    def after(self) -> Quarter:
        length = self.last - self.first + 1
        return Quarter(self.year, self.last + 1, self.last + length) if self.last < 12 else Quarter(self.year + 1, 1, length)

    def begins(self, timezone: ZoneInfo) -> datetime:
        return datetime.combine(date(self.year, self.first, 1), time(0), timezone)


async def quarter_to_review(session: AsyncSession, policy: Policy, *, now: datetime) -> Quarter | None:
    """The quarter that has passed and is due to be looked at, the last one if the Home was away for several; notes that it is done.

    A new Home looks at none that passed before it was there.
    """
    review = await session.get(PlanReview, 1)
    this = Quarter.of(now.astimezone(policy.timezone).date(), policy.activities_a_year)
    if review is None:
        session.add(PlanReview(id=1, due_at=_review_time(this.after(), policy)))
        return None
    if now < review.due_at:
        return None
    if now < _review_time(this, policy):  # away through a whole quarter, and back on the holiday that begins this one
        this = this.before()
    review.due_at = _review_time(this.after(), policy)
    return this.before()


async def next_review(session: AsyncSession) -> datetime | None:
    due_at: datetime | None = await session.scalar(select(PlanReview.due_at))
    return due_at


def _review_time(quarter: Quarter, policy: Policy) -> datetime:
    """The first hour of work of a quarter."""
    return in_working_hours(quarter.begins(policy.timezone), policy.work_starts, policy.work_ends, policy.timezone)


async def idle_groups(session: AsyncSession, quarter: Quarter, timezone: ZoneInfo) -> Sequence[DeputyGroup]:
    """Groups with deputies that held nothing: no activity called for the group, or grown out of its plan, that was not called off."""
    since, until = quarter.begins(timezone), quarter.after().begins(timezone)
    held = await session.execute(
        select(Activity.audience_json, PlanItem.group_id)
        .outerjoin(PlanActivity, PlanActivity.activity_id == Activity.id)
        .outerjoin(PlanItem, PlanItem.id == PlanActivity.item_id)
        .where(Activity.starts_at >= since, Activity.starts_at < until)
        .where(Activity.state.not_in(NOT_HELD))
    )
    busy: set[Any] = set()
    for audience, planned_by in held:
        busy |= Audience.from_json(audience).of(Part.GROUP) | ({planned_by} if planned_by is not None else set())
    peopled = select(Person.group_id).where(Person.active, Person.group_id.is_not(None))
    groups = await session.scalars(select(DeputyGroup).where(DeputyGroup.id.in_(peopled)).order_by(DeputyGroup.id))
    return [group for group in groups if group.id not in busy]


async def leaders_of(session: AsyncSession, group: DeputyGroup) -> list[Person]:
    return [person for person in await people_with(session, Role.GROUP_LEADER) if person.group_id == group.id]


def note_idle(session: AsyncSession, group: DeputyGroup, quarter: Quarter, *, now: datetime) -> None:
    record(session, None, "plan.idle_told", f"group:{group.id}", now=now, year=quarter.year, first=quarter.first, last=quarter.last)
