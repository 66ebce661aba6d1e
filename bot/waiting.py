"""Waiting: for a word, for one of two, for all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any


async def until(event: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for it, so long at most."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def either(one: asyncio.Event, other: asyncio.Event, seconds: float | None) -> None:
    """Wait for one of them, so long at most."""
    waiting = {asyncio.create_task(each.wait()) for each in (one, other)}
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Until all have ended; when one fails, or all are broken off, none goes on."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
