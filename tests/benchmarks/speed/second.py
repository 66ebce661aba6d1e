"""What a second process of the Home is worth on one PostgreSQL: with commands, which work alone, and with answers to an activity, which
work side by side."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from dataclasses import dataclass

import aiohttp
from rich.console import Console
from rich.table import Table

from handlers.invitation_card import AttendPress
from models.activities import ActivityState
from models.invitations import Delivery
from tests.benchmarks.speed.backlog import PEOPLE
from tests.benchmarks.speed.contestants import add_activity, counting_home, peopled
from tests.benchmarks.speed.postgresql import database_server
from tests.benchmarks.speed.processes import HERE, begin, end, process, telegram
from tests.benchmarks.speed.verdict import verdict

GOAL, WARM_UP, TIMES, LONGEST = 1.15, 100, 3, 120.0
JOINED = 4.0
"""Seconds in which a second process is there."""


@dataclass(frozen=True)
class Kind:
    """What is given out: presses of a button, or commands where there is none."""

    name: str
    pressed: str
    messages: int


KINDS = (
    Kind("commands: they work alone", "", 2000),
    Kind("answers to an activity: they work side by side", AttendPress(1, 0).pack(), 400),
)


def report(console: Console) -> None:
    """Measure and print."""
    table = Table("", "one, updates/s", "two, updates/s", "beside", title="A second process on PostgreSQL, two cores")
    with console.status("What a second process is worth…"), database_server() as new_database:
        for kind in KINDS:
            one, two = (statistics.median(asyncio.run(_rates(kind, new_database(), processes))) for processes in (1, 2))
            table.add_row(kind.name, f"{one:.0f}", f"{two:.0f}", f"{two / one:.2f} × {verdict(two / one >= GOAL)} (≥ {GOAL})")
    console.print(table)


async def _rates(kind: Kind, database: str, processes: int) -> list[float]:
    await _prepared(database)
    async with contextlib.AsyncExitStack() as stack:
        address = await stack.enter_async_context(telegram(0.0))
        for _ in range(processes):
            await stack.enter_async_context(process(f"{HERE}.contestants", "home_joining", address, database))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        for _ in range(2):  # the second once all of them are there
            await _rate(http, address, kind, WARM_UP)
            await asyncio.sleep(JOINED)
        return [await _rate(http, address, kind, kind.messages) for _ in range(TIMES)]


async def _rate(http: aiohttp.ClientSession, address: str, kind: Kind, messages: int) -> float:
    await begin(http, address, messages, pressed=kind.pressed)
    figures = await end(http, address, LONGEST)
    return float(figures["answered"] / figures["seconds"])


async def _prepared(database: str) -> None:
    home = counting_home("http://127.0.0.1:1", database)
    await peopled(home)
    async with home.sessions.begin() as session:
        people = [1 + each for each in range(PEOPLE)]
        await add_activity(session, people, {"everyone": True}, ActivityState.NOTICED, Delivery.REACHED)
    await home.engine.dispose()


if __name__ == "__main__":
    report(Console())
