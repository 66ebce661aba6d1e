"""Audiences and the roster: unions and exclusions, who joins and leaves later, few places, clashes, days off."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.database import sessions_of
from handlers.whom_words import read_called, sides_of
from models.activities import Activity, ActivityKind, ActivityStarted, ActivityState, Offsets
from models.audience import Audience, Part, Side, called_people
from models.audit import AuditEntry
from models.changes import ASKED_AGAIN, NothingChanged, move_activity, postpone_activity
from models.circles import Circle, CircleMember
from models.clashes import clashes_of
from models.following import FOLLOWED_EVERY, follow_audience, to_follow
from models.invitations import (
    Delivery,
    Invitation,
    NotCalledAnyMore,
    Reply,
    Standing,
    call_activity,
    call_others,
    invitation_for,
    invitations_of,
)
from models.leave import Decision, LeaveCategory, ask_leave
from models.notices import NoticeKind, due_notices, missed_notices, schedule_notices, send_notice, take_owed
from models.people import Area, DeputyGroup, Person, Role, Specialty
from models.policy import Policy
from models.rules import NotAllowed
from models.turnout import figures_of
from models.waiting_list import (
    NoSuchCapacity,
    close_waiting_lists,
    hold_to_answer,
    move_up,
    place_in_queue,
    say_yes,
    set_capacity,
    take_back,
)
from models.working_days import DayKind, NotableDay, notable_days

POLICY = Policy()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVERYONE = Audience(everyone=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Roster:
    """People, groups and circles, as a test needs them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session, self.count = session, 0

    async def person(self, name: str, *roles: Role, **more: object) -> Person:
        self.count += 1
        values = {"role_rows": [], "specialties": [], "telegram_id": 100 + self.count} | more
        person = Person(name=name, **values)
        for role in roles or (Role.DEPUTY,):
            person.give(role)
        self.session.add(person)
        await self.session.flush()
        return person

    async def made(self, *things: Area | DeputyGroup | Circle | Specialty) -> None:
        self.session.add_all(things)
        await self.session.flush()


@pytest.fixture
def roster(session: AsyncSession) -> Roster:
    return Roster(session)


@pytest.fixture
async def office(roster: Roster) -> Person:
    return await roster.person("周主任", Role.OFFICE)


async def called(
    session: AsyncSession,
    office: Person,
    now: datetime,
    audience: Audience = EVERYONE,
    *,
    capacity: int | None = None,
    starts_in: timedelta = DAY,
) -> Activity:
    """An activity whose formal notice has gone out."""
    activity = await call_activity(
        session,
        office,
        kind=ActivityKind.TRAINING,
        title="代表培训",
        starts_at=now + starts_in,
        ends_at=None,
        place="党校",
        notes="",
        audience=audience,
        offsets=Offsets.of(POLICY),
        now=now,
        capacity=capacity,
    )
    schedule_notices(activity, now=now)
    await session.flush()
    for notice in await due_notices(session, now=now):
        await send_notice(session, notice, now=now)
        for invitation in await take_owed(session, notice, limit=99):
            invitation.delivery = Delivery.REACHED
    await session.flush()
    return activity


async def answer_yes(session: AsyncSession, activity: Activity, *people: Person, now: datetime) -> list[Invitation]:
    """Each a minute after the one before."""
    invitations = [await invitation_for(session, activity.id, person) for person in people]
    for minutes, invitation in enumerate(invitations):
        await say_yes(session, invitation, await hold_to_answer(session, activity.id), now=now + timedelta(minutes=minutes))
    return invitations


async def names(session: AsyncSession, audience: Audience) -> list[str]:
    return [person.name for person in await called_people(session, audience)]


