"""A circle's week (工作圈周报): what happened in it, told in the circle once, on Monday morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.circles import Circle
from models.issue_reading import of_specialties
from models.issue_weeks import WEEK, monday_of
from models.issues import LIVE, Issue, IssueState
from models.people import Person
from models.policy import Policy
from models.remarks import Remark, an_opinion
from models.working_days import is_working_day

TOO_LATE = timedelta(weeks=2)
"""Nobody wants to read of a week that ended so long before."""
WAITING_SHOWN = 3


class CircleDigest(Base):
    """The week of one circle that begins on this Monday. The row is made during the week and settled once: told, or nothing to tell."""

    __tablename__ = "circle_digests"
    __table_args__ = (
        Index("ix_circle_digests_open", "due_at", sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL")),
    )

    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"), primary_key=True)
    monday: Mapped[date] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    told: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True)
class CircleWeek:
    """What happened: issues that came in, that got their first answer, that ended; who advised on how many; and what waits longest."""

    monday: date
    shared: Sequence[Issue]
    answered: Sequence[Issue]
    closed: int
    advisers: Sequence[tuple[str, int]]
    waiting: Sequence[Issue]
    waiting_in_all: int

    @property
    def eventful(self) -> bool:
        return bool(self.shared or self.answered or self.closed or self.advisers)


def digest_due(monday: date, policy: Policy) -> datetime:
    """When a week is told: on the Monday after it, or the next working day."""
    day = monday + WEEK
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, policy.circle_digest, policy.timezone)


async def digests_due(session: AsyncSession, policy: Policy, *, now: datetime) -> list[tuple[Circle, CircleDigest]]:
    """The weeks to be told now, settled thereby; what is too late is settled untold. A circle's first week is that of its binding."""
    await _look_ahead(session, policy, now=now)
    due = select(CircleDigest).where(CircleDigest.settled_at.is_(None), CircleDigest.due_at <= now)
    told = []
    for digest in await session.scalars(due.order_by(CircleDigest.monday, CircleDigest.circle_id).with_for_update()):
        digest.settled_at = now
        circle = await session.get(Circle, digest.circle_id)
        if circle is not None and circle.chat_id is not None and now - digest.due_at < TOO_LATE:
            told.append((circle, digest))
    await session.flush()
    return told


async def _look_ahead(session: AsyncSession, policy: Policy, *, now: datetime) -> None:
    """See that every circle that lives has a row for this week, and for those since its last one."""
    this = monday_of(now, policy.timezone)
    newest = select(func.max(CircleDigest.monday)).where(CircleDigest.circle_id == Circle.id).scalar_subquery()
    living = select(Circle.id, newest).where(Circle.chat_id.is_not(None)).order_by(Circle.id)
    for circle_id, known in (await session.execute(living)).all():
        monday = known + WEEK if known is not None else this
        while monday <= this:
            session.add(CircleDigest(circle_id=circle_id, monday=monday, due_at=digest_due(monday, policy), told=False))
            monday += WEEK
    await session.flush()


async def next_digest(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(func.min(CircleDigest.due_at)).where(CircleDigest.settled_at.is_(None)))


async def week_of(session: AsyncSession, circle: Circle, monday: date, policy: Policy) -> CircleWeek:
    """What happened in a circle in a week, Monday to Sunday in local time."""
    since = datetime.combine(monday, time.min, policy.timezone)
    until = datetime.combine(monday + WEEK, time.min, policy.timezone)
    own = (of_specialties([specialty.id for specialty in circle.specialties]), Issue.number.is_not(None))
    first = select(func.min(Remark.said_at)).where(Remark.issue_id == Issue.id, an_opinion()).correlate(Issue).scalar_subquery()
    issues = select(Issue).where(*own, Issue.state != IssueState.WITHDRAWN).order_by(Issue.id)
    shared = await session.scalars(issues.where(Issue.confirmed_at >= since, Issue.confirmed_at < until))
    answered = await session.scalars(issues.where(first >= since, first < until))
    closed = select(func.count()).select_from(Issue).where(*own, Issue.state == IssueState.CLOSED)
    advised = (
        select(Remark.issue_id, Person.id, Person.name)
        .join(Issue, Issue.id == Remark.issue_id)
        .join(Person, Person.id == Remark.author_id)
        .where(*own, Issue.state != IssueState.WITHDRAWN, an_opinion(), Remark.said_at >= since, Remark.said_at < until)
        .distinct()
    )
    counts = Counter((id, name) for _, id, name in (await session.execute(advised)).all())
    unanswered = (*own, Issue.state.in_(LIVE), first.is_(None))
    waiting = await session.scalars(select(Issue).where(*unanswered).order_by(Issue.confirmed_at, Issue.id).limit(WAITING_SHOWN))
    return CircleWeek(
        monday=monday,
        shared=shared.all(),
        answered=answered.all(),
        closed=await session.scalar(closed.where(Issue.closed_at >= since, Issue.closed_at < until)) or 0,
        advisers=sorted(((name, count) for (_, name), count in counts.items()), key=lambda entry: (-entry[1], entry[0])),
        waiting=waiting.all(),
        waiting_in_all=await session.scalar(select(func.count()).select_from(Issue).where(*unanswered)) or 0,
    )
