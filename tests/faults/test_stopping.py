"""Told to stop the Home is gone within ten seconds, and nothing is left half done."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sqlalchemy import select

from models.outbox import OutboxMessage, OutboxState
from tests.crashes.outside import OutsideVillage, outside_village
from tests.faults.crowd import crowd, lost_or_doubled, tell

AT_MOST = 10.0


async def up(home: OutsideVillage, asked: int = 1) -> None:
    """Until it has asked Telegram who it is, so many times in all; before that a signal ends it as it ends any program."""
    async with asyncio.timeout(60):
        while len(home.sandbox.calls.since(0, "getMe")) < asked:  # noqa: ASYNC110 - the log of calls rings no bell
            await asyncio.sleep(0.02)


async def stop(home: OutsideVillage) -> float:
    """SIGTERM; how many seconds it took."""
    assert home.process is not None
    began = time.monotonic()
    home.process.terminate()
    assert await asyncio.wait_for(home.process.wait(), 60) == 0
    return time.monotonic() - began


async def test_stopped_in_the_middle_of_its_work_it_goes_on_at_the_next_start(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        phones = await crowd(home, 8)
        await up(home)
        telling = asyncio.create_task(tell(phones, 4))
        await asyncio.sleep(0.3)

        assert await stop(home) < AT_MOST
        async with home.session() as session:
            assert OutboxState.SENDING not in (await session.scalars(select(OutboxMessage.state))).all()
        told = await telling
        await home.start()
        assert await lost_or_doubled(home, told) == []


async def test_a_telegram_that_hangs_holds_no_stop_up(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        phones = await crowd(home, 5)
        await up(home)
        await home.request("POST", "/sandbox/faults", json={"method": "sendMessage", "count": 100, "kind": "hang", "seconds": 60})
        told = await tell(phones, 2)
        async with asyncio.timeout(30):
            while not home.sandbox.calls.since(0, "sendMessage"):  # noqa: ASYNC110 - the log of calls rings no bell
                await asyncio.sleep(0.05)

        assert await stop(home) < AT_MOST
        await home.request("DELETE", "/sandbox/faults")
        await home.request("POST", "/sandbox/faults", json={"method": "getMe", "count": 1, "kind": "hang", "seconds": 60})
        await home.start()  # and so while it starts
        await up(home, 2)
        assert await stop(home) < AT_MOST
        await home.start()
        assert await lost_or_doubled(home, told) == []


async def test_a_home_that_is_started_while_telegram_is_away_waits_for_it(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        await up(home)
        assert await stop(home) < AT_MOST
        await home.request("POST", "/sandbox/faults", json={"method": "getMe", "count": 2, "kind": "drop"})
        await home.start()
        phones = await crowd(home, 1)
        told = await tell(phones, 2)

        assert await lost_or_doubled(home, told) == []
        assert home.process is not None
        assert home.process.returncode is None
