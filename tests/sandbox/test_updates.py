"""Updates come to the bot by long polling or by webhook, and stay until they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox import serve
from bot.sandbox.updates import UpdateQueue

from .conftest import LIN, WEI, Person, Raw

Json = dict[str, Any]


async def test_updates_stay_until_a_higher_offset_confirms_them(raw: Raw, person: Person) -> None:
    await person.say(LIN, "一")
    await person.say(LIN, "二")
    first = (await raw("getUpdates", limit=1))["result"]

    again = (await raw("getUpdates"))["result"]
    rest = (await raw("getUpdates", offset=first[0]["update_id"] + 1))["result"]

    assert [u["message"]["text"] for u in again] == ["一", "二"]
    assert [u["message"]["text"] for u in rest] == ["二"]
    assert await person.get("/updates/pending") == {"pending": 1}


def test_a_press_that_is_not_fetched_in_time_is_gone_and_what_was_said_is_not() -> None:
    now = 0.0
    queue = UpdateQueue(lambda: now)
    for kind in ("message", "callback_query", "message"):
        queue.put(kind, {})
    now = 150.1
    queue.put("callback_query", {})

    queue.forget_presses()

    assert [next(reversed(update)) for update in queue.pending] == ["message", "message", "callback_query"]


async def test_a_long_poll_answers_as_soon_as_something_is_said(raw: Raw, person: Person) -> None:
    poll = asyncio.create_task(raw("getUpdates", timeout=20))
    await asyncio.sleep(0.03)

    await person.say(LIN, "来了")

    assert (await asyncio.wait_for(poll, 1))["result"][0]["message"]["text"] == "来了"


async def test_a_second_poller_ends_the_first(raw: Raw, person: Person) -> None:
    first = asyncio.create_task(raw("getUpdates", timeout=20))
    await asyncio.sleep(0.03)

    second = await raw("getUpdates")

    assert second == {"ok": True, "result": []}
    assert (await first)["error_code"] == 409
    assert (await first)["description"].startswith("Conflict: terminated by other getUpdates request")


async def test_only_the_kinds_asked_for_come(raw: Raw, person: Person) -> None:
    await raw("getUpdates", allowed_updates=["callback_query"])
    await person.say(LIN, "不要")
    await raw("getUpdates", allowed_updates=[])

    await person.say(LIN, "要")

    assert [u["message"]["text"] for u in await raw.updates()] == ["要"]


class Receiver:
    """A bot's webhook that answers as it is told."""

    def __init__(self) -> None:
        self.posts: asyncio.Queue[tuple[str | None, Json]] = asyncio.Queue()
        self.statuses: list[int] = []
        self.app = Starlette(routes=[Route("/hook", self.hook, methods=["POST"])])

    async def hook(self, request: Request) -> Response:
        self.posts.put_nowait((request.headers.get("x-telegram-bot-api-secret-token"), await request.json()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def take(self, count: int) -> list[tuple[str | None, Json]]:
        async with asyncio.timeout(2):
            return [await self.posts.get() for _ in range(count)]


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    async with serve(receiver.app) as address:
        yield receiver, f"{address}/hook"


async def test_a_webhook_gets_updates_in_order_with_the_secret_and_again_after_a_failure(raw: Raw, person: Person, receiver) -> None:
    hook, url = receiver
    hook.statuses = [500, 200, 200]
    await raw("setWebhook", url=url, secret_token="secret-1")

    await person.say(LIN, "一")
    await person.say(LIN, "二")
    got = await hook.take(3)

    assert [u["message"]["text"] for _, u in got] == ["一", "一", "二"]
    assert {secret for secret, _ in got} == {"secret-1"}
    info = (await raw("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_polling_is_refused_while_a_webhook_is_set(raw: Raw, person: Person, receiver) -> None:
    await raw("setWebhook", url=receiver[1])

    refused = await raw("getUpdates")
    await raw("deleteWebhook")

    assert refused["error_code"] == 409
    assert "can't use getUpdates method while webhook is active" in refused["description"]
    assert (await raw("getUpdates"))["ok"] is True


async def test_pending_updates_can_be_dropped(raw: Raw, person: Person) -> None:
    await person.say(LIN, "旧")

    await raw("deleteWebhook", drop_pending_updates=True)

    assert await raw.updates() == []


async def test_the_webhook_goes_on_where_a_stopped_server_left_off(sandbox, raw: Raw, person: Person, receiver) -> None:
    hook, url = receiver
    await raw("setWebhook", url=url)
    await sandbox.stop()
    await person.say(WEI, "停时说的")

    sandbox.start()
    ((_, update),) = await hook.take(1)

    assert update["message"]["text"] == "停时说的"
