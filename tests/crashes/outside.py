"""A Home in a process of its own, to be killed and started again while people go on using it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import exists, select

from bot.home import Home
from bot.sandbox import Sandbox, SandboxClock, serve
from models.defaults import seed_defaults
from models.invitations import Invitation
from tests.crashes.nursery import Child, begin
from tests.village import TOKEN, Village, village_config


@dataclass
class OutsideVillage(Village):
    """A village whose Home runs outside. The ``home`` here never runs: it is the test's own way into the database."""

    config: Path = Path("config.toml")
    process: Child | None = None
    kills: int = 0
    errors: list[str] = field(default_factory=list)
    pace: float = 0.03  # each look takes the writer's lock for a moment
    patience: float = 90.0
    glance: float = 10.0

    async def start(self) -> None:
        self.process = await begin(self.config)

    async def _is_quiet(self) -> bool:
        """A notice that is still being written is on its way too: here nobody waits for the schedule."""
        async with self.session() as session:
            if await session.scalar(select(exists().where(Invitation.owed_notice_id.is_not(None)))):
                return False
        return await super()._is_quiet()

    async def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        self.kills += 1

    async def kill_after(self, moments: Sequence[int], seed: int) -> None:
        """Kill and start again each time so many more calls have been made, at a random instant around it."""
        jitter = random.Random(seed)
        seen = self.made()
        for moment in moments:
            while self.made() < seen + moment:  # noqa: ASYNC110 - the log of calls rings no bell
                await asyncio.sleep(0.003)
            await asyncio.sleep(jitter.random() * 0.02)
            await self.kill()
            seen = self.made()
            await self.start()

    def made(self) -> int:
        """How many calls the Home has made, polling left out."""
        return sum(1 for call in self.sandbox.calls.since(0) if call.method != "getUpdates")

    async def tick(self) -> None:
        await asyncio.sleep(0.3)  # the Home outside ticks by itself
        await self.settle()


@contextlib.asynccontextmanager
async def outside_village(database_url: str, folder: Path) -> AsyncIterator[OutsideVillage]:
    """A sandbox here, and a Home that runs against it in a process of its own."""
    clock = SandboxClock()
    sandbox = Sandbox(token=TOKEN, bot_username="village_bot", bot_name="代表之家", clock=clock)
    async with serve(sandbox.app) as address, aiohttp.ClientSession() as http:
        config = folder / "config.toml"
        config.write_text(_as_toml(database_url, address))
        home = Home(village_config(database_url, address))
        async with home.sessions.begin() as session:
            await seed_defaults(session)
        running = OutsideVillage(address, sandbox, clock, home, http, config=config)
        await running.start()
        try:
            yield running
        finally:
            if running.process is not None and running.process.returncode is None:
                running.process.terminate()
                await running.process.wait()
            await home.engine.dispose()


def _as_toml(database_url: str, address: str) -> str:
    settings: dict[str, dict[str, Any]] = {
        "telegram": {"token": TOKEN, "api": address},
        "limits": {"messages": 1000, "chat_pause": "1ms", "group_messages": 1000, "at_once": 20},
        "backup": {"nightly": False},
        "monitor": {"enabled": False},
    }
    lines = [f'database = "{database_url}"', 'tick = "100ms"']
    for section, values in settings.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines)
