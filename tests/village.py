"""A village to test in: a sandbox, a Home that runs against it over HTTP, and its people with their phones."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

import models.tables  # noqa: F401 - every table must be known
from bot.config import Backup, Config, Limits, Monitor, Telegram, Transport
from bot.home import Home
from bot.sandbox import Sandbox, SandboxClock, serve
from models.defaults import seed_defaults
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from models.people import Area, DeputyGroup, Person, Role, Specialty, named
from models.policy import Policy

TOKEN = "1000001:village"
YEARS = timedelta(days=3650)
_ids = itertools.count(5001)

both_ways = pytest.mark.parametrize("transport", list(Transport), indirect=True)
"""Run a journey by long polling and by webhook."""


class NotSeen(AssertionError):
    """What was awaited did not appear; the message shows the chat as it stands."""


@dataclass
class Phone:
    """One person's phone: what they do in Telegram, by the sandbox's person side. ``chat`` is ``"bot"`` or a group's id."""

    village: Village
    id: int
    name: str

    async def _post(self, path: str, **body: Any) -> Any:
        return await self.village.request("POST", f"/sandbox/users/{self.id}{path}", json=body)

    async def says(self, text: str, chat: int | str = "bot", **more: Any) -> dict[str, Any]:
        """Write a text; ``reply_to`` and ``thread`` as in the sandbox's README."""
        [message] = await self._post(f"/chats/{chat}/messages", text=text, **more)
        return message  # type: ignore[no-any-return]

    async def sends(self, kind: str, chat: int | str = "bot", **more: Any) -> dict[str, Any]:
        """Send a photo, voice, video, document, location or contact; a sample stands for the file."""
        [message] = await self._post(f"/chats/{chat}/messages", kind=kind, **more)
        return message  # type: ignore[no-any-return]

    async def uploads(self, file_name: str, content: bytes, chat: int | str = "bot", **more: Any) -> dict[str, Any]:
        """Send a file."""
        form = aiohttp.FormData()
        form.add_field("kind", "document")
        form.add_field("file_name", file_name)
        for name, value in more.items():
            form.add_field(name, str(value))
        form.add_field("file", content, filename=file_name, content_type="application/octet-stream")
        [message] = await self.village.request("POST", f"/sandbox/users/{self.id}/chats/{chat}/messages", data=form)
        return message  # type: ignore[no-any-return]

    async def sends_album(self, *parts: dict[str, Any], chat: int | str = "bot") -> list[dict[str, Any]]:
        return await self._post(f"/chats/{chat}/messages", album=list(parts))  # type: ignore[no-any-return]

    async def forwards(self, *message_ids: int, source: int | str, chat: int | str = "bot") -> list[dict[str, Any]]:
        """Forward messages from another chat."""
        return await self._post(f"/chats/{chat}/forward", **{"from": source, "message_ids": list(message_ids)})  # type: ignore[no-any-return]

    async def edits(self, message: dict[str, Any], text: str, chat: int | str = "bot") -> None:
        await self._post(f"/chats/{chat}/edit", message_id=message["message_id"], text=text)

    async def starts(self, payload: str = "") -> None:
        await self._post("/start", payload=payload)

    async def shares_phone(self, of: int | None = None) -> None:
        await self._post("/contact", **({"of": of} if of else {}))

    async def blocks(self, blocked: bool = True) -> None:
        await self._post("/block", blocked=blocked)

    async def joins(self, link: str) -> str:
        return (await self._post("/join", link=link))["result"]  # type: ignore[no-any-return]

    async def leaves(self, chat: int) -> None:
        await self._post("/leave", chat=chat)

    async def messages(self, chat: int | str = "bot", thread: int | None = None) -> list[dict[str, Any]]:
        query = f"?limit=200&thread={thread}" if thread else "?limit=200"
        return await self.village.request("GET", f"/sandbox/users/{self.id}/chats/{chat}/messages{query}")  # type: ignore[no-any-return]

    async def sees(self, text: str, chat: int | str = "bot", *, thread: int | None = None) -> dict[str, Any]:
        """The newest message from others whose text, caption or buttons contain ``text``; waits for it. Raises NotSeen."""
        deadline: float | None = None
        while True:
            await self.village.settle()
            deadline = deadline or asyncio.get_running_loop().time() + self.village.glance
            messages = await self.messages(chat, thread)
            for message in reversed(messages):
                if not message.get("out") and text in shown(message):
                    return message
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.02)
        raise NotSeen(f"{self.name} does not see {text!r} in {chat}:\n" + "\n".join(f"  {shown(message)!r}" for message in messages))

    async def sees_nothing_of(self, text: str, chat: int | str = "bot") -> None:
        """Raise AssertionError when any message from others shows ``text``."""
        await self.village.settle()
        found = [shown(message) for message in await self.messages(chat) if not message.get("out") and text in shown(message)]
        assert not found, f"{self.name} sees {text!r}: {found}"

    async def presses(self, label: str, *, on: str = "", chat: int | str = "bot", thread: int | None = None) -> str:
        """Press the newest button whose label contains ``label`` (on a message containing ``on``); gives the toast it was answered with."""
        message = await self.sees(on or label, chat, thread=thread)
        if label not in labels_of(message):
            message = await self._newest_with_button(label, on, chat, thread)
        button = next(button for row in message["reply_markup"]["inline_keyboard"] for button in row if label in button["text"])
        if "url" in button:
            payload = button["url"].partition("?start=")[2]
            await self.starts(payload)
            await self.village.settle()
            return ""
        return await self.presses_data(message["message_id"], button["callback_data"], chat)

    async def presses_data(self, message_id: int, data: str, chat: int | str = "bot") -> str:
        """Press a button with this callback data on this message, as any client can, be the button there or not; gives the toast."""
        query = await self._post(f"/chats/{chat}/press", message_id=message_id, data=data, stale=True)
        await self.village.settle()
        for call in await self.village.calls("answerCallbackQuery"):
            if call["params"].get("callback_query_id") == query["callback_query_id"]:
                return str(call["params"].get("text", ""))
        raise NotSeen(f"the press of {data!r} by {self.name} was never answered")

    async def _newest_with_button(self, label: str, on: str, chat: int | str, thread: int | None) -> dict[str, Any]:
        for message in reversed(await self.messages(chat, thread)):
            if any(label in text for text in labels_of(message).split("\n")) and on in shown(message):
                return message
        raise NotSeen(f"{self.name} sees no button {label!r} in {chat}")


