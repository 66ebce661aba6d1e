"""Offering an issue to one specialist after another, until one accepts or the tries are used up."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.choosing import choose_specialist
from models.issues import Issue, IssueState
from models.people import Person
from models.policy import Policy
from models.referrals import Referral, ReferralState
from models.working_days import add_working_days, half_way, in_working_hours


async def offer(session: AsyncSession, issue: Issue, person: Person, policy: Policy, *, now: datetime) -> Referral:
    """Offer the issue to somebody: it waits so many working days, with a reminder at half time."""
    days, zone = policy.referral_lapse_days, policy.timezone
    remind_at = in_working_hours(half_way(now, days, zone), policy.work_starts, policy.work_ends, zone)
    lapses_at = max(add_working_days(now, days, zone), remind_at + timedelta(hours=1))
    referral = Referral(issue=issue, person=person, offered_at=now, remind_at=remind_at, lapses_at=lapses_at, volunteered=False)
    session.add(referral)
    await session.flush()
    if issue.state is IssueState.OPEN:
        issue.state = IssueState.REFERRED
    record(session, None, "referral.offered", f"referral:{referral.id}", now=now, issue=issue.id, person=person.id)
    return referral


async def needs_somebody(session: AsyncSession, issue: Issue) -> bool:
    """Whether nobody has been asked or has accepted, and there is no opinion yet."""
    if issue.state not in (IssueState.OPEN, IssueState.REFERRED):
        return False
    busy = select(Referral.id).where(Referral.issue_id == issue.id, Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)))
    return await session.scalar(busy.limit(1)) is None


async def offer_next(
    session: AsyncSession, issue: Issue, policy: Policy, *, now: datetime, preferred: int | None = None
) -> Referral | None:
    """Ask the next specialist; None when the tries are used up or nobody is left, and then the issue is open again."""
    this_round = [Referral.issue_id == issue.id, Referral.volunteered.is_(False)]
    if issue.round_began_at is not None:
        this_round.append(Referral.offered_at >= issue.round_began_at)
    tries = select(func.count()).where(*this_round)
    asked = await session.scalar(tries) or 0
    person = await choose_specialist(session, issue, preferred) if asked < policy.referral_tries else None
    if person is not None:
        return await offer(session, issue, person, policy, now=now)
    issue.state = IssueState.OPEN
    return None
