"""A roster's rows: what each of them says, and what would become of it."""

from __future__ import annotations

import enum
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from models.circles import Circle
from models.people import Area, DeputyGroup, Specialty

Values = tuple[str, ...]


class Field(enum.StrEnum):
    """What a row says of somebody, and what a card can change."""

    NAME = "name"
    PHONE = "phone"
    AREA = "area"
    GROUP = "group"
    SPECIALTIES = "specialties"
    CIRCLES = "circles"
    ROLES = "roles"
    EMPLOYER = "employer"
    LANGUAGE = "language"
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
    language: str | None = None
    stamp: str | None = None
    """In a roster that came from here: whom the row is about, and what it said then."""

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
    UNKNOWN_LANGUAGE = "unknown_language"
    PHONE_HELD = "phone_held"
    OFF_ROSTER = "off_roster"
    NOT_THEIRS = "not_theirs"


@dataclass(frozen=True)
class Change:
    field: Field
    old: Values
    new: Values


@dataclass(frozen=True)
class PlannedRow:
    """What would become of a row. ``reason_value`` fills the reason: the other line, the unknown role, the long text, who holds it."""

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
    somebody_else: bool = False
    """Name and number change together: it may be another person written over this one's row."""
    number_of: str = ""
    """Who has left the roster, and gives up this number."""


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
"""The tables whose names stand in a row."""
