"""Circles are made, renamed, given specialties and retired; who belongs to them, who is in their groups, who is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.circle_groups import CircleBound, CircleRetired, ask_for_topics, bind, forums_for_topics, unbound_circles
from models.circle_presence import ChatPresence, outsiders_in, see
from models.circle_reminders import due_to_remind, invited, next_reminder_at, reminded
from models.circle_rights import Right, Standing, missing_rights, note_standing, useful_rights
from models.circle_roster import add_to_circle, may_be_added, specialists_outside, take_off_circle
from models.circle_upkeep import (
    BadCircleName,
    CircleNamed,
    activities_for,
    circles_in_use,
    give_specialties,
    live_issues_of,
    make_circle,
    rename_circle,
    retire_circle,
    retired_circles,
    retirement_of,
    specialties_left_alone,
)
from models.circles import Chat, Circle, CircleMember, circles_of_specialty, members_of
from models.issues import IssueState
from models.people import Person, Role, Specialty
from models.policy import Policy
from models.roster import RosterRow, plan_import
from models.rules import NotAllowed
from tests.rules.issue_district import District

FULL = Standing(True, can_invite=True, can_manage_topics=True, can_restrict=True, can_pin=True, can_change_info=True)
GROUP = -500
WEEK = timedelta(days=7)
NIGHT_IS_OFF = Policy(quiet_begins="00:00", quiet_ends="00:00")  # type: ignore[arg-type]  # read by pydantic


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


@pytest.fixture
async def office(district: District) -> Person:
    return await district.person("周主任", Role.OFFICE)


async def group(session: AsyncSession, id: int = GROUP, *, forum: bool = False, standing: Standing = FULL) -> Chat:
    chat, _ = await note_standing(session, id, "一个群", forum, standing)
    return chat


async def specialty_of(session: AsyncSession, name: str) -> Specialty:
    found = await session.scalar(select(Specialty).where(Specialty.name == name))
    assert found is not None
    return found


async def circle_named(session: AsyncSession, name: str) -> Circle:
    found = await session.scalar(select(Circle).where(Circle.name == name))
    assert found is not None
    return found


async def test_a_new_circle_takes_the_specialty_of_its_name(session: AsyncSession, district: District, office: Person) -> None:
    await district.person("王建国", specialties=("水利",))

    circle = await make_circle(session, " 水利 ", office, now=district.now)

    assert circle.name == "水利"
    assert [each.name for each in circle.specialties] == ["水利"]
    assert list(await unbound_circles(session)) == [circle]


@pytest.mark.parametrize("name", ["", "  ", "两\n行", "长" * 41, "/circles"])
async def test_a_name_is_one_short_line(session: AsyncSession, district: District, office: Person, name: str) -> None:
    with pytest.raises(BadCircleName):
        await make_circle(session, name, office, now=district.now)


async def test_no_two_circles_have_one_name(session: AsyncSession, district: District, office: Person) -> None:
    first, second = [await make_circle(session, name, office, now=district.now) for name in ("妇女", "企业")]

    with pytest.raises(CircleNamed):
        await make_circle(session, "妇女", office, now=district.now)
    with pytest.raises(CircleNamed):
        await rename_circle(session, second, "妇女", office, now=district.now)
    assert await rename_circle(session, first, "妇女", office, now=district.now) == "妇女"


async def test_only_the_office_changes_circles(session: AsyncSession, district: District, office: Person) -> None:
    circle, deputy = await make_circle(session, "妇女", office, now=district.now), await district.person("王建国")

    with pytest.raises(NotAllowed):
        await make_circle(session, "企业", deputy, now=district.now)
    with pytest.raises(NotAllowed):
        await rename_circle(session, circle, "企业", deputy, now=district.now)
    with pytest.raises(NotAllowed):
        await give_specialties(session, circle, [], deputy, now=district.now)
    with pytest.raises(NotAllowed):
        await retire_circle(session, circle, deputy, now=district.now)
    with pytest.raises(NotAllowed):
        await add_to_circle(session, circle, deputy, deputy, now=district.now)
    with pytest.raises(NotAllowed):
        await take_off_circle(session, circle, deputy, deputy, now=district.now)


async def test_a_specialty_has_several_circles_and_a_circle_several_specialties(
    session: AsyncSession, district: District, office: Person
) -> None:
    await district.circle("城建环保")
    await district.circle("农业农村")
    building, farming = await specialty_of(session, "城建环保"), await specialty_of(session, "农业农村")
    both = await circle_named(session, "农业农村")
    await give_specialties(session, both, [building.id, farming.id], office, now=district.now)

    for number, circle in enumerate(await circles_in_use(session)):
        await bind(session, circle, await group(session, GROUP - number), office, now=district.now)

    assert [each.name for each in await circles_of_specialty(session, building)] == ["城建环保", "农业农村"]
    assert [each.name for each in await circles_of_specialty(session, farming)] == ["农业农村"]
    assert [each.name for each in await specialties_left_alone(session, both)] == ["农业农村"]


async def test_an_imported_specialist_joins_every_circle_of_it(session: AsyncSession, district: District, office: Person) -> None:
    await district.circle("城建环保")
    second = await make_circle(session, "老旧小区改造", office, now=district.now)
    await give_specialties(session, second, [(await specialty_of(session, "城建环保")).id], office, now=district.now)
    gone = await make_circle(session, "旧圈", office, now=district.now)
    await give_specialties(session, gone, [(await specialty_of(session, "城建环保")).id], office, now=district.now)
    await retire_circle(session, gone, office, now=district.now)

    plan = await plan_import(session, [RosterRow(2, "新代表", "13900000009", specialties=("城建环保",))], office)

    [circles] = [change.new for change in plan.rows[0].changes if change.field.value == "circles"]
    assert circles == ("城建环保", "老旧小区改造")


async def test_a_retired_circle_is_remembered_and_out_of_use(session: AsyncSession, district: District, office: Person) -> None:
    member = await district.person("王建国", specialties=("城建环保",))
    await district.circle("城建环保", member)
    circle = await circle_named(session, "城建环保")
    await bind(session, circle, await group(session), office, now=district.now)
    await see(session, await group(session), 1001, "王建国", True, now=district.now)

    members = await retire_circle(session, circle, office, now=district.now)

    assert list(members) == [member]
    assert await members_of(session, circle) == []
    assert list(await retired_circles(session)) == [circle]
    assert await circles_in_use(session) == await unbound_circles(session) == []
    assert await circles_of_specialty(session, await specialty_of(session, "城建环保")) == []
    assert (circle.chat, circle.name) == (None, "城建环保（2026-03-10）")
    entry = await retirement_of(session, circle)
    assert entry is not None
    assert (entry.details["members"], entry.details["specialties"], entry.details["chat"]) == ([member.id], ["城建环保"], GROUP)
    assert list(await session.scalars(select(ChatPresence))) == []


async def test_the_name_of_a_retired_circle_can_be_used_again_and_again(session: AsyncSession, district: District, office: Person) -> None:
    for _ in range(3):
        await retire_circle(session, await make_circle(session, "妇女", office, now=district.now), office, now=district.now)

    again = await make_circle(session, "妇女", office, now=district.now)

    assert [each.name for each in await retired_circles(session)] == ["妇女（2026-03-10）3", "妇女（2026-03-10）2", "妇女（2026-03-10）"]
    assert list(await circles_in_use(session)) == [again]


async def test_what_is_retired_stays_so(session: AsyncSession, district: District, office: Person) -> None:
    circle, deputy = await make_circle(session, "妇女", office, now=district.now), await district.person("王建国")
    await retire_circle(session, circle, office, now=district.now)

    with pytest.raises(CircleRetired):
        await retire_circle(session, circle, office, now=district.now)
    with pytest.raises(CircleRetired):
        await bind(session, circle, await group(session), office, now=district.now)
    with pytest.raises(CircleRetired):
        await rename_circle(session, circle, "企业", office, now=district.now)
    assert len((await session.scalars(select(AuditEntry).where(AuditEntry.action == "circle.retired"))).all()) == 1
    assert deputy.active


async def test_open_issues_of_a_circles_specialties_are_found(session: AsyncSession, district: District) -> None:
    deputy = await district.person("王建国")
    await district.circle("城建环保")
    open_one, _, _ = [
        await district.issue(deputy, specialty=name, state=state)
        for name, state in (("城建环保", IssueState.REFERRED), ("城建环保", IssueState.CLOSED), ("农业农村", IssueState.OPEN))
    ]

    assert list(await live_issues_of(session, [(await specialty_of(session, "城建环保")).id])) == [open_one]
    assert await activities_for(session, await circle_named(session, "城建环保"), now=district.now) == []


async def test_a_single_circle_gets_a_topic_beside_others(session: AsyncSession, district: District, office: Person) -> None:
    first, second = [await make_circle(session, name, office, now=district.now) for name in ("妇女", "企业")]
    forum = await group(session, forum=True)
    [asked] = await ask_for_topics(session, forum, office, now=district.now, only=first)
    asked.thread_id, asked.awaits_topic = 7, False
    await session.flush()

    assert list(await forums_for_topics(session)) == [forum]
    assert list(await ask_for_topics(session, forum, office, now=district.now, only=second)) == [second]
    with pytest.raises(CircleBound):
        await ask_for_topics(session, forum, office, now=district.now, only=first)


async def test_specialists_come_first_and_all_of_them_can_be_added(session: AsyncSession, district: District, office: Person) -> None:
    other = await district.person("李四")
    one, two = [await district.person(name, specialties=("城建环保",)) for name in ("王建国", "赵六")]
    await district.circle("城建环保", one)
    circle = await circle_named(session, "城建环保")

    first = [person.name for person in await may_be_added(session, circle, offset=0, limit=9)]
    assert list(await specialists_outside(session, circle)) == [two]
    added = [await add_to_circle(session, circle, person, office, now=district.now) for person in (two, two, other)]

    assert first == ["赵六", "周主任", "李四"]
    assert added == [True, False, True]
    assert [await take_off_circle(session, circle, one, office, now=district.now) for _ in range(2)] == [True, False]
    assert {person.name for person in await members_of(session, circle)} == {"李四", "赵六"}


async def test_who_is_in_the_group_already_has_joined_when_put_on_the_roster(
    session: AsyncSession, district: District, office: Person
) -> None:
    deputy = await district.person("王建国")
    circle, chat = await make_circle(session, "妇女", office, now=district.now), await group(session)
    await bind(session, circle, chat, office, now=district.now)
    await see(session, chat, deputy.telegram_id or 0, "国", True, now=district.now)

    await add_to_circle(session, circle, deputy, office, now=district.now)

    membership = await session.get_one(CircleMember, (circle.id, deputy.id))
    assert membership.joined_at == district.now


async def test_outsiders_are_those_seen_who_belong_to_no_circle_there(session: AsyncSession, district: District, office: Person) -> None:
    member, colleague, leader = (
        await district.person("王建国"),
        await district.person("李四"),
        await district.person("徐主任", Role.LEADER),
    )
    circle, chat = await make_circle(session, "妇女", office, now=district.now), await group(session)
    await bind(session, circle, chat, office, now=district.now)
    await add_to_circle(session, circle, member, office, now=district.now)
    for person in (member, colleague, leader, office):
        await see(session, chat, person.telegram_id or 0, person.name, True, now=district.now)
    await see(session, chat, 999, "路人", True, now=district.now, is_admin=True)

    found = {each.name: (each.person, each.is_admin) for each in await outsiders_in(session, chat.id)}
    await see(session, chat, 999, "路人", False, now=district.now)
    await take_off_circle(session, circle, member, office, now=district.now)

    assert found == {"李四": (colleague, False), "路人": (None, True)}
    assert {each.name for each in await outsiders_in(session, chat.id)} == {"李四", "王建国"}


async def test_seeing_somebody_twice_changes_nothing(session: AsyncSession, district: District, office: Person) -> None:
    member = await district.person("王建国")
    circle, chat = await make_circle(session, "妇女", office, now=district.now), await group(session)
    await bind(session, circle, chat, office, now=district.now)
    await add_to_circle(session, circle, member, office, now=district.now)

    first = await see(session, chat, member.telegram_id or 0, "国", True, now=district.now)
    again = await see(session, chat, member.telegram_id or 0, "国", True, now=district.now)
    gone = await see(session, chat, member.telegram_id or 0, "国", False, now=district.now)

    assert [(each.changed, each.is_new) for each in (first, again, gone)] == [(True, True), (False, False), (True, False)]


@pytest.mark.parametrize(
    ("forum", "standing", "missing"),
    [
        (False, Standing(True), [Right.INVITE, Right.RESTRICT]),
        (True, Standing(True, can_invite=True), [Right.RESTRICT, Right.TOPICS]),
        (True, FULL, []),
    ],
)
async def test_what_a_group_wants_depends_on_its_kind(session: AsyncSession, forum: bool, standing: Standing, missing: list[Right]) -> None:
    chat = await group(session, forum=forum, standing=standing)

    assert list(missing_rights(chat)) == missing
    assert list(useful_rights(chat)) == ([] if standing is FULL else [Right.PIN, Right.INFO])


def test_rights_are_read_from_telegrams_words() -> None:
    admin = {"status": "administrator", "can_invite_users": True, "can_restrict_members": True, "can_change_info": False}

    assert Standing.from_telegram(admin) == Standing(True, can_invite=True, can_restrict=True)
    assert Standing.from_telegram({"status": "member", "can_invite_users": True}) == Standing(True)
    assert Standing.from_telegram({"status": "kicked"}) == Standing(False)


async def test_who_has_the_link_is_reminded_three_times_at_most(session: AsyncSession, district: District, office: Person) -> None:
    member = await district.person("王建国")
    circle = await make_circle(session, "妇女", office, now=district.now)
    await add_to_circle(session, circle, member, office, now=district.now)
    membership = await session.get_one(CircleMember, (circle.id, member.id))
    invited(membership, NIGHT_IS_OFF, now=district.now)

    times, at = [], district.now
    while (due := await next_reminder_at(session)) is not None:
        at = due
        [(same, person)] = await due_to_remind(session, NIGHT_IS_OFF, now=at)
        reminded(same, NIGHT_IS_OFF, now=at)
        await session.flush()
        times.append((at - district.now, person.name))

    assert times == [(WEEK, "王建国"), (2 * WEEK, "王建国"), (3 * WEEK, "王建国")]
    invited(membership, NIGHT_IS_OFF, now=at)
    assert membership.remind_at is None


async def test_at_night_nobody_is_reminded(session: AsyncSession, district: District, office: Person) -> None:
    member = await district.person("王建国")
    circle = await make_circle(session, "妇女", office, now=district.now)
    await add_to_circle(session, circle, member, office, now=district.now)
    membership = await session.get_one(CircleMember, (circle.id, member.id))
    night = district.now.replace(hour=15)  # 23:00 in Shanghai
    membership.remind_at = night
    await session.flush()

    assert await due_to_remind(session, Policy(), now=night) == []

    assert await next_reminder_at(session) == night + timedelta(hours=8, minutes=30)


async def test_who_joined_or_left_the_roster_is_not_reminded(session: AsyncSession, district: District, office: Person) -> None:
    joined, left = await district.person("王建国"), await district.person("李四")
    circle, chat = await make_circle(session, "妇女", office, now=district.now), await group(session)
    await bind(session, circle, chat, office, now=district.now)
    for person in (joined, left):
        await add_to_circle(session, circle, person, office, now=district.now)
        invited(await session.get_one(CircleMember, (circle.id, person.id)), Policy(), now=district.now)
    await see(session, chat, joined.telegram_id or 0, "国", True, now=district.now)
    left.active = False
    await session.flush()

    assert await next_reminder_at(session) is None
    assert await due_to_remind(session, NIGHT_IS_OFF, now=district.now + WEEK) == []
