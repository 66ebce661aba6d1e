"""The schedule asks while the Home runs, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import schedule as schedules
from bot.database import sessions_of
from bot.schedule import Schedule
from handlers.journey import Due, Journey
from handlers.post import Post
from handlers.registry import Registry
from models.policy import Policy
from tests.conftest import NOON


async def at_no_time(session: object) -> None: ...


def schedule_of(
    engine: AsyncEngine,
    *works: Callable[[Any], Awaitable[bool | None]],
    every: timedelta = timedelta(hours=1),
    bell: asyncio.Event | None = None,
) -> Schedule:
    """A schedule of such work, which is given the session as it stands."""
    return Schedule(
        sessions_of(engine),
        Registry((Journey(due=tuple(Due(work, at_no_time) for work in works)),)),
        every=every,
        post_for=lambda session: cast("Post", session),
        outbox_bell=bell or asyncio.Event(),
        policy=Policy(),
        now=lambda: NOON,
    )


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "cut off"])
async def test_nothing_is_asked_any_more_once_it_has_ended(engine: AsyncEngine, stopped: bool) -> None:
    schedule = schedule_of(engine)
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

    schedule = schedule_of(engine, takes_long, every=timedelta(milliseconds=1))
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

    await schedule_of(engine, in_three, bell=bell).tick()

    assert len({id(session) for session, _ in seen}) == 3
    assert [rung for _, rung in seen] == [False, True, True], "what a piece queued goes out before the next is written"


async def test_work_of_many_pieces_lets_the_rest_of_what_is_due_have_its_turn(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "A_WHILE", 0.0)
    done: list[str] = []

    async def pieces(post: object) -> bool:
        done.append("piece")
        return done.count("piece") < 3

    async def other(post: object) -> None:
        done.append("other")

    await schedule_of(engine, pieces, other).tick()

    assert done == ["piece", "other"] * 3


async def test_no_piece_is_begun_once_it_is_time_to_stop(engine: AsyncEngine) -> None:
    stopping, pieces = asyncio.Event(), []

    async def without_end(post: object) -> bool:
        pieces.append(stopping.is_set())
        if len(pieces) == 3:
            stopping.set()
        return True

    await asyncio.wait_for(schedule_of(engine, without_end, every=timedelta(milliseconds=1)).run(stopping), 10)

    assert pieces == [False, False, False]
