"""Updates a second: stored, worked on and answered; beside python-telegram-bot's echo, which keeps nothing."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.speed.postgresql import database_server
from tests.benchmarks.speed.processes import FAR, HERE, begin, database_file, end, process, processor, telegram
from tests.benchmarks.speed.verdict import verdict

WARM_UP, LONGEST = 100, 120


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
            row.name: asyncio.run(measure(row, new_database() if row.database == "postgresql" else database_file(folder, number)))
            for number, row in enumerate(ROWS)
        }
    table = Table("", "updates/s", "processor, ms each", "lost", "beside", title="Stored, worked on and answered")
    for row in ROWS:
        run = runs[row.name]
        beside = [(run.rate / runs[control].rate, control, target) for control, target in row.against]
        said = "\n".join(f"{ratio:.2f} × {control} {verdict(ratio >= target)} (≥ {target})" for ratio, control, target in beside)
        lost = str(run.messages - run.answered)
        table.add_row(row.name, f"{run.rate:.0f}", f"{run.processor / run.messages * 1000:.2f}", lost, said)
    console.print(table)


async def measure(row: Row, database: str) -> Run:
    """Warm up with a few, then so many at once."""
    async with (
        telegram(row.distance) as address,
        process(f"{HERE}.contestants", row.contestant, address, *([database] if row.database else [])) as contestant,
        aiohttp.ClientSession() as http,
    ):
        await _answered(http, address, WARM_UP)
        before = processor(contestant.pid)
        figures = await _answered(http, address, row.messages)
        return Run(**figures, processor=processor(contestant.pid) - before)


async def _answered(http: aiohttp.ClientSession, address: str, messages: int) -> dict[str, Any]:
    await begin(http, address, messages)
    figures = await end(http, address, LONGEST)
    return {name: figures[name] for name in ("messages", "answered", "twice", "seconds")}
