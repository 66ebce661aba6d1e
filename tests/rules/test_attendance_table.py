"""The attendance of everybody called, before, during and after an activity."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, Offsets
from models.attendance import Attendance, CheckIn, CheckInWay
from models.attendance_table import attendance_of
from models.audience import Audience
from models.changes import cancel_activity
from models.invitations import call_activity, invitation_for
from models.leave import LeaveCategory, ask_leave, decide_leave
from models.people import Person, Role
from models.policy import Policy

POLICY = Policy()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
P, L, E, A = Attendance.PRESENT, Attendance.LATE, Attendance.EXCUSED, Attendance.ABSENT


class Meeting:
    """An activity in an hour, with everybody called."""

    def __init__(self, session: AsyncSession, now: datetime, office: Person, activity: Activity) -> None:
        self.session, self.now, self.office, self.activity = session, now, office, activity

    @classmethod
    async def with_people(cls, session: AsyncSession, now: datetime, *names: str) -> Meeting:
        people = [Person(name=name, role_rows=[], specialties=[]) for name in ("周主任", *names)]
        for person, role in zip(people, [Role.OFFICE, *[Role.DEPUTY for _ in names]], strict=True):
            person.give(role)
        people[0].give(Role.LEADER)
        session.add_all(people)
        await session.flush()
        activity = await call_activity(
            session,
            people[0],
            kind=ActivityKind.STUDY,
            title="学习",
            starts_at=now + HOUR,
            ends_at=now + 3 * HOUR,
            place="三楼",
            notes="",
            audience=Audience(everyone=True),
            offsets=Offsets.of(POLICY),
            now=now,
        )
        return cls(session, now, people[0], activity)

    async def person(self, name: str) -> Person:
        return next(
            found.person
            for found in await attendance_of(self.session, [self.activity], late_after=MINUTE, now=self.now)
            if found.person.name == name
        )

    async def comes(self, name: str, after: timedelta) -> None:
        person = await self.person(name)
        at = self.activity.starts_at + after
        self.session.add(CheckIn(activity_id=self.activity.id, person_id=person.id, at=at, way=CheckInWay.CODE))
        await self.session.flush()

    async def asks_leave(self, name: str, *, approve: bool | None) -> None:
        invitation = await invitation_for(self.session, self.activity.id, await self.person(name))
        request = ask_leave(invitation, LeaveCategory.ILLNESS, "", cutoff=POLICY.leave_cutoff, now=self.now)
        await self.session.flush()
        if approve is not None:
            await decide_leave(self.session, request, self.office, approve=approve, now=self.now)
        await self.session.flush()

    async def table(self, *, after: timedelta) -> dict[str, Attendance | None]:
        found = await attendance_of(self.session, [self.activity], late_after=POLICY.late_after, now=self.activity.starts_at + after)
        return {each.person.name: each.attendance for each in found}


async def test_check_ins_leave_and_the_clock_say_who_was_there(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "准时", "迟到", "病假", "病假来了", "未准", "未决", "没来")
    await meeting.comes("准时", 15 * MINUTE)
    await meeting.comes("迟到", 15 * MINUTE + timedelta(seconds=1))
    await meeting.asks_leave("病假", approve=True)
    await meeting.asks_leave("病假来了", approve=True)
    await meeting.comes("病假来了", -10 * MINUTE)
    await meeting.asks_leave("未准", approve=False)
    await meeting.asks_leave("未决", approve=None)

    during, afterwards = await meeting.table(after=HOUR), await meeting.table(after=2 * HOUR)

    assert during == {"准时": P, "迟到": L, "病假": E, "病假来了": P, "未准": None, "未决": None, "没来": None}
    assert afterwards == {**during, "未准": A, "未决": A, "没来": A}


async def test_what_is_confirmed_counts_whatever_check_ins_say(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "王建国", "李秀英")
    await meeting.comes("李秀英", HOUR)
    for name, attendance in (("王建国", P), ("李秀英", E)):
        (await invitation_for(session, meeting.activity.id, await meeting.person(name))).attendance = attendance
    await session.flush()

    assert await meeting.table(after=2 * HOUR) == {"王建国": P, "李秀英": E}


async def test_nobody_is_absent_from_what_was_called_off(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "王建国")
    await cancel_activity(session, meeting.activity, meeting.office, now=now)

    assert await meeting.table(after=2 * HOUR) == {"王建国": None}


async def test_whoever_left_the_roster_counts_only_where_they_came(session: AsyncSession, now: datetime) -> None:
    meeting = await Meeting.with_people(session, now, "来过", "没来")
    await meeting.comes("来过", timedelta(0))
    for name in ("来过", "没来"):
        (await meeting.person(name)).active = False
    await session.flush()

    assert await meeting.table(after=2 * HOUR) == {"来过": P}
