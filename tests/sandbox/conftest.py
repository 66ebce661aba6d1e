"""A served sandbox, python-telegram-bot's own Bot talking to it, and a hand for the person's side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import Bot

from bot.sandbox import Sandbox, serve

Json = dict[str, Any]

LIN, WEI = 501, 502


class Person:
    """The person's side over HTTP; answers are checked to be fine unless told otherwise."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, verb: str, path: str, body: Json | None = None, *, status: int = 200) -> Any:
        response = await self.http.request(verb, f"/sandbox{path}", json=body)
        assert response.status_code == status, response.text
        return response.json()

    async def post(self, path: str, body: Json | None = None, *, status: int = 200) -> Any:
        return await self.ask("POST", path, body or {}, status=status)

    async def get(self, path: str, *, status: int = 200) -> Any:
        return await self.ask("GET", path, status=status)

    async def say(self, uid: int, text: str, chat: str | int = "bot", **more: Any) -> Json:
        said = await self.post(f"/users/{uid}/chats/{chat}/messages", {"text": text, **more})
        return said[0]

    async def reads(self, uid: int, chat: str | int = "bot") -> list[Json]:
        return await self.get(f"/users/{uid}/chats/{chat}/messages")

    async def group(self, *, admin: Any = None, members: tuple[int, ...] = (WEI,), bot: bool = True, **more: Any) -> int:
        """A group of Lin's, with the bot in it."""
        made = await self.post("/groups", {"title": "史河街道", "owner": LIN, "members": list(members), **more})
        if bot:
            await self.post(f"/groups/{made['id']}/members", {"by": LIN, "bot": True, "admin": admin})
        return made["id"]


@pytest.fixture
async def sandbox() -> Sandbox:
    return Sandbox(token="1000001:sandbox", bot_username="deputies_home_bot", bot_name="代表之家", webhook_delays=(0.01, 0.02))


@pytest.fixture
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    async with serve(sandbox.app) as address:
        yield address


@pytest.fixture
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=5) as client:
        yield client


@pytest.fixture
async def person(http: httpx.AsyncClient) -> Person:
    """Lin has a phone; Wei has none. Neither has started the bot."""
    person = Person(http)
    await person.post("/users", {"id": LIN, "first_name": "林", "last_name": "晓", "phone": "+8613800000001", "language_code": "zh-hans"})
    await person.post("/users", {"id": WEI, "first_name": "魏", "username": "wei_min"})
    return person


@pytest.fixture
async def bot(address: str, sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(sandbox.token, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot") as bot:
        yield bot


class Raw:
    """Calls as plain JSON, for what PTB would not show."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.token = token

    async def __call__(self, method: str, **params: Any) -> Json:
        response = await self.http.post(f"/bot{self.token}/{method}", json=params)
        return response.json()

    async def updates(self, **params: Any) -> list[Json]:
        """What waits, confirmed at once."""
        found = (await self("getUpdates", **params))["result"]
        if found:
            await self("getUpdates", offset=found[-1]["update_id"] + 1)
        return found


@pytest.fixture
async def raw(http: httpx.AsyncClient, sandbox: Sandbox) -> Raw:
    return Raw(http, sandbox.token)
