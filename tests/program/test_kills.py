"""Killed at any moment and started again, the Home has lost nothing, and repeats no more than what was in flight."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.activities import Activity
from models.invitations import Invitation
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from tests.program.outside import OutsideVillage, outside_village
from tests.village import shown

SENDS = ("sendMessage", "sendDocument", "copyMessages")


async def sent(home: OutsideVillage) -> int:
    """How many messages Telegram took."""
    return sum(call["ok"] for call in await home.calls() if call["method"] in SENDS)


async def meant(home: OutsideVillage) -> int:
    """How many messages the Home meant to send; of a card only the first is a new message."""
    async with home.session() as session:
        plain = (
            select(func.count()).select_from(OutboxMessage).where(OutboxMessage.method.in_(SENDS), OutboxMessage.state == OutboxState.SENT)
        )
        cards = select(func.count(OutboxMessage.card_id.distinct())).where(OutboxMessage.state == OutboxState.SENT)
        return (await session.scalar(plain) or 0) + (await session.scalar(cards) or 0)


async def in_flight(home: OutsideVillage) -> int:
    """How many messages were being sent at the kills, all kills together."""
    async with home.session() as session:
        return await session.scalar(select(func.sum(OutboxMessage.stops_in_flight))) or 0


async def unfinished(home: OutsideVillage) -> int:
    async with home.session() as session:
        ended = (OutboxState.SENT, OutboxState.SUPERSEDED)
        return await session.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state.not_in(ended))) or 0


async def test_a_notice_to_300_people_reaches_each_of_them_through_ten_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        office = await home.person("周主任", Role.OFFICE)
        deputies = [await home.person(f"代表{number:03}", at_once=True) for number in range(300)]
        await home.settle()
        await home.request("DELETE", "/sandbox/calls")
        already = await meant(home)
        day = (home.clock.now() + timedelta(days=2)).strftime("%Y-%m-%d")

        killer = asyncio.create_task(home.kill_after([2, *[27] * 9], seed=7))
        await office.says(f"活动：视察污水处理厂\n类型：视察\n时间：{day} 09:00\n地点：区政府门口\n对象：全体代表")
        await office.presses("确认发布")
        await killer
        await home.settle()
        await office.sees("300/300")

        for deputy in deputies:
            assert any("污水处理厂" in shown(message) for message in await deputy.messages())
        async with home.session() as session:
            assert await session.scalar(select(func.count()).select_from(Activity)) == 1
            assert await session.scalar(select(func.count()).select_from(Invitation)) == 300
        assert home.kills == 10
        assert await unfinished(home) == 0
        assert await sent(home) - (await meant(home) - already) <= await in_flight(home)
