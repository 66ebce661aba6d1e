"""Who is measured, each in a process of its own: ``python -m tests.benchmarks.speed.contestants echo ADDRESS …``, the address being that
of the stand-in for Telegram. The Home is told its database too."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

import models.tables  # noqa: F401 - every table must be known
from bot.clock import system_now
from bot.config import Backup, Config, Limits, Monitor, Telegram, Transport
from bot.database import migrate
from bot.home import Home
from bot.logs import set_up_logs
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Press
from handlers.permissions import TABLE, Permissions
from handlers.registry import JOURNEYS, Registry
from handlers.texts import t
from models.activities import Activity, ActivityKind, ActivityState
from models.audit import record
from models.invitations import Delivery, Invitation, Reply
from models.notices import Notice, NoticeKind
from models.outbox import Lane, OutboxState, enqueue_all
from models.people import Area, Person, PersonRole, Role
from tests.benchmarks.speed.backlog import BUTTON, COMMAND, FIRST_ACCOUNT, IDLE_COMMAND, PEOPLE, notice
from tests.benchmarks.speed.library import SECRET, TOKEN, echo, hooked, limited, tuned

UNLIMITED = Limits(messages=1_000_000, chat_pause=timedelta(milliseconds=1), group_messages=1_000_000, at_once=100)
"""Where the stand-in keeps no limits, so that what is measured is the program."""


@dataclass(frozen=True)
class CountPress(Press):
    """A button with a number."""

    prefix: ClassVar[str] = BUTTON
    number: int


async def _count(update: Update, context: HomeContext) -> None:
    """One change, written down, and one answer."""
    number = (context.args or ["0"])[0]
    record(context.session, context.person, "bench.counted", f"message:{number}", now=context.now)
    await context.reply("plain", text=t("desk.do.bring_back", number=number))


async def _nothing(update: Update, context: HomeContext) -> None:
    return


async def _count_press(update: Update, context: HomeContext) -> None:
    """The same of a pressed button."""
    press = CountPress.unpack(context.pressed)
    record(context.session, context.person, "bench.counted", f"message:{press.number}", now=context.now)
    await context.toast(t("desk.do.bring_back", number=str(press.number)))


def home(address: str, database: str) -> None:
    """The Home with one command and one button more, which change one thing and answer."""
    asyncio.run(_home(address, database, limits=UNLIMITED))


def home_notifying(address: str, database: str, messages: str) -> None:
    """The same within the limits that it keeps unless told otherwise, while a notice to so many goes out."""
    asyncio.run(_home(address, database, messages=int(messages)))


def home_calling(address: str, database: str, people: str) -> None:
    """The same within those limits, while so many are called to an activity: their notice is written and goes out."""
    asyncio.run(_home_calling(address, database, int(people)))


def home_hooked(address: str, database: str, port: str) -> None:
    """The same by webhook."""
    asyncio.run(_home(address, database, limits=UNLIMITED, port=int(port)))


def home_taking_in(address: str, database: str, port: str) -> None:
    """The same, but what is taken in is left lying: to see what working on it meanwhile costs."""
    asyncio.run(_home(address, database, limits=UNLIMITED, port=int(port), works=False))


def home_joining(address: str, database: str) -> None:
    """One of several on a database in which the people are already."""
    asyncio.run(_run(counting_home(address, database, limits=UNLIMITED)))


async def _home(
    address: str, database: str, *, limits: Limits | None = None, messages: int = 0, port: int | None = None, works: bool = True
) -> None:
    running = counting_home(address, database, limits=limits, port=port)
    await peopled(running)
    await _notified(running, messages)
    if not works:
        running.worker.run = _rest  # type: ignore[method-assign]
    await _run(running)


async def _home_calling(address: str, database: str, people: int) -> None:
    running = counting_home(address, database)
    await peopled(running)
    if people:
        await _called(running, people)
    await _run(running)


def counting_home(address: str, database: str, *, limits: Limits | None = None, port: int | None = None) -> Home:
    """The Home with what is measured, whose people are still to be put in."""
    hook = {"transport": Transport.WEBHOOK, "webhook_port": port, "webhook_secret": SECRET} if port is not None else {}
    config = Config(
        database=database,
        telegram=Telegram(token=TOKEN, api=address, **hook),
        limits=limits or Limits(),
        backup=Backup(nightly=False),
        monitor=Monitor(enabled=False),
    )
    doors = TABLE.read_text(encoding="utf-8") + f"\n{COMMAND} {IDLE_COMMAND} all - - - - -\nCountPress all - - - - -\n"
    entries = (Entry(COMMAND[1:], _count, in_menu=False), Entry(IDLE_COMMAND[1:], _nothing, in_menu=False))
    journeys = (*JOURNEYS, Journey(entries=entries, presses={CountPress: _count_press}))
    return Home(config, registry=Registry(journeys, Permissions(doors)))


async def _run(running: Home) -> None:
    set_up_logs("console")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.stop)
    await running.run(lambda link: None)


async def _rest(stopping: asyncio.Event) -> None:
    await stopping.wait()


async def peopled(home: Home) -> None:
    """Make its tables, and put in those who write."""
    await migrate(home.engine)
    people = [
        {"id": 1 + each, "name": f"代表{each}", "employer": "", "language": "zh_CN", "telegram_id": FIRST_ACCOUNT + each, "active": True}
        for each in range(PEOPLE)
    ]
    async with home.sessions.begin() as session:
        await session.execute(insert(Person), people)
        await session.execute(insert(PersonRole), [{"person_id": 1 + each, "role": Role.DEPUTY} for each in range(PEOPLE)])


async def _notified(home: Home, messages: int) -> None:
    now = system_now()
    shared = {"method": "sendMessage", "lane": Lane.NOTICE, "state": OutboxState.QUEUED, "created_at": now, "due_at": now, "replaces": None}
    rows = [{**shared, "chat_id": chat_id, "params": {"text": text}, "subject": "bench:1"} for chat_id, text in notice(messages)]
    async with home.sessions.begin() as session:
        await enqueue_all(session, rows)


async def _called(home: Home, people: int) -> None:
    """An activity whose formal notice is due now, for others than those who write."""
    now, first = system_now(), PEOPLE + 1
    called = [
        {
            "id": first + each,
            "name": f"代表{each}",
            "employer": "",
            "language": "zh_CN",
            "telegram_id": account,
            "active": True,
            "area_id": 1,
        }
        for each, (account, _) in enumerate(notice(people))
    ]
    async with home.sessions.begin() as session:
        await session.execute(insert(Area), [{"id": 1, "name": "史河街道"}])
        await session.execute(insert(Person), called)
        await session.execute(insert(PersonRole), [{"person_id": each["id"], "role": Role.DEPUTY} for each in called])
        await add_activity(session, [each["id"] for each in called], {"area": [1]}, ActivityState.PLANNED, Delivery.NONE)
        await session.execute(insert(Notice), [{"activity_id": 1, "kind": NoticeKind.FORMAL, "due_at": now, "void": False, "details": {}}])


async def add_activity(
    session: AsyncSession, people: Sequence[int], audience: dict[str, Any], state: ActivityState, delivery: Delivery
) -> None:
    """Activity 1, in thirty days, to which these people are called."""
    now = system_now()
    activity = {"id": 1, "kind": ActivityKind.INSPECTION, "title": "视察", "place": "代表之家", "notes": "", "card_shown": ""}
    activity |= {"audience_json": audience, "offsets_json": {}, "state": state, "created_by_id": 1, "created_at": now}
    times = {"starts_at": now + timedelta(days=30), "ends_at": now + timedelta(days=30, hours=2)}
    await session.execute(insert(Activity), [{**activity, **times}])
    invited = {"activity_id": 1, "reply": Reply.NONE, "delivery": delivery}
    await session.execute(insert(Invitation), [{**invited, "person_id": each} for each in people])


CONTESTANTS: dict[str, Callable[..., None]] = {
    "echo": echo,
    "tuned": tuned,
    "limited": limited,
    "hooked": hooked,
    "home": home,
    "home_notifying": home_notifying,
    "home_calling": home_calling,
    "home_hooked": home_hooked,
    "home_joining": home_joining,
    "home_taking_in": home_taking_in,
}

if __name__ == "__main__":
    CONTESTANTS[sys.argv[1]](*sys.argv[2:])
