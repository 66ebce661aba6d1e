"""A Home that dies in the middle of its work, and another that takes over what it left."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiosqlite
import asyncpg
from sqlalchemy import event, select
from sqlalchemy.pool import Pool

from bot.home import Home
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from tests.village import Village

AT_WORK, IN_HAND = ("updates", "worker", "delivery", "schedule"), ("Delivery._send", "Poller._ask")
"""The Home's parts, and what these have begun: a process that dies takes all of it along."""


async def crash(village: Village) -> None:
    """The Home dies with everything in its hands, and another takes the same database.

    Nobody else may look into the database meanwhile.
    """
    for _ in range(1000):
        if await _at_work(village):
            break
    old = village.home
    killed = [task for task in asyncio.all_tasks() if task.get_name() in AT_WORK or task.get_coro().__qualname__ in IN_HAND]
    for task in killed:
        task.cancel()
    old.stop()
    assert village.running is not None
    async with asyncio.timeout(60):
        await asyncio.gather(village.running, *killed, return_exceptions=True)
    await old.engine.dispose()
    await _take_over(village)


async def away(village: Village, length: timedelta) -> None:
    """The Home is stopped for so long, and started again: what fell due meanwhile is asked for at once."""
    old = village.home
    old.stop()
    await village.stopped()
    await old.engine.dispose()
    village.clock.advance(length)
    await _take_over(village)
    await village.tick()


async def _take_over(village: Village) -> None:
    village.home = Home(village.home.config, now=village.clock.now, timer=lambda: village.clock.now().timestamp())
    village.running = asyncio.create_task(village.home.run(village.announced.append))
    ready = asyncio.create_task(village.home.ready.wait())
    await asyncio.wait({village.running, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if village.running.done():
        village.running.result()  # says why it could not
        raise AssertionError("the Home that was to take over has stopped")


@contextlib.asynccontextmanager
async def connections_held() -> AsyncIterator[None]:
    """Hold every connection to the database until it has closed.

    What a process that dies had open its system closes. Here a connection cut off in the middle closes in its own time, if nobody
    lets go of it before.
    """
    opened: list[Any] = []

    def note(connection: Any, _: Any) -> None:
        opened.append(connection.driver_connection)

    event.listen(Pool, "connect", note)
    try:
        yield
    finally:
        event.remove(Pool, "connect", note)
    for _ in range(500):
        if not any(map(_is_open, opened)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{sum(map(_is_open, opened))} connections to the database were left open")


def _is_open(connection: aiosqlite.Connection | asyncpg.Connection) -> bool:
    if isinstance(connection, asyncpg.Connection):
        return not connection.is_closed()
    with contextlib.suppress(ValueError, sqlite3.ProgrammingError):  # "no active connection", "a closed database"
        return connection.total_changes >= 0
    return False


async def _at_work(village: Village) -> bool:
    """Whether there is anything in its hands: a message being sent, or updates not worked on."""
    async with village.session() as session:
        sending = await session.scalar(select(OutboxMessage.id).where(OutboxMessage.state == OutboxState.SENDING).limit(1))
        waiting = await session.scalar(select(InboxUpdate.update_id).where(InboxUpdate.state == InboxState.NEW).limit(1))
    return sending is not None or waiting is not None
