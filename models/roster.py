"""The roster as the office keeps it in a spreadsheet: its rows, and what each of them would change here."""

from __future__ import annotations

import enum
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle, CircleMember
from models.people import Area, DeputyGroup, Person, PersonRole, Role, Specialty
from models.roster_words import LIMITS, is_phone, role_named

Values = tuple[str, ...]


class Field(enum.StrEnum):
    """What a row says of somebody; the phone number says of whom."""

    NAME = "name"
    AREA = "area"
    GROUP = "group"
    SPECIALTIES = "specialties"
    CIRCLES = "circles"
    ROLES = "roles"
    EMPLOYER = "employer"
    ACTIVE = "active"


@dataclass(frozen=True)
class RosterRow:
    """One line as it was written. None stands for a column the spreadsheet does not have: what is known stays."""

    line: int
    name: str
    phone: str
    area: str | None = None
    group: str | None = None
    specialties: Values | None = None
    circles: Values | None = None
    roles: Values | None = None
    employer: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Fate(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"


class Reason(enum.StrEnum):
    """Why a row is left out."""

    NO_NAME = "no_name"
    NO_PHONE = "no_phone"
    BAD_PHONE = "bad_phone"
    TWICE = "twice"
    UNKNOWN_ROLE = "unknown_role"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Change:
    field: Field
    old: Values
    new: Values


@dataclass(frozen=True)
class PlannedRow:
    """What would become of a row. ``reason_value`` fills the reason: the earlier line, the unknown role, the long text."""

    row: RosterRow
    fate: Fate
    person_id: int | None = None
    changes: Sequence[Change] = ()
    reason: Reason | None = None
    reason_value: str = ""
    namesake: bool = False
    """Somebody else of this name is on the roster already, by another phone number."""
    keeps_office: bool = False
    """The row would take the last of the office its role, or the one who imports their own: that is not done."""


@dataclass(frozen=True)
class Plan:
    """What an import would do. ``absent`` counts those on the roster whom the file does not name: they stay."""

    rows: Sequence[PlannedRow]
    new_names: Mapping[Field, Sequence[str]] = field(default_factory=dict)
    absent: int = 0

    def count(self, fate: Fate) -> int:
        return Counter(row.fate for row in self.rows)[fate]

    @property
    def changes_nothing(self) -> bool:
        return all(row.fate in (Fate.UNCHANGED, Fate.LEFT_OUT) for row in self.rows)

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell this plan from any other: what is confirmed must be what was shown."""
        said = [asdict(row) for row in self.rows]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:8]


NAMED: Mapping[Field, type[Area] | type[DeputyGroup] | type[Specialty] | type[Circle]] = {
    Field.AREA: Area,
    Field.GROUP: DeputyGroup,
    Field.SPECIALTIES: Specialty,
    Field.CIRCLES: Circle,
}


@dataclass
class _Known:
    """The roster as it stands, read once for the whole file."""

    by_phone: dict[str, Person]
    names: Counter[str]
    circles_of: dict[int, Values]
    circles_of_specialty: dict[str, Values]
    """A circle of the specialty's own name will do, be it only in this file: the import pairs them."""


async def plan_import(session: AsyncSession, rows: Sequence[RosterRow], actor: Person | None = None) -> Plan:
    """What importing these rows would do; nothing is changed. ``actor`` is who would confirm it."""
    known = await _what_is_known(session, rows)
    seen: dict[str, int] = {}
    planned: list[PlannedRow] = []
    for row in rows:
        left_out = _why_left_out(row, seen)
        planned.append(left_out or _fate_of(row, known))
        if left_out is None:
            seen[row.phone] = row.line
    planned = await _without_losing_the_office(session, planned, actor)
    active = {person.phone for person in known.by_phone.values() if person.active}
    nameless = await session.scalar(select(func.count()).select_from(Person).where(Person.active, Person.phone.is_(None)))
    return Plan(planned, await _new_names(session, planned), len(active - seen.keys()) + (nameless or 0))


async def _what_is_known(session: AsyncSession, rows: Sequence[RosterRow]) -> _Known:
    people = (await session.scalars(select(Person))).all()
    circles_of: dict[int, Values] = {}
    memberships = select(CircleMember.person_id, Circle.name).join(Circle, Circle.id == CircleMember.circle_id).order_by(Circle.id)
    for person_id, name in await session.execute(memberships):
        circles_of[person_id] = (*circles_of.get(person_id, ()), name)
    circles = (await session.scalars(select(Circle).where(Circle.retired_at.is_(None)).order_by(Circle.id))).all()
    namesakes: dict[str, Values] = {
        name: (name,) for name in (*(circle.name for circle in circles), *(name for row in rows for name in row.circles or ()))
    }
    by_specialty: dict[str, Values] = {}
    for circle in circles:
        for specialty in circle.specialties:
            by_specialty[specialty.name] = (*by_specialty.get(specialty.name, ()), circle.name)
    return _Known(
        by_phone={person.phone: person for person in people if person.phone is not None},
        names=Counter(person.name for person in people if person.active and person.phone is not None),
        circles_of=circles_of,
        circles_of_specialty=namesakes | by_specialty,
    )


def _why_left_out(row: RosterRow, seen: Mapping[str, int]) -> PlannedRow | None:
    def left_out(reason: Reason, value: str = "") -> PlannedRow:
        return PlannedRow(row, Fate.LEFT_OUT, reason=reason, reason_value=value)

    if not row.name:
        return left_out(Reason.NO_NAME)
    if not row.phone:
        return left_out(Reason.NO_PHONE)
    if not is_phone(row.phone):
        return left_out(Reason.BAD_PHONE, row.phone)
    if row.phone in seen:
        return left_out(Reason.TWICE, str(seen[row.phone]))
    for name in row.roles or ():
        if role_named(name) is None:
            return left_out(Reason.UNKNOWN_ROLE, name)
    for name, limit in LIMITS.items():
        value = getattr(row, name) or ""
        too_long = next((text for text in ([value] if isinstance(value, str) else value) if len(text) > limit), None)
        if too_long is not None:
            return left_out(Reason.TOO_LONG, too_long)
    return None


def _fate_of(row: RosterRow, known: _Known) -> PlannedRow:
    person = known.by_phone.get(row.phone)
    old = _values_of(person, known.circles_of) if person is not None else {}
    # Who has left for good comes back as somebody new would: a deputy, if the file does not say otherwise.
    wanted = _wanted(row, person is None or not (person.active or person.roles), known)
    changes = [Change(what, old.get(what, ()), wanted[what]) for what in Field if what in wanted]
    changes = [change for change in changes if set(change.old) != set(change.new)]
    if person is None:
        return PlannedRow(row, Fate.ADDED, changes=changes, namesake=known.names[row.name] > 0)
    return PlannedRow(row, Fate.CHANGED if changes else Fate.UNCHANGED, person.id, changes)


def _values_of(person: Person, circles_of: Mapping[int, Values]) -> dict[Field, Values]:
    return {
        Field.NAME: (person.name,),
        Field.AREA: (person.area.name,) if person.area else (),
        Field.GROUP: (person.group.name,) if person.group else (),
        Field.SPECIALTIES: tuple(specialty.name for specialty in person.specialties),
        Field.CIRCLES: circles_of.get(person.id, ()),
        Field.ROLES: tuple(role.value for role in Role if role in person.roles),
        Field.EMPLOYER: (person.employer,) if person.employer else (),
        Field.ACTIVE: ("yes",) if person.active else (),
    }


def _wanted(row: RosterRow, is_new: bool, known: _Known) -> dict[Field, Values]:
    """What the row asks for. Without circles of their own, specialists belong to the circles of their specialties."""
    wanted: dict[Field, Values] = {Field.NAME: (row.name,), Field.ACTIVE: ("yes",)}
    for what, text in ((Field.AREA, row.area), (Field.GROUP, row.group), (Field.EMPLOYER, row.employer)):
        if text is not None:
            wanted[what] = (text,) if text else ()
    if row.specialties is not None:
        wanted[Field.SPECIALTIES] = tuple(dict.fromkeys(row.specialties))
    if row.circles:
        wanted[Field.CIRCLES] = tuple(dict.fromkeys(row.circles))
    elif row.circles is not None or is_new:
        by_specialty = (known.circles_of_specialty.get(name, ()) for name in row.specialties or ())
        wanted[Field.CIRCLES] = tuple(dict.fromkeys(name for names in by_specialty for name in names))
    if row.roles is not None or is_new:
        meant = {role for name in row.roles or () for role in role_named(name) or ()} or {Role.DEPUTY}
        wanted[Field.ROLES] = tuple(role.value for role in Role if role in meant)
    return wanted


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
    fate = Fate.CHANGED if changes else Fate.UNCHANGED
    return PlannedRow(row.row, fate, row.person_id, changes, keeps_office=True)


async def _new_names(session: AsyncSession, rows: Sequence[PlannedRow]) -> dict[Field, Sequence[str]]:
    """Areas, groups, specialties and circles that the file names for the first time."""
    found: dict[Field, Sequence[str]] = {}
    for what, table in NAMED.items():
        known = set(await session.scalars(select(table.name)))
        named = dict.fromkeys(name for row in rows for change in row.changes if change.field is what for name in change.new)
        if new := [name for name in named if name not in known]:
            found[what] = new
    return found
