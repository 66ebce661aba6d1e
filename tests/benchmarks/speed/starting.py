"""How long a Home takes from its start to its first answer, and how much memory it holds at rest; beside importing its libraries alone."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from rich.console import Console
from rich.table import Table

import models.tables  # noqa: F401 - every table must be known
from bot.database import migrate, open_engine, sessions_of
from models.defaults import seed_defaults
from models.people import Person, Role
from tests.benchmarks.speed.processes import processor
from tests.benchmarks.speed.verdict import verdict

TIMES, REST, LONGEST = 5, 5.0, 60.0
"""Starts of each, in turn; seconds after the answer at which the memory is looked at; seconds that a start may take."""
GOAL = 1.35
ACCOUNT, TOKEN = 10_000, "1000001:bench"
OURS = ("bot", "handlers", "models", "tests")

ASKS_WHICH = f"""
import sys
import bot.cli, bot.home, sqlalchemy.dialects.sqlite.aiosqlite
print("\\n".join(name for name in sys.modules if name.split(".")[0] not in {{*sys.stdlib_module_names, *{OURS!r}, "__main__"}}))
"""
IMPORTS = """
import importlib, sys
for name in sys.argv[1].split(","):
    try:
        importlib.import_module(name)
    except ImportError:  # made by its library under this name only while that was loaded
        pass
print("done", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Start:
    """Seconds until the first sign, by the clock and of the processor, and MB held at rest."""

    seconds: float
    processor: float
    memory: float


class OneWaits:
    """A stand-in for Telegram at which one ``/start`` waits."""

    def __init__(self) -> None:
        self.answered = asyncio.Event()
        self.address = ""

    async def call(self, request: web.Request) -> web.Response:
        method, given = request.match_info["method"], {**request.query, **await request.post()}
        if method == "sendMessage" and str(given.get("chat_id")) == str(ACCOUNT):
            self.answered.set()
        if method == "getUpdates":
            if int(str(given.get("offset") or 0)) > 1 or self.answered.is_set():
                await asyncio.sleep(1.0)
                return _answer([])
            return _answer([_UPDATE])
        if method == "getMe":
            return _answer({"id": 1, "is_bot": True, "first_name": "代表之家", "username": "home_bot"})
        message = {"message_id": 1, "date": int(time.time()), "chat": {"id": ACCOUNT, "type": "private"}, "text": "…"}
        return _answer(message if method.startswith("send") else True)


_WHO = {"id": ACCOUNT, "is_bot": False, "first_name": "代表", "language_code": "zh-hans"}
_UPDATE: dict[str, Any] = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": int(time.time()),
        "chat": {"id": ACCOUNT, "type": "private", "first_name": "代表"},
        "from": _WHO,
        "text": "/start",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    },
}


def _answer(result: Any) -> web.Response:
    return web.Response(body=json.dumps({"ok": True, "result": result}), content_type="application/json")


def report(console: Console) -> None:
    """Measure and print."""
    with console.status("How long until the first answer…"):
        homes, controls = asyncio.run(_measure())
    table = Table("", "seconds", "of the processor", "MB at rest", title="Start to first answer; memory at rest")
    home, control = _medians(homes), _medians(controls)
    for name, start in (("the Home on SQLite, until its first answer", home), ("importing the same libraries", control)):
        table.add_row(name, f"{start.seconds:.2f}", f"{start.processor:.2f}", f"{start.memory:.0f}")
    ratios = (home.seconds / control.seconds, home.processor / control.processor, home.memory / control.memory)
    table.add_row("beside", *(f"{ratio:.2f} × {verdict(ratio <= GOAL)} (≤ {GOAL})" for ratio in ratios))
    console.print(table)


def _medians(starts: list[Start]) -> Start:
    return Start(*(statistics.median(getattr(start, each.name) for start in starts) for each in dataclasses.fields(Start)))


async def _measure() -> tuple[list[Start], list[Start]]:
    async with _process("-c", ASKS_WHICH) as asking:
        libraries = (await asking.communicate())[0].decode().split()
    homes, controls = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(TIMES + 1):  # the first of each finds nothing in the disk's cache, and is not counted
            home, control = await _home(Path(folder) / str(number)), await _control(libraries)
            if number:
                homes.append(home)
                controls.append(control)
    return homes, controls


async def _home(folder: Path) -> Start:
    database = f"sqlite+aiosqlite:///{folder / 'home.db'}"
    engine = open_engine(database)
    await migrate(engine)
    async with sessions_of(engine).begin() as session:
        await seed_defaults(session)
        person = Person(name="王秀兰", telegram_id=ACCOUNT, role_rows=[], specialties=[])
        person.give(Role.OFFICE)
        session.add(person)
    await engine.dispose()
    async with _telegram() as telegram:
        config = folder / "config.toml"
        lines = (f'database = "{database}"', "[telegram]", f'token = "{TOKEN}"', f'api = "{telegram.address}"', "[monitor]", "port = 0")
        config.write_text("\n".join(lines), encoding="utf-8")
        began = time.perf_counter()
        async with _process("-m", "bot", "run", "--config", str(config)) as running:
            await asyncio.wait_for(telegram.answered.wait(), LONGEST)
            return Start(time.perf_counter() - began, processor(running.pid), await _memory_at_rest(running.pid))


async def _control(libraries: list[str]) -> Start:
    began = time.perf_counter()
    async with _process("-c", IMPORTS, ",".join(libraries)) as running:
        assert running.stdout is not None
        await asyncio.wait_for(running.stdout.readline(), LONGEST)
        return Start(time.perf_counter() - began, processor(running.pid), await _memory_at_rest(running.pid))


async def _memory_at_rest(pid: int) -> float:
    await asyncio.sleep(REST)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()  # noqa: ASYNC240 - no file: the kernel answers at once
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@contextlib.asynccontextmanager
async def _telegram() -> AsyncIterator[OneWaits]:
    telegram, app = OneWaits(), web.Application()
    app.router.add_route("*", "/bot{token}/{method}", telegram.call)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        telegram.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield telegram
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.DEVNULL}
    # The libraries were compiled when they were installed; the Home is by its first start, unless that is forbidden.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    running = await asyncio.create_subprocess_exec(sys.executable, *arguments, **pipes, env=kept)  # type: ignore[arg-type]
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
            await running.communicate()


if __name__ == "__main__":
    report(Console())
