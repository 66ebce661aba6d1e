"""What importing a roster would do: whom each row changes and how, whom it adds, and why it is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle, CircleMember
from models.people import Person, PersonRole, Role
from models.roster_matching import Match, match_rows
from models.roster_rows import NAMED, Change, Fate, Field, Plan, PlannedRow, RosterRow, Values
from models.roster_stamps import STAMPED
from models.roster_words import language_named, role_named, tidy_line


@dataclass
class _Known:
    """The roster as it stands, read once for the whole file."""

    people: Sequence[Person]
    by_phone: Mapping[str, Person]
    names: Counter[str]
    circles_of: Mapping[int, Values]
    circles_of_specialty: Mapping[str, Values]
    """A circle of the specialty's own name will do, be it only in this file: the import pairs them."""
    written: Mapping[Field, Mapping[str, str]]
    """How the areas, groups, specialties and circles are called here, by how a file writes them."""

    def real(self, what: Field, names: Sequence[str]) -> Values:
        return tuple(dict.fromkeys(self.written[what].get(name, name) for name in names))


async def plan_import(session: AsyncSession, rows: Sequence[RosterRow], actor: Person | None = None) -> Plan:
    """What importing these rows would do; nothing is changed. ``actor`` is who would confirm it."""
    known = await _what_is_known(session, rows)
    planned = [_fate_of(match, known) for match in match_rows(rows, known.people)]
    planned = await _without_losing_the_office(session, planned, actor)
    in_file = {row.person_id for row in planned}
    absent = sum(1 for person in known.people if person.active and person.id not in in_file)
    return Plan(planned, await _new_names(session, planned), absent)


async def _what_is_known(session: AsyncSession, rows: Sequence[RosterRow]) -> _Known:
    people = (await session.scalars(select(Person).order_by(Person.id))).all()
    circles_of = await circles_by_person(session)
    circles = (await session.scalars(select(Circle).where(Circle.retired_at.is_(None)).order_by(Circle.id))).all()
    namesakes: dict[str, Values] = {
        name: (name,) for name in (*(circle.name for circle in circles), *(name for row in rows for name in row.circles or ()))
    }
    by_specialty: dict[str, Values] = {}
    for circle in circles:
        for specialty in circle.specialties:
            by_specialty[specialty.name] = (*by_specialty.get(specialty.name, ()), circle.name)
    return _Known(
        people=people,
        by_phone={person.phone: person for person in people if person.phone is not None},
        names=Counter(person.name for person in people if person.active and person.phone is not None),
        circles_of=circles_of,
        circles_of_specialty=namesakes | by_specialty,
        written={what: _as_written(await session.scalars(select(table.name))) for what, table in NAMED.items()},
    )


async def circles_by_person(session: AsyncSession, person: Person | None = None) -> dict[int, Values]:
    """By person, the names of the circles on whose list they stand; with ``person`` theirs alone."""
    circles_of: dict[int, Values] = {}
    memberships = select(CircleMember.person_id, Circle.name).join(Circle, Circle.id == CircleMember.circle_id).order_by(Circle.id)
    if person is not None:
        memberships = memberships.where(CircleMember.person_id == person.id)
    for person_id, name in await session.execute(memberships):
        circles_of[person_id] = (*circles_of.get(person_id, ()), name)
    return circles_of


def _as_written(names: Iterable[str]) -> dict[str, str]:
    there = list(names)
    return {tidy_line(name): name for name in there} | {name: name for name in there}


def _fate_of(match: Match, known: _Known) -> PlannedRow:
    row, person = match.row, match.person
    if match.reason is not None:
        whose = person.id if match.stamp is not None and person is not None else None
        return PlannedRow(row, Fate.LEFT_OUT, whose, reason=match.reason, reason_value=match.reason_value)
    old = values_of(person, known.circles_of) if person is not None else {}
    # Who has left for good comes back as somebody new would: a deputy, if the file does not say otherwise.
    is_new = person is None or not (person.active or person.roles)
    wanted = _wanted(row, is_new, known) if match.stamp is None else _touched(match, known)
    changes = [Change(what, old.get(what, ()), wanted[what]) for what in Field if what in wanted]
    changes = [change for change in changes if set(change.old) != set(change.new)]
    if person is None:
        return PlannedRow(row, Fate.ADDED, changes=changes, namesake=known.names[row.name] > 0)
    changed = {change.field: change for change in changes}
    former = known.by_phone.get(row.phone) if Field.PHONE in changed else None
    return PlannedRow(
        row,
        Fate.CHANGED if changes else Fate.UNCHANGED,
        person.id,
        changes,
        somebody_else=Field.NAME in changed and Field.PHONE in changed and changed[Field.PHONE].old != (),
        number_of=former.name if former is not None and not former.active else "",
    )


