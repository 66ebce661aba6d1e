"""Check-in without Telegram: codes, windows, taps, guesses, distances, and what the attendance table makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import ActivityState
from models.attendance import Attendance, CheckInWay
from models.audience import Audience, Part
from models.checkin import OwnCheckIn, check_in, counts_of, note_in_time, note_left, tap_in, untap
from models.checkin_codes import code_of, digits_of, is_code, is_token, token_of
from models.checkin_desk import CheckInDesk, CheckInNotYet, CheckInOver, RecordConfirmed, desk_of, may_run, open_desks, set_helper
from models.checkin_guesses import may_guess, note_wrong
from models.checkin_place import distance
from models.people import DeputyGroup, Person, Role
from models.policy import Policy
from models.rules import NotAllowed
from tests.conftest import NOON
from tests.rules.test_attendance_table import HOUR, MINUTE, Meeting

POLICY = Policy()
EVERY = POLICY.checkin_code_every


@pytest.fixture
async def meeting(session: AsyncSession, now: datetime) -> Meeting:
    """In an hour, for two hours."""
    return await Meeting.with_people(session, now, "王建国", "李秀英")


@pytest.fixture
async def desk(session: AsyncSession, meeting: Meeting) -> CheckInDesk:
    return await desk_of(session, meeting.activity)


@given(st.integers(0, 10_000), st.integers(0, 29))
def test_a_code_lives_for_its_own_half_minute_and_the_next(slot: int, second: int) -> None:
    start = datetime.fromtimestamp(slot * 30, tz=NOON.tzinfo)
    code, token = code_of("secret", slot), token_of("secret", slot)

    alive = [is_token("secret", token, now=start + half * EVERY + timedelta(seconds=second), every=EVERY) for half in (-1, 0, 1, 2)]
    assert alive == [False, True, True, False]
    assert is_code("secret", code, now=start + timedelta(seconds=second), every=EVERY)
    assert not is_token("another", token, now=start, every=EVERY)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("4821", "4821"),
        (" 48 21\n", "4821"),
        ("４８２１", "4821"),
        ("0007", "0007"),
        ("482", None),
        ("48210", None),
        ("四八二一", None),
        ("", None),
    ],
)
def test_digits_are_read_as_people_type_them(typed: str, digits: str | None) -> None:
    assert digits_of(typed) == digits
    assert digits_of(None) is None


def test_the_distance_of_two_cities_is_what_an_atlas_says() -> None:
    hefei, luan = (31.8206, 117.2272), (31.7350, 116.5198)

    assert distance(hefei, luan) == pytest.approx(67_600, rel=0.01)
    assert distance(hefei, hefei) == 0
    assert distance((0, 179.999), (0, -179.999)) == pytest.approx(222, rel=0.01)


async def test_one_checks_in_from_an_hour_before_until_the_end(session: AsyncSession, desk: CheckInDesk, meeting: Meeting) -> None:
    person, starts_at = await meeting.person("王建国"), meeting.activity.starts_at

    with pytest.raises(CheckInNotYet):
        await check_in(session, desk, person, CheckInWay.SCAN, POLICY, now=starts_at - HOUR - MINUTE)
    with pytest.raises(CheckInOver):
        await check_in(session, desk, person, CheckInWay.SCAN, POLICY, now=starts_at + 2 * HOUR)
    first = await check_in(session, desk, person, CheckInWay.SCAN, POLICY, now=starts_at - HOUR)
    again = await check_in(session, desk, person, CheckInWay.CODE, POLICY, now=starts_at + HOUR)

    assert first is again
    assert again.at == starts_at - HOUR
    assert await open_desks(session, POLICY, now=starts_at - HOUR - MINUTE) == []
    assert await open_desks(session, POLICY, now=starts_at) == [desk]


async def test_what_was_called_off_is_not_checked_in_to(session: AsyncSession, desk: CheckInDesk, meeting: Meeting) -> None:
    meeting.activity.state = ActivityState.POSTPONED

    for way_in in (check_in(session, desk, await meeting.person("王建国"), CheckInWay.CODE, POLICY, now=meeting.activity.starts_at),):
        with pytest.raises(CheckInOver):
            await way_in
    assert await open_desks(session, POLICY, now=meeting.activity.starts_at) == []


async def test_an_organiser_taps_after_the_end_too_until_the_record_is_confirmed(
    session: AsyncSession, desk: CheckInDesk, meeting: Meeting
) -> None:
    person, after = await meeting.person("王建国"), meeting.activity.ends_at + HOUR

    await tap_in(session, desk, person, meeting.office, POLICY, now=after)

    assert (await meeting.table(after=3 * HOUR))["王建国"] is Attendance.PRESENT
    meeting.activity.state = ActivityState.RECORD_CONFIRMED
    for refused in (tap_in, untap, note_in_time):
        with pytest.raises(RecordConfirmed):
            await refused(session, desk, person, meeting.office, POLICY, now=after)


async def test_only_a_tap_is_taken_back(session: AsyncSession, desk: CheckInDesk, meeting: Meeting) -> None:
    came, tapped, now = await meeting.person("王建国"), await meeting.person("李秀英"), meeting.activity.starts_at + 20 * MINUTE
    await check_in(session, desk, came, CheckInWay.CODE, POLICY, now=now)
    await tap_in(session, desk, tapped, meeting.office, POLICY, now=now)

    with pytest.raises(OwnCheckIn):
        await untap(session, desk, came, meeting.office, POLICY, now=now)
    with pytest.raises(OwnCheckIn):
        await note_in_time(session, desk, came, meeting.office, POLICY, now=now)
    await note_in_time(session, desk, tapped, meeting.office, POLICY, now=now)

    assert await meeting.table(after=HOUR) == {"王建国": Attendance.LATE, "李秀英": Attendance.PRESENT}
    assert await untap(session, desk, tapped, meeting.office, POLICY, now=now)
    assert not await untap(session, desk, tapped, meeting.office, POLICY, now=now)
    assert (await counts_of(session, desk, POLICY)).called == 2


async def test_the_numbers_of_the_desk_are_those_of_the_table(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "准时", "迟到", "早退", "病假", "病假来了", "没来", "离任")
    desk = await desk_of(session, meeting.activity)
    for name in ("病假", "病假来了"):
        await meeting.asks_leave(name, approve=True)
    for name, after in (("准时", -MINUTE), ("迟到", HOUR), ("早退", -MINUTE), ("病假来了", -MINUTE)):
        await meeting.comes(name, after)
    await note_left(session, desk, await meeting.person("早退"), meeting.office, POLICY, left=True, now=meeting.activity.starts_at + HOUR)
    (await meeting.person("离任")).active = False
    desk.count_guests(3)
    await session.flush()

    counts = await counts_of(session, desk, POLICY)

    table = (await meeting.table(after=2 * HOUR)).values()
    assert (counts.called, counts.came, counts.late, counts.left, counts.on_leave, counts.awaited) == (6, 4, 1, 1, 1, 1)
    assert counts.guests == 3
    assert sum(each in (Attendance.PRESENT, Attendance.LATE) for each in table) == counts.came
    assert sum(each is Attendance.ABSENT for each in table) == counts.awaited


async def test_five_wrong_codes_in_five_minutes_and_one_waits(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    person = await meeting.person("王建国")

    left = [await note_wrong(session, person, POLICY, now=now + step * MINUTE) for step in range(5)]

    assert left == [4, 3, 2, 1, 0]
    assert not await may_guess(session, person, POLICY, now=now + 4 * MINUTE)
    assert await may_guess(session, await meeting.person("李秀英"), POLICY, now=now)
    assert await may_guess(session, person, POLICY, now=now + 5 * MINUTE)
    assert await note_wrong(session, person, POLICY, now=now + 5 * MINUTE) == 4


async def test_who_runs_a_desk(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "王建国", "李秀英")
    leader, helper = await meeting.person("王建国"), await meeting.person("李秀英")
    leader.give(Role.GROUP_LEADER)
    leader.group = DeputyGroup(name="第一代表小组")
    await session.flush()

    async def running() -> list[bool]:
        return [await may_run(session, person, meeting.activity) for person in (meeting.office, leader, helper)]

    assert await running() == [True, False, False]
    meeting.activity.created_by = leader
    meeting.activity.audience_json = Audience().plus(Part.GROUP, [leader.group.id]).as_json()
    await session.flush()
    assert await set_helper(session, meeting.activity, helper, leader, helps=True, now=now)
    assert not await set_helper(session, meeting.activity, helper, leader, helps=True, now=now)
    assert await running() == [True, True, True]
    with pytest.raises(NotAllowed):
        await set_helper(session, meeting.activity, Person(id=99), helper, helps=True, now=now)
    helper.active = False
    assert await running() == [True, True, False]
