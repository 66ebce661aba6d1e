"""Killed at any moment and started again, the Home has lost nothing, and repeats no more than what was in flight."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.activities import Activity
from models.invitations import Invitation
from models.issues import Issue, IssueState
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from models.referrals import Referral, ReferralState
from models.remarks import Remark
from tests.crashes.outside import OutsideVillage, outside_village
from tests.journeys.issue_people import circle_group
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


async def test_an_issue_loses_nothing_though_the_home_is_killed_ten_times(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
        group = await circle_group(home, specialist)
        await home.request("DELETE", "/sandbox/calls")
        already = await meant(home)

        killer = asyncio.create_task(home.kill_after([1, 2, 1, 2, 3, 2, 3, 2, 2, 3], seed=3))
        await deputy.says(SAID)
        await deputy.sends_album({"kind": "photo", "caption": "昨天拍的"}, {"kind": "photo"})
        await deputy.sends("voice")
        await deputy.sees("照片2张、语音1段")
        await deputy.presses("城建环保")
        await deputy.presses("确认推送")
        await specialist.sees("接受")
        await specialist.presses("接受")
        await specialist.says("先疏通主管网，再列入改造计划。")
        opinion = await deputy.sees("先疏通主管网")
        await deputy.says("谢谢，多久能见效？", reply_to=opinion["message_id"])
        await specialist.sees("多久能见效")
        await deputy.presses("办结", on="先疏通主管网")
        await deputy.presses("已答复群众")
        await home.settle()
        killer.cancel()

        await deputy.sees("已有答复")
        await specialist.sees("感谢您的意见")
        await specialist.sees("已办结（已答复群众）", group)
        async with home.session() as session:
            [issue] = await session.scalars(select(Issue))
            referrals = [referral.state for referral in await session.scalars(select(Referral))]
            remarks = [(remark.text, remark.is_opinion) for remark in await session.scalars(select(Remark).order_by(Remark.id))]
        assert (issue.number, issue.state, len(issue.pieces)) == (f"{home.clock.now().year}-0001", IssueState.CLOSED, 4)
        assert referrals == [ReferralState.ACCEPTED]
        assert remarks == [("先疏通主管网，再列入改造计划。", True), ("谢谢，多久能见效？", False)]
        assert home.kills == 10
        assert await unfinished(home) == 0
        assert await sent(home) - (await meant(home) - already) <= await in_flight(home)
