"""Absence (外出): somebody is away until a day, and is not asked for advice meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.people import Person
from models.policy import Policy
from models.rules import RuleBroken

LONGEST = timedelta(days=366)


class AwayTooLong(RuleBroken):
    """More than a year is rather a slip, or a matter for the roster."""

    key = "away.too_long"


class AwayPast(RuleBroken):
    """The day has passed."""

    key = "away.past"


class Absence(Base):
    """Somebody is away. ``until`` is the midnight after the last day away; ``ended_at`` is set once it is over."""

    __tablename__ = "absences"
    __table_args__ = (
        Index("ix_absences_not_over", "until", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    began_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="selectin")

    @property
    def last_moment(self) -> datetime:
        """A moment of the last day away, to be shown as a day."""
        return self.until - timedelta(minutes=1)


def end_of_day(day: date, timezone: ZoneInfo) -> datetime:
    """The midnight after a day."""
    return datetime.combine(day + timedelta(days=1), time(0), timezone)


async def go_away(session: AsyncSession, person: Person, last_day: date, *, timezone: ZoneInfo, now: datetime) -> Absence:
    """Be away until the end of a day; an earlier word about it is replaced. Raises AwayPast, AwayTooLong."""
    until = end_of_day(last_day, timezone)
    if until <= now:
        raise AwayPast
    if until > now + LONGEST:
        raise AwayTooLong
    absence = await absence_of(session, person, now=now)
    if absence is None:
        absence = Absence(person=person, began_at=now, until=until)
        session.add(absence)
    absence.until = until
    await session.flush()
    record(session, person, "person.away", f"person:{person.id}", now=now, until=until.isoformat())
    return absence


async def come_back(session: AsyncSession, person: Person, *, now: datetime) -> bool:
    """Be there again; False for somebody who was not away."""
    absence = await absence_of(session, person, now=now)
    if absence is None:
        return False
    absence.ended_at = now
    await session.flush()
    record(session, person, "person.back", f"person:{person.id}", now=now)
    return True


async def absence_of(session: AsyncSession, person: Person, *, now: datetime) -> Absence | None:
    """Where somebody is away now, until when."""
    mine = select(Absence).where(Absence.person_id == person.id, Absence.ended_at.is_(None), Absence.until > now)
    found: Absence | None = await session.scalar(mine.order_by(Absence.id.desc()).limit(1))
    return found


def away_now(now: datetime) -> Select[int]:
    """The ids of all who are away, for other queries."""
    return select(Absence.person_id).where(Absence.ended_at.is_(None), Absence.until > now)


async def absences_of(session: AsyncSession, people: Iterable[Person], *, now: datetime) -> dict[int, Absence]:
    """By id, those of these people who are away now."""
    ids = {person.id for person in people}
    if not ids:
        return {}
    open_now = select(Absence).where(Absence.person_id.in_(ids), Absence.ended_at.is_(None), Absence.until > now)
    return {absence.person_id: absence for absence in await session.scalars(open_now.order_by(Absence.id))}


async def over(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Absence]:
    """Absences whose time is up; none at night, since whoever is back is told."""
    if not policy.work_starts <= now.astimezone(policy.timezone).time() < policy.work_ends:
        return []
    up = select(Absence).where(Absence.ended_at.is_(None), Absence.until <= now)
    return (await session.scalars(up.order_by(Absence.until, Absence.id))).all()


async def next_return(session: AsyncSession) -> datetime | None:
    """When the next who is back is told, by the usual numbers: in the morning after the last day away."""
    until: datetime | None = await session.scalar(select(func.min(Absence.until)).where(Absence.ended_at.is_(None)))
    usual = Policy()
    return datetime.combine(until.astimezone(usual.timezone), usual.work_starts, usual.timezone) if until is not None else None
