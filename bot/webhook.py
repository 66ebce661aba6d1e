"""The webhook: Telegram delivers updates one by one, many at once, and is told that one was taken when it is stored."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.database import DATABASE_AWAY
from bot.intake import Intake, has_usable_id

PATH = "/telegram"
SECRET_HEADER = b"x-telegram-bot-api-secret-token"
TOGETHER = 100
"""So many are stored in one transaction at most."""


class Deliveries:
    """Stores what is delivered one by one. What comes while the database is busy waits, and is stored together: one wait for the disk."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def store(self, update: dict[str, Any]) -> None:
        """Return when it is stored. Raises whatever storing it raised."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, stored))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        await stored

    async def _store_waiting(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            failure = await self._failure(*together)
            alone = failure is not None and len(together) > 1 and not isinstance(failure, DATABASE_AWAY)
            for update, stored in together:
                of_its_own = await self._failure((update, stored)) if alone else failure  # nobody fails by what others were sent
                if stored.done():  # nobody waits for it any more
                    continue
                if of_its_own is None:
                    stored.set_result(None)
                else:
                    stored.set_exception(of_its_own)

    async def _failure(self, *together: tuple[dict[str, Any], asyncio.Future[None]]) -> Exception | None:
        try:
            await self._intake.store([update for update, _ in together])
        except Exception as error:
            return error
        return None


def webhook_app(intake: Intake, secret: str) -> ASGIApp:
    """The web application that Telegram delivers to. A wrong secret is refused in constant time, before anything else of it is read.

    Hashes are compared, so that not even the secret's length shows. It has one door and is asked with every update, so no framework stands
    before it.
    """
    right, deliveries = _hashed(secret.encode()), Deliveries(intake)

    async def answer(scope: Scope, receive: Receive) -> tuple[int, bytes]:
        if scope["path"] != PATH:
            return 404, b"not found"
        if scope["method"] != "POST":
            return 405, b"not allowed"
        given = next((value for name, value in scope["headers"] if name == SECRET_HEADER), b"")
        if not compare_digest(_hashed(given), right):
            return 403, b"wrong secret"
        body = await _body(receive)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = None
        if not has_usable_id(update):
            return 400, b"no update"
        await deliveries.store(update)
        return 200, b""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status, said = await answer(scope, receive)
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(said)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    return app


async def _body(receive: Receive) -> bytes:
    """All of it; what was broken off is no update."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] == "http.disconnect":
            return b""
        if not message.get("more_body"):
            return b"".join(parts)


def _hashed(secret: bytes) -> bytes:
    return sha256(secret).digest()
