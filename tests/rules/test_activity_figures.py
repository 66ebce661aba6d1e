"""The activities' figures: counted by the database, and the same as counting everybody one by one; who may read whose."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.periods import PeriodUnclear, read_period
from models.activities import Activity, ActivityKind, ActivityState, Offsets
from models.activity_figures import By, Count, Reach, View, guests, lines, notifying, reaches, whole
from models.attendance import Attendance, CheckIn, CheckInWay
from models.attendance_table import Attended, attendance_of
from models.audience import Audience
from models.checkin_desk import desk_of
from models.invitations import Invitation, Reply
from models.leave import Decision, LeaveCategory, LeaveRequest
from models.notices import Notice, NoticeKind
from models.outbox import OutboxMessage, OutboxState
from models.people import Area, DeputyGroup, Person, Role
from models.periods import ALL_TIME, Period, month_of, quarter_of, year_of
from models.policy import Policy
from models.rules import NotAllowed

POLICY = Policy()
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY, HOUR, MINUTE, MICROSECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)


class Past:
    """Activities that are over, made as a test needs them, and the people called to them."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now = session, now
        self.people: list[Person] = []
        self.activities: list[Activity] = []

    async def person(self, name: str, *roles: Role, group: DeputyGroup | None = None, area: Area | None = None) -> Person:
        person = Person(name=name, role_rows=[], specialties=[], group=group, area=area, active=True)
        for role in roles or (Role.DEPUTY,):
            person.give(role)
        self.session.add(person)
        await self.session.flush()
        self.people.append(person)
        return person

    async def activity(
        self,
        starts_at: datetime,
        *,
        kind: ActivityKind = ActivityKind.STUDY,
        state: ActivityState = ActivityState.ENDED,
        ends_at: datetime | None = None,
        told: timedelta | None = 7 * DAY,
    ) -> Activity:
        """``told``: how long before the start people heard of it."""
        sent_at = starts_at - told if told is not None else None
        heard = Notice(kind=NoticeKind.FORMAL, due_at=starts_at - 7 * DAY, sent_at=sent_at, void=False, details={}, attachment=None)
        activity = Activity(
            kind=kind,
            title=f"学习{len(self.activities)}",
            starts_at=starts_at,
            ends_at=ends_at or starts_at + 2 * HOUR,
            place="三楼",
            notes="",
            audience_json=Audience(everyone=True).as_json(),
            offsets_json=Offsets.of(POLICY).as_json(),
            state=state,
            created_by=self.people[0],
            created_at=starts_at - 10 * DAY,
            notices=[heard],
        )
        self.session.add(activity)
        await self.session.flush()
        self.activities.append(activity)
        return activity

    async def calls(
        self,
        person: Person,
        activity: Activity,
        *,
        came: timedelta | None = None,
        leave: Decision | None = None,
        partial: bool = False,
        replied: timedelta | None = None,
        final: Attendance | None = None,
    ) -> Invitation:
        """``came``: how long after the start; ``replied``: how long before it."""
        reply = Reply.LEAVE if leave is not None else Reply.ATTENDING if replied is not None else Reply.NONE
        replied_at = activity.starts_at - replied if replied is not None else None
        invitation = Invitation(activity=activity, person=person, reply=reply, replied_at=replied_at, attendance=final, leave_requests=[])
        self.session.add(invitation)
        await self.session.flush()
        if leave is not None:
            request = LeaveRequest(category=LeaveCategory.ILLNESS, asked_at=activity.starts_at - DAY, decision=leave, current=True)
            request.partial = partial
            invitation.leave_requests.append(request)
        if came is not None:
            check_in = CheckIn(activity_id=activity.id, person_id=person.id, at=activity.starts_at + came, way=CheckInWay.CODE)
            self.session.add(check_in)
        await self.session.flush()
        return invitation

    def view(self, reader: Person, reach: Reach = Reach.ALL, period: Period = ALL_TIME) -> View:
        return View(reader, reach, period, POLICY, self.now)


@pytest.fixture
async def past(session: AsyncSession, now: datetime) -> Past:
    past = Past(session, now)
    await past.person("周主任", Role.OFFICE)
    return past


def counted(attended: Iterable[Attended]) -> dict[Attendance, int]:
    return {attendance: number for attendance, number in Counter(one.attendance for one in attended).items() if attendance is not None}


