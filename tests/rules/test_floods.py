"""Somebody of the roster who sends very much: heard up to a measure, told once, and nobody waits behind it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import STEP, InboxUpdate, finish, next_updates, said_about, said_before, take_in
from models.strangers import Heard, heard, measure_of_members
from tests.rules.inbox import next_update

FLOOD, OTHER = 900, 901
MEASURE = measure_of_members(30)


async def comes_in(session: AsyncSession, ids: range, *, by: int | None, at: datetime) -> None:
    said_by = dict.fromkeys(ids, by) if by is not None else {}
    await take_in(session, [(id, "{}") for id in ids], now=at, said_by={id: who for id, who in said_by.items() if who is not None})


async def worked(session: AsyncSession, *, now: datetime) -> list[int]:
    """The ids in the order in which they are worked on."""
    order = []
    while (row := await next_update(session, now=now)) is not None:
        order.append(row.update_id)
        finish(row, now=now)
        await session.flush()
    return order


async def test_a_flood_of_a_member_is_answered_up_to_the_measure_told_once_and_then_met_with_silence(
    session: AsyncSession, now: datetime
) -> None:
    await comes_in(session, range(1, 35), by=FLOOD, at=now)

    met = [await heard(session, id, FLOOD, MEASURE) for id in range(1, 35)]

    assert met == [Heard.GLADLY] * 30 + [Heard.TOO_MUCH] + [Heard.SILENTLY] * 3


async def test_a_minute_later_they_are_heard_again(session: AsyncSession, now: datetime) -> None:
    await comes_in(session, range(1, 35), by=FLOOD, at=now)
    await comes_in(session, range(50, 51), by=FLOOD, at=now + timedelta(minutes=1, seconds=3))

    assert await heard(session, 50, FLOOD, MEASURE) is Heard.GLADLY


async def test_what_others_say_goes_before_the_rest_of_a_flood(session: AsyncSession, now: datetime) -> None:
    await comes_in(session, range(1, 1001), by=FLOOD, at=now)
    await comes_in(session, range(2001, 2003), by=OTHER, at=now + timedelta(milliseconds=20))

    order = await worked(session, now=now + timedelta(seconds=1))

    assert order[:3] == [1, 2001, 2]
    assert order.index(2002) < 5
    assert len(order) == 1002


async def test_what_one_says_is_worked_on_in_the_order_it_was_said_flood_or_not(session: AsyncSession, now: datetime) -> None:
    for place in range(5):
        await comes_in(session, range(10 * place + 1, 10 * place + 11), by=FLOOD, at=now + place * STEP)

    assert await worked(session, now=now + timedelta(seconds=1)) == list(range(1, 51))


async def test_whoever_speaks_at_a_persons_pace_keeps_the_order_of_all(session: AsyncSession, now: datetime) -> None:
    for place, who in enumerate([FLOOD, OTHER, None, FLOOD, OTHER]):
        await comes_in(session, range(place + 1, place + 2), by=who, at=now + place * STEP)

    assert await worked(session, now=now + timedelta(seconds=1)) == [1, 2, 3, 4, 5]


async def test_a_flood_of_yesterday_keeps_nobody_waiting_today(session: AsyncSession, now: datetime) -> None:
    await comes_in(session, range(1, 100), by=FLOOD, at=now)
    await comes_in(session, range(200, 201), by=FLOOD, at=now + timedelta(days=1))

    assert (await session.get_one(InboxUpdate, 200)).position == now + timedelta(days=1)


@pytest.mark.parametrize("chance", range(5))
async def test_what_is_counted_about_updates_at_once_is_never_less_than_for_each(session: AsyncSession, now: datetime, chance: int) -> None:
    random, ids = Random(chance), itertools.count(1)
    for _ in range(40):
        at = now - timedelta(seconds=random.choice((random.uniform(0, 2), random.uniform(0, 200))))
        first = next(ids)
        await comes_in(session, range(first, first + 1), by=random.choice((FLOOD, OTHER, None)), at=at)
    waiting = await next_updates(session, now=now + timedelta(minutes=1), limit=20)

    about = await said_about(session, waiting, within=timedelta(minutes=1))

    for update in waiting:
        if update.telegram_id is not None:
            one = await said_before(session, update.update_id, update.telegram_id, within=timedelta(minutes=1), at_most=99)
            assert about[update.telegram_id] >= one


async def test_whoever_said_little_is_heard_without_another_count(session: AsyncSession) -> None:
    assert await heard(session, 1, FLOOD, MEASURE, at_most=30) is Heard.GLADLY
