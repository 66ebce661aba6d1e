"""The processes of a measurement: a stand-in for Telegram, and one contestant, each by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.speed.limits import Rule

FAR = 0.05
"""Seconds that each call takes longer, as over a network."""
HERE = "tests.benchmarks.speed"


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
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.wait(), 15)
        if running.returncode is None:
            running.kill()  # it has ten thousand messages in hand that it will not let go of
            await running.wait()


@contextlib.asynccontextmanager
async def telegram(distance: float, rule: Rule = Rule.NONE) -> AsyncIterator[str]:
    """The stand-in's address."""
    async with process(f"{HERE}.fake_telegram", str(distance), rule, told=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(await server.stdout.readline())}"


async def begin(http: aiohttp.ClientSession, address: str, messages: int, **more: Any) -> None:
    """Give the stand-in so many updates to give out; see ``Backlog``."""
    async with http.post(f"{address}/begin", params={"messages": messages, **more}):
        pass


async def end(http: aiohttp.ClientSession, address: str, seconds: float) -> dict[str, Any]:
    """What was answered, once all is or so many seconds have passed."""
    async with http.get(f"{address}/end", params={"seconds": seconds}, timeout=aiohttp.ClientTimeout(seconds + 150)) as response:
        figures: dict[str, Any] = await response.json()
    return figures


def processor(pid: int) -> float:
    """Seconds that a process has had of the processor, as Linux tells."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def database_file(folder: str, name: object) -> str:
    """The address of a SQLite database in a folder."""
    return f"sqlite+aiosqlite:///{Path(folder) / f'{name}.db'}"
