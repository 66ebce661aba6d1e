"""Delivery against a Telegram that fails, limits, blocks and moves."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.config import Limits
from bot.pacing import Pacer
from bot.sandbox.samples import png
from handlers.post import Place
from handlers.registry import move_group
from handlers.texts import t
from models.circles import Chat, Circle
from models.outbox import Attachment, AttachmentKind, Lane, OutboxMessage, OutboxState
from models.people import Role, person_by_telegram_id
from tests.village import Phone, Village


async def fault(home: Village, method: str, kind: str, count: int = 1, **more: Any) -> None:
    await home.request("POST", "/sandbox/faults", json={"method": method, "kind": kind, "count": count, **more})


async def tell(home: Village, phone: Phone, key: str = "people.cancelled", **more: Any) -> int:
    """Queue a message of the Home's own accord."""
    async with home.session() as session:
        number = await home.home.post_for(session).tell(Place(phone.id, "zh_CN"), "plain", text=t(key), **more)
        assert number is not None
    home.home.outbox_bell.set()
    return number


async def stored(home: Village, message_id: int) -> OutboxMessage:
    async with home.session() as session:
        return await session.get_one(OutboxMessage, message_id)


async def until_settled(home: Village, message_id: int) -> OutboxMessage:
    """Skip ahead over the pauses between attempts until the message has come to an end."""
    for _ in range(200):
        message = await stored(home, message_id)
        if message.settled_at is not None:
            return message
        home.clock.advance(timedelta(seconds=1))
        home.home.outbox_bell.set()
        await asyncio.sleep(0.01)
    raise AssertionError(f"still {message.state}: {message.error}")


async def test_a_failing_telegram_is_tried_again_until_it_takes_the_message(home: Village) -> None:
    deputy = await home.person("王建国")
    await fault(home, "sendMessage", "500", 2)

    message = await until_settled(home, await tell(home, deputy))

    assert (message.state, message.attempts) == (OutboxState.SENT, 2)
    await deputy.sees("已取消")


async def test_a_cut_connection_is_tried_again(home: Village) -> None:
    deputy = await home.person("王建国")
    await fault(home, "sendMessage", "drop")

    message = await until_settled(home, await tell(home, deputy))

    assert message.state is OutboxState.SENT


