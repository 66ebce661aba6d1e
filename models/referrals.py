"""Referrals (推送给专业代表): an issue is offered to one named specialist after another, until one accepts."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, case, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.absence import Absence
from models.audit import record
from models.base import Base
from models.circles import CircleMember, CircleSpecialty
from models.consultations import consulted
from models.issues import LIVE, Issue, IssueState, issue_by_id
from models.people import Person, Role, Specialty, serving
from models.policy import Policy
from models.rules import Gone, NotAllowed, RuleBroken
from models.terms import between_terms
from models.working_days import add_working_days, in_working_hours

REASON_LIMIT = 200


class ReferralState(enum.StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    UNREACHABLE = "unreachable"
    HANDED_ON = "handed_on"
    ENDED = "ended"


class ReasonToDecline(enum.StrEnum):
    BUSY = "busy"
    NOT_MY_FIELD = "not_my_field"
    CONFLICT = "conflict"
    OWN_WORDS = "own_words"


class OwnIssue(RuleBroken):
    """Nobody advises on the issue they brought themselves."""

    key = "referral.own_issue"


class NotOfCircle(RuleBroken):
    """Only deputies of the specialty or its circle come forward."""

    key = "referral.not_of_circle"


class Referral(Base):
    """One issue offered to one specialist; or taken up by a volunteer of the circle."""

    __tablename__ = "referrals"
    __table_args__ = (
        UniqueConstraint("issue_id", "person_id"),
        Index("ix_referrals_open", "state", "lapses_at"),
        # All that somebody's record is made of, so that hundreds of people's are read without the rows.
        Index("ix_referrals_of_person", "person_id", "offered_at", "volunteered", "state", "answered_at", "lapses_at"),
        Index(
            "ix_referrals_waited_for",
            "state",
            "remind_at",
            sqlite_where=text("advised_at IS NULL"),
            postgresql_where=text("advised_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    specialty_id: Mapped[int | None] = mapped_column(ForeignKey("specialties.id"))
    """For which of the specialties consulted on the issue."""
    state: Mapped[ReferralState] = mapped_column(default=ReferralState.OFFERED)
    volunteered: Mapped[bool] = mapped_column(default=False)
    offered_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    """When to remind next: of the offer at half time, of the opinion once the usual time has gone by; then, when the promise lapses."""
    lapses_at: Mapped[datetime | None]
    """Until when an answer is in time; kept, since records are made of it. None for a volunteer."""
    answered_at: Mapped[datetime | None]
    reason: Mapped[ReasonToDecline | None]
    reason_text: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    advised_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    person: Mapped[Person] = relationship(lazy="selectin")

    @property
    def awaited(self) -> bool:
        """Whether an answer or an opinion is expected still."""
        return self.state is ReferralState.OFFERED or (self.state is ReferralState.ACCEPTED and self.advised_at is None)

    def is_up(self, now: datetime) -> bool:
        """Whether the time to answer the offer has gone by."""
        return self.state is ReferralState.OFFERED and self.lapses_at is not None and self.lapses_at <= now

    def require_for(self, person: Person) -> None:
        """Raise NotAllowed for anybody but the one it was offered to."""
        if person.id != self.person_id or not person.serves:
            raise NotAllowed


async def referral_by_id(session: AsyncSession, id: int) -> Referral:
    """The referral, its issue locked. Raises Gone."""
    referral = await session.get(Referral, id)
    if referral is None:
        raise Gone
    await issue_by_id(session, referral.issue_id)
    await session.refresh(referral)
    return referral


async def referrals_of(session: AsyncSession, issue: Issue) -> Sequence[Referral]:
    """All referrals of an issue, the oldest first."""
    return (await session.scalars(select(Referral).where(Referral.issue_id == issue.id).order_by(Referral.id))).all()


async def referral_between(session: AsyncSession, issue: Issue, person: Person) -> Referral | None:
    found: Referral | None = await session.scalar(select(Referral).where(Referral.issue_id == issue.id, Referral.person_id == person.id))
    return found


async def promised_by(session: AsyncSession, person: Person) -> Sequence[Referral]:
    """What is still expected of somebody: offers not answered, and opinions not given."""
    mine = select(Referral).join(Issue, Issue.id == Referral.issue_id).where(Referral.person_id == person.id, _waited_for())
    return (await session.scalars(mine.where(Issue.state.in_(LIVE)).order_by(Referral.id))).all()


async def asked_of(session: AsyncSession, person: Person, *, offset: int, limit: int) -> Sequence[Referral]:
    """What somebody was asked to advise on and is not over: what is still expected of them first, then the newest."""
    mine = select(Referral).join(Issue, Issue.id == Referral.issue_id).where(Referral.person_id == person.id, Issue.state.in_(LIVE))
    open_now = mine.where(Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)))
    expected = case((_waited_for(), 0), else_=1)
    return (await session.scalars(open_now.order_by(expected, Referral.id.desc()).offset(offset).limit(limit))).all()


async def accept(session: AsyncSession, referral: Referral, policy: Policy, *, now: datetime) -> None:
    """Take it on; also late, after a decline or a lapse: a change of mind is welcome while the issue lives. Raises IssueOver,
    OwnIssue for one who has taken the issue over since.
    """
    issue = referral.issue
    issue.require_live()
    if referral.person_id == issue.deputy_id:
        raise OwnIssue
    if referral.state is ReferralState.ACCEPTED:
        return
    referral.state, referral.answered_at = ReferralState.ACCEPTED, now
    referral.reason, referral.reason_text = None, ""
    referral.remind_at = expected_after(now, policy)
    if issue.state is IssueState.OPEN:
        issue.state = IssueState.REFERRED
    record(session, referral.person, "referral.accepted", f"referral:{referral.id}", now=now)


def expected_after(since: datetime, policy: Policy) -> datetime:
    """When the opinion of somebody who accepted then is expected, and the reminder due without it."""
    expected = add_working_days(since, policy.referral_lapse_days, policy.timezone)
    return in_working_hours(expected, policy.work_starts, policy.work_ends, policy.timezone)


async def is_broken(session: AsyncSession, referral: Referral, policy: Policy) -> bool:
    """Whether the reminder due now is the second of a promised opinion: it would come to nothing, and somebody else is to be asked.

    Being away puts off the first.
    """
    if referral.state is not ReferralState.ACCEPTED or referral.answered_at is None or referral.remind_at is None:
        return False
    away = await session.scalar(select(func.max(Absence.until)).where(Absence.person_id == referral.person_id))
    first = expected_after(referral.answered_at, policy)
    if away is not None and away <= referral.remind_at:
        first = max(first, in_working_hours(away, policy.work_starts, policy.work_ends, policy.timezone))
    return referral.remind_at > first


def leave(session: AsyncSession, referral: Referral, state: ReferralState, *, now: datetime) -> None:
    """The offer ends without being accepted."""
    referral.state, referral.answered_at, referral.remind_at = state, now, None
    by = referral.person if state in (ReferralState.DECLINED, ReferralState.HANDED_ON) else None
    record(session, by, f"referral.{state}", f"referral:{referral.id}", now=now)


def decline(session: AsyncSession, referral: Referral, reason: ReasonToDecline, words: str = "", *, now: datetime) -> bool:
    """Say no, with a reason; False when there is nothing to decline any more. One who accepted may still step back until advising."""
    if referral.state not in (ReferralState.OFFERED, ReferralState.ACCEPTED) or referral.advised_at is not None:
        return False
    leave(session, referral, ReferralState.DECLINED, now=now)
    referral.reason, referral.reason_text = reason, words[:REASON_LIMIT]
    return True


async def volunteer(session: AsyncSession, issue: Issue, person: Person, policy: Policy, *, now: datetime) -> Referral:
    """Somebody of a circle comes forward. Raises OwnIssue, NotOfCircle, IssueOver."""
    issue.require_live()
    if person.id == issue.deputy_id:
        raise OwnIssue
    specialty = await _specialty_of(session, issue, person) if person.has(Role.DEPUTY) else None
    if specialty is None:
        raise NotOfCircle
    referral = await referral_between(session, issue, person)
    if referral is None:
        referral = Referral(issue=issue, person=person, specialty_id=specialty.id, offered_at=now, volunteered=True)
        session.add(referral)
        await session.flush()
    await accept(session, referral, policy, now=now)
    return referral


async def _specialty_of(session: AsyncSession, issue: Issue, person: Person) -> Specialty | None:
    """For which of the specialties consulted somebody may speak: by their own specialty, or by their circle."""
    own = {specialty.id for specialty in person.specialties}
    member = select(CircleSpecialty.specialty_id).join(CircleMember, CircleMember.circle_id == CircleSpecialty.circle_id)
    by_circle = set(await session.scalars(member.where(CircleMember.person_id == person.id)))
    asked = await consulted(session, issue)
    return next((specialty for known in (own, by_circle) for specialty in asked if specialty.id in known), None)


async def end_offers(session: AsyncSession, issue: Issue, *, now: datetime) -> list[Referral]:
    """The issue is over: open offers end, nobody is reminded any more. Gives the offers that ended."""
    ended = []
    for referral in await referrals_of(session, issue):
        referral.remind_at = None
        if referral.state is ReferralState.OFFERED:
            leave(session, referral, ReferralState.ENDED, now=now)
            ended.append(referral)
    return ended


async def renew_promises(session: AsyncSession, issue: Issue, policy: Policy, *, now: datetime) -> None:
    """The issue lives again, or came back from its area: opinions that were promised are expected from now on."""
    for referral in await referrals_of(session, issue):
        if referral.state is ReferralState.ACCEPTED and referral.awaited and referral.remind_at is None:
            referral.remind_at = expected_after(now, policy)


async def lapsed(session: AsyncSession, *, now: datetime) -> Sequence[Referral]:
    """Offers whose time is up, and whoever has stopped being a deputy before advising; none between two terms, when nobody could follow."""
    if await between_terms(session):
        return []
    up, left = and_(_asked(), Referral.lapses_at <= now), Referral.person.has(~serving())
    over = select(Referral).where(or_(up, and_(_asked(), left), and_(_promised(), left)))
    return (await session.scalars(over.order_by(Referral.id))).all()


async def to_remind(session: AsyncSession, *, now: datetime) -> Sequence[Referral]:
    """Whoever has not answered at half time, or has accepted and not advised after the usual time.

    Nobody who is no deputy any more, and nobody between two terms.
    """
    if await between_terms(session):
        return []
    up = Referral.remind_at <= now
    due = select(Referral).where(or_(and_(_asked(), up), and_(_promised(), up)), Referral.person.has(serving()))
    return (await session.scalars(due.order_by(Referral.id))).all()


async def next_referral_due(session: AsyncSession) -> datetime | None:
    """When the next offer lapses or the next reminder falls due."""
    soonest = (
        select(func.min(Referral.lapses_at)).where(_asked()),
        select(func.min(Referral.remind_at)).where(_asked()),
        select(func.min(Referral.remind_at)).where(_promised()),
    )
    return min([at for query in soonest if (at := await session.scalar(query)) is not None], default=None)


def _waited_for() -> ColumnElement[bool]:
    return or_(_asked(), _promised())


def _asked() -> ColumnElement[bool]:
    """Not answered yet."""
    return Referral.state == ReferralState.OFFERED


def _promised() -> ColumnElement[bool]:
    """Accepted and not advised."""
    return and_(Referral.state == ReferralState.ACCEPTED, Referral.advised_at.is_(None))
