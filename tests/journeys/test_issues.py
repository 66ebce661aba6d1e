"""A constituency issue, from the doorstep to an answer."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.circles import Chat, Circle
from models.issues import Issue, IssueState
from models.referrals import Referral, ReferralState
from tests.village import Phone, Village, shown

MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "issues-dev.csv"
"""A board of real messages, where a checkout has it beside it; sentences of our own stand in where not."""
OWN = (
    "翠竹小区门口的下水道堵了快一个月，一下雨就积水，物业和社区互相推。我叫李长根，住3栋2单元501室，电话13655550123",
    "小区物业乱收停车费，业主多次反映没人管，联系人周莉15900001234",
    "工地半夜施工，噪音扰民，渣土车把道路压坏了",
)
DRAIN = OWN[0]


def citizens_messages(count: int) -> list[str]:
    if not MESSAGES.exists():
        return [OWN[number % len(OWN)] for number in range(count)]
    with MESSAGES.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "城乡建设" and len(row["body"]) < 1500]
    return [f"{row['title']}\n{row['body']}" for row in rows[:count]]


async def circle_group(home: Village, owner: Phone, *members: Phone, name: str = "城建环保") -> int:
    """A group that a circle lives in."""
    ids = [member.id for member in members]
    made = await home.request(
        "POST", "/sandbox/groups", json={"title": f"{name}工作圈", "owner": owner.id, "members": ids, "type": "supergroup"}
    )
    await home.request("POST", f"/sandbox/groups/{made['id']}/members", json={"by": owner.id, "bot": True, "admin": True})
    await home.settle()
    async with home.session() as session:
        if await session.get(Chat, made["id"]) is None:
            session.add(Chat(id=made["id"], title=made["title"], is_member=True))
            await session.flush()
        circle = await session.scalar(select(Circle).where(Circle.name == name))
        assert circle is not None
        circle.chat_id = made["id"]
    return int(made["id"])


async def gathered(home: Village) -> None:
    """The burst is over; the draft's card appears."""
    await home.settle()
    await home.passes(timedelta(seconds=2))


async def share(home: Village, deputy: Phone, text: str = DRAIN, specialty: str = "城建环保") -> None:
    await deputy.says(text)
    await gathered(home)
    await deputy.presses(specialty, on="草稿")
    await deputy.presses("确认推送", on="推送预览")


async def the_issue(home: Village) -> Issue:
    async with home.session() as session:
        issue = await session.scalar(select(Issue).order_by(Issue.id.desc()).limit(1))
        assert issue is not None
        return issue


async def referrals(home: Village) -> list[tuple[str, ReferralState]]:
    async with home.session() as session:
        rows = await session.scalars(select(Referral).order_by(Referral.id))
        return [(row.person.name, row.state) for row in rows]


def texts(messages: list[dict[str, Any]]) -> str:
    return "\n".join(shown(message) for message in messages)


async def test_an_issue_goes_straight_from_a_forward_to_an_answer(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰", area="云溪街道"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)
    constituent = await home.stranger("老李头")
    told = await constituent.says("老李头说：" + DRAIN, chat=deputy.id)

    await deputy.forwards(told["message_id"], source=constituent.id)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.sees("拟请专业代表：陈志强")
    await specialist.sees_nothing_of("下水道")
    await specialist.sees_nothing_of("下水道", group)
    assert "2026-0001" in await deputy.presses("确认推送", on="推送预览")
    await specialist.sees("2026-0001", group)
    await specialist.presses("接受", on="请您提专业意见")
    await specialist.presses("写意见", on="2026-0001")
    await specialist.says("建议由住建部门牵头清淤，物业公示时间表")
    await deputy.presses("回复", on="建议由住建部门牵头清淤")
    await deputy.says("谢谢，清淤大概要多久？")
    await specialist.sees("清淤大概要多久")
    await deputy.presses("办结", on="建议由住建部门牵头清淤")
    await deputy.presses("已答复群众")

    await deputy.sees("您反映的问题（编号2026-0001）已有答复")
    await specialist.sees("感谢您的意见")
    await specialist.sees("已办结（已答复群众）", group)
    for chat in ("bot", group):
        seen = texts(await specialist.messages(chat))
        for secret in ("老李头", "李长根", "13655550123", "501"):
            assert secret not in seen
    assert not await home.calls("forwardMessage")
    assert (await the_issue(home)).state is IssueState.CLOSED


async def test_an_opinion_in_the_circle_reaches_the_deputy_and_stands_on_the_card(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    member = await home.person("黄建平", specialties=("法治监察",))
    group = await circle_group(home, specialist, deputy, member)
    await share(home, deputy)

    card = await member.sees("2026-0001", group)
    await member.says("这个小区是三年前的老旧小区改造项目，可查保修期", chat=group, reply_to=card["message_id"])

    await deputy.sees("黄建平代表在工作圈的意见")
    await member.sees("黄建平代表已提意见", group)
    assert "保修期" in shown(await member.sees("2026-0001", group))
    answer = await deputy.sees("可查保修期")
    await deputy.says("好的，我去查", reply_to=answer["message_id"])
    await member.sees("王秀兰代表的回复")
