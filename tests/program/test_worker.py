"""The worker's shared transactions, with a Home that has a few commands more and is never connected."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from telegram import Update, User

from bot.config import Config, Telegram
from bot.home import Home
from bot.sandbox import SandboxClock
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.permissions import TABLE, Permissions
from handlers.registry import JOURNEYS, Registry
from handlers.texts import t
from models.inbox import ATTEMPTS, InboxState, InboxUpdate, take_in
from models.outbox import OutboxMessage
from models.people import Person, PersonRole, Role
from models.rules import RuleBroken
from tests.conftest import NOON

OLD, NEW = "王秀兰", "李建国"
ACCOUNTS = range(5001, 5006)
"""One for each update: several of one account would wait for one another on PostgreSQL."""


async def rename(update_: Update, context: HomeContext) -> None:
    """Change everybody's name past the session."""
    renamed = update(Person).values(name=NEW).execution_options(synchronize_session=False)
    await context.session.execute(renamed)


async def name(update_: Update, context: HomeContext) -> None:
    """Say what the first of them is called."""
    first = (await context.session.scalars(select(Person).where(Person.telegram_id == ACCOUNTS[0]))).one()
    HELD.append(first)
    await context.reply("plain", text=t("desk.do.bring_back", number=first.name))


async def refuse(update_: Update, context: HomeContext) -> None:
    await rename(update_, context)
    raise RuleBroken


async def fail(update_: Update, context: HomeContext) -> None:
    await rename(update_, context)
    raise RuntimeError("a mistake of ours")


HELD: list[Person] = []
"""What nobody has swept away yet: a session knows what is still somewhere."""
COMMANDS = {"rename": rename, "name": name, "refuse": refuse, "fail": fail}


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(NOON)


@pytest.fixture
async def home(database_url: str, clock: SandboxClock) -> AsyncIterator[Home]:
    config = Config(database=database_url, telegram=Telegram(token="1000001:worker", api="http://127.0.0.1:1"))  # type: ignore[arg-type]  # a secret is made of it
    entries = tuple(Entry(word, does, in_menu=False) for word, does in COMMANDS.items())
    table = TABLE.read_text(encoding="utf-8") + "".join(f"\n/{word} all all all all all -" for word in COMMANDS)
    home = Home(config, now=clock.now, registry=Registry((*JOURNEYS, Journey(entries=entries)), Permissions(table)))
    home.bot._bot_user = User(1000001, "代表之家", is_bot=True, username="worker_bot")  # whoever is never connected does not ask
    home.bot._initialized = home.application._initialized = True
    async with home.sessions.begin() as session:
        for account in ACCOUNTS:
            roles = [PersonRole(role=Role.DEPUTY)]
            session.add(Person(name=OLD, telegram_id=account, role_rows=roles, specialties=[]))
    yield home
    await home.engine.dispose()


async def waiting(home: Home, *commands: str) -> None:
    """Updates that have come in, and nobody has worked on."""
    speakers = dict(enumerate(ACCOUNTS[: len(commands)], 1))
    updates = [(number, said(number, speakers[number], command)) for number, command in enumerate(commands, 1)]
    async with home.sessions.begin() as session:
        await take_in(session, updates, now=NOON, said_by=speakers, said_in=speakers)


def said(number: int, account: int, command: str) -> str:
    message = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": {"id": account, "type": "private", "first_name": "某"},
        "from": {"id": account, "is_bot": False, "first_name": "某", "language_code": "zh"},
        "text": command,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}],
    }
    return json.dumps({"update_id": number, "message": message})


async def worked_off(home: Home, clock: SandboxClock) -> None:
    """Work until nothing is left to do; what failed is tried again later."""
    for _ in range(ATTEMPTS):
        while await home.worker.work_once():
            pass
        clock.advance(timedelta(seconds=5))


async def names(home: Home) -> dict[int | None, str]:
    """The name that each was answered with."""
    async with home.sessions() as session:
        sent = await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return {message.chat_id: name for message in sent for name in (OLD, NEW) if name in message.params["text"]}


async def states(home: Home) -> list[InboxState]:
    async with home.sessions() as session:
        return [*await session.scalars(select(InboxUpdate.state).order_by(InboxUpdate.update_id))]


async def test_what_waits_together_is_worked_on_in_order_and_in_one_transaction(home: Home) -> None:
    kept: list[object] = []
    await waiting(home, "/name", "/rename", "/name", "/name")
    event.listen(home.engine.sync_engine, "commit", lambda connection: kept.append(connection))

    await home.worker.work_once()

    assert len(kept) == 1
    assert await names(home) == {5001: OLD, 5003: NEW, 5004: NEW}
    assert await states(home) == [InboxState.DONE] * 4


@pytest.mark.parametrize("command", ["/refuse", "/fail"])
async def test_one_that_ends_badly_leaves_nothing_of_itself_and_all_of_the_others(home: Home, clock: SandboxClock, command: str) -> None:
    await waiting(home, "/name", command, "/name", "/name")

    await worked_off(home, clock)

    assert await names(home) == {5001: OLD, 5003: OLD, 5004: OLD}
    assert InboxState.NEW not in await states(home)


async def test_whoever_is_refused_is_told_once(home: Home, clock: SandboxClock) -> None:
    await waiting(home, "/name", "/refuse", "/name")

    await worked_off(home, clock)

    async with home.sessions() as session:
        told = (await session.scalars(select(OutboxMessage.params).where(OutboxMessage.chat_id == 5002))).all()
    assert [params["text"] for params in told] == [home.texts.say(t("error.rule"), "zh_CN")]
