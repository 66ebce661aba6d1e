"""Who does what only one may do, where several processes run on one PostgreSQL.

A role is an advisory lock, held by a connection of its own. When the process dies the server lets go of it at once; when the process is
frozen or cut off, after ``SILENCE``. A process that cannot be sure any more (``SURE``, the shorter one) stops doing the role first.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.bells import OutboxBell
from bot.clock import running_time
from bot.database import DATABASE_AWAY, open_line
from bot.waiting import until

log = structlog.get_logger()

HOME = 0x4465707574696573  # "Deputies"
"""The number of the lock that every process holds together with the others; ``restore`` and ``move`` want it alone."""
ASK_AGAIN = 1.0
"""Seconds between two looks: whether the roles are still held, and whether one has become free."""
SILENCE = 12.0
"""Seconds after which the server gives up on a process that says nothing, and lets go of its roles."""
SURE = 8.0
"""For so many seconds after a look began that went well, this process holds what it holds."""
PATIENCE = 7.0
"""Seconds until an answer of the database counts as none."""
CHANNEL = "deputies_home_outbox"
NOT_SOONER = 0.01
"""Seconds between two words that the bell of the outbox was rung."""

CUT = (*DATABASE_AWAY, DBAPIError)


class HomeRole(enum.StrEnum):
    """What one process does at a time."""

    POLLER = "poller"
    """Fetches updates from Telegram."""
    PACER = "pacer"
    """Sends, and keeps the pace."""
    CLOCK = "clock"
    """Does what is due, watches, and makes the nightly backup."""

    @property
    def lock(self) -> int:
        return HOME + 1 + list(HomeRole).index(self)


class Tenure(asyncio.Event):
    """The word to stop, as the work of a role knows it: the Home stops, or the role is not surely held any more."""

    def __init__(self, stopping: asyncio.Event, sure: Callable[[], bool]) -> None:
        super().__init__()
        self._stopping, self._sure = stopping, sure

    @property
    def told(self) -> bool:
        """Whether whoever waits for it has been told."""
        return super().is_set()

    def is_set(self) -> bool:
        return super().is_set() or self._stopping.is_set() or not self._sure()


@dataclass(frozen=True)
class Duty:
    """The work of a role. When the role is lost the work is broken off, unless it ``finishes`` what is in its hands by itself."""

    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
    name: str
    finishes: bool = False


class Roles:
    """The roles of one process: those that are free are taken, done while they are held, and left when they are lost."""

    def __init__(self, engine: AsyncEngine, bell: OutboxBell) -> None:
        self._engine, self._bell = engine, bell
        self._line: AsyncConnection | None = None
        self._wake = bell.wakes
        self._sure_until = 0.0
        self._at_work: dict[HomeRole, tuple[asyncio.Task[None], Tenure]] = {}
        self.looks = 0
        """How often it has looked: what is taken at a later look than the first was somebody else's before."""

    @property
    def held(self) -> frozenset[HomeRole]:
        """The roles that this process has now, surely."""
        return frozenset(role for role, (task, _) in self._at_work.items() if not task.done() and self._sure())

    async def enter(self, stopping: asyncio.Event) -> None:
        """Be one of those who work on the database; wait while somebody has it alone (``restore``), unless ``stopping`` is set."""
        while not stopping.is_set() and not await self._open():
            log.info("standing by: somebody has this Home's database alone")
            await self.leave()
            await until(stopping, ASK_AGAIN)

    async def run(self, duties: Mapping[HomeRole, Duty], stopping: asyncio.Event) -> None:
        """Take roles and do them until told to stop, then wait for their work to end. Raises what a duty raises."""
        self._bell.near = False
        waking = asyncio.create_task(_then_wake(stopping, self._wake))
        try:
            while not (stopping.is_set() and all(task.done() for task, _ in self._at_work.values())):
                try:
                    if self._line is None and not await self._open():
                        log.error("somebody has taken this Home's database alone; stopping")
                        stopping.set()
                    await self._look(duties, stopping)
                    await self._rest(stopping)
                except CUT as error:
                    log.warning("the roles of this process are lost", had=[*map(str, self._at_work)], error=type(error).__name__)
                    await self._lose(duties)
                    await asyncio.sleep(ASK_AGAIN)
        finally:
            tasks = [waking, *(task for task, _ in self._at_work.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def leave(self) -> None:
        """Let go of everything at once, and of the line."""
        line, self._line = self._line, None
        if line is None:
            return
        with contextlib.suppress(*CUT):
            await line.execute(text("SELECT pg_advisory_unlock_all()"))  # the server may take its time to see that a line is closed
        with contextlib.suppress(*CUT):
            await line.close()

    async def _open(self) -> bool:
        """Open the line, and be one of many; False when somebody has the database alone."""
        line = self._line = await open_line(self._engine, patience=PATIENCE, silence=SILENCE)
        driver = (await line.get_raw_connection()).driver_connection
        assert driver is not None
        try:
            await driver.add_listener(CHANNEL, lambda *_: self._bell.ring_near())
        except Exception as error:  # the driver's own errors: nobody else knows them
            raise ConnectionError(str(error)) from error
        return bool(await line.scalar(text("SELECT pg_try_advisory_lock_shared(:lock)"), {"lock": HOME}))

    async def _look(self, duties: Mapping[HomeRole, Duty], stopping: asyncio.Event) -> None:
        """One word with the database: it shows that the line holds, and asks for what is free."""
        assert self._line is not None
        for role, (task, tenure) in [*self._at_work.items()]:
            if stopping.is_set():
                tenure.set()
            if task.done():
                await self._end(role, task)
        began = running_time()
        wanted = [role for role in duties if role not in self._at_work and not stopping.is_set()]
        asked = ["1", *(f"pg_try_advisory_lock({role.lock})" for role in wanted)]
        got = (await self._line.execute(text(f"SELECT {', '.join(asked)}"))).one()[1:]
        self._sure_until = began + SURE
        self.looks += 1
        for role in (role for role, given in zip(wanted, got, strict=True) if given):
            log.info("taking a role", role=str(role))
            tenure = Tenure(stopping, self._sure)
            task = asyncio.create_task(duties[role].work(tenure), name=duties[role].name)
            task.add_done_callback(lambda _: self._wake.set())
            self._at_work[role] = task, tenure
        self._bell.near = HomeRole.PACER in self._at_work

    async def _rest(self, stopping: asyncio.Event) -> None:
        """Until the next look; meanwhile pass on that the bell of the outbox was rung."""
        ends = running_time() + ASK_AGAIN
        while (left := ends - running_time()) > 0:
            await until(self._wake, left)
            self._wake.clear()
            ended = any(task.done() for task, _ in self._at_work.values())
            if ended or (stopping.is_set() and not all(tenure.told for _, tenure in self._at_work.values())):
                return
            if self._bell.unheard and self._line is not None:
                self._bell.unheard = False
                await self._line.execute(text(f"NOTIFY {CHANNEL}"))
                await asyncio.sleep(NOT_SOONER)

    async def _end(self, role: HomeRole, task: asyncio.Task[None]) -> None:
        """The work of a role has ended: because all stops, because the role was lost, or because the work failed."""
        assert self._line is not None
        await self._line.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": role.lock})
        del self._at_work[role]
        if task.cancelled() or (error := task.exception()) is None:
            return
        if not isinstance(error, DATABASE_AWAY):
            raise error
        log.warning("a role was left: the database is not reached", role=str(role), error=type(error).__name__)

    async def _lose(self, duties: Mapping[HomeRole, Duty]) -> None:
        """Nobody knows who has the roles now: stop at once what can be stopped."""
        self._sure_until = 0.0
        self._bell.near = False
        for role, (task, tenure) in self._at_work.items():
            tenure.set()
            if not duties[role].finishes:
                task.cancel()
        self._bell.ring_near()  # delivery rests on it
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(*CUT):
                await line.invalidate()
                await line.close()

    def _sure(self) -> bool:
        return running_time() < self._sure_until


async def _then_wake(stopping: asyncio.Event, wake: asyncio.Event) -> None:
    await stopping.wait()
    wake.set()


@dataclass(frozen=True)
class Standing:
    """How many processes run on a database, and which roles are held by one of them."""

    processes: int
    held: frozenset[HomeRole]


async def standing_of(engine: AsyncEngine) -> Standing:
    """Who runs, as the locks of a PostgreSQL tell it."""
    locks = text(
        "SELECT objid::bigint AS number, count(*) AS holders FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND classid::bigint = :high AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY objid"
    )
    async with engine.connect() as connection:
        found = {row.number: row.holders for row in await connection.execute(locks, {"high": HOME >> 32})}
    low = 0xFFFFFFFF
    return Standing(found.get(HOME & low, 0), frozenset(role for role in HomeRole if role.lock & low in found))
