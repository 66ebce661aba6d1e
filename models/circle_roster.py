"""Who belongs to a circle: people are put on its roster and taken off, by name or all who have its specialties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circle_presence import is_inside
from models.circles import Circle, CircleMember, CircleSpecialty
from models.people import Person, PersonSpecialty, Role
from models.rules import Gone


async def memberships_of(session: AsyncSession, circle: Circle) -> dict[int, CircleMember]:
    """By person: how each stands in the circle."""
    rows = await session.scalars(select(CircleMember).where(CircleMember.circle_id == circle.id))
    return {membership.person_id: membership for membership in rows}


async def may_be_added(session: AsyncSession, circle: Circle, *, offset: int, limit: int) -> Sequence[Person]:
    """Active people who are not on the circle's roster: first those with its specialties, then the others by the roster's order."""
    first = Person.id.in_(_specialists(circle))
    wanted = _not_in(circle).order_by(first.desc(), Person.id).offset(offset).limit(limit)
    return (await session.scalars(wanted)).all()


async def specialists_outside(session: AsyncSession, circle: Circle) -> Sequence[Person]:
    """Those who have one of the circle's specialties and are not on its roster."""
    return (await session.scalars(_not_in(circle).where(Person.id.in_(_specialists(circle))).order_by(Person.id))).all()


async def count_specialists_outside(session: AsyncSession, circle: Circle) -> int:
    outside = _not_in(circle).where(Person.id.in_(_specialists(circle)))
    return await session.scalar(select(func.count()).select_from(outside.subquery())) or 0


async def add_to_circle(session: AsyncSession, circle: Circle, person: Person, actor: Person, *, now: datetime) -> bool:
    """Put somebody on the circle's roster; False when they are on it already. Raises NotAllowed, Gone.

    Who is in its chat already has joined.
    """
    actor.require(Role.OFFICE)
    if circle.retired_at is not None or not person.active:
        raise Gone
    if await session.get(CircleMember, (circle.id, person.id)) is not None:
        return False
    inside = circle.lives and circle.chat_id is not None and await is_inside(session, circle.chat_id, person.telegram_id)
    session.add(CircleMember(circle_id=circle.id, person_id=person.id, joined_at=now if inside else None))
    await session.flush()
    record(session, actor, "circle.person_added", f"circle:{circle.id}", now=now, person=person.id)
    return True


async def take_off_circle(session: AsyncSession, circle: Circle, person: Person, actor: Person, *, now: datetime) -> bool:
    """Take somebody off the circle's roster; False when they are not on it. Raises NotAllowed."""
    actor.require(Role.OFFICE)
    membership = await session.get(CircleMember, (circle.id, person.id))
    if membership is None:
        return False
    joined = membership.joined_at.isoformat() if membership.joined_at is not None else None
    await session.delete(membership)
    await session.flush()
    record(session, actor, "circle.person_taken_off", f"circle:{circle.id}", now=now, person=person.id, joined=joined)
    return True


def _specialists(circle: Circle) -> Select[int]:
    own = select(CircleSpecialty.specialty_id).where(CircleSpecialty.circle_id == circle.id)
    return select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id.in_(own))


def _not_in(circle: Circle) -> Select[Person]:
    members = select(CircleMember.person_id).where(CircleMember.circle_id == circle.id)
    return select(Person).where(Person.active, Person.id.not_in(members))
