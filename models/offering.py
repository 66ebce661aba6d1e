"""Offering an issue to one specialist after another, until one accepts or the tries are used up."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.area_tasks import pending_task
from models.audit import record
from models.choosing import choose_specialist, require_askable
from models.consultations import consulted, round_began
from models.issues import Issue, IssueState
from models.people import Person, Role
from models.policy import Policy
from models.referrals import Referral, ReferralState, leave, referral_between
from models.remarks import remarks_of
from models.rules import RuleBroken
from models.working_days import add_working_days, half_way, in_working_hours

BUSY = (ReferralState.OFFERED, ReferralState.ACCEPTED)


class NothingToHandOn(RuleBroken):
    """The offer has been dealt with."""

    key = "advice.nothing_to_hand_on"


class NotAColleague(RuleBroken):
    """An offer is handed on within the specialty."""

    key = "advice.not_a_colleague"


async def offer(
    session: AsyncSession, issue: Issue, person: Person, policy: Policy, *, now: datetime, specialty_id: int | None = None
) -> Referral:
    """Offer the issue to somebody: it waits so many working days, with a reminder at half time.

    Whoever was asked about it before is asked anew; there is one referral for each issue and person.
    """
    days, zone = policy.referral_lapse_days, policy.timezone
    remind_at = in_working_hours(half_way(now, days, zone), policy.work_starts, policy.work_ends, zone)
    lapses_at = max(add_working_days(now, days, zone), remind_at + timedelta(hours=1))
    referral = await referral_between(session, issue, person)
    if referral is None:
        referral = Referral(issue=issue, person=person)
        session.add(referral)
    referral.state, referral.volunteered, referral.specialty_id = ReferralState.OFFERED, False, specialty_id or issue.specialty_id
    referral.offered_at, referral.remind_at, referral.lapses_at = now, remind_at, lapses_at
    referral.answered_at, referral.reason, referral.reason_text, referral.advised_at = None, None, "", None
    await session.flush()
    if issue.state is IssueState.OPEN:
        issue.state = IssueState.REFERRED
    record(session, None, "referral.offered", f"referral:{referral.id}", now=now, issue=issue.id, person=person.id)
    return referral


async def needs_somebody(session: AsyncSession, issue: Issue, specialty_id: int | None = None) -> bool:
    """Whether nobody of this specialty (the issue's own, if none is named) has been asked or has accepted, or has given an opinion.

    Nobody is looked for while the area sees to it.
    """
    wanted = specialty_id or issue.specialty_id
    if (
        not issue.live
        or await pending_task(session, issue) is not None
        or wanted not in {specialty.id for specialty in await consulted(session, issue)}
    ):
        return False
    busy = select(Referral.id).where(Referral.issue_id == issue.id, _for(issue, wanted), Referral.state.in_(BUSY))
    if await session.scalar(busy.limit(1)) is not None:
        return False
    elsewhere = select(Referral.person_id).where(Referral.issue_id == issue.id, Referral.specialty_id != wanted)
    own = set(await session.scalars(select(Referral.person_id).where(Referral.issue_id == issue.id, _for(issue, wanted))))
    of_others = set(await session.scalars(elsewhere))
    spoke = {remark.author_id for remark in await remarks_of(session, issue) if remark.is_opinion}
    # Whoever just spoke up in the circle speaks for the issue's own specialty.
    return not (spoke & own or (wanted == issue.specialty_id and spoke - of_others))


async def offer_next(
    session: AsyncSession,
    issue: Issue,
    policy: Policy,
    *,
    now: datetime,
    preferred: int | None = None,
    specialty_id: int | None = None,
) -> Referral | None:
    """Ask the next specialist; None when the tries are used up or nobody is left, and then the issue is open again."""
    wanted = specialty_id or issue.specialty_id
    this_round = [Referral.issue_id == issue.id, Referral.volunteered.is_(False), _for(issue, wanted)]
    if (began := await round_began(session, issue, wanted)) is not None:
        this_round.append(Referral.offered_at >= began)
    asked = await session.scalar(select(func.count()).where(*this_round)) or 0
    if asked < policy.referral_tries:
        chosen = await choose_specialist(session, issue, now=now, specialty_id=wanted, preferred=preferred)
        if chosen is not None:
            return await offer(session, issue, chosen.person, policy, now=now, specialty_id=wanted)
    await nobody_asked(session, issue)
    return None


async def nobody_asked(session: AsyncSession, issue: Issue) -> None:
    """A referred issue is open again once nobody is being asked and nobody has accepted."""
    busy = select(Referral.id).where(Referral.issue_id == issue.id, Referral.state.in_(BUSY))
    if issue.state is IssueState.REFERRED and await session.scalar(busy.limit(1)) is None:
        issue.state = IssueState.OPEN


async def hand_on(session: AsyncSession, referral: Referral, colleague: Person, policy: Policy, *, now: datetime) -> Referral:
    """Whoever was asked suggests a colleague of the same specialty, who is asked next; it counts as a try.

    Raises IssueOver, NothingToHandOn, NotAColleague, NotToBeAsked.
    """
    issue = referral.issue
    issue.require_live()
    if referral.state not in BUSY or referral.advised_at is not None:
        raise NothingToHandOn
    specialty_id = referral.specialty_id or issue.specialty_id
    if all(specialty.id != specialty_id for specialty in colleague.specialties):
        raise NotAColleague
    await require_askable(session, issue, colleague, now=now)
    leave(session, referral, ReferralState.HANDED_ON, now=now)
    return await offer(session, issue, colleague, policy, now=now, specialty_id=specialty_id)


async def name_specialist(
    session: AsyncSession,
    issue: Issue,
    person: Person,
    officer: Person,
    policy: Policy,
    *,
    now: datetime,
    specialty_id: int | None = None,
) -> Referral:
    """The office asks somebody itself, any deputy whom the rules allow. Raises NotAllowed, IssueOver, NotToBeAsked."""
    officer.require(Role.OFFICE)
    issue.require_live()
    await require_askable(session, issue, person, now=now)
    record(session, officer, "referral.named", f"issue:{issue.id}", now=now, person=person.id)
    return await offer(session, issue, person, policy, now=now, specialty_id=specialty_id)


def _for(issue: Issue, specialty_id: int | None) -> ColumnElement[bool]:
    """Referrals made for this specialty; those made for none in particular count for the issue's own."""
    if specialty_id == issue.specialty_id:
        return or_(Referral.specialty_id == specialty_id, Referral.specialty_id.is_(None))
    return Referral.specialty_id == specialty_id