async def test_each_part_calls_its_own_and_leaves_out_its_own(session: AsyncSession, roster: Roster) -> None:
    area, group, circle, specialty = (
        Area(name="史河街道"),
        DeputyGroup(name="第一小组"),
        Circle(name="农业"),
        Specialty(name="法律", keywords=[]),
    )
    await roster.made(area, group, circle, specialty)
    people = [
        await roster.person("归属", area_id=area.id),
        await roster.person("组员", group_id=group.id),
        await roster.person("圈友", specialties=[]),
        await roster.person("专家", specialties=[specialty]),
        await roster.person("组长", Role.DEPUTY, Role.GROUP_LEADER),
        await roster.person("某人"),
    ]
    session.add(CircleMember(circle_id=circle.id, person_id=people[2].id))
    await roster.person("干部", Role.AREA_STAFF, area_id=area.id)
    await roster.person("离任", area_id=area.id, group_id=group.id, active=False)
    parts = {
        Part.AREA: (area.id, "归属"),
        Part.GROUP: (group.id, "组员"),
        Part.CIRCLE: (circle.id, "圈友"),
        Part.SPECIALTY: (specialty.id, "专家"),
        Part.ROLE: (Role.GROUP_LEADER, "组长"),
        Part.PERSON: (people[5].id, "某人"),
    }
    everybody = [person.name for person in people]

    for part, (member, name) in parts.items():
        assert await names(session, Audience().plus(part, [member])) == [name]
        assert await names(session, EVERYONE.plus(part, [member], Side.WITHOUT)) == [other for other in everybody if other != name]
    union = Audience().plus(Part.GROUP, [group.id]).plus(Part.ROLE, [Role.GROUP_LEADER]).plus(Part.AREA, [area.id])
    assert await names(session, union.plus(Part.PERSON, [people[0].id], Side.WITHOUT)) == ["组员", "组长"]


async def test_somebody_called_by_name_comes_though_the_own_group_is_left_out(session: AsyncSession, roster: Roster) -> None:
    group = DeputyGroup(name="第一小组")
    await roster.made(group)
    named, other = await roster.person("王建国", group_id=group.id), await roster.person("李秀英", group_id=group.id)
    await roster.person("陈明")

    audience = EVERYONE.plus(Part.GROUP, [group.id], Side.WITHOUT).plus(Part.PERSON, [named.id])

    assert await names(session, audience) == ["王建国", "陈明"]
    assert await names(session, audience.plus(Part.PERSON, [other.id])) == ["王建国", "李秀英", "陈明"]
    assert await names(session, audience.toggled(Part.PERSON, named.id, Side.WITHOUT)) == ["陈明"], "a name stands on one side only"


_members = st.dictionaries(
    st.sampled_from([part for part in Part if part is not Part.ROLE]), st.frozensets(st.integers(1, 9), min_size=1), max_size=4
)


@given(st.booleans(), _members, _members, st.frozensets(st.sampled_from(list(Role)), max_size=3))
def test_a_stored_audience_reads_back_as_it_was(everyone: bool, parts: dict, without: dict, roles: frozenset[Role]) -> None:  # type: ignore[type-arg]
    audience = Audience(everyone, parts, without).plus(Part.ROLE, roles, Side.WITHOUT)

    assert Audience.from_json(audience.as_json()) == audience


def test_an_audience_stored_before_there_were_exclusions_still_reads() -> None:
    old = {"everyone": False, "circle": [2], "group": [1, 3], "person": [7]}

    assert Audience.from_json(old) == Audience(
        parts={Part.CIRCLE: frozenset({2}), Part.GROUP: frozenset({1, 3}), Part.PERSON: frozenset({7})}
    )
    assert Audience.from_json(None) == Audience()
    assert Audience.from_json(old).as_json() == old