def of(count: Count) -> dict[Attendance, int]:
    every = zip(Attendance, (count.present, count.late, count.excused, count.absent), strict=True)
    return {attendance: number for attendance, number in every if number}


@pytest.mark.parametrize("seed", range(6))
async def test_the_database_counts_as_one_does_by_hand(past: Past, session: AsyncSession, now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    groups = [DeputyGroup(name=f"第{n}代表小组") for n in "一二三"]
    areas = [Area(name=f"{n}街道") for n in "东西"]
    session.add_all([*groups, *areas])
    deputies = [await past.person(f"代表{n}", group=chance.choice([*groups, None]), area=chance.choice(areas)) for n in range(12)]
    for deputy in deputies:
        deputy.active = chance.random() > 0.2
        if chance.random() > 0.5:
            deputy.give(Role.GROUP_LEADER)
    for _ in range(15):
        starts_at = now + chance.choice([-400, -90, -40, -3, -1, 1]) * DAY - chance.choice([0, 1]) * HOUR
        activity = await past.activity(starts_at, kind=chance.choice(list(ActivityKind)), state=chance.choice(list(ActivityState)))
        activity.created_by = chance.choice(past.people)
        for deputy in chance.sample(deputies, 8):
            invitation = await past.calls(
                deputy,
                activity,
                came=chance.choice([None, None, -HOUR, timedelta(0), POLICY.late_after, POLICY.late_after + MICROSECOND, HOUR]),
                leave=chance.choice([None, None, *Decision]),
                partial=chance.random() > 0.6,
                final=chance.choice([None, None, None, *Attendance]),
            )
            invitation.released_at = now if chance.random() > 0.8 else None
    off = (ActivityState.CANCELLED, ActivityState.POSTPONED)
    over = [activity for activity in past.activities if activity.state not in off and activity.ends_at <= now]
    everybody = await attendance_of(session, over, late_after=POLICY.late_after, now=now)
    office = past.people[0]

    assert of(await whole(session, past.view(office))) == counted(everybody)
    for line in await lines(session, past.view(office), By.PERSON):
        assert of(line.count) == counted(one for one in everybody if one.person.id == line.id)
    for line in await lines(session, past.view(office), By.GROUP):
        assert of(line.count) == counted(one for one in everybody if one.person.group_id == line.id)
    for line in await lines(session, past.view(office), By.AREA):
        assert of(line.count) == counted(one for one in everybody if one.person.area_id == line.id)
    for line in await lines(session, past.view(office), By.KIND):
        assert of(line.count) == counted(one for one in everybody if one.activity.kind == line.name)
    by_activity = await lines(session, past.view(office), By.ACTIVITY)
    for line in by_activity:
        assert of(line.count) == counted(one for one in everybody if one.activity.id == line.id)
    assert sum(line.count.called for line in by_activity) == len(everybody) > 0


async def test_excused_speaks_neither_for_nor_against_and_late_was_there(past: Past, session: AsyncSession, now: datetime) -> None:
    deputy, office = await past.person("王建国"), past.people[0]
    for more in ({"came": timedelta(0)}, {"came": HOUR}, {"leave": Decision.APPROVED}, {}):
        await past.calls(deputy, await past.activity(now - 5 * DAY), **more)  # type: ignore[arg-type]

    count = await whole(session, past.view(office))

    assert (count.called, count.present, count.late, count.excused, count.absent) == (4, 1, 1, 1, 1)
    assert count.rate == pytest.approx(2 / 3)
    assert Count(called=1, excused=1).rate is None


async def test_what_has_no_confirmed_record_is_counted_and_said_to_be_provisional(past: Past, session: AsyncSession, now: datetime) -> None:
    deputy = await past.person("王建国")
    await past.calls(deputy, await past.activity(now - 5 * DAY, state=ActivityState.RECORD_CONFIRMED), final=Attendance.LATE)
    await past.calls(deputy, await past.activity(now - 4 * DAY), came=timedelta(0))
    await past.calls(deputy, await past.activity(now - HOUR, state=ActivityState.UNDER_WAY), came=timedelta(0))

    count = await whole(session, past.view(past.people[0]))

    assert (count.activities, count.provisional, count.present, count.late) == (2, 1, 1, 1)


async def test_an_answer_is_in_time_until_the_deadline_and_not_after(past: Past, session: AsyncSession, now: datetime) -> None:
    activity = await past.activity(now - 5 * DAY)
    for name, replied in {"王": 5 * DAY, "李": 3 * DAY, "陈": 3 * DAY - MICROSECOND, "赵": HOUR, "孙": None}.items():
        await past.calls(await past.person(name), activity, replied=replied)

    count = await whole(session, past.view(past.people[0]))

    assert (count.judged, count.in_time) == (5, 2)


async def test_nobody_is_blamed_for_a_deadline_that_they_heard_of_too_late(past: Past, session: AsyncSession, now: datetime) -> None:
    deputy = await past.person("王建国")
    short, untold = await past.activity(now - 5 * DAY, told=2 * DAY), await past.activity(now - 5 * DAY, told=None)
    moved = await past.activity(now - 5 * DAY)
    change = Notice(kind=NoticeKind.CHANGE, due_at=now, sent_at=moved.starts_at - DAY, void=False, details={}, attachment=None)
    moved.notices.append(change)
    for activity in (short, untold, moved):
        await past.calls(deputy, activity, replied=HOUR)

    count = await whole(session, past.view(past.people[0]))

    assert (count.called, count.judged, count.share_in_time) == (3, 0, None)


async def test_a_period_is_bounded_by_local_midnights(past: Past, session: AsyncSession) -> None:
    deputy, office = await past.person("王建国"), past.people[0]
    for at in ("2026-01-31T15:59", "2026-01-31T16:00", "2026-02-28T15:59", "2026-02-28T16:00"):
        await past.calls(deputy, await past.activity(datetime.fromisoformat(at).replace(tzinfo=UTC)))

    february = await whole(session, past.view(office, period=month_of(date(2026, 2, 10))))

    assert february.called == 2


async def test_each_reads_as_far_as_their_office_goes(past: Past, session: AsyncSession, now: datetime) -> None:
    first, second, town = DeputyGroup(name="第一组"), DeputyGroup(name="第二组"), Area(name="东街道")
    session.add_all([first, second, town])
    own = await past.person("王建国", group=first, area=town)
    others = [await past.person("李秀英", group=first), await past.person("陈明", group=second, area=town)]
    leader = await past.person("郑主任", Role.LEADER)
    group_leader = await past.person("赵组长", Role.GROUP_LEADER, group=first)
    staff = await past.person("街道干部", Role.AREA_STAFF, area=town)
    activity = await past.activity(now - 5 * DAY)
    for person in (own, *others):
        await past.calls(person, activity)

    async def names(reader: Person, reach: Reach) -> set[str]:
        return {line.name for line in await lines(session, past.view(reader, reach), By.PERSON)}

    assert await names(leader, Reach.ALL) == {"王建国", "李秀英", "陈明"}
    assert await names(group_leader, Reach.GROUP) == {"王建国", "李秀英"}
    assert await names(staff, Reach.AREA) == {"王建国", "陈明"}
    assert await names(own, Reach.OWN) == {"王建国"}
    assert [reaches(person) for person in (leader, group_leader, staff, own)] == [[Reach.ALL], [Reach.GROUP], [Reach.AREA], [Reach.OWN]]
    for reader, reach in ((own, Reach.GROUP), (own, Reach.ALL), (group_leader, Reach.AREA), (staff, Reach.ALL)):
        with pytest.raises(NotAllowed):
            await whole(session, past.view(reader, reach))
        with pytest.raises(NotAllowed):
            await notifying(session, past.view(reader, reach))


async def test_those_who_stay_away_come_first_among_people(past: Past, session: AsyncSession, now: datetime) -> None:
    people = [await past.person(name) for name in ("常来", "不来", "请假", "半来")]
    for number in range(2):
        activity = await past.activity(now - 5 * DAY)
        for person, came in zip(people, (True, False, None, number == 0), strict=True):
            leave = Decision.APPROVED if came is None else None
            await past.calls(person, activity, came=timedelta(0) if came else None, leave=leave)

    found = await lines(session, past.view(past.people[0]), By.PERSON)

    assert [line.name for line in found] == ["不来", "半来", "常来", "请假"]


async def test_notifying_lasts_until_the_last_message_of_the_round_is_settled(past: Past, session: AsyncSession, now: datetime) -> None:
    deputy = await past.person("王建国")

    async def noticed(*messages: tuple[timedelta, timedelta | None, OutboxState]) -> None:
        activity = await past.activity(now - 5 * DAY)
        await past.calls(deputy, activity)
        [notice] = activity.notices
        assert notice.sent_at is not None
        for queued, settled, state in messages:
            message = OutboxMessage(
                chat_id=1, method="sendMessage", params={}, subject=notice.subject, state=state, created_at=notice.sent_at + queued
            )
            message.due_at = notice.sent_at
            message.settled_at = notice.sent_at + settled if settled is not None else None
            session.add(message)
        await session.flush()

    zero, sent = timedelta(0), OutboxState.SENT
    await noticed((zero, MINUTE, sent), (zero, 2 * MINUTE, OutboxState.UNREACHABLE), (2 * DAY, 2 * DAY, sent))
    await noticed((zero, 6 * MINUTE, sent), (zero, HOUR, OutboxState.SUPERSEDED))
    await noticed((MINUTE, 10 * MINUTE, OutboxState.FAILED))  # written a minute after the first
    await noticed((zero, MINUTE, sent), (zero, None, OutboxState.QUEUED))

    found = await notifying(session, past.view(past.people[0]))

    assert found is not None
    assert (found.notices, found.median, found.longest) == (3, 6 * MINUTE, 10 * MINUTE)


async def test_nothing_at_all_has_no_figures(past: Past, session: AsyncSession) -> None:
    view = past.view(past.people[0])

    assert await whole(session, view) == Count()
    assert [await lines(session, view, by) for by in By] == [[]] * len(By)
    assert await notifying(session, view) is None


def days(period: Period) -> str:
    return f"{period.since} {period.last}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3月", "2026-03-01 2026-03-31"),
        ("本季度", "2026-01-01 2026-03-31"),
        ("上季度", "2025-10-01 2025-12-31"),
        ("2026年第一季度", "2026-01-01 2026-03-31"),
        ("去年四季度", "2025-10-01 2025-12-31"),
        ("Q2 2025", "2025-04-01 2025-06-30"),
        ("last quarter", "2025-10-01 2025-12-31"),
        ("上半年", "2026-01-01 2026-06-30"),
        ("2025年下半年", "2025-07-01 2025-12-31"),
        ("2025年", "2025-01-01 2025-12-31"),
        ("2026-01-05 至 2026-02-10", "2026-01-05 2026-02-10"),
        ("1月5日到2月10日", "2026-01-05 2026-02-10"),
        ("最近30天", "2026-02-09 2026-03-10"),
        ("全部", "None None"),
    ],
)
def test_periods_are_read_as_people_write_them(now: datetime, typed: str, meant: str) -> None:
    assert days(read_period(typed, now=now, timezone=SHANGHAI)) == meant


