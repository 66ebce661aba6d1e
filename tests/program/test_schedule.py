"""The schedule asks while the Home runs, and no longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import sessions_of
from bot.schedule import Schedule
from handlers.registry import Registry
from models.policy import Policy
from tests.conftest import NOON


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "cut off"])
async def test_nothing_is_asked_any_more_once_it_has_ended(engine: AsyncEngine, stopped: bool) -> None:
    schedule = Schedule(
        sessions_of(engine),
        Registry(()),
        every=timedelta(hours=1),
        post_for=lambda session: pytest.fail("nothing is due"),
        outbox_bell=asyncio.Event(),
        policy=Policy(),
        now=lambda: NOON,
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(schedule.run(stopping))
    await asyncio.sleep(0)
    assert schedule.asking

    stopping.set() if stopped else running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0)

    assert not schedule.asking
