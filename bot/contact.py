"""The contact with Telegram: when it was last heard is kept, so that an outage of any cause is noticed when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Now
from bot.database import DATABASE_AWAY, Sessions
from bot.waiting import until
from handlers.asking_again import ask_again
from handlers.post import Post
from models.outages import note_heard

log = structlog.get_logger()

NOTED_EVERY = 20.0
"""Seconds between two times that it is written down."""


class Contact:
    """Is told whenever Telegram answers. An outage is anything longer than ``outage``: Telegram silent, the network down, the Home off."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        outage: timedelta,
        post_for: Callable[[AsyncSession], Post],
        outbox_bell: asyncio.Event,
        now: Now,
        timer: Callable[[], float],
    ) -> None:
        self._sessions, self._outage, self._post_for, self._bell = sessions, outage, post_for, outbox_bell
        self._now, self._timer = now, timer
        self._noted: float | None = None

    async def heard(self) -> None:
        """Write it down, and after an outage ask people again. A clock that was set forward is no outage."""
        timer = self._timer()
        if self._noted is not None and 0 <= timer - self._noted < NOTED_EVERY:
            return
        try:
            async with self._sessions.begin() as session:
                last = await note_heard(session, now=self._now())
                silent = self._now() - last if last is not None else timedelta(0)
                if self._noted is not None:
                    silent = min(silent, timedelta(seconds=timer - self._noted))
                if last is not None and silent > self._outage:
                    asked = await ask_again(self._post_for(session), last)
                    log.warning("Telegram was not heard for a while; people are asked to press again", since=last.isoformat(), people=asked)
        except DATABASE_AWAY as error:
            log.error("the database failed; the contact is noted later", error=f"{type(error).__name__}: {error}")
            return
        self._noted = timer
        self._bell.set()

    async def keep(self, stopping: asyncio.Event) -> None:
        """By webhook nobody is asked, and Telegram comes again until it is heard: here it is the Home that may be away."""
        while not stopping.is_set():
            await self.heard()
            await until(stopping, NOTED_EVERY)
