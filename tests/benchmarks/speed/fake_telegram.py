"""A stand-in for Telegram that does as little as it can, so that whoever talks to it is what is measured. In a process of its own.

Every answer to every call takes ``distance`` seconds longer than it must, as over a network. It has a backlog of messages, of ``PEOPLE``
people in turn, each with its number; whoever says that number to anybody has answered it. It keeps Telegram's limits when told to.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.benchmarks.speed.backlog import PAGE, Backlog
from tests.benchmarks.speed.limits import Gate, Rule


class FakeTelegram:
    """The server's handlers."""

    def __init__(self, distance: float, rule: Rule) -> None:
        self.backlog, self._distance, self._gate = Backlog(0), distance, Gate(rule)
        self._waiting, self._hooked = asyncio.Event(), asyncio.Event()
        self._webhook: dict[str, str] = {}

    async def call(self, request: web.Request) -> web.Response:
        """Any call of any bot."""
        method, given = request.match_info["method"], await _given(request)
        if self._distance:
            await asyncio.sleep(self._distance)
        if wait := self._gate.wait(method, given.get("chat_id")):
            return _refusal(wait)
        match method:
            case "getUpdates":
                return _answer(await self._updates(given))
            case "getMe":
                return _answer({"id": 1, "is_bot": True, "first_name": "代表之家", "username": "home_bot"})
            case "sendMessage":
                self.backlog.note(given.get("text", ""))
                return _answer(self._message(given) | {"text": given.get("text", "")})
            case "sendDocument":
                return _answer(self._message(given) | {"document": {"file_id": "1", "file_unique_id": "1"}, "caption": given["caption"]})
            case "answerCallbackQuery":
                self.backlog.note(given["callback_query_id"])
            case "setWebhook":
                self._webhook = given
                self._hooked.set()
        return _answer(True)

    def _message(self, given: dict[str, str]) -> dict[str, Any]:
        chat = {"id": int(given["chat_id"]), "type": "private"}
        return {"message_id": len(self.backlog.answered), "date": int(time.time()), "chat": chat}

    async def _updates(self, given: dict[str, str]) -> list[dict[str, Any]]:
        offset, limit = int(given.get("offset") or 0), int(given.get("limit") or PAGE)
        if not (page := self.backlog.page(offset, limit)):
            self._waiting.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.wait(), min(float(given.get("timeout") or 0), 1.0, self.backlog.until_next()))
            page = self.backlog.page(offset, limit)
        return page

    async def begin(self, request: web.Request) -> web.Response:
        """A new backlog of so many messages."""
        asked = request.query
        after = int(asked.get("after", self.backlog.after + self.backlog.messages))
        over, pressed = float(asked.get("over", 0)), asked.get("pressed", "")
        self.backlog = Backlog(int(asked["messages"]), after, over, pressed, unasked="unasked" in asked)
        self._gate.refused = 0
        self._waiting.set()
        return web.json_response({})

    async def end(self, request: web.Request) -> web.Response:
        """When all is answered, or so many seconds after it began: what was."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.backlog.under_way.wait(), 120)
            await asyncio.wait_for(self.backlog.over.wait(), float(request.query["seconds"]))
        return web.json_response({**self.backlog.figures(), "waits": self.backlog.waits(), "refused": self._gate.refused})

    async def webhook(self, request: web.Request) -> web.Response:
        """What setWebhook was told, once it was."""
        await self._hooked.wait()
        return web.json_response(self._webhook)


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


def _refusal(wait: int) -> web.Response:
    body = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}", "parameters": {"retry_after": wait}}
    return web.Response(status=429, body=json.dumps(body), content_type="application/json")


async def _serve(distance: float, rule: Rule) -> AsyncIterator[int]:
    telegram = FakeTelegram(distance, rule)
    app = web.Application()
    app.router.add_route("*", "/begin", telegram.begin)
    app.router.add_route("*", "/end", telegram.end)
    app.router.add_route("*", "/webhook", telegram.webhook)
    app.router.add_route("*", "/bot{token}/{method}", telegram.call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await asyncio.Event().wait()


async def main(distance: float, rule: Rule) -> None:
    """Serve until killed; the port is told on standard output."""
    async for port in _serve(distance, rule):
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), Rule(sys.argv[2])))
