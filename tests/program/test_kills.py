"""Killed at any moment and started again, the Home has lost nothing, and repeats no more than what was in flight."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.activities import Activity
from models.circles import Chat, Circle
from models.invitations import Invitation
from models.issues import Issue
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from models.referrals import Referral
from models.remarks import Remark
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


SAID = "小区门口的下水道堵了快一个月，一下雨就积水，我叫李长根，电话13655550123。"


@dataclass(frozen=True)
class Story:
    """What is left of an issue in the database, and what each could read in the end."""

    facts: tuple[object, ...]
    read: list[set[str]]


CLOCK = re.compile(r"\d\d:\d\d")
"""Times of day differ from run to run."""


async def issue_journey(home: OutsideVillage, kills: list[int]) -> Story:
    """The whole journey of one issue, from a doorstep to its close, killed as it goes; gives all that is left of it in the end."""
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group = await home.request("POST", "/sandbox/groups", json={"title": "城建", "owner": specialist.id, "type": "supergroup"})
    await home.request("POST", f"/sandbox/groups/{group['id']}/members", json={"by": specialist.id, "bot": True, "admin": True})
    await home.settle()
    async with home.session() as session:
        circle = (await session.scalars(select(Circle).where(Circle.name == "城建环保"))).one()
        circle.chat = await session.get(Chat, group["id"])
    await home.request("DELETE", "/sandbox/calls")

    killer = asyncio.create_task(home.kill_after(kills, seed=3))
    await deputy.says(SAID)
    await deputy.sends_album({"kind": "photo", "caption": "昨天拍的"}, {"kind": "photo"})
    await deputy.sends("voice")
    await deputy.sees("照片2张、语音1段")
    await deputy.presses("城建环保")
    await deputy.presses("确认推送")
    offer = await specialist.sees("接受")
    await specialist.presses("接受")
    await specialist.says("先疏通主管网，再列入改造计划。", reply_to=offer["message_id"])
    opinion = await deputy.sees("先疏通主管网")
    await deputy.says("谢谢，多久能见效？", reply_to=opinion["message_id"])
    await specialist.sees("多久能见效")
    await deputy.presses("办结", on="先疏通主管网")
    await deputy.presses("已答复群众")
    await home.settle()
    killer.cancel()

    async with home.session() as session:
        issue = (await session.scalars(select(Issue))).one()
        referrals = (await session.scalars(select(Referral))).all()
        remarks = (await session.scalars(select(Remark).order_by(Remark.id))).all()
    chats = [await deputy.messages(), await specialist.messages(), await specialist.messages(group["id"])]
    facts = (
        (issue.number, issue.state, issue.closed_as, len(issue.pieces)),
        [referral.state for referral in referrals],
        [(remark.text, remark.is_opinion) for remark in remarks],
    )
    return Story(facts, [{CLOCK.sub("", shown(message)) for message in chat if not message.get("out")} for chat in chats])


async def test_an_issue_ends_the_same_whether_the_home_was_killed_ten_times_or_never(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    async with outside_village(new_database(), tmp_path) as home:
        undisturbed = await issue_journey(home, [])
    async with outside_village(new_database(), tmp_path) as home:
        killed = await issue_journey(home, [1, 2, 1, 2, 3, 2, 3, 2, 2, 3])
        repeats, possible = await sent(home) - await meant(home), await in_flight(home)

        assert home.kills == 10
        assert killed.facts == undisturbed.facts
        for read, once_read in zip(killed.read, undisturbed.read, strict=True):
            assert once_read <= read
            assert len(read - once_read) <= possible  # a card that went out twice stands there once as it was
        assert await unfinished(home) == 0
        assert repeats <= possible