def values_of(person: Person, circles_of: Mapping[int, Values]) -> dict[Field, Values]:
    """What the roster holds of somebody, field by field."""
    return {
        Field.NAME: (person.name,),
        Field.PHONE: (person.phone,) if person.phone else (),
        Field.AREA: (person.area.name,) if person.area else (),
        Field.GROUP: (person.group.name,) if person.group else (),
        Field.SPECIALTIES: tuple(specialty.name for specialty in person.specialties),
        Field.CIRCLES: circles_of.get(person.id, ()),
        Field.ROLES: tuple(role.value for role in Role if role in person.roles),
        Field.EMPLOYER: (person.employer,) if person.employer else (),
        Field.LANGUAGE: (person.language,),
        Field.ACTIVE: ("yes",) if person.active else (),
    }


def _touched(match: Match, known: _Known) -> dict[Field, Values]:
    """What a row that came from here asks for: just what its touched cells say."""
    asked = _asked(match.row, known)
    return {what: asked[what] for what in STAMPED if what in asked and match.touched(what)}


def _wanted(row: RosterRow, is_new: bool, known: _Known) -> dict[Field, Values]:
    """What any other row asks for. Without circles of their own, specialists belong to the circles of their specialties."""
    wanted = _asked(row, known) | {Field.ACTIVE: ("yes",)}
    del wanted[Field.PHONE]
    if not row.circles and (row.circles is not None or is_new):
        by_specialty = (known.circles_of_specialty.get(name, ()) for name in wanted.get(Field.SPECIALTIES, ()))
        wanted[Field.CIRCLES] = tuple(dict.fromkeys(name for names in by_specialty for name in names))
    if is_new and Field.ROLES not in wanted:
        wanted[Field.ROLES] = (Role.DEPUTY.value,)
    return wanted


def _asked(row: RosterRow, known: _Known) -> dict[Field, Values]:
    """What the cells say, by field; without roles somebody is a deputy, and a language is never cleared."""
    asked: dict[Field, Values] = {Field.NAME: (row.name,), Field.PHONE: (row.phone,)}
    for what, text in ((Field.AREA, row.area), (Field.GROUP, row.group)):
        if text is not None:
            asked[what] = known.real(what, (text,)) if text else ()
    for what, names in ((Field.SPECIALTIES, row.specialties), (Field.CIRCLES, row.circles)):
        if names is not None:
            asked[what] = known.real(what, names)
    if row.employer is not None:
        asked[Field.EMPLOYER] = (row.employer,) if row.employer else ()
    if row.language and (language := language_named(row.language)):
        asked[Field.LANGUAGE] = (language,)
    if row.roles is not None:
        meant = {role for name in row.roles for role in role_named(name) or ()} or {Role.DEPUTY}
        asked[Field.ROLES] = tuple(role.value for role in Role if role in meant)
    return asked


async def _without_losing_the_office(session: AsyncSession, rows: list[PlannedRow], actor: Person | None) -> list[PlannedRow]:
    """An import takes nobody the office's role who imports, and never the last one's: they would lock themselves out."""

    def loses_it(row: PlannedRow) -> bool:
        return any(c.field is Field.ROLES and Role.OFFICE in c.old and Role.OFFICE not in c.new for c in row.changes)

    office = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id).where(PersonRole.role == Role.OFFICE)
    holders = set(await session.scalars(office.where(Person.active, Person.telegram_id.is_not(None))))
    losing = {row.person_id for row in rows if loses_it(row)}
    all_lose_it = bool(holders) and holders <= losing
    return [_keeping_office(r) if loses_it(r) and (all_lose_it or (actor and r.person_id == actor.id)) else r for r in rows]


def _keeping_office(row: PlannedRow) -> PlannedRow:
    changes = []
    for change in row.changes:
        if change.field is Field.ROLES:
            new = tuple(role.value for role in Role if role in change.new or role is Role.OFFICE)
            change = Change(Field.ROLES, change.old, new)
        if set(change.old) != set(change.new):
            changes.append(change)
    return replace(row, fate=Fate.CHANGED if changes else Fate.UNCHANGED, changes=changes, keeps_office=True)


async def _new_names(session: AsyncSession, rows: Sequence[PlannedRow]) -> dict[Field, Sequence[str]]:
    """Areas, groups, specialties and circles that the file names for the first time."""
    found: dict[Field, Sequence[str]] = {}
    for what, table in NAMED.items():
        known = set(await session.scalars(select(table.name)))
        named = dict.fromkeys(name for row in rows for change in row.changes if change.field is what for name in change.new)
        if new := [name for name in named if name not in known]:
            found[what] = new
    return found
