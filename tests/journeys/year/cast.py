"""Who takes part in the year: the deputies, each in their own manner, the office, the leader; and what only the players know."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from models.circles import Circle, CircleMember
from models.people import Person, Role
from tests.journeys.year.agenda import AREAS, CIRCLES, EVERYONE, GROUPS, Planned
from tests.journeys.year.fates import MANNERS, Fate, Manner
from tests.village import Phone, Village


@dataclass
class Deputy:
    phone: Phone
    id: int
    """On the roster."""
    manner: Manner
    group: str
    area: str
    circle: str

    @property
    def reachable(self) -> bool:
        return self.manner not in (Manner.BLOCKING, Manner.WITHOUT_PHONE)

    def is_called(self, whom: str) -> bool:
        return whom in (EVERYONE, self.group, self.area, self.circle)


@dataclass
class Fact:
    """What the players know of one deputy and one activity."""

    excused: bool = False
    came_at: datetime | None = None


@dataclass
class Happening:
    """A planned activity as it is in truth."""

    planned: Planned
    starts_at: datetime
    ends_at: datetime
    id: int = 0
    called: list[Deputy] = field(default_factory=list)
    fates: dict[int, Fate] = field(default_factory=dict)
    facts: dict[int, Fact] = field(default_factory=dict)
    """By the deputy's id."""
    off: bool = False


@dataclass
class Year:
    home: Village
    chance: random.Random
    office: Phone
    leader: Phone
    deputies: list[Deputy]
    """The first of each group leads it."""
    happenings: list[Happening] = field(default_factory=list)

    def head_of(self, group: str) -> Phone:
        return next(each.phone for each in self.deputies if each.group == group)


async def gather_people(home: Village, chance: random.Random, count: int) -> Year:
    """Everybody on the roster, the deputies in their groups, areas and circles."""
    office = await home.person("刘敏", Role.OFFICE)
    leader = await home.person("郑主任", Role.LEADER)
    deputies = []
    for number in range(count):
        group, area, circle = (names[number % len(names)] for names in (GROUPS, AREAS, CIRCLES))
        manner = MANNERS[number % len(MANNERS)]
        roles = (Role.DEPUTY, Role.GROUP_LEADER) if number < len(GROUPS) else (Role.DEPUTY,)
        linked = manner is not Manner.WITHOUT_PHONE
        phone = await home.person(f"代表{number + 1:03}", *roles, group=group, area=area, at_once=True, linked=linked)
        deputies.append(Deputy(phone, 0, manner, group, area, circle))
    await home.settle()
    async with home.session() as session:
        ids = {row.name: row.id for row in await session.execute(select(Person.name, Person.id))}
        circles = {row.name: row.id for row in await session.execute(select(Circle.name, Circle.id))}
        for deputy in deputies:
            deputy.id = ids[deputy.phone.name]
            session.add(CircleMember(circle_id=circles[deputy.circle], person_id=deputy.id))
    for deputy in deputies:
        if deputy.manner is Manner.BLOCKING:
            await deputy.phone.blocks()
    return Year(home, chance, office, leader, deputies)
