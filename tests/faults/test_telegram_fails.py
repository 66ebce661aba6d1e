"""Telegram floods with 429, hangs, cuts connections, refuses the token for a while, or says what is no answer: all of it passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from telegram.request import BaseRequest

from bot import intake
from bot.delivery import Delivery
from bot.intake import Poller
from handlers.post import Place
from models.outbox import Lane, OutboxMessage, OutboxState
from tests.faults.crowd import crowd
from tests.program.test_delivery import fault, tell, until_settled
from tests.village import Phone, Village


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(intake, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(intake, "POLL_GRACE", 0.3)
    monkeypatch.setattr(intake, "POLL_SECONDS", 1)


async def notice(home: Village, phones: list[Phone], each: int) -> None:
    """Numbered messages to everybody."""
    async with home.session() as session:
        post = home.home.post_for(session)
        for number in range(each):
            for phone in phones:
                await post.queue(Place(phone.id, "zh_CN"), "sendMessage", {"text": f"第{number}号通知"}, lane=Lane.NOTICE)
    home.home.outbox_bell.set()


async def all_arrive(home: Village) -> None:
    """Skip over the pauses between attempts until nothing is left."""
    for _ in range(1000):
        async with home.session() as session:
            left = (await session.scalars(select(OutboxMessage.state).where(OutboxMessage.state != OutboxState.SENT))).all()
        if not left:
            return
        home.clock.advance(timedelta(seconds=5))
        home.home.outbox_bell.set()
        await asyncio.sleep(0.02)
    raise AssertionError(f"left: {left}")


async def read_by(phone: Phone) -> list[str]:
    return [message["text"] for message in await phone.messages() if "号通知" in message.get("text", "")]


async def test_a_flood_of_429_loses_nothing_doubles_nothing_and_turns_nothing_round(home: Village) -> None:
    phones = await crowd(home, 20)
    await home.settle()
    await fault(home, "sendMessage", "429", 50, retry_after=3)

    await notice(home, phones, 3)
    await all_arrive(home)

    for phone in phones:
        assert await read_by(phone) == ["第0号通知", "第1号通知", "第2号通知"]


async def test_what_is_tried_again_is_not_overtaken_however_late_its_failure_is_written_down(
    home: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = await crowd(home, 1)
    await home.settle()
    await fault(home, "sendMessage", "429", 1, retry_after=3)
    settle = Delivery._settle

    async def settle_late(self: Delivery, *given: Any, **more: Any) -> None:
        home.clock.advance(timedelta(seconds=10))
        await settle(self, *given, **more)

    monkeypatch.setattr(Delivery, "_settle", settle_late)
    await notice(home, phones, 2)
    await all_arrive(home)

    assert await read_by(phones[0]) == ["第0号通知", "第1号通知"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("500", {}), ("drop", {}), ("hang", {"seconds": 30.0}), ("refuse", {"code": 401, "description": "Unauthorized"})],
    ids=["500s", "cut connections", "hanging", "a refused token"],
)
async def test_whatever_telegram_does_for_a_while_nothing_is_lost(
    home: Village, monkeypatch: pytest.MonkeyPatch, kind: str, more: Any
) -> None:
    deputy = await home.person("王建国")
    monkeypatch.setattr(home.home.bot.request, "_timeout", 0.2)
    monkeypatch.setattr(type(home.home.bot.request), "read_timeout", 0.2)
    await fault(home, "*", kind, 8, **more)

    await tell(home, deputy, "people.phone_kept")
    await deputy.says("/help")

    async with asyncio.timeout(30):
        while home.sandbox.updates.pending:  # noqa: ASYNC110 - the sandbox rings no bell when it has given all out
            await asyncio.sleep(0.05)
    await all_arrive(home)
    await deputy.sees("手机号已登记")
    await deputy.sees("收到活动通知")


async def test_a_call_that_was_carried_out_before_the_connection_was_cut_may_repeat_and_is_not_lost(home: Village) -> None:
    deputy = await home.person("王建国")
    await fault(home, "sendMessage", "drop", 1, after=True)

    message = await until_settled(home, await tell(home, deputy, "people.phone_kept"))

    assert (message.state, message.attempts) == (OutboxState.SENT, 1)
    assert sum("手机号已登记" in said.get("text", "") for said in await deputy.messages()) == 2


GOOD = {"update_id": 7, "message": {"message_id": 1}}
NO_ANSWERS = (
    b"",
    b"<html>502</html>",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'"ok"',
    b'{"ok": true}',
    b'{"ok": true, "result": null}',
    b'{"ok": true, "result": {"update_id": 5}}',
    b'{"ok": true, "result": [null, 5, "x", {}]}',
    b'{"ok": true, "result": [{"update_id": "7"}, {"update_id": 1e99}, {"update_id": 99999999999999999999}]}',
    b'{"ok": false}',
    b"[" * 200_000,
)


class Scripted(BaseRequest):
    """Answers one after another, then a page of updates for ever."""

    def __init__(self, answers: Iterator[bytes]) -> None:
        self._answers = answers

    read_timeout = 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        await asyncio.sleep(0)
        return 200, next(self._answers, json.dumps({"ok": True, "result": [None, {"update_id": "x"}, GOOD]}).encode())


async def test_what_is_no_answer_is_waited_out_and_the_next_page_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(intake, "LONGEST_PAUSE", 0.0)
    stopping = asyncio.Event()
    taken: list[Any] = []

    class Kept:
        async def store(self, updates: list[Any]) -> None:
            taken.extend(updates)
            stopping.set()

    poller = Poller(Kept(), Scripted(iter(NO_ANSWERS)), "http://telegram")  # type: ignore[arg-type]  # all it needs of an intake

    await asyncio.wait_for(poller.run(stopping), 10)

    assert GOOD in taken
