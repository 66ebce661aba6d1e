"""The same journeys in a Home with many years behind it and in a new one: millions of old messages must cost nobody a moment."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from bot.database import migrate, open_engine, sessions_of
from bot.sandbox.world import User
from models.defaults import seed_defaults
from models.people import Person, Role
from models.referrals import Referral
from tests.benchmarks.speed.postgresql import database_server
from tests.benchmarks.speed.processes import database_file
from tests.benchmarks.speed.verdict import verdict
from tests.grown import Size, grow
from tests.journeys.issue_people import share
from tests.village import Phone, Village, village

GOAL, ROUNDS = 1.2, 9
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SIZE = Size()
SPECIALTY = "城建环保"
SAID = "翠竹小区门口的下水道堵了快一个月，一下雨就积水，物业和社区互相推。"
ACTIVITY = "活动：视察污水处理厂\n类型：视察\n时间：3月12日上午9点\n地点：区政府东门\n对象：{names}"

Times = dict[str, list[float]]
"""Seconds of each journey, round by round."""


def report(console: Console) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, database_server() as new_database:
        addresses = {"SQLite": lambda name: database_file(folder, name), "PostgreSQL": lambda name: new_database()}
        for kind, address in addresses.items():
            with console.status(f"The years on {kind}…"):
                new, old = asyncio.run(_measure(address("new"), address("old")))
            _print(console, kind, new, old)


def _print(console: Console, kind: str, new: Times, old: Times) -> None:
    past = f"{SIZE.messages // 1_000_000} million messages, {SIZE.issues:,} issues, {SIZE.people:,} deputies"
    table = Table("", "new, ms", "old, ms", "beside", title=f"{past}, on {kind}")
    for journey, seconds in new.items():
        before, now = statistics.median(seconds), statistics.median(old[journey])
        ratio = now / before
        table.add_row(journey, f"{before * 1000:.1f}", f"{now * 1000:.1f}", f"{ratio:.2f} × {verdict(ratio <= GOAL)} (≤ {GOAL})")
    together = sum(map(statistics.median, old.values())) / sum(map(statistics.median, new.values()))
    table.add_row("all together", "", "", f"{together:.2f} × {verdict(together <= GOAL)} (≤ {GOAL})")
    console.print(table)


async def _measure(new: str, old: str) -> tuple[Times, Times]:
    """Round by round in turn, so that whatever else the machine does touches both."""
    await _prepared(new, None)
    await _prepared(old, SIZE)
    times: tuple[Times, Times] = defaultdict(list), defaultdict(list)
    async with _running(new) as young, _running(old) as aged:
        for number in range(ROUNDS + 1):
            for home, taken in zip((young, aged), times, strict=True):
                once: Times = defaultdict(list)
                await _journeys(home, once)
                if number:  # the first finds nothing compiled and nothing in memory
                    for journey, seconds in once.items():
                        taken[journey] += seconds
    return times


async def _prepared(database: str, size: Size | None) -> None:
    engine = open_engine(database)
    await migrate(engine)
    async with sessions_of(engine).begin() as session:
        await seed_defaults(session)
    if size is not None:
        async with engine.begin() as connection:
            await grow(connection, size, now=NOON)
        if engine.dialect.name == "postgresql":  # as it does by itself, sooner or later
            async with engine.connect() as connection:
                await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")
    await engine.dispose()


@contextlib.asynccontextmanager
async def _running(database: str) -> AsyncIterator[Village]:
    """What was due in all those years is done before anything is measured."""
    async with village(database, at=NOON) as home:
        home.pace, home.patience = 0.001, 120.0
        async with home.session() as session:
            for account, name in await session.execute(select(Person.telegram_id, Person.name)):
                home.sandbox.world.users[account] = User(account, name, started=True)
        for _ in range(3):
            await home.tick()
        yield home


async def _journeys(home: Village, times: Times) -> None:
    stamp = f"{len(home.sandbox.calls.since(0))}"
    office = await home.person(f"周主任{stamp}", Role.OFFICE)
    deputy = await home.person(f"王秀兰{stamp}", area="第1街道")
    specialist = await home.person(f"陈志强{stamp}", specialties=(SPECIALTY,))
    said_alone = {
        "/start": "/start",
        "/menu": "/menu",
        "a search that finds a page": "/search 下水道",
        "a search in vain": "/search 天文馆",
    }
    for name, said in said_alone.items():
        for _ in range(3):
            with _timed(times, name):
                await deputy.says(said)
                await home.settle()
    with _timed(times, "an issue, from a draft to its answer"):
        await _an_issue(home, deputy)
    with _timed(times, "an activity: notice and answers"):
        await office.says(ACTIVITY.format(names=f"{deputy.name}、{specialist.name}"))
        await office.presses("确认发布")
        await home.tick()
        for phone in (deputy, specialist):
            await phone.presses("参加")
    for _ in range(3):
        with _timed(times, "a tick with nothing due"):
            await home.home.schedule.tick()


async def _an_issue(home: Village, deputy: Phone) -> None:
    await share(home, deputy, SAID, SPECIALTY)
    async with home.session() as session:
        asked = await session.scalar(select(Referral).order_by(Referral.id.desc()).limit(1))
        assert asked is not None
        assert asked.person.telegram_id is not None
        specialist = Phone(home, asked.person.telegram_id, asked.person.name)
    await specialist.presses("接受", on="请您提专业意见")
    await specialist.presses("写意见")
    await specialist.says("建议由住建部门牵头清淤")
    await deputy.presses("办结", on="建议由住建部门牵头清淤")
    await deputy.presses("已答复群众")
    await home.settle()


@contextlib.contextmanager
def _timed(times: Times, journey: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times[journey].append(time.perf_counter() - began)


if __name__ == "__main__":
    report(Console())
