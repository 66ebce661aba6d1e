"""Who answers the backlog, each in a process of its own: ``python -m tests.benchmarks.speed.contestants echo ADDRESS [DATABASE]``."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert
from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes

import models.tables  # noqa: F401 - every table must be known
from bot.config import Backup, Config, Limits, Monitor, Telegram
from bot.database import migrate
from bot.home import Home
from bot.logs import set_up_logs
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.permissions import TABLE, Permissions
from handlers.registry import JOURNEYS, Registry
from handlers.texts import t
from models.audit import record
from models.people import Person, PersonRole, Role
from tests.benchmarks.speed.fake_telegram import COMMAND, FIRST_ACCOUNT, PEOPLE

TOKEN = "1000001:bench"
UNLIMITED = Limits(messages=1_000_000, chat_pause=timedelta(milliseconds=1), group_messages=1_000_000, at_once=100)
"""The stand-in keeps no limits, so that what is measured is the program."""
CONNECTIONS, AT_ONCE = 64, 32


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


def echo(address: str, database: str = "") -> None:
    """python-telegram-bot's own example, as anybody begins: one update after another, nothing kept."""
    application = Application.builder().token(TOKEN).base_url(f"{address}/bot").build()
    _run(application)


def tuned(address: str, database: str = "") -> None:
    """The same, many updates at once."""
    builder = Application.builder().token(TOKEN).base_url(f"{address}/bot")
    _run(builder.concurrent_updates(AT_ONCE).connection_pool_size(CONNECTIONS).pool_timeout(30).build())


def _run(application: Application) -> None:  # type: ignore[type-arg]  # whatever it is built of
    application.add_handler(CommandHandler(COMMAND[1:], _echo))
    application.run_polling(poll_interval=0.0)


async def _count(update: Update, context: HomeContext) -> None:
    """One change, written down, and one answer."""
    number = (context.args or ["0"])[0]
    record(context.session, context.person, "bench.counted", f"message:{number}", now=context.now)
    await context.reply("plain", text=t("desk.do.bring_back", number=number))


def home(address: str, database: str) -> None:
    """The Home with one command more, which changes one thing and answers."""
    asyncio.run(_home(address, database))


async def _home(address: str, database: str) -> None:
    set_up_logs("console")
    config = Config(
        database=database,
        telegram=Telegram(token=TOKEN, api=address),  # type: ignore[arg-type]  # a secret is made of it
        limits=UNLIMITED,
        backup=Backup(nightly=False),
        monitor=Monitor(enabled=False),
    )
    doors = TABLE.read_text(encoding="utf-8") + f"\n{COMMAND} all - - - - -\n"
    journeys = (*JOURNEYS, Journey(entries=(Entry(COMMAND[1:], _count, in_menu=False),)))
    running = Home(config, registry=Registry(journeys, Permissions(doors)))
    await _peopled(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.stop)
    await running.run(lambda link: None)


async def _peopled(home: Home) -> None:
    await migrate(home.engine)
    people = [
        {"id": 1 + each, "name": f"代表{each}", "employer": "", "language": "zh_CN", "telegram_id": FIRST_ACCOUNT + each, "active": True}
        for each in range(PEOPLE)
    ]
    async with home.sessions.begin() as session:
        await session.execute(insert(Person), people)
        await session.execute(insert(PersonRole), [{"person_id": 1 + each, "role": Role.DEPUTY} for each in range(PEOPLE)])


CONTESTANTS: dict[str, Callable[[str, str], None]] = {"echo": echo, "tuned": tuned, "home": home}

if __name__ == "__main__":
    CONTESTANTS[sys.argv[1]](sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
