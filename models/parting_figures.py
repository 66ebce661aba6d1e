"""What somebody leaves behind who stops being a deputy: counted before the office confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity
from models.circles import Circle, CircleMember
from models.invitations import Invitation
from models.issues import LIVE, Issue
from models.people import Person, Role
from models.referrals import promised_by
from models.suggestion_drafts import SuggestionDraft


@dataclass(frozen=True)
class LeavesBehind:
    """``stays_as`` are the roles that remain: with none the person is off the roster."""

    circles: Sequence[str]
    activities: int
    referrals: int
    issues: int
    suggestions: int
    stays_as: Sequence[Role]


async def leaves_behind(session: AsyncSession, person: Person, *, now: datetime) -> LeavesBehind:
    """Count it."""

    async def count(*conditions: ColumnElement[bool]) -> int:
        return await session.scalar(select(func.count()).where(*conditions)) or 0

    circles = select(Circle.name).join(CircleMember, CircleMember.circle_id == Circle.id).where(CircleMember.person_id == person.id)
    return LeavesBehind(
        circles=(await session.scalars(circles.order_by(Circle.id))).all(),
        activities=len(await coming_activities_of(session, person, now=now)),
        referrals=len(await promised_by(session, person)),
        issues=await count(Issue.deputy_id == person.id, Issue.state.in_(LIVE)),
        suggestions=await count(SuggestionDraft.lead_id == person.id, SuggestionDraft.exported_at.is_(None)),
        stays_as=[role for role in Role if role in person.roles and role not in (Role.DEPUTY, Role.GROUP_LEADER)],
    )


async def coming_activities_of(session: AsyncSession, person: Person, *, now: datetime) -> Sequence[Activity]:
    """Activities to come that the person is called to."""
    called = select(Invitation.activity_id).where(Invitation.person_id == person.id, Invitation.released_at.is_(None))
    coming = select(Activity).where(Activity.state.in_(OPEN), Activity.starts_at > now, Activity.id.in_(called))
    return (await session.scalars(coming.order_by(Activity.id))).all()
