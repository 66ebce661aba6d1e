"""Carrying out a roster plan: people are added and changed, nobody is removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circles import Circle
from models.people import Area, DeputyGroup, Person, Specialty
from models.roster_changes import Concerned, Names, all_names, apply_change, free_number
from models.roster_rows import NAMED, Fate, Field, Plan, PlannedRow
from models.terms import require_not_closing


async def apply_import(session: AsyncSession, plan: Plan, actor: Person | None, *, now: datetime) -> Concerned:
    """Carry out a plan made in the same transaction. Without an actor the command line did it. Raises TermClosing."""
    await require_not_closing(session)
    names = await all_names(session)
    for what, new in plan.new_names.items():
        for name in new:
            names[what][name] = _made(what, name)
            session.add(names[what][name])
    _pair_circles(plan, names)
    await _free_numbers(session, plan, actor, now=now)
    people = await _people_of(session, plan)
    concerned = Concerned()
    with session.no_autoflush:  # a flush for each row would make a long roster take minutes
        for place, planned in enumerate(plan.rows):
            if planned.fate in (Fate.LEFT_OUT, Fate.UNCHANGED):
                continue
            person = people[place]
            for change in planned.changes:
                await apply_change(session, person, change, names, concerned)
            _write_down(session, planned, person, actor, now=now)
    await session.flush()
    return concerned


async def _free_numbers(session: AsyncSession, plan: Plan, actor: Person | None, *, now: datetime) -> None:
    """Two may exchange their numbers, and no number is two people's even for a moment."""
    for planned in plan.rows:
        for change in planned.changes:
            if change.field is Field.PHONE and planned.person_id is not None:
                (await session.get_one(Person, planned.person_id)).phone = None
                if planned.number_of:
                    await free_number(session, change.new[0], actor, now=now)
    await session.flush()


async def _people_of(session: AsyncSession, plan: Plan) -> dict[int, Person]:
    """By its place in the plan: the person each row changes, or a new one."""
    people: dict[int, Person] = {}
    for place, planned in enumerate(plan.rows):
        if planned.fate is Fate.ADDED:
            people[place] = Person(name=planned.row.name, phone=planned.row.phone, employer="", role_rows=[], specialties=[])
        elif planned.fate is Fate.CHANGED:
            people[place] = await session.get_one(Person, planned.person_id)
    session.add_all(people.values())
    await session.flush()
    return people


def _write_down(session: AsyncSession, planned: PlannedRow, person: Person, actor: Person | None, *, now: datetime) -> None:
    if planned.fate is Fate.ADDED:
        record(session, actor, "roster.added", f"person:{person.id}", now=now, line=planned.row.line)
    else:
        changed = {change.field.value: [list(change.old), list(change.new)] for change in planned.changes}
        record(session, actor, "roster.changed", f"person:{person.id}", now=now, **changed)


def _made(what: Field, name: str) -> Area | DeputyGroup | Specialty | Circle:
    if what is Field.SPECIALTIES:
        return Specialty(name=name, keywords=[])
    if what is Field.CIRCLES:
        return Circle(name=name, specialties=[])
    return NAMED[what](name=name)


def _pair_circles(plan: Plan, names: Names) -> None:
    """A new circle and a specialty of the same name belong together."""
    new = {*plan.new_names.get(Field.CIRCLES, ()), *plan.new_names.get(Field.SPECIALTIES, ())}
    for name in new:
        circle, specialty = names[Field.CIRCLES].get(name), names[Field.SPECIALTIES].get(name)
        if circle is not None and specialty is not None and specialty not in circle.specialties:
            circle.specialties.append(specialty)
