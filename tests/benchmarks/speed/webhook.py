"""Updates a second that a webhook takes: the Home stores each before it says so; python-telegram-bot's own keeps it in memory."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.speed.library import SECRET
from tests.benchmarks.speed.postgresql import database_server
from tests.benchmarks.speed.processes import HERE, database_file, process, processor, telegram
from tests.benchmarks.speed.verdict import verdict

WARM_UP, UPDATES, CONNECTIONS = 200, 3000, 32
TARGET = 2.0


@dataclass(frozen=True)
class Run:
    """How many were answered 200, in how many seconds; ``processor`` is the contestant's, in seconds."""

    updates: int
    taken: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Updates taken a second."""
        return self.taken / self.seconds


@dataclass(frozen=True)
class Row:
    """One line of the table; ``aimed`` where the target is for it."""

    name: str
    contestant: str
    database: str = ""
    aimed: bool = False


ROWS = (
    Row("python-telegram-bot's own", "hooked"),
    Row("the Home on SQLite", "home_hooked", "sqlite", aimed=True),
    Row("the Home on PostgreSQL", "home_hooked", "postgresql", aimed=True),
    Row("the Home on SQLite, its worker at rest", "home_taking_in", "sqlite"),
    Row("the Home on PostgreSQL, its worker at rest", "home_taking_in", "postgresql"),
)


def report(console: Console) -> None:
    """Measure and print."""
    numbers = itertools.count()
    with console.status("How many a webhook takes…"), tempfile.TemporaryDirectory() as folder, database_server() as new_database:
        makers: dict[str, Callable[[], str]] = {"": str, "sqlite": lambda: database_file(folder, next(numbers)), "postgresql": new_database}
        runs = [asyncio.run(measure(row.contestant, makers[row.database]())) for row in ROWS]
    console.print(table(runs))


def table(runs: Sequence[Run]) -> Table:
    """The runs of the rows, in their order; the first is the control."""
    shown = Table("", "updates/s", "processor, ms each", "not taken", "beside", title=f"Taken in by webhook, {CONNECTIONS} connections")
    for row, run in zip(ROWS, runs, strict=True):
        ratio = run.rate / runs[0].rate
        said = f"{ratio:.2f} × {ROWS[0].name}" if row.database else ""
        said += f" {verdict(ratio >= TARGET)} (≥ {TARGET})" if row.aimed else ""
        shown.add_row(row.name, f"{run.rate:.0f}", f"{run.processor / run.updates * 1000:.2f}", str(run.updates - run.taken), said)
    return shown


async def measure(contestant: str, database: str) -> Run:
    """Warm up with a few, then so many."""
    own = [database] if database else []
    port = str(_free_port())
    async with (
        telegram(0.0) as address,
        process(f"{HERE}.contestants", contestant, address, *own, port) as running,
        aiohttp.ClientSession() as http,
    ):
        async with http.get(f"{address}/webhook") as hooked:
            url = (await hooked.json())["url"]
        await _deliver(url, 1, WARM_UP)
        before = processor(running.pid)
        taken, seconds = await _deliver(url, 1 + WARM_UP, UPDATES)
        return Run(UPDATES, taken, seconds, processor(running.pid) - before)


async def _deliver(url: str, first: int, updates: int) -> tuple[int, float]:
    async with process(f"{HERE}.poster", url, SECRET, str(first), str(updates), str(CONNECTIONS), told=True) as poster:
        assert poster.stdout is not None
        taken, seconds = json.loads(await poster.stdout.readline())
    return taken, seconds


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
