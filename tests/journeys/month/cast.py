"""Who takes part: deputies who bring matters, sixty specialists each in their own manner, the office, the areas' staff, and the circles."""

from __future__ import annotations

import enum
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.circles import Chat, Circle
from models.issue_topics import TopicsByIssue
from models.people import Role, Specialty
from models.working_days import is_working_day
from tests.journeys.issue_people import circle_group, circle_topic
from tests.journeys.month.matters import UNITS, Matter, Secret, Text
from tests.village import Phone, Village

SHANGHAI = ZoneInfo("Asia/Shanghai")
SPECIALISTS = {"城建环保": 24, "教科文卫": 12, "社会建设": 10, "财政经济": 8, "法治监察": 3, "农业农村": 3}
AREAS = ("史河街道", "平岗街道", "叶集镇", "三元镇", "姚李镇", "洪集镇")
WITHOUT_STAFF = AREAS[-1]
"""What is handed to this area comes to the office."""
ONLY_DEPUTIES, BRINGING_SPECIALISTS = 19, 6
ISSUE_TOPICS, CIRCLE_TOPICS = "城建环保", ("社会建设", "法治监察")
"""The circle whose issues get topics of their own, and those that live in one topic each; the others have a group to themselves."""


class Manner(enum.StrEnum):
    """How a specialist deals with offers."""

    DILIGENT = "diligent"
    SLOW = "slow"
    CHOOSY = "choosy"
    TRAVELLING = "travelling"
    SILENT = "silent"
    FORGETFUL = "forgetful"
    BLOCKING = "blocking"


MANNERS = (
    Manner.DILIGENT,
    Manner.SLOW,
    Manner.DILIGENT,
    Manner.CHOOSY,
    Manner.TRAVELLING,
    Manner.DILIGENT,
    Manner.SILENT,
    Manner.FORGETFUL,
    Manner.DILIGENT,
    Manner.CHOOSY,
    Manner.DILIGENT,
    Manner.BLOCKING,
)
"""Given out in turn within each specialty."""


@dataclass
class Specialist:
    phone: Phone
    specialty: str
    manner: Manner
    employer: str = ""
    brings: bool = False
    """Brings matters too, so that some are of the own specialty."""
    blocks: bool = False
    """Has the bot blocked at present."""

    @property
    def silent(self) -> bool:
        return self.manner in (Manner.SILENT, Manner.BLOCKING)

    @property
    def equal(self) -> bool:
        """Answers at once, is never away, may always be asked: only chance tells such people of one specialty apart."""
        return self.manner is Manner.DILIGENT and not self.employer and not self.brings


@dataclass
class Month:
    """The people, what is still to be said, and what only those who play know of what they did."""

    home: Village
    chance: random.Random
    texts: list[Text]
    secrets: list[Secret]
    phones: dict[int, Phone] = field(default_factory=dict)
    """Everybody's, by Telegram id."""
    deputies: list[Phone] = field(default_factory=list)
    """Who brings matters."""
    specialists: dict[int, Specialist] = field(default_factory=dict)
    office: Phone = field(init=False)
    staff: dict[str, Phone] = field(default_factory=dict)
    places: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """By specialty, the circle's group and topic."""
    specialty_ids: dict[str, int] = field(default_factory=dict)
    matters: list[Matter] = field(default_factory=list)
    issues: dict[int, Matter] = field(default_factory=dict)
    """By the id of its issue, once it is one."""
    handed_on: set[tuple[int, int]] = field(default_factory=set)
    """Issues and the colleagues that specialists handed them to."""
    second_thoughts: set[int] = field(default_factory=set)
    """Issues that were reopened, or of which the area's report was sent back: once is enough."""

    @property
    def ever_blocked(self) -> set[int]:
        """Who blocks the bot for a while."""
        return {id for id, each in self.specialists.items() if each.manner is Manner.BLOCKING}

    def matter_of(self, issue_id: int) -> Matter:
        """What an issue is about, as its constituent said it."""
        return self.issues[issue_id]

    def luck(self, share: float) -> bool:
        """Whether something happens that happens in so many cases."""
        return self.chance.random() < share


async def gather_people(home: Village, chance: random.Random, said: list[Text], told_by: list[Secret]) -> Month:
    """Everybody on the roster, and the circles in their groups."""
    month = Month(home, chance, said, told_by)
    month.office = await home.person("刘敏", Role.OFFICE)
    for specialty, count in SPECIALISTS.items():
        await _specialists(month, specialty, count)
    for number in range(ONLY_DEPUTIES):
        month.deputies.append(await home.person(f"归属地代表{number + 1}", area=AREAS[number % len(AREAS)], at_once=True))
    for area in AREAS:
        if area != WITHOUT_STAFF:
            month.staff[area] = await home.person(f"{area}人大", Role.AREA_STAFF, area=area, at_once=True)
    everybody = [month.office, *month.deputies, *month.staff.values(), *(each.phone for each in month.specialists.values())]
    month.phones = {phone.id: phone for phone in everybody}
    await home.settle()
    for specialty in SPECIALISTS:
        await _circle(month, specialty)
    async with home.session() as session:
        month.specialty_ids = {each.name: each.id for each in await session.scalars(select(Specialty))}
    return month


async def _specialists(month: Month, specialty: str, count: int) -> None:
    for number in range(count):
        manner = MANNERS[number % len(MANNERS)]
        employer = UNITS.get(specialty, "") if number % 12 == 0 else ""
        brings = manner is Manner.DILIGENT and number % 12 == 2 and len(month.deputies) < BRINGING_SPECIALISTS
        phone = await month.home.person(
            f"{specialty[:2]}{number + 1}", specialties=(specialty,), employer=employer, area=AREAS[number % len(AREAS)], at_once=True
        )
        month.specialists[phone.id] = Specialist(phone, specialty, manner, employer, brings)
        if brings:
            month.deputies.append(phone)


async def _circle(month: Month, specialty: str) -> None:
    members = [each.phone for each in month.specialists.values() if each.specialty == specialty]
    if specialty in CIRCLE_TOPICS or specialty == ISSUE_TOPICS:
        month.places[specialty] = await circle_topic(month.home, month.office, *members, name=specialty)
    else:
        month.places[specialty] = (await circle_group(month.home, month.office, *members, name=specialty), None)
    async with month.home.session() as session:
        chat = await session.get(Chat, month.places[specialty][0])
        circle = await session.scalar(select(Circle).where(Circle.name == specialty))
        assert chat is not None
        assert circle is not None
        chat.can_manage_topics = chat.is_forum
        if specialty == ISSUE_TOPICS:
            session.add(TopicsByIssue(circle_id=circle.id))


def half_days(first: date, days: int) -> Iterator[datetime]:
    """Nine and half past two on each working day."""
    for number in range(days):
        day = first + timedelta(days=number)
        if is_working_day(day):
            yield from (datetime.combine(day, at, SHANGHAI) for at in (time(9), time(14, 30)))
