"""Who is asked to advise: the order of asking, and who is left out."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.issues import LIVE, Issue
from models.people import Person, PersonRole, PersonSpecialty, Role
from models.referrals import Referral, ReferralState

EMPLOYER_LENGTH = 4
"""Shorter names of employers (区医院) would be found in too many texts."""


async def candidates(session: AsyncSession, issue: Issue) -> list[Person]:
    """Who may be asked, in the order of asking: same specialty, never the asker, nobody from the unit concerned, nobody asked before;
    least open referrals first, then whoever was asked longest ago."""
    open_now = (
        select(func.count())
        .select_from(Referral)
        .join(Issue, Issue.id == Referral.issue_id)
        .where(
            Referral.person_id == Person.id,
            Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)),
            Issue.state.in_(LIVE),
        )
        .correlate(Person)
        .scalar_subquery()
    )
    last_asked = select(func.max(Referral.id)).where(Referral.person_id == Person.id).correlate(Person).scalar_subquery()
    able = select(Person).where(
        Person.active,
        Person.id != issue.deputy_id,
        Person.telegram_id.is_not(None),
        Person.unreachable_since.is_(None),
        Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == Role.DEPUTY)),
        Person.id.in_(select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id == issue.specialty_id)),
        Person.id.not_in(select(Referral.person_id).where(Referral.issue_id == issue.id)),
    )
    said = issue.raw_text or issue.shared_text
    ordered = await session.scalars(able.order_by(open_now, func.coalesce(last_asked, 0), Person.id))
    return [person for person in ordered if not _concerned(person, said)]


async def choose_specialist(session: AsyncSession, issue: Issue, preferred: int | None = None) -> Person | None:
    """Whom to ask next; the one the deputy was shown, if that one may still be asked."""
    able = await candidates(session, issue)
    return next((person for person in able if person.id == preferred), able[0] if able else None)


def _concerned(person: Person, text: str) -> bool:
    employer = person.employer.strip()
    return len(employer) >= EMPLOYER_LENGTH and employer in text
