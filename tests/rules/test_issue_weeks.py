"""The weekly figures, to the hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.advice_ratings import Usefulness, rate_advice
from models.issue_weeks import WEEK, Answering, Load, load, monday_of, next_telling, ratings, week_to_tell, weeks
from models.issues import IssueState
from models.policy import Policy
from models.referrals import ReferralState
from tests.rules.issue_district import District

POLICY = Policy()
ZONE = POLICY.timezone
MONDAY = date(2026, 3, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


async def test_a_week_is_measured_to_the_hour(district: District, session: AsyncSession, now: datetime) -> None:
    home, first, second = await district.person("王秀兰"), await district.person("陈志强"), await district.person("黄建平")

    async def shared(
        moment: datetime, answered: timedelta | None = None, *, specialty: str = "城建环保", ended: timedelta | None = None
    ) -> None:
        state = IssueState.OPEN if ended is None else IssueState.CLOSED
        issue = await district.issue(home, specialty=specialty, state=state, ago=now - moment, ended_after=ended)
        await district.says(home, issue, "补充一点", after=HOUR)  # the home deputy's own word is no answer
        if answered is not None:
            await district.says(first, issue, after=answered)
            await district.says(second, issue, after=answered + HOUR)

    await shared(at(MONDAY), 4 * HOUR)
    await shared(at(MONDAY, 9), 48 * HOUR)
    await shared(at(MONDAY, 10), 48 * HOUR + timedelta(seconds=1), specialty="教科文卫")
    await shared(at(MONDAY, 11))  # waits
    await shared(at(MONDAY, 12), ended=47 * HOUR)  # ended before an answer was owed
    await shared(at(MONDAY, 13), ended=49 * HOUR)  # ended, and an answer had been owed
    await shared(at(MONDAY + 6 * DAY, 23, 59))  # not yet 48 hours ago
    await shared(at(MONDAY) - timedelta(seconds=1), 2 * HOUR)  # the week before

    before, week = await weeks(session, MONDAY, 2, timezone=ZONE, now=at(MONDAY + WEEK, 8, 30))

    assert week.whole == Answering(shared=7, answered=3, judged=5, in_time=2, median=48 * HOUR)
    assert week.whole.share == 0.4
    assert week.closed == 2
    assert [(name, figures.shared, figures.share) for name, figures in week.by_specialty] == [("城建环保", 6, 0.5), ("教科文卫", 1, 0.0)]
    assert before.whole == Answering(shared=1, answered=1, judged=1, in_time=1, median=2 * HOUR)


async def test_a_week_in_which_nothing_happened_has_no_figures(session: AsyncSession, now: datetime) -> None:
    [week] = await weeks(session, MONDAY, 1, timezone=ZONE, now=now)

    assert week.whole == Answering(shared=0, answered=0, judged=0, in_time=0, median=None)
    assert (week.whole.share, week.by_specialty) == (None, ())


async def test_the_load_is_what_is_open_and_what_was_advised_on(district: District, session: AsyncSession, now: datetime) -> None:
    home, busy, done = await district.person("王秀兰"), await district.person("陈志强"), await district.person("黄建平")
    open_issue, closed = await district.issue(home, ago=7 * DAY), await district.issue(home, state=IssueState.CLOSED, ago=7 * DAY)
    other = await district.issue(home, ago=7 * DAY)
    await district.asks(busy, open_issue, ReferralState.ACCEPTED)
    await district.asks(busy, other)
    await district.asks(busy, closed, ReferralState.ACCEPTED)
    await district.asks(done, open_issue, ReferralState.DECLINED)
    for issue in (open_issue, open_issue, closed):
        await district.says(done, issue)
    await district.says(home, open_issue)
    await district.says(busy, other, after=10 * DAY)  # in another week

    assert await load(session, MONDAY, timezone=ZONE) == [Load("陈志强", 2, 0), Load("黄建平", 0, 2)]


async def test_ratings_are_counted_only_where_so_many_were_given_that_nobody_can_be_told_from_them(
    district: District, session: AsyncSession, now: datetime
) -> None:
    homes, advisers = [[await district.person(f"{side}{number}") for number in range(3)] for side in ("王", "陈")]

    async def rated(pairs: Sequence[tuple[int, int]], usefulness: Usefulness, moment: datetime) -> None:
        for home, adviser in pairs:
            issue = await district.issue(homes[home], state=IssueState.CLOSED, ago=now - moment)
            await district.says(advisers[adviser], issue)
            await rate_advice(session, issue, homes[home], advisers[adviser].id, usefulness, now=moment)

    await rated([(0, 0), (0, 0), (1, 1)], Usefulness.USEFUL, at(MONDAY))
    await rated([(1, 1)], Usefulness.NOT, at(MONDAY, 9))
    assert await ratings(session, MONDAY, timezone=ZONE) == {}
    await rated([(1, 0)], Usefulness.PARTLY, at(MONDAY, 10))
    await rated([(2, 2)], Usefulness.NOT, at(MONDAY) - timedelta(seconds=1))
    assert await ratings(session, MONDAY, timezone=ZONE) == {}, "five, but by two and of two"

    await rated([(2, 2)], Usefulness.NOT, at(MONDAY + 6 * DAY, 23, 59))

    assert await ratings(session, MONDAY, timezone=ZONE) == {Usefulness.USEFUL: 3, Usefulness.PARTLY: 1, Usefulness.NOT: 2}


async def test_the_word_of_a_former_home_deputy_is_no_answer_and_what_was_withdrawn_is_not_concluded(
    district: District, session: AsyncSession, now: datetime
) -> None:
    former, heir = await district.person("王秀兰"), await district.person("黄建平")
    issue = await district.issue(former, ago=7 * DAY)
    await district.says(former, issue, "李长根家", by_home=True)
    issue.deputy = heir
    await district.issue(heir, state=IssueState.WITHDRAWN, ago=7 * DAY, ended_after=HOUR)
    await session.flush()

    [week] = await weeks(session, MONDAY, 1, timezone=ZONE, now=now)

    assert (week.whole.answered, week.closed) == (0, 0)
    assert await load(session, MONDAY, timezone=ZONE) == []


async def test_each_week_is_told_once_on_the_first_working_morning(session: AsyncSession, now: datetime) -> None:
    following = monday_of(now, ZONE) + WEEK
    assert await week_to_tell(session, POLICY, now=now) is None, "a new Home begins with the coming week"
    assert await next_telling(session) == at(following, 8, 30)

    assert await week_to_tell(session, POLICY, now=at(following, 8, 29)) is None
    assert await week_to_tell(session, POLICY, now=at(following, 8, 30)) == following - WEEK
    assert await week_to_tell(session, POLICY, now=at(following, 9)) is None
    away = at(following + 3 * WEEK + DAY, 15)
    assert await week_to_tell(session, POLICY, now=away) == following + 2 * WEEK, "the last one, after weeks away"

    assert await week_to_tell(session, POLICY, now=at(date(2026, 4, 28), 9)) is not None
    assert await next_telling(session) == at(date(2026, 5, 6), 8, 30), "after the holiday of May"
