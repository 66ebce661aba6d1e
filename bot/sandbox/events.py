"""Server-sent events: what happens, told to whoever watches."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

Json = dict[str, Any]


class EventHub:
    """Watchers, each with the persons it watches (all, when none are named)."""

    def __init__(self, heartbeat: float = 15.0) -> None:
        self.heartbeat = heartbeat
        self._watchers: dict[asyncio.Queue[Json | None], frozenset[int]] = {}

    def watched(self, uid: int) -> bool:
        """Whether anybody would hear of this person: nothing is rendered for nobody."""
        return any(not users or uid in users for users in self._watchers.values())

    def emit(self, kind: str, user: int | None = None, **fields: Any) -> None:
        """Tell the watchers of this person, or everybody when it concerns nobody in particular."""
        if not self._watchers:
            return
        event = {"type": kind, "user": user, **fields}
        for queue, users in self._watchers.items():
            if user is None or not users or user in users:
                queue.put_nowait(event)

    @contextlib.contextmanager
    def _watch(self, users: frozenset[int]) -> Iterator[asyncio.Queue[Json | None]]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._watchers[queue] = users
        try:
            yield queue
        finally:
            del self._watchers[queue]

    async def stream(self, users: frozenset[int]) -> AsyncIterator[str]:
        """The body of one `text/event-stream`."""
        with self._watch(users) as queue:
            yield ": watching\n\n"
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), self.heartbeat)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if event is None:
                    return
                yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"

    def close(self) -> None:
        """End every stream, so that a server can stop."""
        for queue in self._watchers:
            queue.put_nowait(None)
