"""The clock is set forward and back, the time zone changes, the machine sleeps: nothing is said twice, and nothing stands still."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import schedule as schedule_module
from bot.database import sessions_of
from bot.schedule import Schedule
from handlers.journey import Due, Journey
from handlers.post import Post
from handlers.registry import Registry
from models.people import Role
from models.policy import Policy
from tests.conftest import NOON
from tests.crashes.outside import outside_village
from tests.faults.crowd import crowd, lost_or_doubled, tell
from tests.faults.test_an_hour_away import AGAIN, heard, menu_of
from tests.journeys.dying import away
from tests.journeys.test_activities import MESSAGE, publish
from tests.village import Phone, Village

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def notices_of(phone: Phone) -> list[str]:
    """The headings of what was said about the activity, in order."""
    said = [message.get("caption") or message.get("text", "") for message in await phone.messages() if not message.get("out")]
    return [heading for text in said for heading in ("预通知", "正式通知", "活动提醒") if heading in text.split("\n")[0]]


async def test_a_clock_set_forward_and_back_sends_no_notice_twice_and_forgets_none(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)  # on 25 March at nine
    due = [timedelta(days=9), timedelta(days=13, hours=23)]

    for at in due:
        home.clock.ahead += at
        await home.tick()
        once = await notices_of(deputy)
        for step in (-at, at, -HOUR, HOUR, -at):
            home.clock.ahead += step
            await home.tick()
        assert await notices_of(deputy) == once
    home.clock.ahead += timedelta(days=14)
    await home.tick()

    notices = await notices_of(deputy)
    assert len(notices) == len(set(notices)) >= 2


async def test_a_clock_set_back_keeps_nobody_waiting(home: Village) -> None:
    deputy = await home.person("王建国")
    await deputy.says("/help")

    home.clock.ahead -= 3 * HOUR
    await deputy.says("翠竹小区门口的路灯不亮，晚上看不见路。")

    await deputy.sees("收到活动通知")
    await home.passes(timedelta(seconds=5))  # the draft gives later words time to join it
    await deputy.sees("翠竹小区门口的路灯不亮")


async def test_the_schedule_goes_on_asking_after_the_clock_was_set_back(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    shift = timedelta(0)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + shift

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Clock)
    monkeypatch.setattr(schedule_module, "datetime", Clock)
    monkeypatch.setattr(schedule_module, "CLOCK_LOOKS", 0.02)
    asked = 0

    async def note(post: object) -> None:
        nonlocal asked
        asked += 1

    async def at_no_time(session: object) -> None: ...

    schedule = Schedule(
        sessions_of(engine),
        Registry((Journey(due=(Due(note, at_no_time),)),)),
        every=timedelta(milliseconds=20),
        post_for=lambda session: cast("Post", session),
        outbox_bell=asyncio.Event(),
        policy=Policy(),
        now=lambda: NOON,
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(schedule.run(stopping))
    async with asyncio.timeout(20):
        while not asked:  # noqa: ASYNC110 - the scheduler's own clock rings
            await asyncio.sleep(0.01)
        shift, before = -HOUR, asked + 1  # one may be on its way
        while asked <= before + 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stopping.set()
    await running


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone is on the other side of the world."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def test_the_time_zone_of_the_machine_means_nothing(elsewhere: None, home: Village) -> None:
    assert datetime.now().astimezone().utcoffset() != timedelta(hours=8)
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")

    await publish(home, office, MESSAGE)
    await home.until(datetime(2026, 3, 24, 1, 5, tzinfo=UTC))

    assert await notices_of(deputy) == ["活动提醒"]
    await deputy.sees("3月25日(周三) 09:00")


async def test_another_time_zone_in_the_config_repeats_no_notice(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)
    await home.passes(timedelta(days=9))
    before = await notices_of(deputy)
    assert before
    policy = home.home.config.home.model_copy(update={"timezone": ZoneInfo("Asia/Urumqi")})
    home.home.config = home.home.config.model_copy(update={"home": policy})

    await away(home, HOUR)

    assert await notices_of(deputy) == before
    await home.passes(timedelta(days=4))
    notices = await notices_of(deputy)
    assert len(notices) == len(set(notices)) > len(before)


async def test_after_two_hours_asleep_what_fell_due_is_said_once_and_presses_in_vain_are_asked_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)
    await home.until(datetime(2026, 3, 17, 23, 30, tzinfo=UTC))
    before = await notices_of(deputy)
    await deputy.says("/start")
    await menu_of(deputy)
    await heard(home)
    home.home.contact._outage = timedelta(seconds=150)

    home.clock.advance(2 * HOUR)  # nobody ticks meanwhile
    await heard(home)
    for _ in range(3):
        await home.tick()

    after = await notices_of(deputy)
    assert len(after) == len(before) + 1
    assert sum(AGAIN in message.get("text", "") for message in await deputy.messages()) == 1


async def test_a_process_that_sleeps_in_the_middle_of_its_work_goes_on(database_url: str, tmp_path: Path) -> None:
    async with outside_village(database_url, tmp_path) as home:
        phones = await crowd(home, 6)
        telling = asyncio.create_task(tell(phones, 4))
        async with asyncio.timeout(60):
            while not home.made():  # noqa: ASYNC110 - the log of calls rings no bell
                await asyncio.sleep(0.01)
        assert home.process is not None

        home.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2)
        home.process.send_signal(signal.SIGCONT)

        assert await lost_or_doubled(home, await telling) == []
