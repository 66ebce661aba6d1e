"""A circle's week: told once, on a working day, never two weeks late, and only of what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circle_digests import CircleDigest, digest_due, digests_due, week_of
from models.circles import Chat, Circle
from models.issues import IssueState
from models.people import Specialty
from models.policy import Policy
from tests.rules.issue_district import District

POLICY = Policy()
MONDAY = date(2026, 3, 9)
MORNING = datetime(2026, 3, 16, 0, 30, tzinfo=UTC)
"""Monday 16 March, 08:30 in Shanghai."""
WEEK = timedelta(weeks=1)


async def circle_of(session: AsyncSession, name: str = "城建环保") -> Circle:
    circle = await session.scalar(select(Circle).where(Circle.name == name))
    if circle is None:
        circle = Circle(name=name, specialties=[])
        session.add(circle)
    circle.chat = Chat(id=-100, title="交流群", is_member=True)
    await session.flush()
    return circle


async def mondays(session: AsyncSession, now: datetime) -> list[date]:
    return [digest.monday for _, digest in await digests_due(session, POLICY, now=now)]


async def test_a_week_is_told_once_on_monday_morning(session: AsyncSession, now: datetime) -> None:
    await circle_of(session)
    await mondays(session, now)

    early, on_time, again = [await mondays(session, at) for at in (MORNING - timedelta(minutes=1), MORNING, MORNING)]

    assert (early, on_time, again) == ([], [MONDAY], [])


@pytest.mark.parametrize(
    ("monday", "told"),
    [
        (date(2026, 3, 9), date(2026, 3, 16)),
        (date(2026, 4, 27), date(2026, 5, 6)),  # Labour Day holidays until Tuesday 5 May
        (date(2026, 2, 9), date(2026, 2, 24)),  # Spring Festival
    ],
)
def test_a_holiday_moves_it_to_the_next_working_day(monday: date, told: date) -> None:
    assert digest_due(monday, POLICY) == datetime.combine(told, time(8, 30), POLICY.timezone)


async def test_after_downtime_it_catches_up_but_never_two_weeks_late(session: AsyncSession, now: datetime) -> None:
    await circle_of(session)
    await mondays(session, now)

    back = await mondays(session, MORNING + 4 * WEEK + timedelta(hours=1))

    assert back == [MONDAY + 3 * WEEK, MONDAY + 4 * WEEK]
    settled = (await session.scalars(select(CircleDigest.monday).where(CircleDigest.settled_at.is_not(None)))).all()
    assert sorted(settled) == [MONDAY + number * WEEK for number in range(5)]


async def test_a_circle_bound_today_is_not_told_of_the_week_before(session: AsyncSession) -> None:
    await circle_of(session)

    assert await mondays(session, MORNING + timedelta(hours=2)) == []


async def test_the_week_holds_what_came_in_was_answered_ended_and_waits(session: AsyncSession, now: datetime) -> None:
    district = District(session, now)
    deputy, expert, other = await district.person("王秀兰"), await district.person("陈志强"), await district.person("赵丽")
    await district.circle("城建环保", expert)
    circle = await circle_of(session)
    old = await district.issue(deputy, "路灯", ago=timedelta(days=20))
    fresh = await district.issue(deputy, "下水道")
    done = await district.issue(deputy, "垃圾", state=IssueState.CLOSED, ago=timedelta(days=3), ended_after=timedelta(days=2))
    await district.issue(deputy, "学校", specialty="教科文卫")
    withdrawn = await district.issue(deputy, "撤回", state=IssueState.WITHDRAWN)
    for author, issue in ((expert, fresh), (expert, done), (other, fresh), (expert, withdrawn)):
        await district.says(author, issue, after=timedelta(hours=1))
    await district.says(deputy, fresh, after=timedelta(hours=2), by_home=True)
    await session.flush()

    week = await week_of(session, circle, MONDAY, POLICY)

    assert [issue.id for issue in week.shared] == [fresh.id]
    assert [issue.id for issue in week.answered] == [fresh.id]
    assert week.closed == 1
    assert week.advisers == [("赵丽", 1), ("陈志强", 1)]
    assert [issue.id for issue in week.waiting] == [old.id]
    assert week.waiting_in_all == 1
    assert week.eventful


async def test_waiting_alone_is_nothing_that_happened(session: AsyncSession, now: datetime) -> None:
    district = District(session, now)
    await district.circle("城建环保")
    circle = await circle_of(session)
    await district.issue(await district.person("王秀兰"), ago=timedelta(days=20))

    week = await week_of(session, circle, MONDAY, POLICY)

    assert week.waiting
    assert not week.eventful


async def test_people_of_one_name_are_thanked_each(session: AsyncSession, now: datetime) -> None:
    district = District(session, now)
    await district.circle("城建环保")
    circle = await circle_of(session)
    issue = await district.issue(await district.person("王秀兰"))
    for _ in range(2):
        await district.says(await district.person("李明"), issue, after=timedelta(hours=1))
    await session.flush()

    week = await week_of(session, circle, MONDAY, POLICY)

    assert week.advisers == [("李明", 1), ("李明", 1)]
    assert isinstance(circle.specialties[0], Specialty)
