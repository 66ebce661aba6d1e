"""Killed again and again over a backlog of updates the Home loses none and does each once. The library's own poller loses them."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from bot.sandbox import Sandbox, serve
from bot.sandbox.speaking import post
from bot.sandbox.world import User
from tests.crashes.nursery import ROOT
from tests.crashes.outside import OutsideVillage, outside_village
from tests.crashes.test_kills import in_flight
from tests.faults.crowd import crowd, lost_or_doubled, tell
from tests.village import TOKEN

AT_ONCE = 20
"""How many messages the Home outside has in flight at most."""


async def worked_through(home: OutsideVillage, people: int, each: int, kills: int) -> None:
    phones = await crowd(home, people)
    await home.kill()
    told = await tell(phones, each)
    seen = home.made()
    await home.start()

    await home.kill_after([each * people // (kills + 1)] * (kills - 1), seed=kills)
    home.patience = 900.0
    await home.settle()

    assert home.made() > seen
    assert home.kills == kills
    assert await lost_or_doubled(home, told) == []
    assert await in_flight(home) <= AT_ONCE * kills


async def test_a_backlog_is_worked_through_in_spite_of_three_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        await worked_through(home, people=8, each=4, kills=3)


@pytest.mark.long
async def test_a_backlog_of_three_thousand_is_worked_through_in_spite_of_fifty_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        await worked_through(home, people=300, each=10, kills=50)


async def lost_by_the_librarys_own_poller(updates: int, kills: int) -> tuple[int, int]:
    """How many of so many updates python-telegram-bot's echo never answered, and how many it answered more than once."""
    sandbox, chance = Sandbox(token=TOKEN), random.Random(kills)
    users = [User(600_000 + number, f"甲{number}", started=True) for number in range(updates)]
    for user in users:
        sandbox.world.users[user.id] = user
        post(sandbox, sandbox.world.chat_with_bot(user), user, {"text": "在吗"})
    async with serve(sandbox.app) as address:
        for kill in range(kills + 1):
            if not sandbox.updates.pending:  # all has been handed out: nothing that is lost ever comes again
                break
            echo = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.echo", address, cwd=ROOT)
            await _answers(sandbox, chance.randint(1, 2 * updates // (kills + 1)) if kill < kills else updates)
            echo.send_signal(signal.SIGKILL)
            await echo.wait()
    answers = [len(sandbox.world.chat_with_bot(user).messages) - 1 for user in users]
    return answers.count(0), sum(count > 1 for count in answers)


async def _answers(sandbox: Sandbox, many: int) -> None:
    """Until it has given so many answers more, or all that it will."""
    before = len(sandbox.calls.since(0, "sendMessage"))
    answered, quiet = before, 0
    while answered < before + many and (sandbox.updates.pending or quiet < 20):
        await asyncio.sleep(0.1)
        answered, last = len(sandbox.calls.since(0, "sendMessage")), answered
        quiet = quiet + 1 if answered == last else 0


async def test_the_librarys_own_poller_loses_updates_to_one_kill_in_the_same_harness() -> None:
    lost, _ = await lost_by_the_librarys_own_poller(200, kills=1)

    assert lost > 0


@pytest.mark.long
async def test_the_librarys_own_poller_loses_most_of_three_thousand_updates() -> None:
    lost, twice = await lost_by_the_librarys_own_poller(3000, kills=50)

    print(f"python-telegram-bot's own poller, 3,000 updates, killed up to 50 times: {lost} lost, {twice} answered twice")  # noqa: T201
    assert lost > 1000
