"""The weekly figures: how soon issues were answered, and who carries the load.

An answer is the first opinion of anybody but the home deputy; how long it took is counted by the clock, nights and weekends too, since the
constituent waits through them. An issue belongs to the week in which it was shared.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.advice_ratings import Usefulness, rating_counts
from models.base import Base
from models.issues import LIVE, Issue, IssueState
from models.people import Person, Specialty
from models.policy import Policy
from models.referrals import Referral, ReferralState
from models.remarks import Remark, an_opinion
from models.working_days import in_working_hours

WEEK = timedelta(weeks=1)
IN_TIME = timedelta(hours=48)


class WeeklyFigures(Base):
    """When the figures of a week are next due: one row, so that each week's are sent once."""

    __tablename__ = "weekly_figures"

    id: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


@dataclass(frozen=True)
class Case:
    """What the figures need to know of one issue."""

    shared_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether it can be said that it was answered in time or not. One that ended within 48 hours without an answer owed none."""
        due = self.shared_at + IN_TIME
        if self.answered_at is not None:
            return True
        return now >= due and (self.ended_at is None or self.ended_at >= due)

    @property
    def in_time(self) -> bool:
        return self.answered_at is not None and self.answered_at - self.shared_at <= IN_TIME


@dataclass(frozen=True)
class Answering:
    """How some issues were answered. ``judged`` are those of which it can be said; None stands for a figure of nothing."""

    shared: int
    answered: int
    judged: int
    in_time: int
    median: timedelta | None

    @property
    def share(self) -> float | None:
        return self.in_time / self.judged if self.judged else None


@dataclass(frozen=True)
class Week:
    """One week, Monday to Sunday, in local time."""

    monday: date
    whole: Answering
    closed: int
    by_specialty: tuple[tuple[str, Answering], ...] = ()
    """The specialties in which something was shared, the most first."""


@dataclass(frozen=True)
class Load:
    """What one person carries: referrals open now, and issues advised on in the week."""

    name: str
    open: int
    advised: int


def answering(cases: Sequence[Case], *, now: datetime) -> Answering:
    """The figures of these issues."""
    took = [(case.answered_at - case.shared_at).total_seconds() for case in cases if case.answered_at is not None]
    judged = [case for case in cases if case.counts(now)]
    return Answering(
        shared=len(cases),
        answered=len(took),
        judged=len(judged),
        in_time=sum(case.in_time for case in judged),
        median=timedelta(seconds=statistics.median(took)) if took else None,
    )


def monday_of(at: datetime, timezone: ZoneInfo) -> date:
    """The Monday of a moment's week."""
    day = at.astimezone(timezone).date()
    return day - timedelta(days=day.weekday())


async def weeks(session: AsyncSession, last: date, count: int, *, timezone: ZoneInfo, now: datetime) -> list[Week]:
    """So many weeks up to that of the Monday ``last``, the oldest first."""
    mondays = [last - WEEK * back for back in reversed(range(count))]
    since, until = _midnight(mondays[0], timezone), _midnight(last + WEEK, timezone)
    shared: dict[date, list[tuple[str, Case]]] = defaultdict(list)
    for specialty, case in await _cases(session, since, until):
        shared[monday_of(case.shared_at, timezone)].append((specialty, case))
    ended = await session.scalars(
        select(Issue.closed_at).where(Issue.state == IssueState.CLOSED, Issue.closed_at >= since, Issue.closed_at < until)
    )
    closed = Counter(monday_of(at, timezone) for at in ended if at is not None)
    return [_week(monday, shared[monday], closed[monday], now) for monday in mondays]


def _week(monday: date, shared: Sequence[tuple[str, Case]], closed: int, now: datetime) -> Week:
    by_name: dict[str, list[Case]] = defaultdict(list)
    for specialty, case in shared:
        by_name[specialty].append(case)
    return Week(
        monday=monday,
        whole=answering([case for _, case in shared], now=now),
        closed=closed,
        by_specialty=tuple((name, answering(cases, now=now)) for name, cases in _most_first(by_name.items())),
    )


