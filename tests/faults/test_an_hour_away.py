"""Telegram is away for an hour, or the Home is: what was said is kept on both sides, and whoever pressed in vain is asked again."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import intake
from bot.contact import Contact
from bot.home import Home
from models.inbox import InboxState, InboxUpdate
from models.outages import LastHeard
from models.outbox import OutboxMessage, OutboxState
from tests.journeys.dying import away
from tests.program.test_delivery import fault, tell
from tests.village import Phone, Village

HOUR = timedelta(hours=1)
AGAIN = "其间点过的按钮没有收到"


@pytest.fixture
async def watched(home: Village, monkeypatch: pytest.MonkeyPatch) -> Village:
    """The home, which minds an outage as Homes do, and polls again at once after a failure."""
    monkeypatch.setattr(intake, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(intake, "LONGEST_PAUSE", 0.02)
    home.home.contact._outage = timedelta(seconds=150)
    await heard(home)
    return home


async def heard(home: Village) -> None:
    """The contact is noted at the next poll."""
    home.home.contact._noted = None
    await home.home.contact.heard()


async def telegram_goes(home: Village) -> None:
    await fault(home, "*", "drop", 10**6)
    home.sandbox.updates.terminate()  # the poll that waits would still bring what is said
    await asyncio.sleep(0.1)


async def telegram_is_back(home: Village, after: timedelta) -> None:
    home.clock.advance(after)
    started = time.monotonic() + after.total_seconds()
    home.sandbox.timer = lambda: started  # presses live on real time
    await home.request("DELETE", "/sandbox/faults")
    home.sandbox.timer = lambda: time.monotonic() + after.total_seconds()
    home.home.outbox_bell.set()
    home.clock.advance(timedelta(minutes=2))  # the pauses between attempts
    await home.settle()


async def menu_of(phone: Phone) -> tuple[int, str]:
    menu = await phone.sees("请选择")
    return menu["message_id"], menu["reply_markup"]["inline_keyboard"][0][0]["callback_data"]


async def press_in_vain(phone: Phone, menu: tuple[int, str]) -> None:
    body = {"message_id": menu[0], "data": menu[1], "stale": True}
    await phone.village.request("POST", f"/sandbox/users/{phone.id}/chats/bot/press", json=body)


async def test_after_an_hour_without_telegram_all_is_said_and_heard_and_whoever_had_a_card_open_is_asked_again(watched: Village) -> None:
    deputy, other = await watched.person("王建国"), await watched.person("陈志强")
    menu = await menu_of(deputy)
    await heard(watched)
    await telegram_goes(watched)
    message = await tell(watched, other, "people.phone_kept")
    await press_in_vain(deputy, menu)
    await other.says("/help")
    await asyncio.sleep(0.1)

    await telegram_is_back(watched, HOUR)

    again = await deputy.sees(AGAIN)
    assert again["reply_to_message"]["message_id"] == menu[0]
    await other.sees("手机号已登记")
    await other.sees("收到活动通知")
    async with watched.session() as session:
        assert (await session.get_one(OutboxMessage, message)).state is OutboxState.SENT
        assert await session.scalar(select(func.count()).select_from(InboxUpdate).where(InboxUpdate.state != InboxState.DONE)) == 0
    assert not watched.sandbox.updates.pending
    assert sum(AGAIN in message.get("text", "") for message in await deputy.messages()) == 1


async def test_a_minute_without_telegram_loses_no_press_and_nobody_is_asked_again(watched: Village) -> None:
    deputy = await watched.person("王建国")
    menu = await menu_of(deputy)
    await heard(watched)
    await telegram_goes(watched)
    await press_in_vain(deputy, menu)
    await asyncio.sleep(0.1)

    await telegram_is_back(watched, timedelta(seconds=20))

    await deputy.sees_nothing_of(AGAIN)
    async with watched.session() as session:
        assert await session.scalar(select(func.count()).where(InboxUpdate.payload.contains("callback_query"))) == 1


async def test_after_an_hour_in_which_the_home_was_off_people_are_asked_again_too(watched: Village) -> None:
    deputy = await watched.person("王建国")
    await menu_of(deputy)
    await heard(watched)
    config = watched.home.config.model_copy(
        update={"telegram": watched.home.config.telegram.model_copy(update={"outage": timedelta(seconds=150)})}
    )
    watched.home.config = config

    await away(watched, HOUR)
    await heard(watched)

    await deputy.sees(AGAIN)


async def test_a_clock_that_is_set_forward_is_no_outage(home: Village) -> None:
    deputy = await home.person("王建国")
    timer = 0.0
    contact = contact_of(home.home, lambda: timer)
    await contact.heard()

    home.clock.advance(HOUR)
    timer = 25.0
    await contact.heard()

    await deputy.sees_nothing_of(AGAIN)
    async with home.session() as session:
        assert home.clock.now() - (await session.scalars(select(LastHeard.at))).one() < timedelta(minutes=1)


def contact_of(home: Home, timer: object) -> Contact:
    return Contact(
        home.sessions,
        outage=timedelta(seconds=150),
        post_for=home.post_for,
        outbox_bell=home.outbox_bell,
        now=home._now,
        timer=timer,  # type: ignore[arg-type]
    )
