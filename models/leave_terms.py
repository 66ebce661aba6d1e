"""Leave and absence over a term: what a leader sees of a deputy, and when the office is told that it is often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.activities import Activity, ActivityState
from models.attendance import Attendance
from models.audit import record
from models.base import Base
from models.invitations import Invitation
from models.leave import Decision, LeaveRequest
from models.people import Person
from models.policy import Policy
from models.terms import term_on


@dataclass(frozen=True)
class Span:
    """The term, or the calendar year where no term is known, that a moment belongs to; ``ends_at`` is None while a term runs."""

    starts_at: datetime
    ends_at: datetime | None
    is_term: bool = False


async def span_at(session: AsyncSession, at: datetime, policy: Policy) -> Span:
    """The term that a moment belongs to; where there is none, the calendar year."""
    local = at.astimezone(policy.timezone)
    term = await term_on(session, local.date())
    if term is not None:
        ends_at = _midnight(term.ends_on + timedelta(days=1), policy) if term.ends_on is not None else None
        return Span(_midnight(term.starts_on, policy), ends_at, is_term=True)
    return Span(_midnight(date(local.year, 1, 1), policy), _midnight(date(local.year + 1, 1, 1), policy))


def _midnight(day: date, policy: Policy) -> datetime:
    return datetime.combine(day, time(0), policy.timezone)


@dataclass(frozen=True)
class Counts:
    """A deputy's leaves and absences, by activity: ``asked`` and ``approved`` besides the one at hand, ``counted`` with it."""

    asked: int
    approved: int
    counted: int
    """Approved for no special cause: these are what the flag goes by."""
    absent: int
    remaining: int
    """So many more until the office is told."""


async def counts_of(session: AsyncSession, person_id: int, span: Span, policy: Policy, *, besides: int | None = None) -> Counts:
    """Count by activity; what was called off, and requests taken back, do not count. ``besides`` is the invitation at hand."""
    within = [Invitation.person_id == person_id, Activity.starts_at >= span.starts_at, Activity.state != ActivityState.CANCELLED]
    if span.ends_at is not None:
        within.append(Activity.starts_at < span.ends_at)
    rows = await session.execute(
        select(LeaveRequest.invitation_id, LeaveRequest.category, LeaveRequest.decision, LeaveRequest.current)
        .join(LeaveRequest.invitation)
        .join(Invitation.activity)
        .where(*within, LeaveRequest.decision != Decision.WITHDRAWN)
    )
    leaves = rows.all()
    approved = {invitation: category for invitation, category, decision, current in leaves if current and decision is Decision.APPROVED}
    absent = await session.scalar(
        select(func.count()).select_from(Invitation).join(Invitation.activity).where(*within, Invitation.attendance == Attendance.ABSENT)
    )
    counted = sum(not category.special for category in approved.values())
    return Counts(
        asked=len({invitation for invitation, *_ in leaves} - {besides}),
        approved=len(approved.keys() - {besides}),
        counted=counted,
        absent=absent or 0,
        remaining=max(policy.leave_flag - counted, 0),
    )


class LeaveFlag(Base):
    """The office was told that a person is often on leave: once in a term."""

    __tablename__ = "leave_flags"
    __table_args__ = (UniqueConstraint("person_id", "span_began"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    span_began: Mapped[date]
    raised_at: Mapped[datetime]


async def raise_flag(session: AsyncSession, person: Person, span: Span, policy: Policy, *, now: datetime) -> int | None:
    """The number of leaves that count, when it has just become enough for the office to be told; None otherwise."""
    counts = await counts_of(session, person.id, span, policy)
    began = span.starts_at.astimezone(policy.timezone).date()
    if counts.remaining:
        return None
    if await session.scalar(select(LeaveFlag.id).where(LeaveFlag.person_id == person.id, LeaveFlag.span_began == began)):
        return None
    session.add(LeaveFlag(person_id=person.id, span_began=began, raised_at=now))
    await session.flush()
    record(session, None, "leave.flagged", f"person:{person.id}", now=now, count=counts.counted)
    return counts.counted
