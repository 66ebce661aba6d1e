"""The watch: notices what stands still, tells the office or the log, and asks for the nightly backup."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Now
from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from bot.nightly import Nightly
from handlers.health import tell_alarm, tell_over
from handlers.post import Post
from models.health import Alarm, AlarmKind, stalls

log = structlog.get_logger()

EVERY = 30.0
"""Seconds between two looks."""


class Watch:
    """Whoever does the work is not asked: the queues are looked at, and when each part last got on.

    Where several processes run, each raises and clears only what it ``judges``: the roles it has tell what.
    """

    def __init__(
        self,
        sessions: Sessions,
        nightly: Nightly,
        counts: Counts,
        *,
        stall: timedelta,
        tick: timedelta,
        post_for: Callable[[AsyncSession], Post],
        outbox_bell: asyncio.Event,
        now: Now,
        judges: Collection[AlarmKind] = tuple(AlarmKind),
    ) -> None:
        self._judges = judges
        self._sessions, self._nightly, self._counts = sessions, nightly, counts
        self._stall, self._tick, self._post_for, self._bell, self._now = stall, tick, post_for, outbox_bell, now
        self._seen: set[AlarmKind] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look every half minute until told to stop; a backup in the making is then broken off, and made at the next start."""
        looking = asyncio.create_task(self._keep_looking())
        stopped = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({looking, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (looking, stopped):
                task.cancel()
            await asyncio.wait({looking, stopped})

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except DATABASE_AWAY as error:
                self._counts.errors["watch"] += 1
                log.error("the database is not reached", error=type(error).__name__)
            except Exception:  # whoever watches must not be the one who falls
                self._counts.errors["watch"] += 1
                log.exception("the watch failed")

    async def look(self) -> None:
        """Raise and clear alarms. Only what stood still at the last look too counts: after a sleep or a step of the clock all is late
        for a moment."""
        if AlarmKind.BACKUP in self._judges:
            await self._nightly.look()
        found = {kind: since for kind, since in (await self.standing()).items() if kind in self._judges}
        still = {kind: since for kind, since in found.items() if since is not None and kind in self._seen}
        self._seen = {kind for kind, since in found.items() if since is not None}
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            on = {alarm.kind: alarm for alarm in await session.scalars(select(Alarm).with_for_update())}
            for kind, since in still.items():
                if kind not in on:
                    await self._raise(post, kind, since)
            for kind, alarm in on.items():
                if kind in found and found[kind] is None:
                    await self._clear(post, alarm)
        self._bell.set()

    async def standing(self) -> dict[AlarmKind, datetime | None]:
        """Since when each part stands still that this process can judge; None where it does not."""
        now = self._now()
        async with self._sessions.begin() as session:
            found = await stalls(session, self._stall, now=now)
        silent = self._counts.silent_for()
        if silent is not None:
            found[AlarmKind.INTAKE] = now - silent if silent >= self._stall else None
        late = max(self._counts.late_by(self._tick).values(), default=None)
        if late is not None:
            found[AlarmKind.SCHEDULE] = now - late if late >= self._stall else None
        missing = await self._nightly.missing_since()
        found[AlarmKind.BACKUP] = missing if missing is not None and missing <= now - self._stall else None
        return found

    async def _raise(self, post: Post, kind: AlarmKind, since: datetime) -> None:
        post.session.add(Alarm(kind=kind, since=since, raised_at=post.now))
        late = [work for work, by in self._counts.late_by(self._tick).items() if by >= self._stall] if kind is AlarmKind.SCHEDULE else None
        log.error("standing still", what=str(kind), since=since.isoformat(), **({"work": late} if late else {}))
        if kind is not AlarmKind.OUTBOX:  # the chat itself cannot say so
            await tell_alarm(post, kind, since)

    async def _clear(self, post: Post, alarm: Alarm) -> None:
        log.info("going on", what=str(alarm.kind), since=alarm.since.isoformat())
        await tell_over(post, alarm.kind, alarm.since)
        await post.session.delete(alarm)
