"""Updates a second: stored, worked on and answered; beside python-telegram-bot's echo, which keeps nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.speed.postgresql import database_server

WARM_UP, LONGEST = 100, 120
FAR = 0.05
"""Seconds that each call takes longer, as over a network."""
HERE = "tests.benchmarks.speed"


@dataclass(frozen=True)
class Run:
    """One contestant's run over a backlog; ``processor`` is in seconds."""

    messages: int
    answered: int
    twice: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Row:
    """One line of the table: a contestant, and which of the controls it is compared with, and how it should compare."""

    name: str
    contestant: str
    distance: float
    messages: int
    database: str = ""
    against: tuple[tuple[str, float], ...] = ()


ECHO_FAR, TUNED_FAR, ECHO = "echo, 50 ms away", "echo, 32 at once, 50 ms away", "echo"
ROWS = (
    Row(ECHO_FAR, "echo", FAR, 150),
    Row(TUNED_FAR, "tuned", FAR, 2000),
    Row("the Home on SQLite, 50 ms away", "home", FAR, 2000, "sqlite", ((ECHO_FAR, 20.0), (TUNED_FAR, 0.8))),
    Row("the Home on PostgreSQL, 50 ms away", "home", FAR, 2000, "postgresql", ((ECHO_FAR, 20.0), (TUNED_FAR, 0.8))),
    Row(ECHO, "echo", 0.0, 3000),
    Row("the Home on SQLite", "home", 0.0, 2000, "sqlite", ((ECHO, 0.6),)),
    Row("the Home on PostgreSQL", "home", 0.0, 2000, "postgresql", ((ECHO, 0.6),)),
)


def report(console: Console) -> None:
    """Measure and print."""
    with console.status("How many updates a second…"), tempfile.TemporaryDirectory() as folder, database_server() as new_database:
        runs = {
            row.name: asyncio.run(measure(row, new_database() if row.database == "postgresql" else _file(folder, number)))
            for number, row in enumerate(ROWS)
        }
    table = Table("", "updates/s", "processor, ms each", "lost", "beside", title="Stored, worked on and answered")
    for row in ROWS:
        run = runs[row.name]
        beside = [(run.rate / runs[control].rate, control, target) for control, target in row.against]
        said = "\n".join(f"{ratio:.2f} × {control} {'✓' if ratio >= target else '✗'} (≥ {target})" for ratio, control, target in beside)
        lost = str(run.messages - run.answered)
        table.add_row(row.name, f"{run.rate:.0f}", f"{run.processor / run.messages * 1000:.2f}", lost, said)
    console.print(table)


def _file(folder: str, number: int) -> str:
    return f"sqlite+aiosqlite:///{Path(folder) / f'{number}.db'}"


@contextlib.asynccontextmanager
async def process(*arguments: str, told: bool = False) -> AsyncIterator[asyncio.subprocess.Process]:
    """A module run in a process of its own; ``told`` gives what it prints."""
    out = asyncio.subprocess.PIPE if told else asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, stdout=out, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()


@contextlib.asynccontextmanager
async def telegram(distance: float) -> AsyncIterator[str]:
    """The stand-in's address."""
    async with process(f"{HERE}.fake_telegram", str(distance), told=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(await server.stdout.readline())}"


async def measure(row: Row, database: str) -> Run:
    """Warm up with a few, then so many at once."""
    async with (
        telegram(row.distance) as address,
        process(f"{HERE}.contestants", row.contestant, address, database) as contestant,
        aiohttp.ClientSession() as http,
    ):
        await _answered(http, address, WARM_UP)
        before = processor(contestant.pid)
        figures = await _answered(http, address, row.messages)
        return Run(**figures, processor=processor(contestant.pid) - before)


async def _answered(http: aiohttp.ClientSession, address: str, messages: int) -> dict[str, Any]:
    async with http.post(f"{address}/begin", params={"messages": messages}):
        pass
    async with http.get(f"{address}/end", params={"seconds": LONGEST}, timeout=aiohttp.ClientTimeout(LONGEST + 30)) as response:
        figures: dict[str, Any] = await response.json()
    return figures


def processor(pid: int) -> float:
    """Seconds that a process has had of the processor, as Linux tells."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
