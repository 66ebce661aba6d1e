"""Several Homes as processes of their own on one PostgreSQL; which of them has which role the database tells."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.roles import HOME, HomeRole
from bot.sandbox.world import User
from models.people import Person, Role
from tests.crashes.outside import OutsideVillage, outside_village
from tests.village import Phone

_ids = itertools.count(800_001)
_HOLDERS = text(
    "SELECT l.objid::bigint AS number, a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = :high"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass
class Crew:
    """The processes of one Home."""

    home: OutsideVillage
    processes: dict[int, Any] = field(default_factory=dict)

    async def joined(self) -> int:
        """One more process; its number."""
        await self.home.start()
        process = self.home.process
        assert process is not None
        self.processes[process.pid] = process
        return process.pid

    async def killed(self, pid: int) -> None:
        self.processes[pid].send_signal(signal.SIGKILL)
        await self.processes.pop(pid).wait()

    async def replaced(self, pid: int) -> None:
        await self.killed(pid)
        await self.joined()

    async def holders(self) -> dict[HomeRole, list[int]]:
        """By role, the processes that have it."""
        low = {role.lock & 0xFFFFFFFF: role for role in HomeRole}
        found: dict[HomeRole, list[int]] = {role: [] for role in HomeRole}
        async with self.home.home.engine.connect() as connection:
            for row in await connection.execute(_HOLDERS, {"high": HOME >> 32}):
                if row.number in low:
                    found[low[row.number]].append(int(row.name.rpartition(" ")[2]))
        return found

    async def there(self) -> set[int]:
        """The processes that work on the database."""
        async with self.home.home.engine.connect() as connection:
            rows = await connection.execute(_HOLDERS, {"high": HOME >> 32})
            return {int(row.name.rpartition(" ")[2]) for row in rows if row.number == HOME & 0xFFFFFFFF}

    async def complete(self, *, among: set[int] | None = None) -> dict[HomeRole, int]:
        """Once every process is there and every role is held, ``among`` these: who has which. Never has any role two."""
        async with asyncio.timeout(self.home.patience):
            while True:
                holders = await self.holders()
                assert all(len(each) <= 1 for each in holders.values()), holders
                has = {role: each[0] for role, each in holders.items() if each and (among is None or each[0] in among)}
                if len(has) == len(HomeRole) and (among is not None or await self.there() == set(self.processes)):
                    return has
                await asyncio.sleep(0.05)

    async def kill_at_random(self, moments: list[int], seed: int) -> None:
        """Each time so many more calls have been made, kill one, and begin another."""
        chance = random.Random(seed)
        for moment in moments:
            seen = self.home.made()
            while self.home.made() < seen + moment:  # noqa: ASYNC110 - the log of calls rings no bell
                await asyncio.sleep(0.003)
            await asyncio.sleep(chance.random() * 0.02)
            await self.replaced(chance.choice(sorted(self.processes)))

    @contextlib.contextmanager
    def frozen(self, pid: int) -> Any:
        """The process gets no time at all; its connections stay open."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def crew(database_url: str, folder: Path, size: int = 3) -> AsyncIterator[Crew]:
    """A village with so many processes."""
    async with outside_village(database_url, folder) as home:
        assert home.process is not None
        running = Crew(home, {home.process.pid: home.process})
        try:
            while len(running.processes) < size:
                await running.joined()
            await running.complete()
            yield running
        finally:
            for process in running.processes.values():
                process.terminate()
            for process in running.processes.values():
                await process.wait()


async def many(home: OutsideVillage, count: int) -> list[Phone]:
    """So many deputies who have started the bot, made in one go."""
    ids = [next(_ids) for _ in range(count)]
    async with home.session() as session:
        for number in ids:
            home.sandbox.world.users[number] = User(number, f"代表{number}", phone=f"1380{number:07}", started=True)
            person = Person(name=f"代表{number}", phone=f"1380{number:07}", role_rows=[], specialties=[])
            person.telegram_id, person.language = number, "zh_CN"
            person.give(Role.DEPUTY)
            session.add(person)
    return [Phone(home, number, f"代表{number}") for number in ids]
