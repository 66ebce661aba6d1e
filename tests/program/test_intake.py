"""Intake and the worker: stored before acknowledged, done whole or not at all, set aside when hopeless."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from telegram import Update

from bot import delivery, worker
from bot.clock import system_now
from bot.home import Home
from bot.intake import Intake, chat_of
from bot.sandbox import serve
from bot.webhook import PATH, webhook_app
from handlers import gate
from handlers.context import HomeContext
from handlers.invitation_card import AttendPress
from handlers.menu import MenuPress
from handlers.registry import Registry
from handlers.texts import t
from models.inbox import InboxState, InboxUpdate, take_in
from models.outbox import OutboxMessage
from models.people import Role, person_by_telegram_id
from models.rules import Gone
from tests.village import Village, both_ways, village_config


@both_ways
async def test_an_update_is_stored_as_telegram_gave_it(home: Village) -> None:
    deputy = await home.person("王建国")

    await deputy.says("/help")

    await deputy.sees("代表")
    async with home.session() as session:
        payloads = [json.loads(payload) for payload in await session.scalars(select(InboxUpdate.payload))]
    assert "/help" in [payload.get("message", {}).get("text") for payload in payloads]


async def test_the_same_update_twice_is_answered_once(home: Village) -> None:
    deputy = await home.person("王建国")
    await deputy.says("/help")
    await home.settle()
    before = len(await deputy.messages())

    async with home.session() as session:
        [payload] = [p for p in await session.scalars(select(InboxUpdate.payload)) if "/help" in p]
        await take_in(session, [(json.loads(payload)["update_id"], payload)], now=home.clock.now())
    home.home.inbox_bell.set()
    await home.settle()

    assert len(await deputy.messages()) == before


async def test_an_update_that_cannot_be_read_is_set_aside_and_blocks_nobody(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    poisoned = {"update_id": 1, "message": {"message_id": "no number", "from": 7}}

    async with home.session() as session:
        await take_in(session, [(1, json.dumps(poisoned))], now=home.clock.now())
    home.home.inbox_bell.set()

    await office.sees("已搁置")
    await office.says("/help")
    await office.sees("联络室")
    async with home.session() as session:
        assert (await session.get_one(InboxUpdate, 1)).state is InboxState.SET_ASIDE


async def test_an_error_in_a_handler_rolls_everything_back_and_the_person_is_told(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国")

    async def half_done(update: Any, context: HomeContext) -> None:
        context.person.employer = "half"
        await context.reply("plain", text=t("people.phone_kept"))
        raise ZeroDivisionError

    monkeypatch.setattr(home.home.registry.menu, "show", half_done)
    await deputy.says("/start")

    await deputy.sees("操作没有成功")
    await deputy.sees_nothing_of("手机号已登记")
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.employer == ""


async def test_a_broken_rule_rolls_everything_back_and_says_why(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国")

    async def refused(update: Any, context: HomeContext) -> None:
        context.person.employer = "half"
        raise Gone

    monkeypatch.setattr(home.home.registry.menu, "show", refused)
    await deputy.says("/start")

    await deputy.sees("按钮已失效")
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.employer == ""
        assert not await session.scalar(select(func.count()).select_from(InboxUpdate).where(InboxUpdate.state == InboxState.SET_ASIDE))


async def test_every_press_is_answered_forged_ones_too(home: Village) -> None:
    deputy = await home.person("王建国")
    menu = await deputy.sees("请选择")

    toast = await deputy.presses_data(menu["message_id"], menu["reply_markup"]["inline_keyboard"][0][0]["callback_data"])

    assert toast == ""
    for data in ("m:no-such", "lang:xx:yy", "lang:", "nonsense", ":::"):
        await home.request(
            "POST", f"/sandbox/users/{deputy.id}/chats/bot/press", json={"message_id": menu["message_id"], "data": data, "stale": True}
        )
    await home.settle()
    assert len([call for call in await home.calls("answerCallbackQuery") if call["ok"]]) == 6


async def test_a_wrong_webhook_secret_is_refused(database_url: str) -> None:
    home = Home(village_config(database_url, "http://127.0.0.1:1"))
    intake = Intake(home.sessions, now=system_now, bell=home.inbox_bell)
    async with serve(webhook_app(intake, "right")) as address, aiohttp.ClientSession(address) as http:
        for secret, body, status in (
            ("wrong", '{"update_id": 1}', 403),
            ("", '{"update_id": 1}', 403),
            ("right", "no json", 400),
            ("right", "[]", 400),
            ("right", '{"update_id": 1}', 200),
        ):
            async with http.post(PATH, data=body, headers={"X-Telegram-Bot-Api-Secret-Token": secret}) as response:
                assert response.status == status
    async with home.sessions.begin() as session:
        assert (await session.scalars(select(InboxUpdate.update_id))).all() == [1]
    await home.engine.dispose()


async def test_nothing_is_left_waiting_after_a_clean_stop(home: Village) -> None:
    deputy = await home.person("王建国")
    await deputy.says("/help")
    home.home.stop()
    await home.stopped()

    async with home.session() as session:
        states = set((await session.scalars(select(OutboxMessage.state))).all())
    assert "sending" not in states


async def test_nothing_runs_after_the_gate_failed_and_the_update_is_tried_again(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国", Role.OFFICE)
    failures = 2

    async def sometimes(*_: Any) -> None:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise ZeroDivisionError

    monkeypatch.setattr(gate, "note_reachable", sometimes)
    await deputy.says("/help")

    await deputy.sees("联络室")
    await deputy.sees_nothing_of("没有这项权限")


async def test_a_database_that_is_away_for_a_moment_is_waited_out(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国")
    failures = {"worker": 1, "delivery": 1}

    def failing(name: str, works: Any) -> Any:
        async def once(*words: Any, **more: Any) -> Any:
            if failures[name] > 0:
                failures[name] -= 1
                raise OperationalError("SELECT 1", {}, OSError("away"))
            return await works(*words, **more)

        return once

    monkeypatch.setattr(worker, "next_updates", failing("worker", worker.next_updates))
    monkeypatch.setattr(delivery, "claim", failing("delivery", delivery.claim))
    monkeypatch.setattr(worker, "DATABASE_PAUSE", 0.01)
    await deputy.says("/help")

    await deputy.sees("代表")
    assert failures == {"worker": 0, "delivery": 0}


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"message": {"chat": {"id": -5}}}, -5),
        ({"callback_query": {"from": {"id": 7}, "message": {"chat": {"id": 7}}}}, 7),
        ({"chat_member": {"chat": {"id": -5}, "from": {"id": 7}}}, -5),
        ({"inline_query": {"from": {"id": 7}}}, None),
        ({"message": "no message"}, None),
        ({"message": {"chat": {"id": "no number"}}}, None),
    ],
)
def test_where_something_happened_is_kept_beside_it(update: dict[str, Any], chat: int | None) -> None:
    assert chat_of({"update_id": 1, **update}) == chat


def test_only_known_presses_are_worked_on_side_by_side() -> None:
    registry = Registry()
    named = {press for journey in registry.journeys for press in journey.side_by_side}

    assert named <= registry.presses.keys()
    assert registry.side_by_side(_pressed(AttendPress(1, 0).pack()))
    for data in (MenuPress("help").pack(), "nonsense", "", None):
        assert not registry.side_by_side(_pressed(data))


def _pressed(data: str | None) -> Update:
    query = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "王"}, "chat_instance": "1", "data": data}
    return Update.de_json({"update_id": 1, "callback_query": query}, None)
