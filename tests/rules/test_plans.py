"""The annual plan: who may see and change it, what has become of its items, what an import changes, and quarters with nothing held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, Offsets
from models.audience import Audience, Part
from models.audit import AuditEntry
from models.changes import cancel_activity, postpone_activity
from models.idle_quarters import Quarter, idle_groups, leaders_of, next_review, quarter_to_review
from models.invitations import call_activity
from models.people import DeputyGroup, Person, Role
from models.plan_import import Fate, Fault, PlanRow, apply_rows, plan_rows
from models.plans import (
    PlanFull,
    PlanItem,
    PlanTextTooLong,
    Standing,
    TopicMissing,
    activities_of,
    add_item,
    change_item,
    grow_from,
    plan_item,
    plan_of,
    plans_of_year,
    remove_item,
    require_plan,
    standing_of,
)
from models.policy import Policy
from models.rules import Gone, NotAllowed
from tests.rules.test_activities import somebody

POLICY, ZONE, DAY = Policy(), ZoneInfo("Asia/Shanghai"), timedelta(days=1)


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    return await somebody(session, "周主任", Role.OFFICE, telegram_id=1)


@pytest.fixture
async def group(session: AsyncSession) -> DeputyGroup:
    made = DeputyGroup(name="第一代表小组")
    session.add(made)
    await session.flush()
    return made


@pytest.fixture
async def chief(session: AsyncSession, group: DeputyGroup) -> Person:
    return await somebody(session, "刘组长", Role.DEPUTY, Role.GROUP_LEADER, telegram_id=5, group=group)


async def item_of(
    session: AsyncSession, actor: Person, group: DeputyGroup | None, now: datetime, month: int = 3, topic: str = "视察养老服务"
) -> PlanItem:
    return await add_item(
        session,
        actor,
        group_id=group.id if group else None,
        year=2026,
        month=month,
        kind=ActivityKind.INSPECTION,
        topic=topic,
        responsible="刘组长",
        now=now,
    )


async def activity_of(session: AsyncSession, maker: Person, group: DeputyGroup, starts_at: datetime, now: datetime) -> Activity:
    return await call_activity(
        session,
        maker,
        kind=ActivityKind.INSPECTION,
        title="视察养老服务",
        starts_at=starts_at,
        ends_at=None,
        place="区福利院",
        notes="",
        audience=Audience().plus(Part.GROUP, [group.id]),
        offsets=Offsets.of(POLICY),
        now=now,
    )


async def test_leaders_of_a_group_change_their_own_plan_only_leaders_read_and_deputies_see_nothing(
    session: AsyncSession, office: Person, chief: Person, group: DeputyGroup, now: datetime
) -> None:
    leader, deputy = await somebody(session, "郑主任", Role.LEADER), await somebody(session, "王建国", group=group)
    own, offices = await item_of(session, chief, group, now), await item_of(session, office, None, now)

    for person, item, to_change in ((chief, offices, False), (leader, own, True), (deputy, own, False), (leader, offices, True)):
        with pytest.raises(NotAllowed):
            await plan_item(session, item.id, person, to_change=to_change)
    for person, item, to_change in ((chief, own, True), (office, own, True), (office, offices, True), (leader, own, False)):
        assert await plan_item(session, item.id, person, to_change=to_change) is item
    with pytest.raises(NotAllowed):
        require_plan(await somebody(session, "无组", Role.GROUP_LEADER), None)
    with pytest.raises(Gone):
        await plan_item(session, 999, office)


async def test_where_an_item_stands_follows_from_its_activities_and_the_date(
    session: AsyncSession, office: Person, chief: Person, group: DeputyGroup
) -> None:
    january = datetime(2026, 1, 10, tzinfo=UTC)
    item = await item_of(session, chief, group, january)

    async def standing(at: datetime) -> Standing:
        return (await standing_of(session, item, now=at, timezone=ZONE)).standing

    assert await standing(january) is Standing.AHEAD
    assert await standing(datetime(2026, 2, 28, 16, tzinfo=UTC)) is Standing.DUE  # in Shanghai March has begun
    assert await standing(datetime(2026, 4, 1, tzinfo=UTC)) is Standing.OVERDUE

    starts_at = datetime(2026, 3, 20, 1, tzinfo=UTC)
    cancelled = await activity_of(session, chief, group, starts_at, january)
    await grow_from(session, item.id, cancelled, chief)
    assert await standing(january) is Standing.ARRANGED
    await cancel_activity(session, cancelled, chief, now=january)
    assert await standing(starts_at + DAY) is Standing.DUE

    held = await activity_of(session, chief, group, starts_at, january)
    await grow_from(session, item.id, held, chief)
    planned = await standing_of(session, item, now=january, timezone=ZONE)
    assert (planned.standing, planned.next_at) == (Standing.ARRANGED, starts_at)
    assert await standing(starts_at + DAY) is Standing.DONE
    assert await standing(datetime(2027, 1, 1, tzinfo=UTC)) is Standing.DONE
    assert list(await activities_of(session, item)) in ([held, cancelled], [cancelled, held])


async def test_a_postponed_activity_is_neither_done_nor_arranged(
    session: AsyncSession, chief: Person, group: DeputyGroup, now: datetime
) -> None:
    item = await item_of(session, chief, group, now)
    activity = await activity_of(session, chief, group, now + DAY, now)
    await grow_from(session, item.id, activity, chief)

    await postpone_activity(session, activity, chief, now=now)

    assert (await standing_of(session, item, now=now + 2 * DAY, timezone=ZONE)).standing is Standing.DUE


async def test_plans_are_kept_apart_by_group_and_year(session: AsyncSession, office: Person, group: DeputyGroup, now: datetime) -> None:
    late, early = await item_of(session, office, group, now, 11), await item_of(session, office, group, now, 2)
    offices = await item_of(session, office, None, now)

    assert [planned.item for planned in await plan_of(session, group.id, 2026, now=now, timezone=ZONE)] == [early, late]
    assert [planned.item for planned in await plan_of(session, None, 2026, now=now, timezone=ZONE)] == [offices]
    assert await plan_of(session, None, 2027, now=now, timezone=ZONE) == []
    plans = await plans_of_year(session, 2026, now=now, timezone=ZONE)
    assert {owner: len(items) for owner, items in plans.items()} == {group.id: 2, None: 1}


async def test_an_item_needs_a_topic_that_fits_a_title_on_one_line(
    session: AsyncSession, office: Person, group: DeputyGroup, now: datetime
) -> None:
    item = await item_of(session, office, group, now, topic="  调研\n养老\x00 服务 ")

    assert item.topic == "调研 养老 服务"
    with pytest.raises(TopicMissing):
        await item_of(session, office, group, now, topic=" \n")
    with pytest.raises(PlanTextTooLong):
        change_item(session, item, office, topic="长" * 81, now=now)


async def test_changes_and_removals_are_written_down_and_activities_outlive_their_item(
    session: AsyncSession, chief: Person, group: DeputyGroup, now: datetime
) -> None:
    item = await item_of(session, chief, group, now)
    activity = await activity_of(session, chief, group, now + DAY, now)
    await grow_from(session, item.id, activity, chief)

    change_item(session, item, chief, month=5, now=now)
    change_item(session, item, chief, month=5, now=now)
    await remove_item(session, item, chief, now=now)

    entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action.like("plan.%")).order_by(AuditEntry.id))).all()
    assert [entry.action for entry in entries] == ["plan.added", "plan.changed", "plan.removed"]
    assert entries[1].details["before"]["month"] == 3
    assert entries[2].details["activities"] == [activity.id]
    assert await session.get(Activity, activity.id) is activity
    await grow_from(session, item.id, await activity_of(session, chief, group, now + DAY, now), chief)


def row(line: int, month: int, topic: str, *, number: int | None = None, kind: str | None = "inspection", responsible: str = "") -> PlanRow:
    return PlanRow(line, number, month, topic, kind, responsible)


async def test_an_import_adds_changes_and_leaves_out_row_by_row(
    session: AsyncSession, office: Person, group: DeputyGroup, now: datetime
) -> None:
    item, same = await item_of(session, office, group, now), await item_of(session, office, group, now, topic="学习条例")
    absent = await item_of(session, office, group, now, topic="不在表中")
    rows = [
        row(2, 6, "视察养老服务", number=item.id, responsible="刘组长"),
        row(3, 3, "学习条例", responsible="刘组长"),
        row(4, 9, "调研物业", kind="research"),
        row(5, 0, "没有月份"),
        replace(row(6, 0, "月份不对"), unread=(("month", "十三月"),)),
        row(7, 3, ""),
        replace(row(8, 3, "类型不对"), unread=(("kind", "春游"),)),
        row(9, 3, "长" * 81),
        row(10, 6, "又是它", number=item.id),
    ]

    change = await plan_rows(session, rows, group.id, 2026)

    assert [planned.fate for planned in change.rows] == [Fate.CHANGED, Fate.UNCHANGED, Fate.ADDED, *([Fate.LEFT_OUT] * 6)]
    assert change.rows[0].changed == ("month",)
    assert [planned.fault for planned in change.rows[3:]] == [
        Fault.NO_MONTH,
        Fault.BAD_MONTH,
        Fault.NO_TOPIC,
        Fault.BAD_KIND,
        Fault.TOO_LONG,
        Fault.TWICE,
    ]
    assert change.rows[-1].fault_value == "2"
    assert change.absent == 1

    await apply_rows(session, change, office, group_id=group.id, year=2026, now=now)
    plan = {planned.item.topic: planned.item for planned in await plan_of(session, group.id, 2026, now=now, timezone=ZONE)}
    assert plan.keys() == {"视察养老服务", "学习条例", "不在表中", "调研物业"}
    assert (item.month, plan["调研物业"].kind, same.topic, absent.month) == (6, ActivityKind.RESEARCH, "学习条例", 3)
    again = await plan_rows(session, rows, group.id, 2026)
    assert again.changes_nothing
    assert again.fingerprint != change.fingerprint


async def test_numbers_of_another_years_plan_make_new_items(session: AsyncSession, office: Person, now: datetime) -> None:
    item = await item_of(session, office, None, now)

    change = await plan_rows(session, [row(2, 3, item.topic, number=item.id)], None, 2027)

    assert [planned.fate for planned in change.rows] == [Fate.ADDED]


async def test_an_import_beyond_the_limit_is_refused_as_a_whole(session: AsyncSession, office: Person, now: datetime) -> None:
    change = await plan_rows(session, [row(line, 3, f"第{line}项") for line in range(2, 203)], None, 2026)

    with pytest.raises(PlanFull):
        await apply_rows(session, change, office, group_id=None, year=2026, now=now)
    assert await plan_of(session, None, 2026, now=now, timezone=ZONE) == []


async def test_nobody_imports_into_another_groups_plan(session: AsyncSession, chief: Person, now: datetime) -> None:
    change = await plan_rows(session, [row(2, 3, "借题")], None, 2026)

    with pytest.raises(NotAllowed):
        await apply_rows(session, change, chief, group_id=None, year=2026, now=now)


def test_a_year_has_as_many_quarters_as_activities_are_usual() -> None:
    assert Quarter.of(date(2026, 3, 31), 4) == Quarter(2026, 1, 3)
    assert Quarter(2026, 1, 3).before() == Quarter(2025, 10, 12)
    assert Quarter(2026, 10, 12).after() == Quarter(2027, 1, 3)
    assert Quarter.of(date(2026, 8, 1), 2) == Quarter(2026, 7, 12)
    assert Quarter(2026, 1, 12).before() == Quarter(2025, 1, 12)


async def test_a_quarter_is_reviewed_once_at_the_first_hour_of_work_of_the_next(session: AsyncSession, now: datetime) -> None:
    assert await quarter_to_review(session, POLICY, now=now) is None
    assert await next_review(session) == datetime(2026, 4, 1, 8, 30, tzinfo=ZONE)

    assert await quarter_to_review(session, POLICY, now=datetime(2026, 4, 1, 8, 29, tzinfo=ZONE)) is None
    assert await quarter_to_review(session, POLICY, now=datetime(2026, 4, 1, 8, 30, tzinfo=ZONE)) == Quarter(2026, 1, 3)
    assert await quarter_to_review(session, POLICY, now=datetime(2026, 4, 1, 8, 31, tzinfo=ZONE)) is None
    assert await next_review(session) == datetime(2026, 7, 1, 8, 30, tzinfo=ZONE)


async def test_after_a_long_outage_only_the_last_quarter_is_told_and_never_on_a_holiday(session: AsyncSession, now: datetime) -> None:
    await quarter_to_review(session, POLICY, now=now)

    # 1 to 7 October are off: the third quarter is told on the 8th.
    assert await quarter_to_review(session, POLICY, now=datetime(2026, 10, 3, 10, tzinfo=ZONE)) == Quarter(2026, 4, 6)
    assert await next_review(session) == datetime(2026, 10, 8, 8, 30, tzinfo=ZONE)
    assert await quarter_to_review(session, POLICY, now=datetime(2026, 12, 8, 10, tzinfo=ZONE)) == Quarter(2026, 7, 9)


async def test_a_group_is_idle_when_nothing_called_for_it_was_held(
    session: AsyncSession, office: Person, chief: Person, group: DeputyGroup, now: datetime
) -> None:
    empty, other = DeputyGroup(name="空组"), DeputyGroup(name="第二代表小组")
    await somebody(session, "李秀英", group=other)
    session.add(empty)
    first = Quarter(2026, 1, 3)
    assert await idle_groups(session, first, ZONE) == [group, other]

    called = await activity_of(session, chief, group, now + DAY, now)
    item = await item_of(session, office, other, now)
    grown = await activity_of(session, office, group, now + DAY, now)
    await grow_from(session, item.id, grown, office)
    assert await idle_groups(session, first, ZONE) == []

    for activity in (called, grown):
        await cancel_activity(session, activity, office, now=now)
    assert await idle_groups(session, first, ZONE) == [group, other]
    assert await leaders_of(session, group) == [chief]
    assert await leaders_of(session, other) == []
