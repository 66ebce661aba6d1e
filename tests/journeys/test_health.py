"""The office looks how the Home is, and has what was given up tried again."""

from __future__ import annotations

import json
from datetime import timedelta

from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from tests.village import Phone, Village, both_ways


async def set_aside(home: Village, phone: Phone, text: str) -> None:
    """What somebody wrote an hour ago stands set aside."""
    user = {"id": phone.id, "is_bot": False, "first_name": phone.name}
    at = home.clock.now() - timedelta(hours=1)
    entity = {"type": "bot_command", "offset": 0, "length": len(text)}
    message = {
        "message_id": 1,
        "date": int(at.timestamp()),
        "chat": {"id": phone.id, "type": "private"},
        "from": user,
        "text": text,
        "entities": [entity],
    }
    async with home.session() as session:
        payload = json.dumps({"update_id": 1, "message": message})
        session.add(InboxUpdate(update_id=1, position=at, payload=payload, state=InboxState.SET_ASIDE, attempts=3, done_at=at, error="x"))


async def test_a_home_in_order_says_so_and_offers_nothing_to_retry(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)

    await office.says("/status")

    card = await office.sees("运行状况", "bot")
    assert "📥 收到的消息均已处理" in card["text"]
    assert "✅ 没有搁置" in card["text"]
    assert "重试" not in str(card["reply_markup"])


@both_ways
async def test_what_was_set_aside_is_done_after_one_tap(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王秀兰")
    await set_aside(home, deputy, "/language")

    await office.says("/status")
    await office.sees("三次处理未成功、已搁置：1 条，最早 3月10日(周二) 11:00")
    await office.presses("全部重试（1）")

    await deputy.sees("English")
    await office.presses("刷新")
    await office.sees("没有搁置")


async def test_an_answer_that_could_not_be_sent_arrives_after_one_tap(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王秀兰")
    await home.request("POST", "/sandbox/faults", json={"method": "sendMessage", "count": 1, "kind": "refuse"})
    await deputy.says("/language")
    await home.settle()
    await deputy.sees_nothing_of("English")

    await office.says("/status")
    await office.sees("未能发出的回复：1 条")
    await office.presses("全部重试（1）")

    await deputy.sees("English")
    async with home.session() as session:
        row = await session.get_one(OutboxMessage, 1)
        assert row.state is not OutboxState.FAILED


async def test_nobody_else_sees_how_the_home_is(home: Village) -> None:
    deputy = await home.person("王秀兰")

    await deputy.says("/status")

    await deputy.sees("没有这项权限")


async def test_the_office_is_led_there_when_an_update_is_set_aside(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    async with home.session() as session:
        session.add(InboxUpdate(update_id=77, position=home.clock.now(), payload="no JSON", state=InboxState.NEW, attempts=2))
    home.home.inbox_bell.set()

    await office.presses("运行状况", on="已搁置（编号 77）")

    await office.sees("全部重试（1）")
