"""Referrals: an issue is offered to one named specialist after the other, until somebody takes it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import Issue, IssueState
from models.people import Person, PersonRole, PersonSpecialty, Role
from models.policy import Policy
from models.rules import Gone, NotAllowed
from models.working_days import add_working_days, half_way


class ReferralState(enum.StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ENDED = "ended"


WAITING = (ReferralState.OFFERED, ReferralState.ACCEPTED)
EMPLOYER_SHOWS = 4
"""An employer's name of this many characters in the text means that their unit is the one concerned."""


class Referral(Base):
    """One issue offered to one specialist."""

    __tablename__ = "referrals"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    specialist_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[ReferralState] = mapped_column(default=ReferralState.OFFERED, index=True)
    volunteered: Mapped[bool] = mapped_column(default=False)
    offered_at: Mapped[datetime]
    remind_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    issue: Mapped[Issue] = relationship(lazy="selectin")
    specialist: Mapped[Person] = relationship(lazy="selectin")

    def require_specialist(self, person: Person) -> None:
        """Raise NotAllowed unless the offer was made to this person."""
        if person.id != self.specialist_id:
            raise NotAllowed


async def choose_specialist(session: AsyncSession, issue: Issue) -> Person | None:
    """Who is asked next: of the same specialty, not the asker, not of the unit concerned, not asked before, whom messages reach;
    first whoever has the fewest open referrals, then whoever was asked longest ago. None when nobody is left."""
    waiting = (
        select(func.count()).where(Referral.specialist_id == Person.id, Referral.state.in_(WAITING)).correlate(Person).scalar_subquery()
    )
    last = select(func.max(Referral.offered_at)).where(Referral.specialist_id == Person.id).correlate(Person).scalar_subquery()
    candidates = await session.scalars(
        select(Person)
        .where(
            Person.active,
            Person.telegram_id.is_not(None),
            Person.unreachable_since.is_(None),
            Person.id != issue.deputy_id,
            Person.id.in_(select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id == issue.specialty_id)),
            Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == Role.DEPUTY)),
            Person.id.not_in(select(Referral.specialist_id).where(Referral.issue_id == issue.id)),
        )
        .order_by(waiting, last.is_not(None), last, Person.id)
    )
    text = issue.text
    return next((person for person in candidates if not _works_there(person, text)), None)


async def refer(session: AsyncSession, issue: Issue, specialist: Person, *, now: datetime, policy: Policy) -> Referral:
    """Offer the issue to a specialist; the offer lapses after some working days, with a reminder at half time."""
    days = policy.referral_lapse_days
    referral = Referral(
        issue=issue,
        specialist=specialist,
        state=ReferralState.OFFERED,
        offered_at=now,
        remind_at=half_way(now, days, policy.timezone),
        lapses_at=add_working_days(now, days, policy.timezone),
    )
    session.add(referral)
    if issue.state is IssueState.OPEN:
        issue.state = IssueState.REFERRED
    await session.flush()
    record(session, None, "issue.referred", f"issue:{issue.id}", now=now, specialist=specialist.id)
    return referral


async def refer_to_next(session: AsyncSession, issue: Issue, *, now: datetime, policy: Policy) -> Referral | None:
    """Offer the issue to whoever is next; None when enough were asked, or nobody is left: then the office must help."""
    asked = await session.scalar(select(func.count()).where(Referral.issue_id == issue.id, Referral.volunteered.is_(False)))
    specialist = await choose_specialist(session, issue) if (asked or 0) < policy.referral_tries else None
    return await refer(session, issue, specialist, now=now, policy=policy) if specialist else None


def accept(session: AsyncSession, referral: Referral, *, now: datetime) -> None:
    """The specialist takes the issue; one that lapsed meanwhile may still be taken. Raises Gone, IssueOver."""
    referral.issue.require_in_work()
    if referral.state not in (ReferralState.OFFERED, ReferralState.LAPSED):
        raise Gone
    referral.state, referral.decided_at = ReferralState.ACCEPTED, now
    record(session, referral.specialist, "referral.accepted", f"referral:{referral.id}", now=now)


