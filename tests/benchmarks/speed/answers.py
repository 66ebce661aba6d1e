"""How long people wait for an answer, or after pressing a button, while a notice to ten thousand goes out; beside when none does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.speed.limits import Rule
from tests.benchmarks.speed.processes import FAR, HERE, begin, database_file, end, process, telegram
from tests.benchmarks.speed.verdict import verdict

NOTICED = 10_000
ASKED, OVER = 120, 40.0
"""So many updates over so many seconds, every other one a pressed button."""
WARM_UP = 40
PATIENCE = 30
"""Seconds after the last update after which whoever waits is given up."""
TARGET = 1.3


@dataclass(frozen=True)
class Run:
    """How long each waited, in seconds; those ``unanswered``, until the end. And how many calls were refused."""

    waits: Sequence[float]
    unanswered: int
    refused: int

    def percentile(self, percent: int) -> float:
        """So many in a hundred waited no longer, in seconds."""
        return quantiles(self.waits, n=100, method="inclusive")[percent - 1]


ROWS = (("AIORateLimiter, 20 retries", "limited"), ("the Home", "home_calling"))


def report(console: Console) -> None:
    """Measure and print."""
    with console.status("How long an answer takes meanwhile…"), tempfile.TemporaryDirectory() as folder:
        runs = [
            [asyncio.run(measure(contestant, database_file(folder, f"{contestant}-{noticed}"), noticed)) for noticed in (0, NOTICED)]
            for _, contestant in ROWS
        ]
    console.print(table(runs))


def table(runs: Sequence[Sequence[Run]]) -> Table:
    """For each row, idle and during the notice."""
    title = f"An answer or a pressed button while a notice to {NOTICED:,} goes out, 50 ms away, limits kept"
    shown = Table("", "p50, ms", "p95, ms", "p95, × idle", "refused (429)", "unanswered", title=title)
    for (name, contestant), (idle, busy) in zip(ROWS, runs, strict=True):
        ratio = busy.percentile(95) / idle.percentile(95)
        said = f"{ratio:.2f}" + (f" {verdict(ratio <= TARGET)} (≤ {TARGET})" if contestant != "limited" else "")
        for label, run, beside in ((f"{name}, idle", idle, ""), (f"{name}, meanwhile", busy, said)):
            p50, p95 = (f"{run.percentile(percent) * 1000:.0f}" for percent in (50, 95))
            shown.add_row(label, p50, p95, beside, str(run.refused), str(run.unanswered))
    return shown


async def measure(contestant: str, database: str, noticed: int) -> Run:
    """Warm up with a few, then so many one after another."""
    own = [database] if contestant.startswith("home") else []
    async with (
        telegram(FAR, Rule.WINDOW) as address,
        process(f"{HERE}.contestants", contestant, address, *own, str(noticed)),
        aiohttp.ClientSession() as http,
    ):
        await begin(http, address, WARM_UP, over=WARM_UP / ASKED * OVER)
        await end(http, address, WARM_UP / ASKED * OVER + (1 if noticed and contestant == "limited" else PATIENCE))
        await begin(http, address, ASKED, over=OVER)
        figures = await end(http, address, OVER + PATIENCE)
        return Run(figures["waits"], ASKED - figures["answered"], figures["refused"])
