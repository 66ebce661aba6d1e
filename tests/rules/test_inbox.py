"""The inbox: stored once, worked in order, set aside after three attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import ATTEMPTS, InboxState, InboxUpdate, count_failure, finish, forget_done, take_in
from tests.rules.inbox import next_update

LATER = timedelta(minutes=1)


async def count(session: AsyncSession) -> int | None:
    return await session.scalar(select(func.count()).select_from(InboxUpdate))


async def test_the_same_update_twice_is_stored_once(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}"), (2, "{}")], now=now)
    await take_in(session, [(2, "{}"), (3, "{}")], now=now + LATER)

    assert await count(session) == 3


async def test_an_update_that_was_done_is_not_done_again_when_it_comes_again(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}")], now=now)
    row = await next_update(session, now=now)
    assert row is not None
    finish(row, now=now)

    await take_in(session, [(1, "{}")], now=now + LATER)

    assert await next_update(session, now=now + LATER) is None


async def test_updates_are_worked_as_they_came_even_when_ids_begin_anew(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(900, "{}")], now=now)
    await take_in(session, [(5, "{}")], now=now + LATER)

    first = await next_update(session, now=now + LATER)

    assert first is not None
    assert first.update_id == 900


async def test_an_update_is_set_aside_after_three_attempts(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}")], now=now)

    for attempt in range(ATTEMPTS):
        row = await next_update(session, now=now + LATER * (attempt + 1))
        assert row is not None
        assert count_failure(row, "boom", now=now + LATER * (attempt + 1)) == (attempt == ATTEMPTS - 1)

    assert row.state is InboxState.SET_ASIDE
    assert await next_update(session, now=now + LATER * 9) is None


async def test_a_failed_update_holds_up_those_behind_it_so_that_order_is_kept(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}"), (2, "{}")], now=now)
    row = await next_update(session, now=now)
    assert row is not None
    count_failure(row, "boom", now=now)

    assert await next_update(session, now=now) is None
    again = await next_update(session, now=now + LATER)
    assert again is not None
    assert again.update_id == 1


async def test_a_failed_update_holds_up_nobody_for_as_long_as_the_clock_was_set_back(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}")], now=now)
    row = await next_update(session, now=now)
    assert row is not None
    count_failure(row, "boom", now=now)

    assert await next_update(session, now=now - timedelta(hours=1)) is row


async def test_what_was_done_long_ago_is_forgotten(session: AsyncSession, now: datetime) -> None:
    await take_in(session, [(1, "{}"), (2, "{}")], now=now)
    row = await next_update(session, now=now)
    assert row is not None
    finish(row, now=now)
    await session.flush()

    forgotten = await forget_done(session, InboxState.DONE, before=now + LATER, limit=10)

    assert (forgotten, await count(session)) == (1, 1)