@pytest.mark.parametrize(
    ("text", "wanted", "left_out"),
    [
        ("全体代表、张三", ["全体代表", "张三"], []),
        ("全体代表，除第一小组、李四外", ["全体代表"], ["第一小组", "李四"]),
        ("除张三、李四外的全体代表", ["全体代表"], ["张三", "李四"]),
        ("除张三以外，其他代表", ["代表"], ["张三"]),
        ("全体代表（不含张三、平岗街道），王五", ["全体代表", "王五"], ["张三", "平岗街道"]),
        ("第一小组，不包括张三和李四", ["第一小组"], ["张三", "李四"]),
        ("全体代表，张三、李四除外", ["全体代表"], ["张三", "李四"]),
        ("全体代表（张三除外）", ["全体代表"], ["张三"]),
        ("all deputies except Group 1, Li Ming", ["all deputies"], ["Group 1", "Li Ming"]),
        ("除外事工作圈外，全体代表", ["全体代表"], ["外事工作圈"]),
    ],
)
def test_what_is_left_out_is_read_from_the_words(text: str, wanted: list[str], left_out: list[str]) -> None:
    assert sides_of(text) == (wanted, left_out)


async def test_words_become_both_sides_of_an_audience(session: AsyncSession, roster: Roster) -> None:
    group, circle, specialty = DeputyGroup(name="第一代表小组"), Circle(name="城建环保"), Specialty(name="城建环保", keywords=[])
    await roster.made(group, circle, specialty)
    await roster.person("陈明"), await roster.person("陈明")
    wang = await roster.person("王建国")

    found = await read_called(session, "城建环保工作圈、法律专业、城建环保专业、各组长，除第一小组、王建国、陈明、赵无名外")

    assert found.audience == Audience(
        parts={
            Part.CIRCLE: frozenset({circle.id}),
            Part.SPECIALTY: frozenset({specialty.id}),
            Part.ROLE: frozenset({Role.GROUP_LEADER}),
        },
        without={Part.GROUP: frozenset({group.id}), Part.PERSON: frozenset({wang.id})},
    )
    assert [person.name for person in found.namesakes[Side.WITHOUT]] == ["陈明", "陈明"]
    assert [(trouble.key, trouble.values["names"]) for trouble in found.troubles] == [
        ("activity.names_unknown", "法律专业、赵无名"),
        ("activity.names_unclear", "陈明"),
    ]


