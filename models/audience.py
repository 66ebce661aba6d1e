"""Whom an activity is called for: any union of everyone, circles, groups, areas, specialties, roles and named people, less any other."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle, CircleMember
from models.people import Area, DeputyGroup, Person, PersonRole, PersonSpecialty, Role, Specialty
from models.roster_words import role_named


class Part(enum.StrEnum):
    """What an audience is put together from."""

    CIRCLE = "circle"
    GROUP = "group"
    AREA = "area"
    SPECIALTY = "specialty"
    ROLE = "role"
    PERSON = "person"


class Side(enum.StrEnum):
    """Whether something chosen is called, or left out."""

    WITH = "with"
    WITHOUT = "without"

    @property
    def other(self) -> Side:
        return Side.WITHOUT if self is Side.WITH else Side.WITH


Member = int | Role
"""An id of the part's table, or a role."""
Parts = Mapping[Part, frozenset[Member]]

TABLES: Mapping[Part, type[Circle] | type[DeputyGroup] | type[Area] | type[Specialty] | type[Person]] = {
    Part.CIRCLE: Circle,
    Part.GROUP: DeputyGroup,
    Part.AREA: Area,
    Part.SPECIALTY: Specialty,
    Part.PERSON: Person,
}
"""Roles are no table."""


def _read(data: Mapping[str, Any]) -> dict[Part, frozenset[Member]]:
    return {part: frozenset(Role(value) if part is Part.ROLE else value for value in data[part]) for part in Part if data.get(part)}


@dataclass(frozen=True)
class Audience:
    """What was chosen, by part; ``everyone`` means every deputy of the roster. ``without`` is taken away again."""

    everyone: bool = False
    parts: Parts = field(default_factory=dict)
    without: Parts = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Audience:
        data = data or {}
        return cls(bool(data.get("everyone")), _read(data), _read(data.get("without") or {}))

    def as_json(self) -> dict[str, Any]:
        without = {part.value: sorted(chosen) for part, chosen in self.without.items() if chosen}
        parts = {part.value: sorted(chosen) for part, chosen in self.parts.items() if chosen}
        return {"everyone": self.everyone, **parts, **({"without": without} if without else {})}

    def of(self, part: Part, side: Side = Side.WITH) -> frozenset[Member]:
        return (self.parts if side is Side.WITH else self.without).get(part, frozenset())

    def toggled(self, part: Part, member: Member, side: Side = Side.WITH) -> Audience:
        """Chosen on this side if it was not, and no longer if it was; nothing stands on both sides."""
        there = self._with(part, self.of(part, side) ^ {member}, side)
        return there._with(part, there.of(part, side.other) - {member}, side.other)

    def plus(self, part: Part, members: Iterable[Member], side: Side = Side.WITH) -> Audience:
        """With these chosen on this side, and so no longer on the other."""
        added = frozenset(members)
        there = self._with(part, self.of(part, side) | added, side)
        return there._with(part, there.of(part, side.other) - added, side.other)

    def joined(self, other: Audience) -> Audience:
        """Both together; of what they say differently, the other's word counts."""
        both = replace(self, everyone=self.everyone or other.everyone)
        for side in Side:
            for part in Part:
                both = both.plus(part, other.of(part, side), side)
        return both

    def _with(self, part: Part, members: frozenset[Member], side: Side) -> Audience:
        if side is Side.WITH:
            return replace(self, parts=_changed(self.parts, part, members))
        return replace(self, without=_changed(self.without, part, members))


def _changed(parts: Parts, part: Part, members: frozenset[Member]) -> Parts:
    return {name: chosen for name, chosen in {**parts, part: members}.items() if chosen}


def belongs(audience: Audience) -> ColumnElement[bool]:
    """Whether a person is called: active, of a part that is chosen, and of none left out.

    Somebody called by name comes although a group or circle of theirs is left out; left out by name is out. An area calls its deputies,
    not its staff.
    """
    called = [_of_part(part, members) for part, members in audience.parts.items() if members]
    if audience.everyone:
        called.append(_deputies())
    out = [_of_part(part, members) for part, members in audience.without.items() if members and part is not Part.PERSON]
    by_name, out_by_name = audience.of(Part.PERSON), audience.of(Part.PERSON, Side.WITHOUT)
    kept = not_(or_(false(), *out)) | Person.id.in_(by_name) if by_name else not_(or_(false(), *out))
    return and_(Person.active, or_(false(), *called), kept, Person.id.not_in(out_by_name))


def _deputies() -> ColumnElement[bool]:
    return Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == Role.DEPUTY))


