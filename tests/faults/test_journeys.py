"""Whole journeys through kills: an activity called, answered, moved and excused from; issues from the first word to the end.

The short form for issues, and for a notice to 300 people, is in ``tests/crashes/test_kills.py``.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.invitations import Invitation, Reply
from models.issues import Issue, IssueState
from models.leave import Decision, LeaveRequest
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from models.referrals import Referral, ReferralState
from models.remarks import Remark
from tests.crashes.outside import OutsideVillage, outside_village
from tests.crashes.test_kills import in_flight, meant, sent, unfinished
from tests.faults.crowd import all_said, crowd
from tests.village import Phone

TITLE = "视察污水处理厂"
AT_ONCE = 20
"""How many messages the Home outside has in flight at most."""
SAID = "小区门口的下水道堵了快一个月，一下雨就积水。"


async def nothing_lost_or_doubled(home: OutsideVillage, already: int) -> None:
    await all_said(home)
    assert await unfinished(home) == 0
    assert await sent(home) - (await meant(home) - already) <= await in_flight(home)


async def an_activity(home: OutsideVillage, office: Phone, leader: Phone, comes: list[Phone], excused: list[Phone]) -> None:
    """Called, answered, one leave after another decided, moved, and answered again."""
    day = home.clock.now() + timedelta(days=2)
    await office.says(f"活动：{TITLE}\n类型：视察\n时间：{day:%Y-%m-%d} 09:00\n地点：区政府门口\n对象：全体代表")
    await office.presses("确认发布")
    for deputy in comes:
        await deputy.presses("参加", on="活动正式通知")
        await deputy.sees("改为请假")
    for deputy in excused:
        await deputy.presses("请假", on="活动正式通知")
        await deputy.presses("生病")
        await deputy.says(f"住院手术 {deputy.id}")
        await deputy.sees("请假已提交")
        await leader.presses("✅ 批准", on=f"住院手术 {deputy.id}")
        await deputy.sees("您的请假已获批准")
    await office.presses("改时间/地点")
    await office.presses("改时间")
    await office.says(f"{day + timedelta(days=1):%Y-%m-%d} 14:30")
    await office.presses("确认变更")
    for deputy in comes:
        await deputy.presses("参加", on="活动变更通知")


async def an_activity_survives(home: OutsideVillage, people: int, moments: list[int]) -> None:
    office, leader = await home.person("周主任", Role.OFFICE), await home.person("郑主任", Role.LEADER)
    phones = [await home.person(f"代表{number:02}", at_once=True) for number in range(people)]
    await home.settle()
    await home.request("DELETE", "/sandbox/calls")
    already = await meant(home)
    comes, excused = phones[::2], phones[1::2]

    killer = asyncio.create_task(home.kill_after(moments, seed=len(moments)))
    await an_activity(home, office, leader, comes, excused)
    await killer
    await nothing_lost_or_doubled(home, already)

    assert home.kills == len(moments)
    async with home.session() as session:
        replies = Counter(await session.scalars(select(Invitation.reply)))
        leaves = (await session.scalars(select(LeaveRequest.decision))).all()
    assert replies[Reply.ATTENDING] == len(comes)
    assert list(leaves) == [Decision.APPROVED] * len(excused)
    for deputy in comes:
        await deputy.sees("14:30")


async def test_an_activity_is_called_answered_and_moved_through_three_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        await an_activity_survives(home, 2, [3, 8, 9])


@pytest.mark.long
async def test_an_activity_is_called_answered_and_moved_through_fifty_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        home.patience, home.glance = 180.0, 30.0
        await an_activity_survives(home, 40, [9] * 50)


async def an_issue(home: OutsideVillage, deputy: Phone, specialist: Phone) -> None:
    """Told, shared, accepted, answered, asked about once more, and closed."""
    await deputy.says(f"{SAID}编号{deputy.id}。")
    await deputy.sends("photo")
    await deputy.sees("照片1张")
    await deputy.presses("城建环保")
    await deputy.presses("确认推送")
    await specialist.sees(f"编号{deputy.id}")
    await specialist.presses("接受", on=f"编号{deputy.id}")
    await specialist.says("先疏通主管网，再列入改造计划。")
    opinion = await deputy.sees("先疏通主管网")
    await deputy.says("谢谢，多久能见效？", reply_to=opinion["message_id"])
    await specialist.sees("多久能见效")
    await deputy.presses("办结", on="先疏通主管网")
    await deputy.presses("已答复群众")
    await deputy.sees("已有答复")


async def issues_survive(home: OutsideVillage, many: int, kills: int) -> None:
    specialist = await home.person("陈志强", specialties=("城建环保",))
    deputies = [await home.person(f"代表{number:02}") for number in range(many)]
    await home.request("DELETE", "/sandbox/calls")
    already = await meant(home)

    killer = asyncio.create_task(home.kill_after([4] * kills, seed=kills))
    for deputy in deputies:
        await an_issue(home, deputy, specialist)
    killer.cancel()
    await asyncio.gather(killer, return_exceptions=True)
    assert home.process is not None
    if home.process.returncode is not None:
        await home.start()
    await nothing_lost_or_doubled(home, already)

    assert home.kills >= kills * 4 // 5
    async with home.session() as session:
        assert set(await session.scalars(select(Issue.state))) == {IssueState.CLOSED}
        assert await session.scalar(select(func.count()).select_from(Issue)) == many
        assert Counter(await session.scalars(select(Referral.state))) == {ReferralState.ACCEPTED: many}
        assert await session.scalar(select(func.count()).select_from(Remark)) == 2 * many


@pytest.mark.long
async def test_ten_issues_go_from_the_first_word_to_the_end_through_fifty_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        home.patience, home.glance = 180.0, 30.0
        await issues_survive(home, 10, 50)


async def a_notice_survives(home: OutsideVillage, many: int, moments: list[int]) -> None:
    office = await home.person("周主任", Role.OFFICE)
    people = await crowd(home, many)
    day = home.clock.now() + timedelta(days=2)

    killer = asyncio.create_task(home.kill_after(moments, seed=many))
    await office.says(f"活动：{TITLE}\n类型：视察\n时间：{day:%Y-%m-%d} 09:00\n地点：区政府门口\n对象：全体代表")
    await office.presses("确认发布")
    await killer
    await all_said(home)

    assert home.kills == len(moments)
    into = OutboxMessage.chat_id
    async with home.session() as session:
        rows = await session.execute(select(into, func.sum(OutboxMessage.stops_in_flight)).where(into > 0).group_by(into))
        marked = {row[0]: row[1] for row in rows}
        assert await session.scalar(select(func.count()).select_from(Invitation)) == many
        assert await session.scalar(select(func.count()).where(OutboxMessage.state == OutboxState.FAILED)) == 0
    wrong = []
    for phone in people:
        chat = home.sandbox.world.chat_with_bot(home.sandbox.world.users[phone.id])
        notices = sum(TITLE in message.content.get("caption", message.content.get("text", "")) for message in chat.messages.values())
        if not 1 <= notices <= 1 + marked.get(phone.id, 0):
            wrong.append((phone.id, notices, marked.get(phone.id)))
    assert wrong == []
    assert sum(marked.values()) <= AT_ONCE * home.kills


@pytest.mark.long
async def test_a_notice_to_ten_thousand_people_reaches_each_through_fifty_kills(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        home.patience, home.glance, home.pace = 900.0, 300.0, 0.2
        await a_notice_survives(home, 10_000, [2, *[190] * 49])