def decline(session: AsyncSession, referral: Referral, reason: str, *, now: datetime) -> None:
    """The specialist says no, with a reason. Raises Gone once it was decided, IssueOver."""
    referral.issue.require_in_work()
    if referral.state is not ReferralState.OFFERED:
        raise Gone
    referral.state, referral.decided_at, referral.reason = ReferralState.DECLINED, now, reason[:300]
    record(session, referral.specialist, "referral.declined", f"referral:{referral.id}", now=now, reason=reason[:300])


def lapse(session: AsyncSession, referral: Referral, *, now: datetime) -> None:
    """Nobody answered, or the offer could not be brought."""
    referral.state, referral.decided_at = ReferralState.LAPSED, now
    record(session, None, "referral.lapsed", f"referral:{referral.id}", now=now)


async def volunteer(session: AsyncSession, issue: Issue, person: Person, *, now: datetime) -> Referral:
    """A member of the circle offers to advise; twice changes nothing. Raises NotAllowed for the asker, IssueOver."""
    issue.require_in_work()
    if person.id == issue.deputy_id:
        raise NotAllowed
    referral = await referral_of(session, issue, person)
    if referral is None:
        referral = Referral(
            issue=issue, specialist=person, state=ReferralState.OFFERED, volunteered=True, offered_at=now, remind_at=now, lapses_at=now
        )
        session.add(referral)
        await session.flush()
    if referral.state is not ReferralState.ACCEPTED:
        referral.state, referral.decided_at = ReferralState.ACCEPTED, now
        record(session, person, "referral.volunteered", f"referral:{referral.id}", now=now)
    if issue.state is IssueState.OPEN:
        issue.state = IssueState.REFERRED
    return referral


async def referral_of(session: AsyncSession, issue: Issue, person: Person) -> Referral | None:
    """This person's referral of this issue, the latest."""
    found: Referral | None = await session.scalar(
        select(Referral).where(Referral.issue_id == issue.id, Referral.specialist_id == person.id).order_by(Referral.id.desc()).limit(1)
    )
    return found


async def referrals_of(session: AsyncSession, issue: Issue) -> Sequence[Referral]:
    return (await session.scalars(select(Referral).where(Referral.issue_id == issue.id).order_by(Referral.id))).all()


async def waiting_for(session: AsyncSession, specialist: Person, limit: int = 10) -> Sequence[Referral]:
    """What waits for this specialist: offers not answered, and issues taken that are still in work."""
    return (
        await session.scalars(
            select(Referral)
            .join(Issue, Issue.id == Referral.issue_id)
            .where(Referral.specialist_id == specialist.id, Referral.state.in_(WAITING))
            .where(Issue.state.in_((IssueState.OPEN, IssueState.REFERRED, IssueState.ADVISED)))
            .order_by(Referral.id)
            .limit(limit)
        )
    ).all()


def end_all(referrals: Sequence[Referral], *, now: datetime) -> None:
    """The issue is over: nobody is waited for any more."""
    for referral in referrals:
        if referral.state in WAITING:
            referral.state, referral.decided_at = ReferralState.ENDED, now


async def due_reminders(session: AsyncSession, *, now: datetime) -> Sequence[Referral]:
    return (
        await session.scalars(
            select(Referral).where(
                Referral.state == ReferralState.OFFERED, Referral.reminded_at.is_(None), Referral.remind_at <= now, Referral.lapses_at > now
            )
        )
    ).all()


async def due_lapses(session: AsyncSession, *, now: datetime) -> Sequence[Referral]:
    return (await session.scalars(select(Referral).where(Referral.state == ReferralState.OFFERED, Referral.lapses_at <= now))).all()


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next offer is to be reminded of, or lapses."""
    remind = await session.scalar(
        select(func.min(Referral.remind_at)).where(Referral.state == ReferralState.OFFERED, Referral.reminded_at.is_(None))
    )
    lapses = await session.scalar(select(func.min(Referral.lapses_at)).where(Referral.state == ReferralState.OFFERED))
    return min((at for at in (remind, lapses) if at is not None), default=None)


def _works_there(person: Person, text: str) -> bool:
    return len(person.employer) >= EMPLOYER_SHOWS and person.employer in text
