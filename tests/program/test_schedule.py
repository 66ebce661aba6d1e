"""The schedule asks while the Home runs, and no longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import sessions_of
from bot.schedule import Schedule
from handlers.journey import Due, Journey
from handlers.post import Post
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


async def test_a_look_that_takes_long_is_not_overtaken_and_nobody_is_warned(engine: AsyncEngine, caplog: pytest.LogCaptureFixture) -> None:
    began: list[int] = []
    release = asyncio.Event()

    async def takes_long(post: object) -> None:
        began.append(len(began))
        await release.wait()

    async def at_no_time(session: object) -> None: ...

    schedule = Schedule(
        sessions_of(engine),
        Registry((Journey(due=(Due(takes_long, at_no_time),)),)),
        every=timedelta(milliseconds=1),
        post_for=lambda session: cast("Post", session),
        outbox_bell=asyncio.Event(),
        policy=Policy(),
        now=lambda: NOON,
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(schedule.run(stopping))

    await asyncio.sleep(0.05)  # the scheduler's own clock cannot be passed in

    assert began == [0]
    assert caplog.text == ""
    release.set()
    stopping.set()
    await running


async def test_work_in_pieces_is_done_to_its_end_with_one_look_each_piece_in_a_transaction_of_its_own(engine: AsyncEngine) -> None:
    seen: list[object] = []
    bell = asyncio.Event()

    async def in_three(post: object) -> bool:
        seen.append((post, bell.is_set()))
        return len(seen) < 3

    async def at_no_time(session: object) -> None: ...

    schedule = Schedule(
        sessions_of(engine),
        Registry((Journey(due=(Due(in_three, at_no_time),)),)),
        every=timedelta(hours=1),
        post_for=lambda session: cast("Post", session),
        outbox_bell=bell,
        policy=Policy(),
        now=lambda: NOON,
    )

    await schedule.tick()

    assert len({id(session) for session, _ in seen}) == 3
    assert [rung for _, rung in seen] == [False, True, True], "what a piece queued goes out before the next is written"
