"""Whatever people send and tap, in whatever order: no unhandled error, nothing half done."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from handlers.keyboards import Press
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from tests.conftest import NOON
from tests.village import Phone, Village, labels_of, village

WORDS = (
    "你好",
    "小区门口下水道堵了，一下雨就积水，电话13655550123，我叫李长根",
    "学校门口太堵，请交警来看看",
    "3月15日下午2点半",
    "明天",
    "next Friday 9:00",
    "区政府三楼会议室",
    "活动：视察污水处理厂\n类型：视察\n时间：3月25日上午9点\n地点：区政府门口\n对象：全体代表",
    "活动：",
    "王秀兰 陈志强",
    "<b>不是标签 & </i> {0} {name} %s",
    "\u202e\u200b\u0000控制符",
    "0",
    "长" * 4096,
    "/menu",
    "/start",
    "/start p_nonsense",
    "/start x",
    "/start a_1",
    "/start k_1_0123",
    "/check_in",
    "1234",
    "/letters",
    "/cancel",
    "/help",
    "/issues",
    "/referrals",
    "/activities",
    "/plan",
    "/circles",
    "/leave",
    "/delegate",
    "/session_posts",
    "/roster",
    "/language",
    "/nosuchcommand",
)
KINDS = ("photo", "voice", "video", "video_note", "document", "audio", "sticker", "location", "contact")

# Each step is a person, an action, and a number that picks among whatever is there at that moment.
STEPS = st.tuples(
    st.integers(0, 4),
    st.sampled_from(
        [
            "say",
            "say",
            "press",
            "press",
            "press",
            "press",
            "send",
            "album",
            "reply",
            "edit",
            "forge",
            "stale",
            "share",
            "block",
            "wait",
            "group",
        ]
    ),
    st.integers(0, 10_000),
)


async def take(step: tuple[int, str, int], home: Village, people: list[Phone], group: int) -> None:
    who, action, number = step
    phone = people[who]
    if action not in ("block", "wait", "group"):
        await phone.blocks(False)  # whoever blocked the bot must unblock it to say something
    if action == "say":
        await phone.says(WORDS[number % len(WORDS)])
    elif action == "send":
        kind = KINDS[number % len(KINDS)]
        more = {"location": {"latitude": 31.8, "longitude": 115.9}, "contact": {"phone_number": "13800000000", "first_name": "某人"}}
        await phone.sends(kind, **more.get(kind, {}))
    elif action == "album":
        await phone.sends_album({"kind": "photo", "caption": WORDS[number % 4]}, {"kind": "photo"}, {"kind": "video"})
    elif action == "share":
        await phone.shares_phone(of=people[number % len(people)].id)
    elif action == "block":
        await phone.blocks()
    elif action == "wait":
        await home.request("POST", "/sandbox/clock", json={"advance_seconds": (number % 100) * 3600})
        await home.tick()
    elif action == "group" and home.sandbox.world.groups[group].member(phone.id) is not None:  # the office may have put them out
        await phone.says(WORDS[number % len(WORDS)], chat=group)
    elif action != "group":
        await _to_a_message(phone, home, action, number)


async def _to_a_message(phone: Phone, home: Village, action: str, number: int) -> None:
    await home.settle()
    messages = await phone.messages()
    own, others = [m for m in messages if m.get("out") and m.get("text")], [m for m in messages if not m.get("out")]
    with_buttons = [message for message in others if labels_of(message)][-6:]
    if action == "reply" and others:
        await phone.says(WORDS[number % len(WORDS)], reply_to=others[number % len(others)]["message_id"])
    elif action == "edit" and own:
        await phone.edits(own[number % len(own)], WORDS[number % 4])
    elif action in ("press", "forge", "stale") and with_buttons:
        message = with_buttons[number % len(with_buttons)]
        buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row if "callback_data" in button]
        if not buttons:
            return
        data = buttons[number // 7 % len(buttons)]["callback_data"]
        body: dict[str, Any] = {"message_id": message["message_id"], "data": data}
        if action != "press":
            body |= {"data": _forged(data, number), "stale": True}
        await home.request("POST", f"/sandbox/users/{phone.id}/chats/bot/press", json=body)


def _forged(data: str, number: int) -> str:
    prefixes = sorted(Press.known)
    prefix = prefixes[number % len(prefixes)]
    return (data[: number % 20], f"{prefix}:{number % 5}", f"{prefix}:{number % 3}:{number % 4}", f"{prefix}:x:-1:9999999999", prefix)[
        number % 5
    ]


async def play(database: str, steps: list[tuple[int, str, int]]) -> None:
    async with village(database, at=NOON) as home:
        people = [
            await home.person("王秀兰", Role.DEPUTY, specialties=("教科文卫",), area="云溪街道", group="第一代表小组"),
            await home.person("陈志强", Role.DEPUTY, specialties=("城建环保",), language="en"),
            await home.person("刘敏", Role.OFFICE, Role.DEPUTY),
            await home.person("徐正华", Role.LEADER, Role.GROUP_LEADER),
            await home.stranger("路人", phone="13700000001"),
        ]
        group = await home.request(
            "POST",
            "/sandbox/groups",
            json={"title": "工作圈", "owner": people[2].id, "members": [p.id for p in people], "type": "supergroup"},
        )
        await home.request("POST", f"/sandbox/groups/{group['id']}/members", json={"by": people[2].id, "bot": True, "admin": True})
        await people[4].starts()
        for step in steps:
            await take(step, home, people, group["id"])
        await home.settle()
        await _nothing_is_wrong(home)


async def _nothing_is_wrong(home: Village) -> None:
    async with home.session() as session:
        set_aside = (
            await session.execute(select(InboxUpdate.error, InboxUpdate.payload).where(InboxUpdate.state == InboxState.SET_ASIDE))
        ).all()
        failed = (
            await session.execute(select(OutboxMessage.method, OutboxMessage.error).where(OutboxMessage.state == OutboxState.FAILED))
        ).all()
    assert set_aside == []
    assert failed == []


@pytest.fixture(scope="module")
def template(sqlite_template: Path) -> Path:
    return sqlite_template


_numbers = itertools.count()


def _play_on_a_copy(template: Path, steps: list[tuple[int, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{next(_numbers)}.db"
        shutil.copy(template, path)
        asyncio.run(play(f"sqlite+aiosqlite:///{path}", steps))


@settings(max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=60, max_size=90))
def test_whatever_people_send_and_tap_nothing_breaks(template: Path, steps: list[tuple[int, str, int]]) -> None:
    _play_on_a_copy(template, steps)


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=40, max_size=120))
def test_whatever_people_send_and_tap_nothing_breaks_for_long(template: Path, steps: list[tuple[int, str, int]]) -> None:
    _play_on_a_copy(template, steps)