def _of_congress() -> ColumnElement[bool]:
    """Deputies and those who lead them: a group or a specialty of somebody who has stopped being a deputy is only remembered."""
    return Person.id.in_(select(PersonRole.person_id).where(PersonRole.role.in_((Role.DEPUTY, Role.GROUP_LEADER))))


def _of_part(part: Part, members: frozenset[Member]) -> ColumnElement[bool]:
    """Never unknown (NULL), since what is unknown cannot be left out."""
    match part:
        case Part.CIRCLE:
            return Person.id.in_(select(CircleMember.person_id).where(CircleMember.circle_id.in_(members)))
        case Part.GROUP:
            return Person.group_id.is_not(None) & Person.group_id.in_(members) & _of_congress()
        case Part.AREA:
            return Person.area_id.is_not(None) & Person.area_id.in_(members) & _deputies()
        case Part.SPECIALTY:
            return Person.id.in_(select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id.in_(members))) & _of_congress()
        case Part.ROLE:
            return Person.id.in_(select(PersonRole.person_id).where(PersonRole.role.in_(members)))
        case Part.PERSON:
            return Person.id.in_(members)


async def called_people(session: AsyncSession, audience: Audience) -> Sequence[Person]:
    """The people an audience stands for, each once, in the roster's order."""
    return (await session.scalars(select(Person).where(belongs(audience)).order_by(Person.id))).all()


async def names_of(session: AsyncSession, audience: Audience, side: Side = Side.WITH) -> list[str]:
    """What was chosen, by name. *Everyone* and roles are not among them, since they are said differently in each language."""
    names: list[str] = []
    for part, table in TABLES.items():
        if ids := audience.of(part, side):
            names += (await session.scalars(select(table.name).where(table.id.in_(ids)).order_by(table.id))).all()
    return names


@dataclass(frozen=True)
class Found:
    """What the words of a list stand for; ``unclear`` are words that mean several people, ``unknown`` mean nobody."""

    audience: Audience
    unclear: Mapping[str, Sequence[Person]]
    unknown: Sequence[str]


_EVERYONE = frozenset({"全体代表", "全体人大代表", "全体", "所有代表", "代表", "人大代表", "everyone", "all", "all deputies"})
_SUFFIXES = {
    Part.CIRCLE: ("工作圈", "圈", " circle"),
    Part.GROUP: ("代表小组", "小组", "组", " group"),
    Part.AREA: ("代表",),
    Part.SPECIALTY: ("专业型代表", "专业代表", "专长", "专业", " specialists", " specialty"),
}


async def find_called(session: AsyncSession, words: Iterable[str], side: Side = Side.WITH) -> Found:
    """Read a list such as 全体代表, 城建环保工作圈, 第一代表小组, 史河街道, 组长, 张三."""
    audience, unclear, unknown = Audience(), dict[str, Sequence[Person]](), list[str]()
    names = {part: {row.name: row.id for row in await session.execute(select(TABLES[part].id, TABLES[part].name))} for part in _SUFFIXES}
    for word in filter(None, (word.strip() for word in words)):
        if word.lower() in _EVERYONE and side is Side.WITH:
            audience = replace(audience, everyone=True)
            continue
        namesakes = (await session.scalars(select(Person).where(Person.active, Person.name == word).order_by(Person.id))).all()
        if len(namesakes) == 1:
            audience = audience.plus(Part.PERSON, [namesakes[0].id], side)
        elif namesakes:
            unclear[word] = namesakes
        elif found := _by_name(word, names) or _by_role(word):
            audience = audience.plus(found[0], found[1], side)
        else:
            unknown.append(word)
    return Found(audience, unclear, unknown)


def _by_name(word: str, names: Mapping[Part, Mapping[str, int]]) -> tuple[Part, list[int]] | None:
    """A circle, group, area or specialty by its name, with or without the word for what it is."""
    for part, suffixes in _SUFFIXES.items():
        written = word.lower()
        bare = next((written.removesuffix(suffix) for suffix in suffixes if written.endswith(suffix)), written)
        for name, id in names[part].items():
            if name.lower() in (written, bare) or any(name.lower() == bare + suffix for suffix in suffixes):
                return part, [id]
    return None


def _by_role(word: str) -> tuple[Part, list[Role]] | None:
    """A role, without the deputy's that every group leader has too."""
    roles = role_named(word.removeprefix("各").removeprefix("全体"))
    return (Part.ROLE, sorted(roles - {Role.DEPUTY} or roles)) if roles else None