def _most_first(named: Iterable[tuple[str, list[Case]]]) -> list[tuple[str, list[Case]]]:
    return sorted(named, key=lambda entry: (-len(entry[1]), entry[0]))


async def _cases(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[str, Case]]:
    """Each issue shared in this time, with its specialty's name."""
    first_answer = select(func.min(Remark.said_at)).where(Remark.issue_id == Issue.id, an_opinion()).correlate(Issue).scalar_subquery()
    query = (
        select(Specialty.name, Issue.confirmed_at, first_answer, Issue.closed_at)
        .select_from(Issue)
        .outerjoin(Specialty, Specialty.id == Issue.specialty_id)
        .where(Issue.number.is_not(None), Issue.confirmed_at >= since, Issue.confirmed_at < until)
    )
    rows = (await session.execute(query)).all()
    return [
        (name or "", Case(shared_at, answered_at, ended_at)) for name, shared_at, answered_at, ended_at in rows if shared_at is not None
    ]


async def load(session: AsyncSession, monday: date, *, timezone: ZoneInfo) -> list[Load]:
    """Who carries what, the most first; only people who carry something."""
    since, until = _midnight(monday, timezone), _midnight(monday + WEEK, timezone)
    opened = await session.execute(
        select(Referral.person_id, func.count())
        .join(Issue, Issue.id == Referral.issue_id)
        .where(Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)), Issue.state.in_(LIVE))
        .group_by(Referral.person_id)
    )
    advised = await session.execute(
        select(Remark.author_id, func.count(Remark.issue_id.distinct()))
        .join(Issue, Issue.id == Remark.issue_id)
        .where(an_opinion(), Remark.said_at >= since, Remark.said_at < until)
        .group_by(Remark.author_id)
    )
    open_by, advised_by = {row[0]: row[1] for row in opened}, {row[0]: row[1] for row in advised}
    people = await session.execute(select(Person.id, Person.name).where(Person.id.in_(open_by.keys() | advised_by.keys())))
    carried = [Load(row[1], open_by.get(row[0], 0), advised_by.get(row[0], 0)) for row in people]
    return sorted(carried, key=lambda one: (-(one.open + one.advised), -one.open, one.name))


async def week_to_tell(session: AsyncSession, policy: Policy, *, now: datetime) -> date | None:
    """The Monday of the week whose figures are due now, the last one if the Home was away for several; notes that it is told."""
    figures = await session.get(WeeklyFigures, 1)
    if figures is None:
        session.add(WeeklyFigures(id=1, due_at=_telling_after(now, policy)))
        return None
    if now < figures.due_at:
        return None
    figures.due_at = _telling_after(now, policy)
    return monday_of(now, policy.timezone) - WEEK


async def next_telling(session: AsyncSession) -> datetime | None:
    """When the figures of a week are next due."""
    due_at: datetime | None = await session.scalar(select(WeeklyFigures.due_at))
    return due_at


def _telling_after(now: datetime, policy: Policy) -> datetime:
    this = monday_of(now, policy.timezone)
    at = _telling_time(this, policy)
    return at if at > now else _telling_time(this + WEEK, policy)


def _telling_time(monday: date, policy: Policy) -> datetime:
    """Monday at the start of work; the next working day where that is a day off."""
    start = datetime.combine(monday, policy.work_starts, policy.timezone)
    return in_working_hours(start, policy.work_starts, policy.work_ends, policy.timezone)


async def ratings(session: AsyncSession, monday: date, *, timezone: ZoneInfo) -> dict[Usefulness, int]:
    """How useful the deputies found the advice they rated in the week, all together."""
    return await rating_counts(session, _midnight(monday, timezone), _midnight(monday + WEEK, timezone))


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, timezone)
