"""What the webhook takes is stored before it says so; what comes together is stored together, and nobody fails by what others sent."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.clock import system_now
from bot.database import DatabaseAway
from bot.home import Home
from bot.intake import Intake
from bot.sandbox import serve
from bot.webhook import PATH, TOGETHER, Deliveries, webhook_app
from models.inbox import InboxUpdate
from tests.village import village_config


class SlowIntake:
    """Stores when it is let, and fails at ``poison``."""

    def __init__(self, poison: Exception | None = None) -> None:
        self.poison, self.let, self.stored = poison, asyncio.Event(), list[list[int]]()

    async def store(self, updates: list[dict[str, Any]]) -> None:
        await self.let.wait()
        if self.poison is not None and any(update["update_id"] == 13 for update in updates):
            raise self.poison
        self.stored.append([update["update_id"] for update in updates])


async def delivered(intake: SlowIntake, *numbers: int) -> list[BaseException | None]:
    """One is delivered, and the others while it is being stored; what each came to."""
    deliveries = Deliveries(intake)  # type: ignore[arg-type]  # it stores, which is all that is asked of it
    first, *others = numbers
    tasks = [asyncio.create_task(deliveries.store({"update_id": first}))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(deliveries.store({"update_id": number})) for number in others]
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks), "nothing is stored yet"
    intake.let.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_comes_while_another_is_stored_is_stored_together() -> None:
    intake = SlowIntake()

    assert await delivered(intake, *range(1, TOGETHER + 3)) == [None] * (TOGETHER + 2)

    assert [len(together) for together in intake.stored] == [1, TOGETHER, 1]


async def test_what_cannot_be_stored_fails_alone() -> None:
    intake, poison = SlowIntake(ValueError("poisoned")), ValueError

    first, second, poisoned, last = await delivered(intake, 1, 2, 13, 3)

    assert (first, second, last) == (None, None, None)
    assert isinstance(poisoned, poison)
    assert sorted(number for together in intake.stored for number in together) == [1, 2, 3]


async def test_while_the_database_is_away_nobody_is_told_that_it_is_stored() -> None:
    intake = SlowIntake(DatabaseAway("no room"))

    first, *others = await delivered(intake, 1, 2, 13, 3)

    assert first is None
    assert all(isinstance(other, DatabaseAway) for other in others)
    assert intake.stored == [[1]]


async def test_many_at_once_are_all_stored_and_in_the_order_they_came_from_anybody(database_url: str) -> None:
    home = Home(village_config(database_url, "http://127.0.0.1:1"))
    app = webhook_app(Intake(home.sessions, now=system_now, bell=home.inbox_bell), "right")
    headers = {"X-Telegram-Bot-Api-Secret-Token": "right"}
    async with serve(app) as address, aiohttp.ClientSession(address, headers=headers) as http:

        async def deliver(number: int) -> int:
            message = {"chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "text": str(number)}
            async with http.post(PATH, json={"update_id": number, "message": message}) as response:
                return response.status

        assert await asyncio.gather(*(deliver(number) for number in range(60))) == [200] * 60

    async with home.sessions.begin() as session:
        stored = (await session.execute(select(InboxUpdate.update_id, InboxUpdate.position))).all()
    await home.engine.dispose()
    assert {update_id for update_id, _ in stored} == set(range(60))
    assert len({position for _, position in stored}) == 60


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("POST", "/", 404), ("POST", PATH + "/", 404)])
async def test_it_has_one_door(database_url: str, method: str, path: str, status: int) -> None:
    home = Home(village_config(database_url, "http://127.0.0.1:1"))
    app = webhook_app(Intake(home.sessions, now=system_now, bell=home.inbox_bell), "right")
    async with (
        serve(app) as address,
        aiohttp.ClientSession(address) as http,
        http.request(method, path, data='{"update_id": 1}', headers={"X-Telegram-Bot-Api-Secret-Token": "right"}) as response,
    ):
        assert response.status == status
    await home.engine.dispose()
