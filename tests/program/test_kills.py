"""Killed at any moment and started again, the Home has lost nothing, and repeats no more than what was in flight."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from models.outbox import OutboxMessage
from tests.program.outside import OutsideVillage, outside_village
from tests.village import shown


async def said_to(home: OutsideVillage) -> Counter[tuple[str, str]]:
    """What the Home sent to whom, by the calls that went through."""
    counted: Counter[tuple[str, str]] = Counter()
    for call in await home.calls():
        if call["ok"] and call["method"].startswith(("send", "copy")):
            counted[
                (str(call["params"].get("chat_id")), str(call["params"].get("text") or call["params"].get("caption") or call["method"]))
            ] += 1
    return counted


async def repeated(home: OutsideVillage) -> int:
    async with home.session() as session:
        return await session.scalar(select(func.sum(OutboxMessage.stops_in_flight))) or 0


async def test_people_go_on_talking_while_the_home_is_killed_and_started_again(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        people = [await home.person(f"代表{number}") for number in range(5)]
        killer = asyncio.create_task(home.kill_after([4, 9, 6, 11, 5, 8, 7, 10, 3, 12], seed=1))
        for turn in range(20):
            for person in people:
                await person.says("/help" if turn % 2 else "/language")
            await asyncio.sleep(0.05)
        await home.settle()
        killer.cancel()

        for person in people:
            texts = [shown(message) for message in await person.messages() if not message.get("out")]
            assert sum("请选择语言" in text for text in texts) >= 10
        extra = sum((await said_to(home)).values()) - await messages_meant(home)
        assert extra <= await repeated(home)


async def messages_meant(home: OutsideVillage) -> int:
    async with home.session() as session:
        return (
            await session.scalar(
                select(func.count())
                .select_from(OutboxMessage)
                .where(OutboxMessage.method.in_(("sendMessage", "sendDocument", "card", "copyMessages")))
            )
            or 0
        )
