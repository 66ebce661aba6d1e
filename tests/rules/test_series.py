"""Recurring activities: made ahead, once each, ordinary from then on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, ActivityState, Offsets
from models.audience import Audience, Part
from models.changes import cancel_activity, move_activity
from models.invitations import call_activity, invitations_of
from models.notices import due_notices, schedule_notices, send_notice
from models.people import DeputyGroup, Person, Role
from models.policy import Policy
from models.recurrence import Every, Until
from models.rules import Gone, NotAllowed
from models.series import (
    NothingToRepeat,
    RepeatedAlready,
    Repetition,
    Series,
    SeriesDate,
    begin_series,
    end_series,
    made_of,
    make_due_activities,
    make_early,
    next_to_make,
    previewed,
    running_series,
    series_by_id,
    still_to_make,
)
from tests.rules.test_activities import somebody

POLICY, ZONE, DAY = Policy(), ZoneInfo("Asia/Shanghai"), timedelta(days=1)
EVERYONE = Audience(everyone=True)
MONTHLY = Repetition(Every.MONTH, 0, Until.THIS_YEAR, shift=True)


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    return await somebody(session, "周主任", Role.OFFICE, telegram_id=1)


@pytest.fixture
async def deputy(session: AsyncSession) -> Person:
    return await somebody(session, "王建国", telegram_id=3)


async def reception(session: AsyncSession, maker: Person, now: datetime, audience: Audience = EVERYONE, day: int = 15) -> Activity:
    """Reception day at nine on a day of April 2026; 15 April is a Wednesday."""
    starts_at = datetime(2026, 4, day, 9, tzinfo=ZONE)
    activity = await call_activity(
        session,
        maker,
        kind=ActivityKind.RECEPTION,
        title="代表接待选民日",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        place="代表之家",
        notes="",
        audience=audience,
        offsets=Offsets.of(POLICY),
        now=now,
    )
    schedule_notices(activity, now=now)
    await session.flush()
    return activity


async def all_made(session: AsyncSession) -> list[date]:
    activities = await session.scalars(select(Activity).order_by(Activity.starts_at))
    return [activity.starts_at.astimezone(ZONE).date() for activity in activities]


async def play(session: AsyncSession, since: datetime, until: datetime, step: timedelta = DAY) -> None:
    at = since
    while at <= until:
        await make_due_activities(session, policy=POLICY, now=at)
        at += step


async def test_a_year_of_reception_days_is_made_once_each_on_working_days(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)

    await play(session, now, datetime(2027, 1, 5, tzinfo=UTC))

    expected = [(4, 15), (5, 15), (6, 15), (7, 15), (8, 17), (9, 15), (10, 15), (11, 16), (12, 15)]
    assert await all_made(session) == [date(2026, month, day) for month, day in expected]
    assert await next_to_make(session) is None


async def test_no_pre_notice_is_ever_late_and_what_is_made_leaves_time_to_look(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)

    for _ in range(8):
        at = series.next_make_at
        assert at is not None
        [made] = await make_due_activities(session, policy=POLICY, now=at)
        assert min(notice.due_at for notice in made.notices) - at >= POLICY.series_ahead
        assert len(made.notices) == 4
    assert series.next_make_at is None


async def test_a_made_activity_lasts_and_calls_like_the_first_and_asks_who_belongs_today(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)
    newcomer = await somebody(session, "李秀英", telegram_id=4)
    deputy.active = False
    await session.flush()

    [made] = await make_due_activities(session, policy=POLICY, now=series.next_make_at or now)

    assert (made.kind, made.title, made.place) == (ActivityKind.RECEPTION, "代表接待选民日", "代表之家")
    assert made.ends_at - made.starts_at == timedelta(hours=3)
    assert [invitation.person_id for invitation in await invitations_of(session, made)] == [newcomer.id]


async def test_moving_one_date_moves_no_other_and_is_not_made_again(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)
    [may] = await make_due_activities(session, policy=POLICY, now=series.next_make_at or now)

    await move_activity(session, may, office, now=now, to=datetime(2026, 5, 20, 15, tzinfo=ZONE))
    await play(session, now, datetime(2026, 6, 1, tzinfo=UTC))

    assert (await all_made(session))[:3] == [date(2026, 4, 15), date(2026, 5, 20), date(2026, 6, 15)]


async def test_a_cancelled_date_stays_cancelled(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)
    [may] = await make_due_activities(session, policy=POLICY, now=series.next_make_at or now)

    await cancel_activity(session, may, office, now=now)
    await play(session, now, datetime(2026, 5, 20, tzinfo=UTC))

    assert (await all_made(session)).count(date(2026, 5, 15)) == 1


async def test_a_date_far_ahead_is_made_early_so_that_it_can_be_moved(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)

    november = await make_early(session, series, date(2026, 11, 15), policy=POLICY, now=now)
    await play(session, now, datetime(2027, 1, 5, tzinfo=UTC))

    assert november.starts_at == datetime(2026, 11, 16, 9, tzinfo=ZONE)
    assert len(await all_made(session)) == 9
    with pytest.raises(Gone):
        await make_early(session, series, date(2026, 11, 15), policy=POLICY, now=now)


async def test_after_an_outage_dates_that_passed_are_not_made_and_near_ones_are_told_at_once(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)

    back = datetime(2026, 7, 14, 10, tzinfo=ZONE)
    made = await make_due_activities(session, policy=POLICY, now=back)

    assert [activity.starts_at.astimezone(ZONE).date() for activity in made] == [date(2026, 7, 15)]
    assert [notice.kind for notice in await due_notices(session, now=back)] == ["formal"]


async def test_the_database_refuses_the_same_date_twice(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)
    other = await reception(session, office, now)

    session.add(SeriesDate(series_id=series.id, original_on=date(2026, 4, 15), activity_id=other.id))
    with pytest.raises(IntegrityError):
        await session.flush()


async def test_an_activity_held_on_the_sixteenth_can_stand_for_the_fifteenth(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    starts_at = datetime(2026, 3, 16, 9, tzinfo=ZONE)  # 15 March is a Sunday
    activity = await reception(session, office, now)
    await move_activity(session, activity, office, now=now, to=starts_at)

    series = await begin_series(session, activity, office, Repetition(Every.MONTH, 1, Until.THIS_YEAR, shift=True), policy=POLICY, now=now)

    days = await still_to_make(session, series, ZONE, now=now)
    assert days[0].by_rule == date(2026, 4, 15)
    with pytest.raises(Gone):
        Repetition(Every.MONTH, 5, Until.THIS_YEAR, shift=True).first(activity, ZONE)


async def test_ending_leaves_what_was_told_and_cancels_or_keeps_the_rest(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    for cancel in (True, False):
        first = await reception(session, office, now)
        series = await begin_series(session, first, office, MONTHLY, policy=POLICY, now=now)
        may = await make_early(session, series, date(2026, 5, 15), policy=POLICY, now=now)
        await send_notice(session, first.notices[0], now=now)

        cancelled, _ = await end_series(session, series, office, cancel=cancel, now=now)

        assert cancelled == ([may] if cancel else [])
        assert may.state is (ActivityState.CANCELLED if cancel else ActivityState.PLANNED)
        assert first.state is ActivityState.PRE_NOTICED
        assert await make_due_activities(session, policy=POLICY, now=now + 60 * DAY) == []


async def test_whoever_may_not_call_may_not_repeat_and_group_leaders_see_their_own_series(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    group = DeputyGroup(name="第一代表小组")
    leader = await somebody(session, "刘组长", Role.DEPUTY, Role.GROUP_LEADER, group=group)
    other = await somebody(session, "张组长", Role.DEPUTY, Role.GROUP_LEADER)
    own = await reception(session, leader, now, Audience().plus(Part.GROUP, [group.id]))

    with pytest.raises(NotAllowed):
        await begin_series(session, own, other, MONTHLY, policy=POLICY, now=now)
    series = await begin_series(session, own, leader, MONTHLY, policy=POLICY, now=now)

    with pytest.raises(NotAllowed):
        await series_by_id(session, series.id, other)
    assert [list(await running_series(session, person, limit=9)) for person in (office, leader, other)] == [[series], [series], []]
    with pytest.raises(RepeatedAlready):
        await begin_series(session, own, leader, MONTHLY, policy=POLICY, now=now)


async def test_when_its_maker_has_left_the_office_goes_on(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> None:
    group = DeputyGroup(name="第一代表小组")
    leader = await somebody(session, "刘组长", Role.DEPUTY, Role.GROUP_LEADER, group=group)
    await somebody(session, "钱组员", group=group)
    series = await begin_series(
        session, await reception(session, leader, now, Audience().plus(Part.GROUP, [group.id])), leader, MONTHLY, policy=POLICY, now=now
    )
    leader.active = False
    await session.flush()

    [made] = await make_due_activities(session, policy=POLICY, now=series.next_make_at or now)

    assert made.created_by is office


async def test_a_group_that_lost_all_its_people_is_tried_again_another_day(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    series = await begin_series(session, await reception(session, office, now), office, MONTHLY, policy=POLICY, now=now)
    at = series.next_make_at or now
    deputy.active = False
    await session.flush()

    assert await make_due_activities(session, policy=POLICY, now=at) == []
    deputy.active = True
    await session.flush()
    assert await make_due_activities(session, policy=POLICY, now=at) == []
    assert len(await make_due_activities(session, policy=POLICY, now=at + DAY)) == 1


async def test_a_rule_after_which_nothing_follows_is_refused(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> None:
    activity = await reception(session, office, now)
    await move_activity(session, activity, office, now=now, to=datetime(2026, 12, 15, 9, tzinfo=ZONE))

    with pytest.raises(NothingToRepeat):
        await begin_series(session, activity, office, MONTHLY, policy=POLICY, now=now)
    assert await session.scalar(select(func.count()).select_from(Series)) == 0


async def test_what_is_still_to_come_is_listed_with_what_is_made(
    session: AsyncSession, office: Person, deputy: Person, now: datetime
) -> None:
    first = await reception(session, office, now)
    series = await begin_series(session, first, office, MONTHLY, policy=POLICY, now=now)

    assert await made_of(session, series, now=now) == [first]
    assert len(await still_to_make(session, series, ZONE, now=now)) == 8


async def test_the_first_activity_is_previewed_where_it_is(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> None:
    activity = await reception(session, office, now)
    await move_activity(session, activity, office, now=now, to=datetime(2026, 5, 16, 9, tzinfo=ZONE))  # a Saturday

    for shift in (True, False):
        days = previewed(activity, Repetition(Every.MONTH, 0, Until.THIS_YEAR, shift=shift), now=now, timezone=ZONE)
        assert [day.held_on for day in days[:2]] == [date(2026, 5, 16), date(2026, 6, 16)]
    days = previewed(activity, Repetition(Every.WEEK, 0, Until.THIS_YEAR, shift=True), now=now, timezone=ZONE)
    assert [day.held_on for day in days[:2]] == [date(2026, 5, 16), date(2026, 5, 25)]
