"""Closing a term (换届): what belongs to it is frozen, mandates end, circles empty. It goes by pieces, and each looks what is left to do.

So it may be stopped at any moment and goes on where it was: nothing but the tables says how far it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity, ActivityState
from models.attendance import Attendance
from models.attendance_table import attendance_of
from models.audit import record
from models.circles import CircleMember
from models.duty import DutyEntry
from models.invitations import Invitation
from models.issues import LIVE, Issue
from models.leave import Decision, LeaveRequest
from models.mandates import EndReason, Mandate, Parting, end_mandate
from models.people import Person, PersonRole, Role
from models.policy import Policy
from models.referrals import Referral, ReferralState
from models.rules import Gone
from models.suggestion_drafts import SuggestionDraft
from models.terms import Term, TermDayBad, TermNameBad, TermState, all_terms, checked_name, term_in

PEOPLE_AT_ONCE, ACTIVITIES_AT_ONCE = 20, 5
"""A piece is one transaction, and other people wait while it lasts: 20 deputies with all their circles are some 0.2 s."""
SETTLED = (ActivityState.RECORD_CONFIRMED, ActivityState.CANCELLED)
"""Of these nothing is left to be worked out."""


@dataclass(frozen=True)
class ClosingNumbers:
    """What closing would do, counted beforehand."""

    deputies: int
    stay: int
    """So many of the deputies hold another role and stay in the Home by it."""
    circles: int
    joined: int
    """Circles with members, and how many people are in their groups."""
    activities: int
    unconfirmed: int
    """Activities that would be frozen, and how many of them have no confirmed record."""
    leaves: int
    duty_entries: int
    coming: int
    """Activities that belong to the next term already."""
    issues: int
    referrals: int
    suggestions: int


def _of_term(starts_on: date, policy: Policy) -> ColumnElement[bool]:
    """The activities that a next term beginning on this day leaves behind; one put off waits for a day of its own."""
    began = datetime.combine(starts_on, time(0), policy.timezone)
    return and_(Activity.frozen_at.is_(None), Activity.starts_at < began, Activity.state != ActivityState.POSTPONED)


async def closing_numbers(session: AsyncSession, term: Term, starts_on: date, policy: Policy) -> ClosingNumbers:
    """Count what closing this term for one that begins on ``starts_on`` would do."""

    async def count(*conditions: ColumnElement[bool]) -> int:
        return await session.scalar(select(func.count()).where(*conditions)) or 0

    ending = select(Mandate.person_id).where(Mandate.term_id == term.id, Mandate.ended_on.is_(None))
    others = select(PersonRole.person_id).where(PersonRole.role.not_in((Role.DEPUTY, Role.GROUP_LEADER)))
    members = CircleMember.person_id.in_(ending)
    of_term = _of_term(starts_on, policy)
    frozen = select(Activity.id).where(of_term)
    undecided = LeaveRequest.invitation.has(Invitation.activity_id.in_(frozen)) & LeaveRequest.current
    promised = and_(Referral.state == ReferralState.ACCEPTED, Referral.advised_at.is_(None))
    return ClosingNumbers(
        deputies=await count(Mandate.term_id == term.id, Mandate.ended_on.is_(None)),
        stay=await count(Person.active.is_(True), Person.id.in_(ending), Person.id.in_(others)),
        circles=await session.scalar(select(func.count(CircleMember.circle_id.distinct())).where(members)) or 0,
        joined=await session.scalar(
            select(func.count(CircleMember.person_id.distinct())).where(members, CircleMember.joined_at.is_not(None))
        )
        or 0,
        activities=await count(of_term),
        unconfirmed=await count(of_term, Activity.state.not_in(SETTLED)),
        leaves=await count(undecided, LeaveRequest.decision == Decision.NONE),
        duty_entries=await count(DutyEntry.activity_id.in_(frozen), DutyEntry.corrected_at.is_(None)),
        coming=await count(Activity.frozen_at.is_(None), Activity.state.in_(OPEN), ~of_term),
        issues=await count(Issue.state.in_(LIVE), Issue.deputy_id.in_(ending)),
        referrals=await count(
            Referral.person_id.in_(ending), (Referral.state == ReferralState.OFFERED) | promised, Referral.issue.has(Issue.state.in_(LIVE))
        ),
        suggestions=await count(SuggestionDraft.lead_id.in_(ending), SuggestionDraft.exported_at.is_(None)),
    )


async def begin_closing(
    session: AsyncSession, term: Term, actor: Person, *, next_name: str, starts_on: date, today: date, now: datetime
) -> Term:
    """Close the running term; gives the next one, which is prepared from now on.

    A term lasts until the next congress first meets, so that day has come. Raises NotAllowed, Gone, TermNameBad, TermDayBad.
    """
    actor.require(Role.OFFICE)
    await session.refresh(term, with_for_update=True)
    if term.state is not TermState.RUNNING:
        raise Gone
    name = checked_next(await all_terms(session), term, next_name, starts_on, today=today)
    term.state, term.ends_on = TermState.CLOSING, starts_on - timedelta(days=1)
    term.closing_began_at, term.closing_by = now, actor
    coming = Term(name=name, starts_on=starts_on, ends_on=None, state=TermState.PREPARED)
    session.add(coming)
    await session.flush()
    record(session, actor, "term.closing", f"term:{term.id}", now=now, ends_on=term.ends_on.isoformat(), next=coming.id)
    return coming


def checked_next(terms: Sequence[Term], term: Term, name: str, starts_on: date, *, today: date) -> str:
    """The next term's name, if it can begin like this. Raises TermNameBad, TermDayBad."""
    name = checked_name(name)
    if any(other.name == name for other in terms):
        raise TermNameBad(limit=40)
    if not term.starts_on < starts_on <= today:
        raise TermDayBad
    return name