def labels_of(message: dict[str, Any]) -> str:
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return "\n".join(button["text"] for row in keyboard for button in row)


def shown(message: dict[str, Any]) -> str:
    """All that a person reads in a message: text or caption, file name, buttons."""
    parts = [message.get("text", ""), message.get("caption", ""), message.get("document", {}).get("file_name", ""), labels_of(message)]
    return "\n".join(part for part in parts if part)


@dataclass
class Village:
    """The sandbox's address and the Home running against it."""

    address: str
    sandbox: Sandbox
    clock: SandboxClock
    home: Home
    http: aiohttp.ClientSession
    announced: list[str] = field(default_factory=list)
    running: asyncio.Task[None] | None = None
    pace: float = 0.004
    """Seconds between two looks whether all has come to rest."""
    patience: float = 15.0
    """Seconds in which all must come to rest."""
    glance: float = 1.0
    """Seconds in which something must be seen once all has come to rest."""

    async def stopped(self) -> None:
        """Wait until the Home has stopped."""
        if self.running is not None:
            await self.running

    async def request(self, method: str, path: str, **more: Any) -> Any:
        async with self.http.request(method, self.address + path, **more) as response:
            answer = await response.json()
            if response.status >= 400:
                raise AssertionError(f"{method} {path}: {response.status} {answer}")
            return answer

    def session(self) -> contextlib.AbstractAsyncContextManager[AsyncSession]:
        """A transaction of the test's own, to look or to prepare."""
        return self.home.sessions.begin()

    async def calls(self, method: str = "") -> list[dict[str, Any]]:
        return [call.as_json() for call in self.sandbox.calls.since(0, method or None)]

    async def stranger(self, name: str = "陌生人", phone: str = "", language: str = "zh-hans") -> Phone:
        """Somebody on Telegram whom the Home does not know."""
        user = await self.request(
            "POST", "/sandbox/users", json={"id": next(_ids), "first_name": name, "phone": phone, "language_code": language}
        )
        return Phone(self, user["id"], name)

    async def person(
        self,
        name: str,
        *roles: Role,
        area: str = "",
        group: str = "",
        specialties: tuple[str, ...] = (),
        employer: str = "",
        phone: str | None = None,
        language: str = "zh-hans",
        linked: bool = True,
        at_once: bool = False,
    ) -> Phone:
        """Somebody on the roster (a deputy, if no role is named), who has started the bot and is known by it unless ``linked`` is False.

        ``at_once`` does not wait for the bot's greeting, where there are many.
        """
        user_id = next(_ids)
        number = phone or f"1390000{user_id}"
        await self.request("POST", "/sandbox/users", json={"id": user_id, "first_name": name, "phone": number, "language_code": language})
        async with self.session() as session:
            person = Person(name=name, phone=number, employer=employer, role_rows=[], specialties=[])
            person.telegram_id = user_id if linked else None
            person.language = self.home.texts.language_for(language)
            for role in roles or (Role.DEPUTY,):
                person.give(role)
            if area:
                person.area = await named(session, Area, area)
            if group:
                person.group = await named(session, DeputyGroup, group)
            for specialty in specialties:
                person.specialties.append(await named(session, Specialty, specialty))
            session.add(person)
        phone_in_hand = Phone(self, user_id, name)
        if linked:
            await phone_in_hand.starts()
            if not at_once:
                await self.settle()
        return phone_in_hand

    async def passes(self, length: timedelta) -> None:
        """Time passes; what fell due is done."""
        await self.request("POST", "/sandbox/clock", json={"advance_seconds": length.total_seconds()})
        await self.tick()

    async def until(self, at: datetime) -> None:
        await self.passes(at - self.clock.now())

    async def tick(self) -> None:
        """Let the schedule ask once, and everything that follows be said."""
        await self.home.schedule.tick()
        await self.home.schedule.learn()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is on its way: updates all worked through, messages due all sent."""
        deadline = asyncio.get_running_loop().time() + self.patience
        quiet = 0
        while quiet < 2:
            quiet = quiet + 1 if await self._is_quiet() else 0
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"the Home does not come to rest: {await self._unsettled()}")
            await asyncio.sleep(self.pace)

    async def _is_quiet(self) -> bool:
        if self.sandbox.updates.pending:
            return False
        async with self.home.engine.connect() as connection:
            return not await connection.scalar(_ON_ITS_WAY, {"now": self.clock.now()})

    async def _unsettled(self) -> str:
        async with self.session() as session:
            updates = (
                await session.execute(select(InboxUpdate.payload, InboxUpdate.error).where(InboxUpdate.state == InboxState.NEW))
            ).all()
            messages = (
                await session.execute(
                    select(OutboxMessage.method, OutboxMessage.state, OutboxMessage.error, OutboxMessage.due_at).where(
                        OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
                    )
                )
            ).all()
        return f"updates {updates}, messages {messages}, now {self.clock.now()}"


def _literally(name: str, state: InboxState | OutboxState, column: Any) -> Any:
    """A state written into the statement: PostgreSQL makes one plan for all values, and reads everything where most rows have the state."""
    return column == bindparam(name, state, type_=column.type, literal_execute=True)


_ON_ITS_WAY = select(
    exists().where(_literally("new", InboxState.NEW, InboxUpdate.state))
    | exists().where(_literally("queued", OutboxState.QUEUED, OutboxMessage.state) & (OutboxMessage.due_at <= bindparam("now")))
    | exists().where(_literally("sending", OutboxState.SENDING, OutboxMessage.state))
)


def village_config(database_url: str, address: str, transport: Transport = Transport.POLLING) -> Config:
    """A config for tests: no pauses that only Telegram's limits ask for, and a tick that only the test gives."""
    return Config(
        database=database_url,
        tick=timedelta(hours=10),
        telegram=Telegram(token=TOKEN, api=address, transport=transport, webhook_secret="village-secret", webhook_port=0, outage=YEARS),
        limits=Limits(messages=1000, chat_pause=timedelta(milliseconds=1), group_messages=1000),
        backup=Backup(nightly=False),
        monitor=Monitor(enabled=False, stall=YEARS),  # the clock leaps: only a test that asks for it watches
        home=Policy(),
    )


@contextlib.asynccontextmanager
async def village(database_url: str, *, at: datetime, transport: Transport = Transport.POLLING) -> AsyncIterator[Village]:
    """Run a sandbox and a Home in this loop; the clock starts at ``at``."""
    clock = SandboxClock(at)
    sandbox = Sandbox(token=TOKEN, bot_username="village_bot", bot_name="代表之家", clock=clock)
    async with serve(sandbox.app) as address, aiohttp.ClientSession() as http:
        home = Home(village_config(database_url, address, transport), now=clock.now, timer=lambda: clock.now().timestamp())
        async with home.sessions.begin() as session:
            await seed_defaults(session)
        running = Village(address, sandbox, clock, home, http)
        task = running.running = asyncio.create_task(home.run(running.announced.append))
        ready = asyncio.create_task(home.ready.wait())
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        try:
            if not task.done():
                yield running
        finally:
            for used in {home, running.home}:  # a test may have put another in its place
                used.stop()
            await asyncio.gather(task, running.stopped())
            for used in {home, running.home}:
                await used.engine.dispose()
