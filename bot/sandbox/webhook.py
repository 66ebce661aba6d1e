"""Delivery of updates to a webhook: in order, one at a time, again and again until taken."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from .updates import UpdateQueue

Json = dict[str, Any]


class Webhook:
    """Where updates are posted, and how that goes."""

    def __init__(self, updates: UpdateQueue, delays: Sequence[float], timestamp: Callable[[], int]) -> None:
        self._updates = updates
        self._delays = delays
        self._timestamp = timestamp
        self._task: asyncio.Task[None] | None = None
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None

    def set(self, url: str, secret: str, max_connections: int) -> None:
        self._cancel()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self.last_error = None
        self.resume()

    def delete(self) -> None:
        self._cancel()
        self.url = self.secret = ""
        self.last_error = None

    def describe(self) -> Json:
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self.url:
            info.update(max_connections=self.max_connections, ip_address="127.0.0.1")
            if self.last_error:
                info["last_error_date"], info["last_error_message"] = self.last_error
        if self._updates.allowed is not None:
            info["allowed_updates"] = sorted(self._updates.allowed)
        return info

    def resume(self) -> None:
        if self.url and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def pause(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _deliver(self) -> None:
        updates, failures = self._updates, 0
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                updates.forget_presses()
                if not updates.pending:
                    updates.arrived.clear()
                    await updates.arrived.wait()
                    continue
                update = updates.pending[0]
                problem = await self._post(session, headers, update)
                if problem is None:
                    failures = 0
                    updates.confirm(update["update_id"] + 1)
                    continue
                self.last_error = self._timestamp(), problem
                await asyncio.sleep(self._delays[min(failures, len(self._delays) - 1)])
                failures += 1

    async def _post(self, session: aiohttp.ClientSession, headers: dict[str, str], update: Json) -> str | None:
        """What went wrong, in Telegram's words, or nothing."""
        try:
            async with session.post(self.url, json=update, headers=headers, allow_redirects=False) as response:
                await response.read()
                if 200 <= response.status < 300:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason or ''}".rstrip()
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Connection reset by peer"
