"""Telegram is waited for at the start: a Home that begins after a power failure may be up before the network is."""

from __future__ import annotations

import asyncio
from itertools import chain, repeat

import structlog
from telegram import Bot
from telegram.error import NetworkError, RetryAfter

from bot.logs import without_tokens
from bot.waiting import until

log = structlog.get_logger()

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between attempts; the last again and again."""


async def reach(bot: Bot, stopping: asyncio.Event) -> bool:
    """Wait until Telegram is there; False when told to stop meanwhile. Raises InvalidToken: that mends itself by no waiting."""
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        asking = asyncio.create_task(bot.initialize())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking})
        if stopping.is_set():
            return False
        try:
            asking.result()
        except (NetworkError, RetryAfter) as error:
            log.warning("Telegram is not reached", error=without_tokens(error.message), again_in=pause)
            await until(stopping, pause)
        else:
            return True
    raise AssertionError("it is tried for ever")
