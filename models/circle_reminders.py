"""People who were given the link to a circle's group and have not come in: a reminder a week, three at most (defaults)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import CircleMember
from models.people import Person
from models.policy import Policy

AT_ONCE = 100


def invited(membership: CircleMember, policy: Policy, *, now: datetime) -> None:
    """They have the link: when they are to be reminded, unless that was done often enough."""
    membership.remind_at = _next(membership, policy, now)


def reminded(membership: CircleMember, policy: Policy, *, now: datetime) -> None:
    """They were reminded; perhaps it was the last time."""
    membership.reminders += 1
    membership.remind_at = _next(membership, policy, now)


async def due_to_remind(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[tuple[CircleMember, Person]]:
    """Memberships whose time has come, with their people. At night none: they wait for the end of the quiet hours."""
    due = (
        select(CircleMember, Person)
        .join(Person, Person.id == CircleMember.person_id)
        .where(_waiting(), CircleMember.remind_at <= now)
        .order_by(CircleMember.remind_at, CircleMember.person_id, CircleMember.circle_id)
        .limit(AT_ONCE)
    )
    found = [(membership, person) for membership, person in await session.execute(due)]
    quiet = policy.quiet_hours.around(now)
    if quiet is None:
        return found
    for membership, _ in found:
        membership.remind_at = quiet[1]
    return []


async def next_reminder_at(session: AsyncSession) -> datetime | None:
    """When the next is due; None for nobody in sight."""
    first = select(func.min(CircleMember.remind_at)).join(Person, Person.id == CircleMember.person_id).where(_waiting())
    at: datetime | None = await session.scalar(first)
    return at


def put_off(membership: CircleMember, by: timedelta, *, now: datetime) -> None:
    """They cannot come in or cannot be reached now: looked at again later, and it does not count."""
    membership.remind_at = now + by


def _waiting() -> ColumnElement[bool]:
    return and_(CircleMember.joined_at.is_(None), CircleMember.remind_at.is_not(None), Person.active)


def _next(membership: CircleMember, policy: Policy, now: datetime) -> datetime | None:
    return now + policy.circle_reminder if membership.reminders < policy.circle_reminders else None
