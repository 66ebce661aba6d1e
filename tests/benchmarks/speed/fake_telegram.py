"""A stand-in for Telegram that does as little as it can, so that whoever talks to it is what is measured. In a process of its own.

Every answer to every call takes ``distance`` seconds longer than it must, as over a network. It has a backlog of messages, of ``PEOPLE``
people in turn, each with its number; whoever says that number to anybody has answered it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

PEOPLE = 1000
FIRST_ACCOUNT = 10_000
COMMAND = "/count"
PAGE = 100


@dataclass
class Backlog:
    """What is to be answered, and when each was."""

    messages: int
    after: int = 0
    """The numbers go on where an earlier backlog ended."""
    confirmed: int = 0
    began: float | None = None
    answered: dict[int, float] = field(default_factory=dict)
    twice: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """From an offset on, as getUpdates gives them; below it all is confirmed."""
        self.confirmed = max(self.confirmed, offset)
        if self.began is None and self.messages:
            self.began = time.perf_counter()
        first = max(self.confirmed, self.after + 1)
        return [update(number) for number in range(first, min(first + min(limit, PAGE), self.after + self.messages + 1))]

    def note(self, text: str) -> None:
        """Somebody was told something."""
        found = re.search(r"\d+", text)
        if found is None:
            return
        if (number := int(found[0])) in self.answered:
            self.twice += 1
            return
        self.answered[number] = time.perf_counter()
        if len(self.answered) == self.messages:
            self.over.set()

    def figures(self) -> dict[str, Any]:
        """What was answered, how often twice, and in how many seconds."""
        began = self.began or time.perf_counter()
        seconds = max(self.answered.values(), default=began) - began
        return {"messages": self.messages, "answered": len(self.answered), "twice": self.twice, "seconds": seconds}


def update(number: int) -> dict[str, Any]:
    """One message as Telegram gives it."""
    account = FIRST_ACCOUNT + number % PEOPLE
    user = {"id": account, "is_bot": False, "first_name": "代表", "language_code": "zh-hans"}
    message = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": account, "type": "private", "first_name": "代表"},
        "from": user,
        "text": f"{COMMAND} {number}",
        "entities": [{"type": "bot_command", "offset": 0, "length": len(COMMAND)}],
    }
    return {"update_id": number, "message": message}


class FakeTelegram:
    """The server's handlers."""

    def __init__(self, distance: float) -> None:
        self.backlog, self._distance = Backlog(0), distance
        self._waiting = asyncio.Event()

    async def call(self, request: web.Request) -> web.Response:
        """Any call of any bot."""
        method, given = request.match_info["method"], await _given(request)
        if self._distance:
            await asyncio.sleep(self._distance)
        if method == "getUpdates":
            return _answer(await self._updates(given))
        if method == "getMe":
            return _answer({"id": 1, "is_bot": True, "first_name": "代表之家", "username": "home_bot"})
        if method != "sendMessage":
            return _answer(True)
        self.backlog.note(given.get("text", ""))
        chat = {"id": int(given["chat_id"]), "type": "private"}
        return _answer({"message_id": len(self.backlog.answered), "date": int(time.time()), "chat": chat, "text": given.get("text", "")})

    async def _updates(self, given: dict[str, str]) -> list[dict[str, Any]]:
        offset, limit = int(given.get("offset") or 0), int(given.get("limit") or PAGE)
        if not (page := self.backlog.page(offset, limit)):
            self._waiting.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.wait(), min(float(given.get("timeout") or 0), 1.0))
            page = self.backlog.page(offset, limit)
        return page

    async def begin(self, request: web.Request) -> web.Response:
        """A new backlog of so many messages."""
        self.backlog = Backlog(int(request.query["messages"]), self.backlog.after + self.backlog.messages)
        self._waiting.set()
        return web.json_response({})

    async def end(self, request: web.Request) -> web.Response:
        """When all is answered, or after so many seconds: what was."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.backlog.over.wait(), float(request.query["seconds"]))
        return web.json_response(self.backlog.figures())


async def _given(request: web.Request) -> dict[str, str]:
    given = dict(request.query)
    if request.content_type == "application/json":
        return given | await request.json()
    if request.content_type == "application/x-www-form-urlencoded":
        return given | {name: values[0] for name, values in parse_qs((await request.read()).decode()).items()}
    if request.can_read_body:
        return given | {name: str(value) for name, value in (await request.post()).items()}
    return given


def _answer(result: Any) -> web.Response:
    return web.Response(body=json.dumps({"ok": True, "result": result}), content_type="application/json")


async def _serve(distance: float) -> AsyncIterator[int]:
    telegram = FakeTelegram(distance)
    app = web.Application()
    app.router.add_route("*", "/begin", telegram.begin)
    app.router.add_route("*", "/end", telegram.end)
    app.router.add_route("*", "/bot{token}/{method}", telegram.call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await asyncio.Event().wait()


async def main(distance: float) -> None:
    """Serve until killed; the port is told on standard output."""
    async for port in _serve(distance):
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
