"""Who knows about something: by name, by area, by topic, and by both."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.experts import find_experts
from models.people import Area, Person, Role, Specialty

FARMING = ("农业农村", ["水稻", "灌溉", "土地流转"], ["农田水利", "畜牧养殖"])
BUILDING = ("城建环保", ["下水道", "路灯", "垃圾"], ["道路与排水"])


@pytest.fixture
async def people(session: AsyncSession) -> None:
    farming, building = [Specialty(name=name, keywords=words, topics=topics, description="") for name, words, topics in (FARMING, BUILDING)]
    river, lake = Area(name="史河街道"), Area(name="洪集镇")
    session.add_all([farming, building, river, lake])
    await session.flush()
    for name, area, own in (("王建国", river, [farming]), ("李秀英", lake, [farming]), ("陈志强", river, [building]), ("张敏", lake, [])):
        person = Person(name=name, area=area, specialties=own, role_rows=[], phone=None)
        person.give(Role.DEPUTY)
        session.add(person)
        await session.flush()
    clerk = Person(name="刘主任", area=river, specialties=[farming], role_rows=[])
    clerk.give(Role.OFFICE)
    session.add(clerk)
    await session.flush()


def names(people: Sequence[Person]) -> list[str]:
    return [person.name for person in people]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("王建国", ["王建国"]),
        ("建国", ["王建国"]),
        ("王建国代表", ["王建国"]),
        ("农业", ["王建国", "李秀英"]),
        ("农业农村", ["王建国", "李秀英"]),
        ("谁懂水稻种植", ["王建国", "李秀英"]),
        ("农田水利", ["王建国", "李秀英"]),
        ("小区下水道堵了找谁", ["陈志强"]),
        ("史河", ["王建国", "陈志强"]),
        ("洪集镇的代表", ["李秀英", "张敏"]),
        ("史河街道 农业", ["王建国"]),
        ("史河懂灌溉的", ["王建国"]),
    ],
)
async def test_a_question_finds_its_people(session: AsyncSession, question: str, expected: list[str]) -> None:
    found = await find_experts(session, question)

    assert names(found.people) == expected


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("question", ["", "   ", "？？？", "刘主任", "qwertyuiop", "\u0000"])
async def test_a_question_without_an_answer_finds_nobody(session: AsyncSession, question: str) -> None:
    assert names((await find_experts(session, question)).people) == []


@pytest.mark.usefixtures("people")
async def test_a_circles_own_people_come_first(session: AsyncSession) -> None:
    [*_, last] = (await find_experts(session, "农业")).people

    found = await find_experts(session, "农业", first=frozenset({last.id}))

    assert names(found.people) == ["李秀英", "王建国"]
