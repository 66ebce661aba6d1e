"""Changing somebody of the roster, field by field, and whom each change concerns. Imports and cards both end here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circles import Circle, CircleMember
from models.people import Person, Role
from models.roster_rows import NAMED, Change, Field


@dataclass(frozen=True)
class RolesChanged:
    """What somebody may do from now on, and no longer."""

    person: Person
    given: Sequence[Role]
    taken: Sequence[Role]


@dataclass
class Concerned:
    """Who must hear of it: those whose roles or language changed, those with new circles, and where somebody no longer belongs."""

    roles_changed: list[RolesChanged] = field(default_factory=list)
    speaks_otherwise: list[Person] = field(default_factory=list)
    new_in_circles: list[Person] = field(default_factory=list)
    out_of: list[tuple[Person, Circle]] = field(default_factory=list)
    """Circles left by people who had joined their group."""


Names = Mapping[Field, dict[str, Any]]
"""By field, the rows of its table by their names."""


async def all_names(session: AsyncSession) -> Names:
    return {what: await _by_name(session, table) for what, table in NAMED.items()}


async def _by_name(session: AsyncSession, table: type[Any]) -> dict[str, Any]:
    return {row.name: row for row in await session.scalars(select(table))}


async def apply_change(session: AsyncSession, person: Person, change: Change, names: Names, concerned: Concerned) -> None:
    """Carry out a change; every name in it must be among ``names``."""
    first = change.new[0] if change.new else ""
    match change.field:
        case Field.NAME:
            person.name = first
        case Field.PHONE:
            person.phone = first or None
        case Field.EMPLOYER:
            person.employer = first
        case Field.ACTIVE:
            person.active = True
        case Field.AREA:
            person.area = names[Field.AREA].get(first)
        case Field.GROUP:
            person.group = names[Field.GROUP].get(first)
        case Field.SPECIALTIES:
            person.specialties[:] = [names[Field.SPECIALTIES][name] for name in change.new]
        case Field.LANGUAGE:
            person.language = first
            concerned.speaks_otherwise.append(person)
        case Field.ROLES:
            concerned.roles_changed.append(_change_roles(person, change))
        case Field.CIRCLES:
            await _change_circles(session, person, change, names[Field.CIRCLES], concerned)


async def free_number(session: AsyncSession, number: str, actor: Person | None, *, now: datetime) -> None:
    """Take a number from whoever has left the roster, so that somebody else can have it."""
    former = await session.scalar(select(Person).where(Person.phone == number, Person.active.is_(False)))
    if former is not None:
        former.phone = None
        record(session, actor, "roster.number_freed", f"person:{former.id}", now=now)
        await session.flush()


def _change_roles(person: Person, change: Change) -> RolesChanged:
    before = person.roles
    for role in Role:
        (person.give if role in change.new else person.take)(role)
    after = person.roles
    return RolesChanged(person, [r for r in Role if r in after - before], [r for r in Role if r in before - after])


async def _change_circles(session: AsyncSession, person: Person, change: Change, circles: dict[str, Circle], concerned: Concerned) -> None:
    for name in _beyond(change.old, change.new):
        membership = await session.get(CircleMember, (circles[name].id, person.id))
        if membership is not None and membership.joined_at is not None:
            concerned.out_of.append((person, circles[name]))
        await session.execute(delete(CircleMember).where(CircleMember.circle_id == circles[name].id, CircleMember.person_id == person.id))
    joining = _beyond(change.new, change.old)
    session.add_all(CircleMember(circle_id=circles[name].id, person_id=person.id) for name in joining)
    if joining:
        concerned.new_in_circles.append(person)


def _beyond(names: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    return [name for name in names if name not in others]
