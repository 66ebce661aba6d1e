"""The sandbox: one world, one bot, and all that lies between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .calls import CallLog
from .clock import SandboxClock
from .commands import CommandBook
from .events import EventHub
from .faults import Faults
from .files import FileStore
from .limits import Limits
from .messages import Message
from .updates import UpdateQueue
from .webhook import Webhook
from .world import User, World

if TYPE_CHECKING:
    from starlette.applications import Starlette

Json = dict[str, Any]

CALLBACK_LIFETIME = 150.0


@dataclass(slots=True, eq=False)
class CallbackQuery:
    """A press waiting for its answer; it lives 150 real seconds."""

    user: User
    message: Message
    pressed_at: float


class Sandbox:
    """A Telegram of our own. Serve `app` to let any Bot API library talk to it."""

    def __init__(
        self,
        token: str = "1000001:sandbox",
        bot_username: str = "sandbox_bot",
        bot_name: str = "Sandbox",
        *,
        clock: SandboxClock | None = None,
        next_due: Callable[[], Awaitable[datetime | None]] | None = None,
        timer: Callable[[], float] = time.monotonic,
        webhook_delays: Sequence[float] = (1, 2, 4, 8, 16, 32, 60),
    ) -> None:
        self.token = token
        self.bot = User(int(token.partition(":")[0]), bot_name, username=bot_username, is_bot=True)
        self.world = World(self.bot)
        self.clock = clock or SandboxClock()
        self.next_due = next_due
        self.timer = timer
        self.updates = UpdateQueue(lambda: self.timer())
        self.webhook = Webhook(self.updates, webhook_delays, self.clock.timestamp)
        self.files = FileStore()
        self.events = EventHub()
        self.faults = Faults()
        self.limits = Limits(timer)
        self.calls = CallLog()
        self.commands = CommandBook()
        self.callbacks: dict[str, CallbackQuery] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self.stopping = asyncio.Event()
        self.sequence = 0
        self._last_callback = int(time.time()) * 10**6

    @cached_property
    def app(self) -> Starlette:
        """The ASGI application: both faces and the page."""
        from .server import build_app

        return build_app(self)

    def new_callback(self, user: User, message: Message) -> str:
        """A query id for a press; those past their time are forgotten on the way."""
        now = self.timer()
        for query_id, query in list(self.callbacks.items()):
            if now - query.pressed_at <= CALLBACK_LIFETIME:
                break
            del self.callbacks[query_id]
        self._last_callback += 1
        query_id = str(self._last_callback)
        self.callbacks[query_id] = CallbackQuery(user, message, now)
        return query_id

    def take_callback(self, query_id: str) -> CallbackQuery | None:
        query = self.callbacks.pop(query_id, None)
        if query is None or self.timer() - query.pressed_at > CALLBACK_LIFETIME:
            return None
        return query

    def start(self) -> None:
        """The server runs: polls may wait, the webhook may deliver."""
        self.stopping.clear()
        self.webhook.resume()

    async def stop(self) -> None:
        """The server is about to stop: nothing may wait any longer."""
        self.stopping.set()
        self.events.close()
        self.updates.close()
        await self.webhook.pause()