async def test_who_joins_is_called_by_the_newest_call_and_who_leaves_is_released(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    circle = Circle(name="农业")
    await roster.made(circle)
    stays, goes, quits = await roster.person("留"), await roster.person("走"), await roster.person("退")
    session.add_all(CircleMember(circle_id=circle.id, person_id=person.id) for person in (goes, quits))
    named = await roster.person("点名", Role.AREA_STAFF)
    audience = Audience().plus(Part.CIRCLE, [circle.id]).plus(Part.PERSON, [stays.id, named.id])
    activity = await called(session, office, now, audience)
    await answer_yes(session, activity, goes, stays, now=now)
    asked = ask_leave(await invitation_for(session, activity.id, quits), LeaveCategory.OTHER, "", cutoff=DAY, now=now)

    newcomer = await roster.person("新人")
    session.add(CircleMember(circle_id=circle.id, person_id=newcomer.id))
    await session.delete(await session.get_one(CircleMember, (circle.id, goes.id)))
    quits.active = False
    await session.flush()
    assert list(await to_follow(session, now=now + FOLLOWED_EVERY / 2)) == []
    [due] = await to_follow(session, now=now + FOLLOWED_EVERY)
    followed = await follow_audience(session, due, now=now + FOLLOWED_EVERY)

    assert [invitation.person for invitation in followed.joined] == [newcomer]
    assert [invitation.person for invitation in followed.told] == [goes, quits]
    assert list(followed.given_back) == [asked]
    assert asked.decision is Decision.WITHDRAWN
    assert [invitation.person for invitation in await missed_notices(session, now=now)] == [newcomer]
    figures = await figures_of(session, activity)
    assert (figures.called, figures.attending, figures.leave) == (3, 1, 0)
    with pytest.raises(NotCalledAnyMore):
        await invitation_for(session, activity.id, goes)
    [trace] = [invitation for invitation in await invitations_of(session, activity, released=True) if invitation.person is goes]
    entry = await session.scalar(
        select(AuditEntry).where(AuditEntry.subject == f"invitation:{trace.id}", AuditEntry.action.endswith("released"))
    )
    assert trace.reply is Reply.ATTENDING
    assert entry is not None
    assert entry.details["reply"] == "attending"


async def test_who_comes_back_is_called_and_asked_anew(session: AsyncSession, roster: Roster, office: Person, now: datetime) -> None:
    person, _ = await roster.person("王建国"), await roster.person("李秀英")
    activity = await called(session, office, now)
    [invitation] = await answer_yes(session, activity, person, now=now)
    for active in (False, True):
        person.active = active
        await session.flush()
        await follow_audience(session, activity, now=now)

    assert (invitation.standing, invitation.released_at, invitation.delivery) == (Standing.SILENT, None, Delivery.NONE)
    assert list(await missed_notices(session, now=now)) == [invitation]


async def test_an_activity_that_has_begun_keeps_the_people_it_had(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    person = await roster.person("王建国")
    activity = await called(session, office, now)
    person.active = False
    await session.flush()

    assert list(await to_follow(session, now=activity.starts_at)) == []
    assert (await figures_of(session, activity)).called == 1


async def test_only_the_office_changes_whom_a_published_activity_calls(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    first, second = await roster.person("王建国"), await roster.person("李秀英")
    activity = await called(session, office, now, Audience().plus(Part.PERSON, [first.id]))
    wider = activity.audience.plus(Part.PERSON, [second.id])

    with pytest.raises(NotAllowed):
        await call_others(session, activity, first, wider, now=now)
    await call_others(session, activity, office, wider, now=now)

    assert [i.person for i in (await follow_audience(session, activity, now=now)).joined] == [second]


async def test_a_yes_beyond_the_capacity_waits_and_moves_up_in_order(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    people = [await roster.person(name) for name in "甲乙丙丁戊"]
    activity = await called(session, office, now, capacity=2)
    a, b, c, d, e = await answer_yes(session, activity, people[0], people[1], people[3], people[2], people[4], now=now)

    assert [i.standing for i in (a, b, c, d, e)] == [Standing.ATTENDING] * 2 + [Standing.WAITING] * 3
    assert [await place_in_queue(session, i) for i in (a, c, d, e)] == [0, 1, 2, 3]
    assert await move_up(session, now=now) == []
    ask_leave(a, LeaveCategory.ILLNESS, "", cutoff=DAY, now=now)
    await session.flush()
    assert await move_up(session, now=now) == [c]
    take_back(session, b, now=now)
    people[2].active = False  # the next in the queue leaves the roster
    await session.flush()
    await follow_audience(session, activity, now=now)

    assert await move_up(session, now=now) == [e]
    figures = await figures_of(session, activity)
    assert (figures.called, figures.attending, figures.waiting, figures.leave, figures.silent) == (4, 2, 0, 1, 1)


async def test_nobody_goes_past_the_waiting_list(session: AsyncSession, roster: Roster, office: Person, now: datetime) -> None:
    first, waiting, late = [await roster.person(name) for name in "甲乙丙"]
    activity = await called(session, office, now, capacity=1)
    has, waits = await answer_yes(session, activity, first, waiting, now=now)
    take_back(session, has, now=now)
    await session.flush()

    [newest] = await answer_yes(session, activity, late, now=now + HOUR)

    assert newest.standing is Standing.WAITING
    assert await move_up(session, now=now + HOUR) == [waits]


async def test_the_last_place_goes_to_one_of_those_who_ask_at_once(engine: AsyncEngine, now: datetime) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        roster = Roster(session)
        office = await roster.person("周主任", Role.OFFICE)
        ids = [(await roster.person(f"代表{number}")).id for number in range(12)]
        activity_id = (await called(session, office, now, capacity=3)).id

    async def answer(person_id: int) -> None:
        async with sessions.begin() as session:
            places = await hold_to_answer(session, activity_id)
            invitation = await invitation_for(session, activity_id, await session.get_one(Person, person_id))
            await say_yes(session, invitation, places, now=now)

    await asyncio.gather(*(answer(person_id) for person_id in ids), answer(ids[0]))

    async with sessions.begin() as session:
        figures = await figures_of(session, await session.get_one(Activity, activity_id))
        assert (figures.attending, figures.waiting) == (3, 9)


async def test_many_answer_at_the_same_moment_unless_places_are_few(engine: AsyncEngine, now: datetime) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        roster = Roster(session)
        office, _ = await roster.person("周主任", Role.OFFICE), await roster.person("王建国")
        wide, narrow = (await called(session, office, now, capacity=2)).id, (await called(session, office, now, capacity=2)).id
        (await session.get_one(Activity, wide)).capacity = None

    async with sessions.begin() as first, sessions.begin() as second:
        assert [await hold_to_answer(one, wide) for one in (first, second)] == [None, None]
        assert await hold_to_answer(first, narrow) == 2
        waits = asyncio.create_task(hold_to_answer(second, narrow))
        await asyncio.wait({waits}, timeout=0.2)
        assert not waits.done()
        await first.commit()
        assert await waits == 2


async def test_a_place_that_becomes_free_is_given_once_though_two_look_at_once(engine: AsyncEngine, now: datetime) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        roster = Roster(session)
        office = await roster.person("周主任", Role.OFFICE)
        people = [await roster.person(f"代表{number}") for number in range(6)]
        activity = await called(session, office, now, capacity=1)
        invitations = await answer_yes(session, activity, *people, now=now)
        take_back(session, invitations[0], now=now)

    async def look() -> int:
        async with sessions.begin() as session:
            return len(await move_up(session, now=now))

    assert sorted(await asyncio.gather(look(), look(), look())) == [0, 0, 1]


async def test_more_places_move_several_up_and_fewer_take_nobodys_away(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    people = [await roster.person(name) for name in "甲乙丙丁"]
    activity = await called(session, office, now, capacity=1)
    invitations = await answer_yes(session, activity, *people, now=now)

    await set_capacity(session, activity, office, 3, now=now)
    assert await move_up(session, now=now) == invitations[1:3]
    await set_capacity(session, activity, office, 1, now=now)
    assert await move_up(session, now=now) == []
    assert (await figures_of(session, activity)).attending == 3
    await set_capacity(session, activity, office, None, now=now)
    assert await move_up(session, now=now) == invitations[3:]
    for places in (0, -1, 10**6):
        with pytest.raises(NoSuchCapacity):
            await set_capacity(session, activity, office, places, now=now)


async def test_whoever_waited_to_the_last_need_not_come_nor_the_silent_of_a_full_activity(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    people = [await roster.person(name) for name in "甲乙丙"]
    full, roomy = await called(session, office, now, capacity=1), await called(session, office, now, capacity=2)
    _, waits = await answer_yes(session, full, *people[:2], now=now)
    await answer_yes(session, roomy, people[0], now=now)

    assert await close_waiting_lists(session, now=full.starts_at - HOUR) == []
    assert await move_up(session, now=full.starts_at) == []
    assert await close_waiting_lists(session, now=full.starts_at) == [waits]

    assert [i.person.name for i in await invitations_of(session, full)] == ["甲"]
    assert [i.person.name for i in await invitations_of(session, roomy)] == ["甲", "乙", "丙"], "there was room: they were expected"
    with pytest.raises(ActivityStarted):
        await set_capacity(session, full, office, 5, now=full.starts_at)


async def test_a_clash_names_those_called_to_both(session: AsyncSession, roster: Roster, office: Person, now: datetime) -> None:
    free, busy, away, other = [await roster.person(name) for name in ("有空", "撞期", "请假", "无关")]
    theirs = Audience().plus(Part.PERSON, [busy.id, away.id, other.id])
    there = await called(session, office, now, theirs)
    ask_leave(await invitation_for(session, there.id, away), LeaveCategory.OTHER, "", cutoff=DAY, now=now)
    await session.flush()
    ours = Audience().plus(Part.PERSON, [free.id, busy.id, away.id])
    begin, end = there.starts_at, there.ends_at

    for span in ((begin - HOUR, begin + HOUR), (end - HOUR, end + HOUR), (begin - DAY, end + DAY)):
        assert [(clash.activity, list(clash.names)) for clash in await clashes_of(session, ours, *span)] == [(there, ["撞期"])]
    for span in ((begin - HOUR, begin), (end, end + HOUR)):
        assert await clashes_of(session, ours, *span) == [], "one begins when the other ends"
    assert await clashes_of(session, ours, begin, end, but=there) == []
    there.state = ActivityState.CANCELLED
    await session.flush()
    assert await clashes_of(session, ours, begin, end) == []


def test_holidays_and_made_up_days_are_named_and_a_calendar_that_ends_says_so() -> None:
    def days(year: int, month: int, day: int, length: timedelta = HOUR) -> list[NotableDay]:
        start = datetime(year, month, day, 0, 30, tzinfo=SHANGHAI)  # still the day before by UTC
        return notable_days(start, start + length, SHANGHAI)

    assert [(day.kind, day.holiday) for day in days(2026, 10, 1)] == [(DayKind.HOLIDAY, "national_day")]
    assert [(day.kind, day.holiday) for day in days(2026, 10, 10)] == [(DayKind.MADE_UP, "national_day")]
    assert days(2026, 3, 14) == [], "a plain Saturday"
    assert [day.kind for day in days(2039, 5, 1, 3 * DAY)] == [DayKind.UNKNOWN]
    assert [day.day.day for day in days(2026, 9, 30, 2 * DAY)] == [1, 2]


async def test_all_changes_stand_in_one_notice_against_what_was_last_heard(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    person = await roster.person("王建国")
    activity = await called(session, office, now, starts_in=2 * DAY)
    [invitation] = await answer_yes(session, activity, person, now=now)

    await move_activity(session, activity, office, now=now, title="履职培训", notes="带笔记本")
    assert invitation.reply is Reply.ATTENDING
    await move_activity(session, activity, office, now=now, place="礼堂", length=3 * HOUR)
    await move_activity(session, activity, office, now=now, title="代表培训")

    [notice] = await due_notices(session, now=now)
    assert notice.kind is NoticeKind.CHANGE
    assert notice.details == {"notes": "", "place": "党校", "length": 7200, ASKED_AGAIN: True}, "the title is what they know"
    assert invitation.reply is Reply.NONE
    assert activity.sequence == 3
    with pytest.raises(NothingChanged):
        await move_activity(session, activity, office, now=now, place="礼堂")


async def test_a_postponed_activity_stays_so_until_it_has_a_time(
    session: AsyncSession, roster: Roster, office: Person, now: datetime
) -> None:
    await roster.person("王建国")
    activity = await called(session, office, now)
    await postpone_activity(session, activity, office, now=now)
    await session.flush()
    [off] = await due_notices(session, now=now)
    await send_notice(session, off, now=now)

    await move_activity(session, activity, office, now=now, place="礼堂")
    assert activity.state is ActivityState.POSTPONED
    assert await due_notices(session, now=now) == []
    before = activity.starts_at
    await move_activity(session, activity, office, now=now, to=now + 5 * DAY)

    [notice] = await due_notices(session, now=now)
    assert notice.details == {"place": "党校", "starts_at": before.isoformat(), ASKED_AGAIN: True}
