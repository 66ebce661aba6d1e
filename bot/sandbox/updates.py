"""The updates waiting for the bot: the queue and long polling."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .errors import ApiError

Json = dict[str, Any]

# Telegram sends these only to a bot that names them.
ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
PRESS_KEPT = 150.0
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CONFLICT = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class UpdateQueue:
    """Updates stay until the bot confirms them with a higher offset."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._presses: deque[tuple[int, float]] = deque()
        self.pending: deque[Json] = deque()
        self.allowed: frozenset[str] | None = None
        # A bot remembers the ids it has seen; a sandbox started anew must not use them again.
        self._last_id = int((time.time() - 1_700_000_000) * 4)
        self._waiting: asyncio.Future[bool] | None = None
        self.arrived = asyncio.Event()

    def wants(self, kind: str) -> bool:
        return kind not in ASKED_FOR if self.allowed is None else kind in self.allowed

    def put(self, kind: str, payload: Json) -> None:
        if not self.wants(kind):
            return
        self._last_id += 1
        self.pending.append({"update_id": self._last_id, kind: payload})
        if kind == "callback_query":
            self._presses.append((self._last_id, self._timer()))
        self.arrived.set()
        self._wake()

    def allow(self, kinds: list[str] | None) -> None:
        """An empty list means the default again; nothing given keeps what was."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def forget_presses(self) -> None:
        """A press that nobody fetched in time is gone; everything else is kept."""
        late = set()
        while self._presses and self._timer() - self._presses[0][1] > PRESS_KEPT:
            late.add(self._presses.popleft()[0])
        if late:
            self.pending = deque(update for update in self.pending if update["update_id"] not in late)

    def confirm(self, offset: int) -> None:
        """Forget what lies before the offset; a negative one keeps that many from the end."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()

    def _wake(self, found: bool = True) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(found)

    def close(self) -> None:
        """Let a long poll answer at once, so that a server can stop."""
        self._wake()

    def terminate(self) -> None:
        """The waiting poller is told that another one (or a webhook) took over."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ApiError(409, CONFLICT))
            self._waiting = None

    async def poll(self, offset: int, limit: int, wait: float) -> list[Json]:
        """`getUpdates`; a second poller ends the first one, as at Telegram."""
        self.terminate()
        if offset:
            self.confirm(offset)
        self.forget_presses()
        if not self.pending and wait > 0:
            self._waiting = waiting = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(waiting, wait)
            except TimeoutError:
                return []
            finally:
                if self._waiting is waiting:
                    self._waiting = None
        return [self.pending[index] for index in range(min(limit, len(self.pending)))]
