"""Of several processes on one PostgreSQL one has a role at a time: the work of it never overlaps, however the one that had it was lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import roles
from bot.bells import OutboxBell
from bot.check_operation import operation_findings
from bot.clock import running_time
from bot.config import Config, Telegram
from bot.finding import Finding
from bot.roles import Duty, HomeRole, Roles, standing_of
from bot.sole import AlreadyRunning, held
from tests.conftest import DATABASES

pytestmark = [
    pytest.mark.skipif("postgresql" not in DATABASES, reason="on SQLite there is one process"),
    pytest.mark.parametrize("new_database", ["postgresql"], indirect=True),
]
PATIENCE = 60.0


@dataclass
class Member:
    """A process as far as its roles go. ``worked`` are the spans in which it did the work of the clock."""

    name: str
    roles: Roles
    bell: OutboxBell
    finishes: bool = False
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    at_work: asyncio.Event = field(default_factory=asyncio.Event)
    worked: list[tuple[float, float]] = field(default_factory=list)
    broken_off: bool = False
    fails: bool = False
    running: asyncio.Task[None] | None = None

    async def work(self, stopping: asyncio.Event) -> None:
        began = ended = running_time()
        self.at_work.set()
        try:
            while not stopping.is_set():
                ended = running_time()
                if self.fails:
                    raise ValueError("a mistake of ours")
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.broken_off = True
            raise
        finally:
            self.at_work.clear()
            self.worked.append((began, ended))

    async def run(self) -> None:
        await self.roles.enter(self.stopping)
        try:
            role = HomeRole.PACER if self.finishes else HomeRole.CLOCK
            await self.roles.run({role: Duty(self.work, "work", finishes=self.finishes)}, self.stopping)
        finally:
            await self.roles.leave()

    async def begins(self) -> None:
        self.running = asyncio.create_task(self.run())

    async def is_at_work(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.at_work.wait()

    async def has_looked(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.roles.looks:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    async def stops(self) -> None:
        self.stopping.set()
        if self.running is not None:
            await self.running


@contextlib.asynccontextmanager
async def members(engine: AsyncEngine, *names: str, finishes: bool = False) -> AsyncIterator[list[Member]]:
    made = [Member(name, Roles(engine, bell := OutboxBell()), bell, finishes) for name in names]
    try:
        yield made
    finally:
        for member in made:
            member.stopping.set()
        await asyncio.gather(*(member.running for member in made if member.running is not None), return_exceptions=True)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a tenth of the time."""
    for name, seconds in (("ASK_AGAIN", 0.1), ("SURE", 0.8), ("SILENCE", 2.0)):
        monkeypatch.setattr(roles, name, seconds)


def overlap(one: Member, other: Member) -> bool:
    spans = sorted([*one.worked, *other.worked])
    return any(before[1] > after[0] for before, after in pairwise(spans))


async def cut_lines(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'deputies-home %' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def test_one_has_the_role_and_the_next_takes_it_when_that_one_stops(engine: AsyncEngine, hurried: None) -> None:
    async with members(engine, "one", "other") as (one, other):
        await one.begins()
        await one.is_at_work()
        await other.begins()
        await asyncio.sleep(0.5)
        assert not other.at_work.is_set()
        assert (await standing_of(engine)).processes == 2
        assert (await standing_of(engine)).held == {HomeRole.CLOCK}

        await one.stops()
        await other.is_at_work()
        await other.stops()

    assert not overlap(one, other)
    assert not one.broken_off


async def test_a_cut_line_ends_the_work_before_anybody_else_begins_it(engine: AsyncEngine, hurried: None) -> None:
    async with members(engine, "one", "other") as (one, other):
        await one.begins()
        await one.is_at_work()
        await other.begins()
        await other.has_looked()

        for _ in range(5):
            await cut_lines(engine)
            await asyncio.sleep(0.5)
        await asyncio.gather(one.stops(), other.stops())

    assert len(one.worked) + len(other.worked) > 1
    assert one.broken_off
    assert not overlap(one, other)


async def test_one_that_says_nothing_any_more_knows_before_the_server_does(
    engine: AsyncEngine, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen, or behind a network that is gone: its line looks whole from here, and the server ends it after a while."""
    async with members(engine, "one", "other") as (one, other):
        await one.begins()
        await one.is_at_work()

        async def never(*_: object) -> None:
            await asyncio.sleep(PATIENCE)

        monkeypatch.setattr(one.roles, "_rest", never)
        await other.begins()
        await other.is_at_work()
        assert not one.at_work.is_set()
        assert one.roles.held == frozenset()
        await other.stops()
        assert one.running is not None
        one.running.cancel()

    assert len(other.worked) == 1
    assert not overlap(one, other)


async def test_what_finishes_by_itself_is_told_and_not_broken_off(engine: AsyncEngine, hurried: None) -> None:
    async with members(engine, "one", finishes=True) as [one]:
        await one.begins()
        await one.is_at_work()

        await cut_lines(engine)
        async with asyncio.timeout(PATIENCE):
            while not one.worked:  # noqa: ASYNC110 - the work itself tells nobody
                await asyncio.sleep(0.01)
        await one.is_at_work()
        await one.stops()

    assert not one.broken_off
    assert len(one.worked) == 2


async def test_work_that_fails_stops_the_process(engine: AsyncEngine, hurried: None) -> None:
    async with members(engine, "one") as [one]:
        one.fails = True

        with pytest.raises(ValueError, match="a mistake of ours"):
            await one.run()


async def test_whoever_sends_hears_the_bell_of_another_process(engine: AsyncEngine) -> None:
    async with members(engine, "pacer", "other", finishes=True) as (pacer, other):
        await pacer.begins()
        await pacer.is_at_work()
        await other.begins()
        await other.has_looked()
        pacer.bell.clear()

        other.bell.set()

        async with asyncio.timeout(PATIENCE):
            await pacer.bell.wait()


async def test_the_check_tells_how_many_run_and_what_nobody_does(database_url: str, engine: AsyncEngine, hurried: None) -> None:
    config = Config(database=database_url, telegram=Telegram(token=SecretStr("1000001:none")))

    async def said() -> Finding:
        return next(iter([found async for found in operation_findings(config, engine) if found.what == "processes"]))

    assert (await said()).mark == "!"
    async with members(engine, "one", "other") as (one, other):
        await one.begins()
        await one.is_at_work()
        await other.begins()
        await other.has_looked()
        found = await said()

    assert found.mark == "✗"
    assert found.says.startswith("2 run, and nobody is pacer, poller;")


async def test_nobody_restores_while_any_process_runs_and_none_begins_meanwhile(engine: AsyncEngine, hurried: None) -> None:
    async with members(engine, "one", "other") as (one, other):
        await one.begins()
        await one.is_at_work()
        with pytest.raises(AlreadyRunning):
            async with held(engine):
                pass
        await one.stops()

        async with held(engine):
            await other.begins()
            await asyncio.sleep(0.5)
            assert not other.at_work.is_set()
        await other.is_at_work()
