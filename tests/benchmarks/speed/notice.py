"""A notice to a thousand people through a Telegram that keeps its limits: how much of what it allows is used, and how often it refuses."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.benchmarks.speed.backlog import FIRST_NOTICED
from tests.benchmarks.speed.limits import ALLOWED, Rule
from tests.benchmarks.speed.processes import FAR, HERE, begin, database_file, end, process, telegram
from tests.benchmarks.speed.verdict import verdict

PEOPLE = 1000
LONGEST = 50
"""Seconds after which whoever is not done is broken off."""
TARGET = 0.97


@dataclass(frozen=True)
class Run:
    """What arrived of a notice, how often, in how many seconds from the first to the last, and how many calls were refused."""

    messages: int
    answered: int
    twice: int
    seconds: float
    refused: int
    broken_off: bool

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    @property
    def share(self) -> float:
        """Of what is allowed in the long run."""
        return self.rate / ALLOWED

    @property
    def as_aimed(self) -> bool:
        """Whether it is fast enough, and was refused and lost nothing."""
        return self.share >= TARGET and not self.refused and self.answered == self.messages


ROWS = (
    ("AIORateLimiter, 20 retries", "limited", Rule.WINDOW),
    ("the Home", "home_notifying", Rule.WINDOW),
    ("AIORateLimiter, 20 retries; 5 s penalty", "limited", Rule.PENALTY),
    ("the Home; 5 s penalty", "home_notifying", Rule.PENALTY),
)


def report(console: Console) -> None:
    """Measure and print."""
    with console.status("How fast a notice goes out…"), tempfile.TemporaryDirectory() as folder:
        runs = [asyncio.run(measure(contestant, rule, database_file(folder, rule))) for _, contestant, rule in ROWS]
    console.print(table(runs))


def table(runs: list[Run]) -> Table:
    """The runs of the rows, in their order."""
    shown = Table("", "messages/s", "of the limit", "refused (429)", "lost", title=f"A notice to {PEOPLE} people, 50 ms away, limits kept")
    for (name, contestant, _), run in zip(ROWS, runs, strict=True):
        share = f"{run.share:.3f}"
        if contestant != "limited":
            share += f" {verdict(run.as_aimed)} (≥ {TARGET}, none refused, none lost)"
        missing = f"{run.messages - run.answered} not sent in {LONGEST} s" if run.broken_off else f"{run.messages - run.answered}"
        shown.add_row(name, f"{run.rate:.1f}", share, str(run.refused), missing)
    return shown


async def measure(contestant: str, rule: Rule, database: str) -> Run:
    """From the first message that arrives to the last."""
    own = [database] if contestant.startswith("home") else []
    async with telegram(FAR, rule) as address, aiohttp.ClientSession() as http:
        await begin(http, address, PEOPLE, after=FIRST_NOTICED, unasked=1)
        async with process(f"{HERE}.contestants", contestant, address, *own, str(PEOPLE)):
            figures = await end(http, address, LONGEST)
    broken_off = figures["answered"] < PEOPLE
    return Run(**{name: figures[name] for name in ("messages", "answered", "twice", "seconds", "refused")}, broken_off=broken_off)
