"""What an import of the roster does with each kind of row."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import open_engine, sessions_of
from models.audit import AuditEntry
from models.base import Base
from models.circles import Circle, CircleMember
from models.coming_in import AlreadyIn, NotOneself, counts, cut_off, people_outside, require_outside
from models.defaults import seed_defaults
from models.people import Person, Role, person_by_phone
from models.roster import plan_import
from models.roster_changes import Concerned
from models.roster_import import apply_import
from models.roster_rows import Change, Fate, Field, Plan, PlannedRow, Reason, RosterRow
from models.roster_search import find_people
from models.roster_words import is_phone, role_named
from tests.conftest import NOON


def row(line: int = 2, name: str = "王建国", phone: str = "13900000001", **more: Any) -> RosterRow:
    return RosterRow(line, name, phone, **more)


async def imported(session: AsyncSession, *rows: RosterRow, now: datetime, actor: Person | None = None) -> Concerned:
    return await apply_import(session, await plan_import(session, rows, actor), actor, now=now)


async def only(session: AsyncSession, *rows: RosterRow) -> PlannedRow:
    return (await plan_import(session, rows)).rows[-1]


async def circles_of(session: AsyncSession, person: Person) -> list[str]:
    names = select(Circle.name).join(CircleMember, CircleMember.circle_id == Circle.id).where(CircleMember.person_id == person.id)
    return list(await session.scalars(names.order_by(Circle.id)))


@pytest.mark.parametrize(
    ("given_row", "reason", "value"),
    [
        (row(name=""), Reason.NO_NAME, ""),
        (row(phone=""), Reason.NO_PHONE, ""),
        (row(phone="1390000"), Reason.BAD_PHONE, "1390000"),
        (row(phone="12900000001"), Reason.BAD_PHONE, "12900000001"),
        (row(phone="待补"), Reason.BAD_PHONE, "待补"),
        (row(roles=("代表", "厨师")), Reason.UNKNOWN_ROLE, "厨师"),
        (row(name="王" * 61), Reason.TOO_LONG, "王" * 61),
        (row(specialties=("城" * 61,)), Reason.TOO_LONG, "城" * 61),
        (row(employer="某" * 121), Reason.TOO_LONG, "某" * 121),
    ],
)
async def test_a_row_is_left_out_for_a_reason(session: AsyncSession, given_row: RosterRow, reason: Reason, value: str) -> None:
    planned = await only(session, given_row)

    assert (planned.fate, planned.reason, planned.reason_value) == (Fate.LEFT_OUT, reason, value)


async def test_of_two_rows_with_one_number_the_second_is_left_out(session: AsyncSession) -> None:
    planned = await only(session, row(2), row(7, name="李四"))

    assert (planned.reason, planned.reason_value) == (Reason.TWICE, "2")


async def test_a_row_left_out_does_not_take_its_number_from_a_later_one(session: AsyncSession) -> None:
    planned = await only(session, row(2, name=""), row(3))

    assert planned.fate is Fate.ADDED


@pytest.mark.parametrize("number", ["13900000001", "6012345", "05641234567", "056412345678"])
def test_mobile_and_fixed_numbers_are_phone_numbers(number: str) -> None:
    assert is_phone(number)


@pytest.mark.parametrize(
    ("word", "roles"),
    [
        ("代表", {Role.DEPUTY}),
        ("组长", {Role.DEPUTY, Role.GROUP_LEADER}),
        ("代表联络室", {Role.OFFICE}),
        ("常委会主要领导", {Role.LEADER}),
        ("街道人大工委", {Role.AREA_STAFF}),
        ("乡镇街道人大", {Role.AREA_STAFF}),
        ("厨师", None),
    ],
)
def test_roles_are_known_by_their_usual_words(word: str, roles: set[Role] | None) -> None:
    assert role_named(word) == roles


async def test_without_roles_somebody_is_a_deputy(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(roles=()), row(3, "李四", "13900000002"), now=now)

    for phone in ("13900000001", "13900000002"):
        person = await person_by_phone(session, phone)
        assert person is not None
        assert person.roles == {Role.DEPUTY}


async def test_a_changed_name_area_and_employer_are_changes_of_the_same_person(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(area="史河街道", employer="甲单位"), now=now)

    planned = await only(session, row(name="王建军", area="平岗街道", employer=""))

    assert planned.fate is Fate.CHANGED
    assert list(planned.changes) == [
        Change(Field.NAME, ("王建国",), ("王建军",)),
        Change(Field.AREA, ("史河街道",), ("平岗街道",)),
        Change(Field.EMPLOYER, ("甲单位",), ()),
    ]


async def test_a_column_that_is_not_there_changes_nothing(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(area="史河街道", roles=("主要领导",), specialties=("城建环保",)), now=now)

    planned = await only(session, row())

    assert planned.fate is Fate.UNCHANGED


async def test_people_who_are_not_in_the_file_stay(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), now=now)

    plan = await plan_import(session, [row(2, "李四", "13900000002")])
    await apply_import(session, plan, None, now=now)

    assert plan.absent == 1
    assert await person_by_phone(session, "13900000001") is not None


async def test_somebody_taken_off_the_roster_comes_back_by_an_import(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), now=now)
    person = await person_by_phone(session, "13900000001")
    assert person is not None
    person.active = False
    await session.flush()

    await imported(session, row(), now=now)

    assert await person_by_phone(session, "13900000001") is person


async def test_a_namesake_with_another_number_is_added_and_pointed_out(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), now=now)

    planned = await only(session, row(phone="13900000002"))

    assert (planned.fate, planned.namesake) == (Fate.ADDED, True)


async def test_new_areas_groups_specialties_and_circles_are_made_and_named(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    rows = [row(area="新镇", group="一组", specialties=("数字经济",), circles=("数字经济", "企业"))]

    plan = await plan_import(session, rows)
    await apply_import(session, plan, None, now=now)

    assert plan.new_names == {
        Field.AREA: ["新镇"],
        Field.GROUP: ["一组"],
        Field.SPECIALTIES: ["数字经济"],
        Field.CIRCLES: ["数字经济"],
    }
    [circle] = await session.scalars(select(Circle).where(Circle.name == "数字经济"))
    assert [specialty.name for specialty in circle.specialties] == ["数字经济"]


async def test_names_of_rows_left_out_are_not_made(session: AsyncSession) -> None:
    plan = await plan_import(session, [row(phone="", area="新镇")])

    assert plan.new_names == {}


async def test_circles_follow_the_specialties_unless_they_are_named(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)

    await imported(
        session,
        row(2, "甲", "13900000001", specialties=("城建环保",), circles=()),
        row(3, "乙", "13900000002", specialties=("城建环保",), circles=("妇女",)),
        now=now,
    )

    first, second = [await person_by_phone(session, phone) for phone in ("13900000001", "13900000002")]
    assert first is not None
    assert second is not None
    assert await circles_of(session, first) == ["城建环保"]
    assert await circles_of(session, second) == ["妇女"]


async def test_who_leaves_a_circle_they_had_joined_is_named(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(circles=("企业", "妇女")), now=now)
    person = await person_by_phone(session, "13900000001")
    assert person is not None
    [enterprise] = await session.scalars(select(Circle).where(Circle.name == "企业"))
    membership = await session.get_one(CircleMember, (enterprise.id, person.id))
    membership.joined_at = now

    result = await imported(session, row(circles=("一线工人农民",)), now=now)

    assert result.out_of == [(person, enterprise)]
    assert result.new_in_circles == [person]
    assert await circles_of(session, person) == ["一线工人农民"]


async def office(session: AsyncSession, name: str, phone: str, telegram_id: int) -> Person:
    person = Person(name=name, phone=phone, telegram_id=telegram_id, role_rows=[], specialties=[])
    person.give(Role.OFFICE)
    session.add(person)
    await session.flush()
    return person


async def test_nobody_takes_the_offices_role_from_themselves(session: AsyncSession, now: datetime) -> None:
    me, colleague = await office(session, "甲", "13900000001", 1), await office(session, "乙", "13900000002", 2)

    plan = await plan_import(session, [row(2, "甲", "13900000001", roles=()), row(3, "乙", "13900000002", roles=())], me)
    await apply_import(session, plan, me, now=now)

    assert me.roles == {Role.OFFICE, Role.DEPUTY}
    assert colleague.roles == ({Role.OFFICE, Role.DEPUTY} if plan.rows[1].keeps_office else {Role.DEPUTY})
    assert plan.rows[0].keeps_office


async def test_the_last_of_the_office_keeps_the_role_whoever_imports(session: AsyncSession, now: datetime) -> None:
    last = await office(session, "甲", "13900000001", 1)

    await imported(session, row(2, "甲", "13900000001", roles=("代表",)), now=now)

    assert last.has(Role.OFFICE)


async def test_every_change_is_written_down(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), now=now)
    await imported(session, row(name="王建军"), now=now)

    entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.action for entry in entries] == ["roster.added", "roster.changed"]
    assert entries[1].details == {"name": [["王建国"], ["王建军"]]}


async def test_a_plan_is_told_from_another_by_its_fingerprint(session: AsyncSession) -> None:
    one, same, other = [await plan_import(session, [row(name=name)]) for name in ("甲", "甲", "乙")]

    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 8


def test_a_row_survives_its_way_through_json() -> None:
    given_row = row(specialties=("甲", "乙"), circles=None, roles=())

    assert RosterRow.from_json({**given_row.as_json(), "specialties": ["甲", "乙"], "roles": []}) == given_row


words = st.sampled_from(["城建环保", "企业", "数字经济", "妇女"])
rows_of_any_kind = st.lists(
    st.builds(
        row,
        line=st.integers(2, 99),
        name=st.sampled_from(["甲", "乙", ""]),
        phone=st.sampled_from(["13900000001", "13900000002", "6012345", "12", ""]),
        area=st.sampled_from([None, "", "史河街道"]),
        specialties=st.one_of(st.none(), st.lists(words, max_size=3).map(tuple)),
        circles=st.one_of(st.none(), st.lists(words, max_size=3).map(tuple)),
        roles=st.sampled_from([None, (), ("代表",), ("组长", "联络室"), ("厨师",)]),
    ),
    max_size=6,
)


@given(rows=rows_of_any_kind)
@settings(max_examples=20, deadline=None)
def test_importing_twice_changes_nothing_whatever_the_rows(rows: list[RosterRow]) -> None:
    assert asyncio.run(plan_after_importing(rows)).changes_nothing


async def plan_after_importing(rows: list[RosterRow]) -> Plan:
    """What importing rows once more would do, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite+aiosqlite:///{folder}/home.db")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with sessions_of(engine).begin() as session:
            await seed_defaults(session)
            await imported(session, *rows, now=NOON)
        async with sessions_of(engine).begin() as session:
            plan = await plan_import(session, rows)
        await engine.dispose()
        return plan


async def test_the_office_sees_who_is_still_outside(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), row(3, "李四", "13900000002"), now=now)
    person = await person_by_phone(session, "13900000001")
    assert person is not None
    person.telegram_id = 42
    await session.flush()

    assert await counts(session) == (2, 1)
    assert [person.name for person in await people_outside(session, offset=0, limit=10)] == ["李四"]
    with pytest.raises(AlreadyIn):
        require_outside(person)


async def test_people_are_found_by_part_of_the_name_or_four_digits(session: AsyncSession, now: datetime) -> None:
    await imported(session, row(), row(3, "李建国", "13900007788"), now=now)

    assert len(await find_people(session, "建国", limit=9)) == 2
    assert [person.name for person in await find_people(session, "7788", limit=9)] == ["李建国"]
    assert await find_people(session, "%", limit=9) == []
    assert await find_people(session, "139", limit=9) == []


async def test_nobody_cuts_off_their_own_account(session: AsyncSession, now: datetime) -> None:
    me = await office(session, "甲", "13900000001", 1)

    with pytest.raises(NotOneself):
        cut_off(session, me, me, now=now)