async def freeze_some(session: AsyncSession, term: Term, policy: Policy, *, now: datetime) -> int:
    """Let some of the term's activities belong to it for good; gives how many, 0 when all do.

    What is known of attendance is written down with it: whoever stops being a deputy afterwards changes no figure.
    """
    if term.ends_on is None:
        return 0
    of_term = _of_term(term.ends_on + timedelta(days=1), policy)
    settled = await session.execute(
        update(Activity)
        .where(of_term, Activity.state.in_(SETTLED))
        .values(frozen_at=now)
        .returning(Activity.id)
        .execution_options(synchronize_session=False)
    )
    number = len(settled.all())
    some = (await session.scalars(select(Activity).where(of_term).order_by(Activity.id).limit(ACTIVITIES_AT_ONCE))).all()
    known: dict[tuple[int, Attendance], list[int]] = {}
    for attended in await attendance_of(session, some, late_after=policy.late_after, now=now):
        if not attended.final:
            key = (attended.activity.id, attended.attendance or Attendance.ABSENT)
            known.setdefault(key, []).append(attended.person.id)
    for (activity_id, attendance), people in known.items():
        await session.execute(
            update(Invitation)
            .where(Invitation.activity_id == activity_id, Invitation.person_id.in_(people))
            .values(attendance=attendance)
            .execution_options(synchronize_session=False)
        )
    for activity in some:
        activity.frozen_at = now
    await session.flush()
    return number + len(some)


async def end_some(session: AsyncSession, term: Term, *, today: date, now: datetime) -> list[Parting]:
    """End some of the term's mandates; nobody when all have ended."""
    if term.ends_on is None:
        return []
    held = select(Mandate).where(Mandate.term_id == term.id, Mandate.ended_on.is_(None)).order_by(Mandate.id).limit(PEOPLE_AT_ONCE)
    return [
        await end_mandate(session, mandate, None, EndReason.TERM_ENDED, on=max(term.ends_on, mandate.began_on), today=today, now=now)
        for mandate in (await session.scalars(held)).all()
    ]


def finish_closing(session: AsyncSession, term: Term, *, now: datetime) -> None:
    """Everything is done: the term is closed for good."""
    term.state, term.closed_at = TermState.CLOSED, now
    record(session, None, "term.closed", f"term:{term.id}", now=now)


async def last_closed(session: AsyncSession) -> Term | None:
    """The term that was closed last."""
    return await term_in(session, TermState.CLOSED)
