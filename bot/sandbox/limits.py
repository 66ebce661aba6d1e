"""Telegram's limits on sending, enforced when asked for."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .errors import ApiError

PREFIXES = ("send", "copymessage", "forwardmessage", "editmessage")


class Limits:
    """Sliding windows: overall, per chat and per group."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self.enforce = False
        self.per_second = 30
        self.per_chat_second = 1
        self.per_group_minute = 20
        self._timer = timer
        self._windows: dict[tuple[str, str], deque[float]] = {}

    def describe(self) -> dict[str, Any]:
        return {
            "enforce": self.enforce,
            "per_second": self.per_second,
            "per_chat_second": self.per_chat_second,
            "per_group_minute": self.per_group_minute,
        }

    def change(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self._windows.clear()

    def admit(self, method: str, chat_id: object) -> None:
        """Count this call, or refuse it with 429; `method` is the lower-case name."""
        if not self.enforce or not method.startswith(PREFIXES) or method == "sendchataction":
            return
        now, chat = self._timer(), str(chat_id)
        rules = [(("all", ""), self.per_second, 1.0), (("chat", chat), self.per_chat_second, 1.0)]
        if chat.startswith("-"):
            rules.append((("group", chat), self.per_group_minute, 60.0))
        windows = []
        wait = 0.0
        for key, allowed, span in rules:
            window = self._windows.setdefault(key, deque())
            while window and window[0] <= now - span:
                window.popleft()
            if len(window) >= allowed:
                wait = max(wait, window[-allowed] + span - now if allowed else span)
            windows.append(window)
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
        for window in windows:
            window.append(now)
