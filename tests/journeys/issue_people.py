"""What the issue journeys share: messages of citizens, a circle's group, and sharing an issue up to the offer."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.circles import Chat, Circle
from models.issues import Issue
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


async def circle_topic(home: Village, owner: Phone, *members: Phone, name: str) -> tuple[int, int]:
    """A circle that lives in one topic of a forum group: the group and the topic."""
    ids = [member.id for member in members]
    forum = {"title": "代表之家", "owner": owner.id, "members": ids, "type": "supergroup", "is_forum": True}
    group = (await home.request("POST", "/sandbox/groups", json=forum))["id"]
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": owner.id, "bot": True, "admin": True})
    topic = await home.request("POST", f"/sandbox/groups/{group}/topics", json={"by": owner.id, "name": name})
    await home.settle()
    async with home.session() as session:
        if await session.get(Chat, group) is None:
            session.add(Chat(id=group, title="代表之家", is_member=True, is_forum=True))
            await session.flush()
        circle = await session.scalar(select(Circle).where(Circle.name == name))
        assert circle is not None
        circle.chat_id, circle.thread_id = group, topic["message_thread_id"]
    return group, topic["message_thread_id"]


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
