"""Whom an activity is called for: everyone, some circles, groups or areas, named people, or any of these together."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle, CircleMember
from models.people import Area, DeputyGroup, Person, PersonRole, Role


class Part(enum.StrEnum):
    """What an audience is put together from."""

    CIRCLE = "circle"
    GROUP = "group"
    AREA = "area"
    PERSON = "person"


TABLES: Mapping[Part, type[Circle] | type[DeputyGroup] | type[Area] | type[Person]] = {
    Part.CIRCLE: Circle,
    Part.GROUP: DeputyGroup,
    Part.AREA: Area,
    Part.PERSON: Person,
}


@dataclass(frozen=True)
class Audience:
    """Ids by part; ``everyone`` means every deputy of the roster."""

    everyone: bool = False
    parts: Mapping[Part, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Audience:
        data = data or {}
        return cls(bool(data.get("everyone")), {part: frozenset(data[part]) for part in Part if data.get(part)})

    def as_json(self) -> dict[str, Any]:
        return {"everyone": self.everyone, **{part.value: sorted(ids) for part, ids in self.parts.items() if ids}}

    def of(self, part: Part) -> frozenset[int]:
        return self.parts.get(part, frozenset())

    def toggled(self, part: Part, id: int) -> Audience:
        """With this one called if it was not, and left out if it was."""
        return replace(self, parts={**self.parts, part: self.of(part) ^ {id}})

    def plus(self, part: Part, ids: Iterable[int]) -> Audience:
        return replace(self, parts={**self.parts, part: self.of(part) | set(ids)})


async def called_people(session: AsyncSession, audience: Audience) -> Sequence[Person]:
    """The active people an audience stands for, each once, in the roster's order. An area calls its deputies, not its staff."""
    deputies = Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == Role.DEPUTY))
    wanted: list[ColumnElement[bool]] = []
    if audience.everyone:
        wanted.append(deputies)
    if circles := audience.of(Part.CIRCLE):
        wanted.append(Person.id.in_(select(CircleMember.person_id).where(CircleMember.circle_id.in_(circles))))
    if groups := audience.of(Part.GROUP):
        wanted.append(Person.group_id.in_(groups))
    if areas := audience.of(Part.AREA):
        wanted.append(deputies & Person.area_id.in_(areas))
    if people := audience.of(Part.PERSON):
        wanted.append(Person.id.in_(people))
    if not wanted:
        return []
    return (await session.scalars(select(Person).where(Person.active, or_(*wanted)).order_by(Person.id))).all()


async def names_of(session: AsyncSession, audience: Audience) -> list[str]:
    """What was chosen, by name; *everyone* is not among them, since it is said differently in each language."""
    names: list[str] = []
    for part, table in TABLES.items():
        if ids := audience.of(part):
            names += (await session.scalars(select(table.name).where(table.id.in_(ids)).order_by(table.id))).all()
    return names


@dataclass(frozen=True)
class Found:
    """What the words of a list stand for; ``unclear`` are words that mean several people, ``unknown`` mean nobody."""

    audience: Audience
    unclear: Mapping[str, Sequence[Person]]
    unknown: Sequence[str]


_EVERYONE = frozenset({"全体代表", "全体人大代表", "全体", "所有代表", "everyone", "all", "all deputies"})
_SUFFIXES = {Part.CIRCLE: ("工作圈", "圈", " circle"), Part.GROUP: ("代表小组", "小组", "组", " group"), Part.AREA: ("代表",)}


async def find_called(session: AsyncSession, words: Iterable[str]) -> Found:
    """Read a list such as 全体代表, 城建环保工作圈, 第一代表小组, 史河街道, 张三."""
    audience, unclear, unknown = Audience(), dict[str, Sequence[Person]](), list[str]()
    names = {part: {row.name: row.id for row in await session.execute(select(TABLES[part].id, TABLES[part].name))} for part in _SUFFIXES}
    for word in filter(None, (word.strip() for word in words)):
        if word.lower() in _EVERYONE:
            audience = replace(audience, everyone=True)
            continue
        namesakes = (await session.scalars(select(Person).where(Person.active, Person.name == word).order_by(Person.id))).all()
        if len(namesakes) == 1:
            audience = audience.plus(Part.PERSON, [namesakes[0].id])
        elif namesakes:
            unclear[word] = namesakes
        elif found := _by_name(word, names):
            audience = audience.plus(*found)
        else:
            unknown.append(word)
    return Found(audience, unclear, unknown)


def _by_name(word: str, names: Mapping[Part, Mapping[str, int]]) -> tuple[Part, list[int]] | None:
    """A circle, group or area by its name, with or without the word for what it is."""
    for part, suffixes in _SUFFIXES.items():
        written = word.lower()
        bare = next((written.removesuffix(suffix) for suffix in suffixes if written.endswith(suffix)), written)
        for name, id in names[part].items():
            if name.lower() in (written, bare) or any(name.lower() == bare + suffix for suffix in suffixes):
                return part, [id]
    return None
