"""The schedule: APScheduler asks, again and again, what the database says is due. Nothing due is kept in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Now
from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from bot.learning import relearn
from bot.waiting import until
from handlers.journey import Due
from handlers.post import Post
from handlers.registry import Registry
from models.inbox import InboxState, forget_done
from models.old_pictures import forget_old_pictures
from models.policy import Policy

log = structlog.get_logger()

FORGOTTEN_AT_ONCE = 500
GIVES_WAY, LONGEST_PAUSE = 2.0, 0.2
"""For so many times as long as a piece took, but for so many seconds at most, others have the database to themselves before the next."""
A_WHILE = 2.0
"""After so many seconds of one work's pieces the rest of what is due has its turn."""
CLOCK_LOOKS = 1.0
"""Seconds between looks whether the clock was set back."""


class Schedule:
    """One tick for everything that time brings."""

    def __init__(
        self,
        sessions: Sessions,
        registry: Registry,
        *,
        every: timedelta,
        post_for: Callable[[AsyncSession], Post],
        outbox_bell: asyncio.Event,
        policy: Policy,
        now: Now,
        counts: Counts | None = None,
    ) -> None:
        self._counts = counts or Counts()
        self._sessions, self._registry, self._post_for, self._bell = sessions, registry, post_for, outbox_bell
        self._policy, self._now = policy, now
        self._stopping = asyncio.Event()
        self._ticking, self._learning = asyncio.Lock(), asyncio.Lock()
        self._every = every
        self._scheduler = self._new_scheduler()

    def _new_scheduler(self) -> AsyncIOScheduler:
        """One that was shut down starts no more, and the role of the clock may come back."""
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None})
        scheduler.add_job(self._look, IntervalTrigger(seconds=self._every.total_seconds(), timezone="UTC"))
        scheduler.add_job(self.learn, IntervalTrigger(minutes=1, timezone="UTC"))
        scheduler.add_job(self.tidy, IntervalTrigger(hours=1, timezone="UTC"))
        return scheduler

    async def run(self, stopping: asyncio.Event) -> None:
        """Tick until told to stop; what is due is asked for piece by piece, and no further once it is time to stop."""
        self._stopping = stopping
        for due in self._registry.due:  # from now on it is waited for
            self._counts.did(due.work)
        scheduler = self._scheduler = self._new_scheduler()
        scheduler.start()
        minding = asyncio.create_task(self._mind_the_clock())
        try:
            await stopping.wait()
            minding.cancel()
            scheduler.pause()
            async with self._ticking, self._learning:  # the scheduler's own shutdown would cancel a tick in the middle
                pass
        finally:
            minding.cancel()
            scheduler.shutdown(wait=False)

    async def _mind_the_clock(self) -> None:
        """APScheduler waits for times of day. When the clock is set back they are far off, and nothing would be asked until then."""
        while True:
            await asyncio.sleep(CLOCK_LOOKS)
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                if job.next_run_time - now > job.trigger.interval + timedelta(seconds=CLOCK_LOOKS):
                    log.warning("the clock was set back", by=str(job.next_run_time - now))
                    job.modify(next_run_time=now)

    @property
    def asking(self) -> bool:
        """Whether it will go on asking."""
        return bool(self._scheduler.running)

    async def _look(self) -> None:
        """A look that comes while the last one is still at work has nothing to add."""
        if not self._ticking.locked():
            await self.tick()

    async def tick(self) -> None:
        """Do what is due, each piece in a transaction of its own: work that fails does not hold up the rest, and is asked again."""
        async with self._ticking:
            while await self._go_round() and not self._stopping.is_set():
                pass
        self._bell.set()

    async def _go_round(self) -> bool:
        """Do all work once, of what has many pieces as many as a while allows; True when there is more."""
        more = False
        for due in self._registry.due:
            if self._stopping.is_set():
                break
            try:
                more |= await self._do_some(due)
                self._counts.did(due.work)
            except DATABASE_AWAY as error:
                self._counts.errors["due_work"] += 1
                log.error("the database failed; what is due is asked for again", error=f"{type(error).__name__}: {error}")
                return False
            except Exception:  # whatever it is, the rest of what is due must not wait for it
                self._counts.errors["due_work"] += 1
                log.exception("due work failed", work=due.work.__qualname__)
        return more

    async def _do_some(self, due: Due) -> bool:
        """Piece after piece, for a while at most; True when there is more."""
        began = time.monotonic()
        while True:
            async with self._sessions.begin() as session:
                await session.connection()  # waiting for the database is no part of what the piece takes
                started = time.monotonic()
                more = await due.work(self._post_for(session))
            if not more:
                return False
            self._bell.set()
            await until(self._stopping, min(GIVES_WAY * (time.monotonic() - started), LONGEST_PAUSE))
            if self._stopping.is_set() or time.monotonic() - began > A_WHILE:
                return True

    async def learn(self) -> None:
        """Make the routing model anew where that is due."""
        async with self._learning:
            await relearn(self._sessions, self._policy, now=self._now)

    async def tidy(self) -> None:
        """Forget updates that were done or failed long ago, and pictures that newer ones have replaced."""
        for state, keep in ((InboxState.DONE, self._policy.keep_updates), (InboxState.SET_ASIDE, self._policy.keep_failed_updates)):
            while await self._forget_some(state, keep):
                pass
        async with self._sessions.begin() as session:
            await forget_old_pictures(session)

    async def _forget_some(self, state: InboxState, keep: timedelta) -> bool:
        """A piece at a time, so that nobody waits for it; False once there is no more."""
        async with self._sessions.begin() as session:
            return await forget_done(session, state, before=self._now() - keep, limit=FORGOTTEN_AT_ONCE) == FORGOTTEN_AT_ONCE