@pytest.mark.parametrize("typed", ["", "随便", "五季度", "3月 视察", "13月", "2026-0042"])
def test_what_is_no_period_is_refused(now: datetime, typed: str) -> None:
    with pytest.raises(PeriodUnclear):
        read_period(typed, now=now, timezone=SHANGHAI)


def test_a_year_falls_into_quarters_and_months_without_a_gap() -> None:
    year = year_of(date(2024, 2, 29))
    for parts in (
        [month_of(date(2024, month, 28)) for month in range(1, 13)],
        [quarter_of(date(2024, month, 1)) for month in (2, 5, 8, 12)],
    ):
        assert (parts[0].since, parts[-1].until) == (year.since, year.until)
        assert all(before.until == after.since for before, after in pairwise(parts))


async def test_guests_are_counted_apart(past: Past, session: AsyncSession, now: datetime) -> None:
    deputy = await past.person("王建国")
    for number, state in ((12, ActivityState.ENDED), (3, ActivityState.RECORD_CONFIRMED), (50, ActivityState.CANCELLED)):
        activity = await past.activity(now - DAY, state=state)
        await past.calls(deputy, activity, came=timedelta(0))
        (await desk_of(session, activity)).count_guests(number)

    assert await guests(session, past.view(past.people[0])) == 15
    assert (await whole(session, past.view(past.people[0]))).came == 2
