"""Carrying out a roster plan: people are added and changed, nobody is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circles import Circle, CircleMember
from models.people import Area, DeputyGroup, Person, Role, Specialty
from models.roster import NAMED, Change, Fate, Field, Plan, PlannedRow, Values


@dataclass
class Imported:
    """Who must hear of an import: those whose roles changed, those with new circles, and where somebody no longer belongs."""

    roles_changed: list[tuple[Person, frozenset[Role]]] = field(default_factory=list)
    """With what they held before."""
    new_in_circles: list[Person] = field(default_factory=list)
    out_of: list[tuple[Person, Circle]] = field(default_factory=list)
    """Circles left by people who had joined their group."""


async def apply_import(session: AsyncSession, plan: Plan, actor: Person | None, *, now: datetime) -> Imported:
    """Carry out a plan made in the same transaction. Without an actor the command line did it."""
    names = {what: await _all_named(session, table) for what, table in NAMED.items()}
    for what, new in plan.new_names.items():
        for name in new:
            names[what][name] = _made(what, name)
            session.add(names[what][name])
    _pair_circles(plan, names)
    await session.flush()
    people = await _people_of(session, plan)
    imported = Imported()
    with session.no_autoflush:  # a flush for each row would make a long roster take minutes
        for planned in plan.rows:
            if planned.fate in (Fate.LEFT_OUT, Fate.UNCHANGED):
                continue
            person = people[planned.row.phone]
            for change in planned.changes:
                await _apply(session, person, change, names, imported)
            _write_down(session, planned, person, actor, now=now)
    await session.flush()
    return imported


async def _people_of(session: AsyncSession, plan: Plan) -> dict[str, Person]:
    """By phone number: the person each row changes, or a new one."""
    added = {
        planned.row.phone: Person(name=planned.row.name, phone=planned.row.phone, employer="", role_rows=[], specialties=[])
        for planned in plan.rows
        if planned.fate is Fate.ADDED
    }
    session.add_all(added.values())
    await session.flush()
    changed = {planned.row.phone: planned.person_id for planned in plan.rows if planned.fate is Fate.CHANGED}
    return added | {phone: await session.get_one(Person, person_id) for phone, person_id in changed.items()}


def _write_down(session: AsyncSession, planned: PlannedRow, person: Person, actor: Person | None, *, now: datetime) -> None:
    if planned.fate is Fate.ADDED:
        record(session, actor, "roster.added", f"person:{person.id}", now=now, line=planned.row.line)
    else:
        changed = {change.field.value: [list(change.old), list(change.new)] for change in planned.changes}
        record(session, actor, "roster.changed", f"person:{person.id}", now=now, **changed)


async def _apply(session: AsyncSession, person: Person, change: Change, names: dict[Field, dict[str, Any]], imported: Imported) -> None:
    first = change.new[0] if change.new else ""
    match change.field:
        case Field.NAME:
            person.name = first
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
        case Field.ROLES:
            imported.roles_changed.append((person, person.roles))
            for role in Role:
                (person.give if role in change.new else person.take)(role)
        case Field.CIRCLES:
            await _change_circles(session, person, change, names[Field.CIRCLES], imported)


async def _change_circles(session: AsyncSession, person: Person, change: Change, circles: dict[str, Circle], imported: Imported) -> None:
    for name in _beyond(change.old, change.new):
        membership = await session.get(CircleMember, (circles[name].id, person.id))
        if membership is not None and membership.joined_at is not None:
            imported.out_of.append((person, circles[name]))
        await session.execute(delete(CircleMember).where(CircleMember.circle_id == circles[name].id, CircleMember.person_id == person.id))
    joining = _beyond(change.new, change.old)
    session.add_all(CircleMember(circle_id=circles[name].id, person_id=person.id) for name in joining)
    if joining:
        imported.new_in_circles.append(person)


def _beyond(names: Values, others: Values) -> Sequence[str]:
    return [name for name in names if name not in others]


async def _all_named(session: AsyncSession, table: type[Any]) -> dict[str, Any]:
    return {row.name: row for row in await session.scalars(select(table))}


def _made(what: Field, name: str) -> Area | DeputyGroup | Specialty | Circle:
    if what is Field.SPECIALTIES:
        return Specialty(name=name, keywords=[])
    if what is Field.CIRCLES:
        return Circle(name=name, specialties=[])
    return NAMED[what](name=name)


def _pair_circles(plan: Plan, names: dict[Field, dict[str, Any]]) -> None:
    """A new circle and a specialty of the same name belong together."""
    new = {*plan.new_names.get(Field.CIRCLES, ()), *plan.new_names.get(Field.SPECIALTIES, ())}
    for name in new:
        circle, specialty = names[Field.CIRCLES].get(name), names[Field.SPECIALTIES].get(name)
        if circle is not None and specialty is not None and specialty not in circle.specialties:
            circle.specialties.append(specialty)
