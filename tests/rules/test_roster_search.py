"""Finding people of the roster: by name, pinyin initials, the end of a number, area, group or specialty."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.people import Area, Person, Role, Specialty, named
from models.pinyin import LIMIT, initials_of, sound_alike
from models.roster_rows import Field
from models.roster_search import people_in, search_roster


async def somebody(
    session: AsyncSession, name: str, phone: str = "", *, area: str = "", specialty: str = "", active: bool = True
) -> Person:
    person = Person(name=name, phone=phone or None, active=active, role_rows=[], specialties=[])
    person.give(Role.DEPUTY)
    person.area = await named(session, Area, area) if area else None
    person.specialties[:] = [await named(session, Specialty, specialty)] if specialty else []
    session.add(person)
    await session.flush()
    return person


async def found(session: AsyncSession, words: str) -> list[str]:
    return [person.name for person in (await search_roster(session, words, offset=0, limit=20)).people]


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("张三", "zs"),
        ("王 建国", "wjg"),
        ("欧阳娜娜", "oynn"),
        ("吕布", "lb"),
        ("张长生", "zcs zzs"),
        ("曾庆林", "zql cql"),
        ("单立人", "slr dlr"),
        ("长孙无忌", "zswj cswj"),
        ("阿卜杜拉·买买提", "abdlmmt ebdlmmt"),
        ("John Smith", "js"),
        ("代表12", "db12"),
        ("", ""),
        ("···", ""),
    ],
)
def test_a_name_has_its_initials_and_a_surname_its_own_reading_first(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_the_longest_name_has_room_for_both_readings() -> None:
    assert len(initials_of("曾" * 60)) <= LIMIT


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [("王建国", "王建国", True), ("王建国", "王建囯", True), ("张伟", "章伟", True), ("王 伟", "王伟", True), ("张三", "张山峰", False)],
)
def test_names_typed_by_the_same_keys_sound_alike(name: str, other: str, alike: bool) -> None:
    assert sound_alike(name, other) is alike


async def test_the_initials_follow_the_name_whenever_it_is_set(session: AsyncSession) -> None:
    person = await somebody(session, "张三")

    person.name = "李四"
    await session.flush()

    assert await session.scalar(select(Person.initials)) == "ls"


async def test_somebody_is_found_by_name_initials_number_area_and_specialty(session: AsyncSession) -> None:
    await somebody(session, "王建国", "13900001111", area="史河街道", specialty="城建环保")
    await somebody(session, "曾庆林", "13900002222", area="平岗街道", specialty="法治监察")
    await somebody(session, "John Smith", "05641234567")

    for words in ("王建", "wjg", "WJG", "jg", "1111", "111", "139 0000 1111", "+86 13900001111", "史河", "城建", "史河 城建", "王 环保"):
        assert await found(session, words) == ["王建国"], words
    for words in ("zql", "cql", "zq", "平岗街道"):
        assert await found(session, words) == ["曾庆林"], words
    for words in ("smith", "js", "john smith", "234567"):
        assert await found(session, words) == ["John Smith"], words
    assert await found(session, "街道") == ["王建国", "曾庆林"]


async def test_what_applies_to_nobody_finds_nobody(session: AsyncSession) -> None:
    await somebody(session, "王建国", "13900001111", area="史河街道")
    await somebody(session, "李四", "13900003333", area="史河街道", active=False)

    for words in ("", " ", "%", "_", "李四", "ls", "3333", "139", "11", "史河 李四", "史河 法治", "x" * 100, "wgj"):
        assert await found(session, words) == [], words


async def test_one_letter_is_the_beginning_of_a_name_and_the_best_come_first(session: AsyncSession) -> None:
    for name in ("赵王", "王赵", "王二"):
        await somebody(session, name)

    assert await found(session, "w") == ["王赵", "王二"]
    assert await found(session, "王二") == ["王二"]
    assert await found(session, "王") == ["王赵", "王二", "赵王"]


async def test_many_are_found_a_page_at_a_time(session: AsyncSession) -> None:
    people = [await somebody(session, f"王{number}", area="史河街道") for number in range(5)]

    page = await search_roster(session, "王", offset=2, limit=2)
    area = await people_in(session, Field.AREA, people[0].area_id or 0, offset=4, limit=2)

    assert ([person.name for person in page.people], page.total) == (["王2", "王3"], 5)
    assert ([person.name for person in area.people], area.total) == (["王4"], 5)