async def test_what_is_tried_again_is_not_overtaken_though_it_was_written_down_late(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国")
    write_down = home.home.delivery._settle

    async def late(*arguments: Any, **more: Any) -> None:
        monkeypatch.undo()
        home.clock.advance(timedelta(seconds=20))
        await write_down(*arguments, **more)

    monkeypatch.setattr(home.home.delivery, "_settle", late)
    await fault(home, "sendMessage", "429", retry_after=30)

    first = await tell(home, deputy)
    second = await tell(home, deputy, "people.phone_kept")
    await until_settled(home, first)
    await until_settled(home, second)

    texts = [message["text"] for message in await deputy.messages()]
    assert texts.index("已取消。") < next(place for place, text in enumerate(texts) if "手机号已登记" in text)


async def test_retry_after_is_obeyed_for_exactly_what_it_says(home: Village) -> None:
    deputy = await home.person("王建国")
    await fault(home, "sendMessage", "429", retry_after=30)

    message = await until_settled(home, await tell(home, deputy))

    refused, taken = [call for call in await home.calls("sendMessage") if call["params"].get("text") == "已取消。"]
    waited = datetime.fromisoformat(taken["at"]) - datetime.fromisoformat(refused["at"])
    assert message.state is OutboxState.SENT
    assert timedelta(seconds=30) <= waited < timedelta(seconds=33)


async def test_somebody_who_blocked_the_bot_is_noted_as_unreachable_and_not_tried_again(home: Village) -> None:
    deputy = await home.person("王建国")
    await deputy.blocks()
    await home.settle()
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.unreachable_since is not None
        person.unreachable_since = None

    message = await until_settled(home, await tell(home, deputy))

    assert message.state is OutboxState.UNREACHABLE
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.unreachable_since is not None


async def test_somebody_who_comes_back_is_reachable_again(home: Village) -> None:
    deputy = await home.person("王建国")
    office = await home.person("周主任", Role.OFFICE)
    await deputy.blocks()
    await office.sees("消息送不到以下 1 人")

    await deputy.starts()

    await office.sees("均可送达")
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.unreachable_since is None


async def test_a_group_that_became_a_supergroup_is_followed_everywhere(home: Village) -> None:
    owner = await home.person("王建国")
    group = await home.request("POST", "/sandbox/groups", json={"title": "工作圈", "owner": owner.id, "type": "group"})
    await home.request("POST", f"/sandbox/groups/{group['id']}/members", json={"by": owner.id, "bot": True})
    await home.settle()
    async with home.session() as session:
        if await session.get(Chat, group["id"]) is None:
            session.add(Chat(id=group["id"], title="工作圈"))
            await session.flush()
        circle = (await session.scalars(select(Circle))).first()
        assert circle is not None
        circle.chat_id = group["id"]
    with capture_logs() as said:
        moved = await home.request("POST", f"/sandbox/groups/{group['id']}/migrate", json={"by": owner.id})
        async with home.session() as session:
            number = await home.home.post_for(session).tell(Place(group["id"], "zh_CN"), "plain", text=t("people.cancelled"))
            assert number is not None

        sent = await until_settled(home, number)

    assert [line for line in said if line["log_level"] == "error"] == []  # the answer and the group's own word bring it at the same time
    assert (sent.state, sent.chat_id) == (OutboxState.SENT, moved["id"])
    async with home.session() as session:
        assert (await session.scalars(select(Circle.chat_id).where(Circle.id == circle.id))).all() == [moved["id"]]


async def test_a_card_that_somebody_deleted_is_sent_anew(home: Village) -> None:
    deputy = await home.person("王建国")

    async def show(key: str) -> None:
        async with home.session() as session:
            await home.home.post_for(session).card("test", Place(deputy.id, "zh_CN"), "plain", text=t(key))
        home.home.outbox_bell.set()
        await home.settle()

    await show("people.cancelled")
    card = await deputy.sees("已取消")
    await home.request("POST", f"/sandbox/users/{deputy.id}/chats/bot/delete", json={"message_id": card["message_id"]})
    await show("people.phone_kept")

    anew = await deputy.sees("手机号已登记")
    assert anew["message_id"] != card["message_id"]


async def test_an_edit_that_changes_nothing_is_a_success(home: Village) -> None:
    deputy = await home.person("王建国")

    for _ in range(2):
        async with home.session() as session:
            number = await home.home.post_for(session).card("test", Place(deputy.id, "zh_CN"), "plain", text=t("people.cancelled"))
            assert number is not None
        assert (await until_settled(home, number)).state is OutboxState.SENT


async def test_an_answer_overtakes_a_mass_notice(home: Village) -> None:
    deputies = [await home.stranger(f"代表{number}") for number in range(40)]
    for deputy in deputies:
        await deputy.starts()
    await home.settle()
    await home.request("DELETE", "/sandbox/calls")
    async with home.session() as session:
        post = home.home.post_for(session)
        for deputy in deputies[1:]:
            await post.tell(Place(deputy.id, "zh_CN"), "plain", text=t("people.cancelled"), lane=Lane.NOTICE)
        await post.tell(Place(deputies[0].id, "zh_CN"), "plain", text=t("people.phone_kept"))

    home.home.outbox_bell.set()
    await home.settle()

    texts = [call["params"]["text"] for call in await home.calls("sendMessage")]
    assert texts.index("✅ 手机号已登记。") < 5  # the first few go out side by side
    assert len(texts) == 40


def test_the_pacer_keeps_under_all_three_limits() -> None:
    pacer = Pacer(
        Limits(messages=3, per=timedelta(seconds=1), chat_pause=timedelta(seconds=1), group_messages=2, group_per=timedelta(seconds=60))
    )

    pacer.count(7, 0.0)
    pacer.count(-8, 0.0)

    assert pacer.room(0.5) == 1
    assert pacer.pausing(0.5) == {7, -8}
    pacer.count(-8, 1.5)
    assert pacer.room(1.6) == 2
    assert pacer.pausing(30.0) == {-8}
    assert pacer.pausing(60.0) == set()


def test_the_pacer_pauses_for_a_penalty() -> None:
    pacer = Pacer(Limits())

    pacer.penalise(7, 5.0, 0.0)
    assert pacer.pausing(4.9) == {7}
    pacer.penalise(None, 3.0, 5.0)

    assert pacer.room(7.9) == 0
    assert pacer.room(8.1) > 0
    assert 0 < pacer.next_change(7.5) <= 0.5


async def test_a_move_that_is_known_already_changes_nothing(home: Village) -> None:
    async with home.session() as session:
        session.add(Chat(id=-1007, title="工作圈"))
        await session.flush()
        circle = (await session.scalars(select(Circle))).first()
        assert circle is not None
        circle.chat_id = -1007

    async with home.session() as session:
        await move_group(home.home.post_for(session), -1007, -1007)

    async with home.session() as session:
        assert await session.get(Chat, -1007) is not None


async def test_a_picture_is_shown_in_the_chat_and_its_card_changes_in_place(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    for text in ("people.cancelled", "people.all_reachable"):
        async with home.session() as session:
            post = home.home.post_for(session)
            picture = await post.attach("board.png", png(), AttachmentKind.PHOTO)
            await post.card("picture", Place(office.id, "zh_CN"), "plain", text=t(text), attachment=picture)
        home.home.outbox_bell.set()
        await home.settle()

    [sent] = [message for message in await office.messages() if "photo" in message]
    async with home.session() as session:
        first, second = (await session.scalars(select(Attachment).order_by(Attachment.id))).all()
    assert sent["caption"] == home.home.texts.say(t("people.all_reachable"), "zh_CN")
    assert second.file_id == sent["photo"][-1]["file_id"] != first.file_id
