"""Whose turn it is where several processes work on one database. On SQLite there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.database import sessions_of
from models.inbox import InboxState, InboxUpdate, count_failure, finish, still_new, take_in
from models.turns import take_turn
from tests.rules.inbox import next_update

LATER = timedelta(minutes=1)
WANG, LI, GROUP, OTHER_GROUP = 7001, 7002, -100, -200


@pytest.fixture
async def workers(engine: AsyncEngine) -> AsyncIterator[tuple[AsyncSession, AsyncSession]]:
    """Two that work at the same time, each within a transaction."""
    if engine.dialect.name != "postgresql":
        pytest.skip("one process works on SQLite")
    sessions = sessions_of(engine)
    async with sessions() as one, sessions() as other:
        yield one, other


async def taken_in(engine: AsyncEngine, *updates: tuple[int, int | None, int | None], now: datetime) -> None:
    """Updates by number, account and chat."""
    async with sessions_of(engine).begin() as session:
        said_by = {number: account for number, account, _ in updates if account is not None}
        said_in = {number: chat for number, _, chat in updates if chat is not None}
        await take_in(session, [(number, "{}") for number, _, _ in updates], now=now, said_by=said_by, said_in=said_in)


async def number_of_next(session: AsyncSession, now: datetime) -> int | None:
    row = await next_update(session, now=now + LATER)
    return row.update_id if row is not None else None


async def test_nobody_takes_what_another_has_in_hand(
    engine: AsyncEngine, workers: tuple[AsyncSession, AsyncSession], now: datetime
) -> None:
    one, other = workers
    await taken_in(engine, (1, WANG, WANG), (2, LI, LI), now=now)

    assert await number_of_next(one, now) == 1
    assert await number_of_next(other, now) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [((WANG, WANG), (WANG, WANG)), ((WANG, WANG), (WANG, GROUP)), ((None, GROUP), (None, GROUP)), ((WANG, GROUP), (None, GROUP))],
    ids=["one person in private", "one person in two chats", "one group", "a command in a group and what happens in it"],
)
async def test_what_comes_after_waits_for_what_is_in_hand(
    engine: AsyncEngine,
    workers: tuple[AsyncSession, AsyncSession],
    now: datetime,
    first: tuple[int | None, int | None],
    second: tuple[int | None, int | None],
) -> None:
    one, other = workers
    await taken_in(engine, (1, *first), (2, *second), (3, LI, OTHER_GROUP), now=now)
    row = await next_update(one, now=now + LATER)
    assert row is not None

    elsewhere = await next_update(other, now=now + LATER)
    assert elsewhere is not None
    assert elsewhere.update_id == 3
    finish(elsewhere, now=now)
    await other.commit()
    assert await number_of_next(other, now) is None
    await other.rollback()
    finish(row, now=now)
    await one.commit()

    assert await number_of_next(other, now) == 2


async def test_what_waits_for_another_attempt_holds_up_its_own_chat_only(
    engine: AsyncEngine, workers: tuple[AsyncSession, AsyncSession], now: datetime
) -> None:
    one, other = workers
    await taken_in(engine, (1, WANG, WANG), (2, WANG, WANG), (3, LI, LI), now=now)
    row = await next_update(one, now=now + LATER)
    assert row is not None
    count_failure(row, "boom", now=now + LATER)
    await one.commit()

    assert await number_of_next(other, now) == 3


async def test_what_has_neither_account_nor_chat_waits_for_all_before_it_and_holds_up_nobody(
    engine: AsyncEngine, workers: tuple[AsyncSession, AsyncSession], now: datetime
) -> None:
    one, other = workers
    await taken_in(engine, (1, WANG, WANG), (2, None, None), (3, LI, LI), now=now)

    assert await number_of_next(one, now) == 1
    assert await number_of_next(other, now) == 3


async def test_what_was_settled_meanwhile_is_not_settled_again(
    engine: AsyncEngine, workers: tuple[AsyncSession, AsyncSession], now: datetime
) -> None:
    """Between a refusal's rollback and its note another process may have worked on the update."""
    one, other = workers
    await taken_in(engine, (1, WANG, WANG), now=now)
    await next_update(one, now=now)
    await one.rollback()
    row = await next_update(other, now=now)
    assert row is not None
    finish(row, now=now)
    await other.commit()

    assert await still_new(one, 1) is None
    assert (await one.get_one(InboxUpdate, 1)).state is InboxState.DONE


@pytest.mark.parametrize(
    ("first", "second", "waits"), [(True, True, True), (True, False, True), (False, True, True), (False, False, False)]
)
async def test_one_works_alone_and_others_side_by_side(
    workers: tuple[AsyncSession, AsyncSession], first: bool, second: bool, waits: bool
) -> None:
    one, other = workers
    await take_turn(one, alone=first)

    asking = asyncio.create_task(take_turn(other, alone=second))
    done, _ = await asyncio.wait({asking}, timeout=0.3 if waits else 30)

    assert (not done) is waits
    await one.rollback()
    await asking
