"""Updates a second: stored, worked on and answered; beside python-telegram-bot's echo, which keeps nothing."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

WARM_UP, LONGEST = 100, 120
HERE = "tests.benchmarks.speed"


@dataclass(frozen=True)
class Run:
    """One contestant's run over a backlog."""

    messages: int
    answered: int
    twice: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0


@contextlib.asynccontextmanager
async def _process(*arguments: str, told: bool = False) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE if told else asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@contextlib.asynccontextmanager
async def telegram(distance: float) -> AsyncIterator[str]:
    """The stand-in's address."""
    async with _process(f"{HERE}.fake_telegram", str(distance), told=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"


async def measure(contestant: str, database: str, *, distance: float, messages: int) -> Run:
    """Warm up with a few, then so many at once."""
    async with (
        telegram(distance) as address,
        _process(f"{HERE}.contestants", contestant, address, database),
        aiohttp.ClientSession() as http,
    ):
        await _answered(http, address, WARM_UP)
        figures = await _answered(http, address, messages)
    return Run(**figures)


async def _answered(http: aiohttp.ClientSession, address: str, messages: int) -> dict[str, Any]:
    async with http.post(f"{address}/begin", params={"messages": messages}):
        pass
    async with http.get(f"{address}/end", params={"seconds": LONGEST}, timeout=aiohttp.ClientTimeout(LONGEST + 30)) as response:
        figures: dict[str, Any] = await response.json()
    return figures


async def main() -> None:
    """Print what is measured."""
    contestant, distance, messages = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    Path("/tmp/bench-speed.db").unlink(missing_ok=True)
    run = await measure(contestant, "sqlite+aiosqlite:////tmp/bench-speed.db", distance=distance, messages=messages)
    print(contestant, distance, run, round(run.rate, 1))


if __name__ == "__main__":
    asyncio.run(main())
