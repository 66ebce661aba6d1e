"""Delegation (委托): a main leader lets somebody decide leave in their place, from a day to a day. It ends by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.absence import LONGEST, AwayPast, AwayTooLong, end_of_day
from models.audit import record
from models.base import Base
from models.people import Person, Role
from models.policy import Policy
from models.rules import Gone, RuleBroken
from models.session_posts import OfficeDecidesNone


class DelegateUnfit(RuleBroken):
    """A delegate is somebody else than the leaders, and has come into the Home."""

    key = "delegation.unfit"


class AlreadyDelegated(RuleBroken):
    """One delegate at a time; the other delegation is ended first."""

    key = "delegation.already"


class DaysInverted(RuleBroken):
    """The last day is before the first one."""

    key = "delegation.inverted"


class Delegation(Base):
    """One delegate for one leader. ``until`` is the midnight after the last day; ``begun_at`` is set once the delegate was told."""

    __tablename__ = "delegations"

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    given_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    until: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)

    leader: Mapped[Person] = relationship(foreign_keys=[leader_id], lazy="selectin")
    delegate: Mapped[Person] = relationship(foreign_keys=[delegate_id], lazy="selectin")

    def holds(self, now: datetime) -> bool:
        """Whether the delegate may decide now; a leader who is none any more has nothing to delegate."""
        return (
            self.ended_at is None
            and self.starts_at <= now < self.until
            and self.leader.has(Role.LEADER)
            and self.delegate.active
            and not self.delegate.has(Role.OFFICE)
        )


async def delegate(
    session: AsyncSession, leader: Person, to: Person, first: date, last: date, *, timezone: ZoneInfo, now: datetime
) -> Delegation:
    """Let somebody decide from the first to the end of the last day.

    Raises NotAllowed for whoever is no main leader, AlreadyDelegated, and what ``require_fit`` and ``require_days`` raise.
    """
    leader.require(Role.LEADER)
    require_fit(to)
    starts_at, until = require_days(first, last, timezone=timezone, now=now)
    if await delegation_by(session, leader) is not None:
        raise AlreadyDelegated
    delegation = Delegation(leader=leader, delegate=to, given_at=now, starts_at=starts_at, until=until)
    session.add(delegation)
    await session.flush()
    days = {"first": first.isoformat(), "last": last.isoformat()}
    record(session, leader, "delegation.given", f"delegation:{delegation.id}", now=now, to=to.id, **days)
    return delegation


def require_fit(to: Person) -> None:
    """Raise DelegateUnfit or OfficeDecidesNone for somebody who cannot be a delegate."""
    if to.has(Role.LEADER) or not to.active or to.telegram_id is None:
        raise DelegateUnfit(name=to.name)
    if to.has(Role.OFFICE):
        raise OfficeDecidesNone(name=to.name)


def require_days(first: date, last: date, *, timezone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """When it begins and ends; today begins at once. Raises DaysInverted, AwayPast, AwayTooLong."""
    starts_at, until = datetime.combine(first, time(0), timezone), end_of_day(last, timezone)
    if last < first:
        raise DaysInverted
    if until <= now:
        raise AwayPast
    if until > now + LONGEST:
        raise AwayTooLong
    return max(starts_at, now), until


async def end_delegation(session: AsyncSession, delegation: Delegation, ender: Person | None, *, now: datetime) -> None:
    """End it: its leader before the time, nobody (None) when the time is up. Raises NotAllowed, Gone."""
    if ender is not None and ender.id != delegation.leader_id:
        raise Gone
    if delegation.ended_at is not None:
        raise Gone
    delegation.ended_at = now
    await session.flush()
    record(session, ender, "delegation.ended", f"delegation:{delegation.id}", now=now)


async def delegation_by(session: AsyncSession, leader: Person) -> Delegation | None:
    """A leader's delegation that has not ended, be it still to come."""
    mine = select(Delegation).where(Delegation.leader_id == leader.id, Delegation.ended_at.is_(None))
    found: Delegation | None = await session.scalar(mine.order_by(Delegation.id.desc()).limit(1))
    return found


async def delegations_open(session: AsyncSession) -> Sequence[Delegation]:
    """All that have not ended."""
    return (await session.scalars(select(Delegation).where(Delegation.ended_at.is_(None)).order_by(Delegation.id))).all()


async def next_turn(session: AsyncSession) -> datetime | None:
    """When the next delegation begins, in the morning by the usual numbers, or ends."""
    begins: datetime | None = await session.scalar(
        select(func.min(Delegation.starts_at)).where(Delegation.ended_at.is_(None), Delegation.begun_at.is_(None))
    )
    ends = await session.scalar(select(func.min(Delegation.until)).where(Delegation.ended_at.is_(None)))
    if begins is not None:
        usual = Policy()
        begins = max(begins, datetime.combine(begins.astimezone(usual.timezone), usual.work_starts, usual.timezone))
    return min((at for at in (begins, ends) if at is not None), default=None)
