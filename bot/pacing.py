"""Pacing: how fast the Home may speak, a little under Telegram's limits. Times are monotonic seconds.

Whatever is said keeps within the limits. A notice besides goes out evenly, a few messages at a time: sent as fast as the limit lets it, it
would fill a second's room at once, and whoever asked something then would wait for the rest of that second.
"""

from __future__ import annotations

import math
from collections import deque

from bot.config import Limits

LOTS = 10
"""In so many lots a notice uses up the room there is."""
SPARE = 1.005
"""A notice goes so much slower than the limit would let it, so that what went out late is made up for."""
ANSWERING, KEPT = 10.0, 3
"""For so many seconds after an answer a notice leaves room for so many more at any moment."""


class Pacer:
    """Counts what was sent and says who must pause. One for a token."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sent: deque[float] = deque()
        self._groups: dict[int, deque[float]] = {}
        self._paused: dict[int, float] = {}
        self._all_paused_until = 0.0
        self._lot = max(1, limits.messages // LOTS)
        self._lot_at = self._answered_at = -math.inf

    def closed(self, now: float) -> bool:
        """Whether nothing may go out now, not even what says nothing in a chat."""
        return now < self._all_paused_until

    def room(self, now: float) -> int:
        """How many messages may go out now."""
        if self.closed(now):
            return 0
        self._drop(self._sent, now - self._limits.per.total_seconds())
        return self._limits.messages - len(self._sent)

    def room_for_notices(self, now: float) -> int:
        """How many of these may be a notice's."""
        if now < self._lot_at:
            return 0
        return max(0, min(self.room(now) - self._kept(now), self._lot))

    def pausing(self, now: float) -> set[int]:
        """The chats that must pause now."""
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        return set(self._paused)

    def count(self, chat_id: int, now: float, messages: int = 1, *, notice: bool = False) -> None:
        """So many messages are about to go into this chat."""
        self._sent.extend([now] * messages)
        if notice:
            one = self._limits.per.total_seconds() / self._limits.messages * SPARE
            self._lot_at = max(self._lot_at, now - self._lot * one) + messages * one
        else:
            self._answered_at = now
        self._pause(chat_id, now + self._limits.chat_pause.total_seconds())
        if chat_id < 0:
            window = self._groups.setdefault(chat_id, deque())
            window.extend([now] * messages)
            self._drop(window, now - self._limits.group_per.total_seconds())
            if len(window) >= self._limits.group_messages:
                self._pause(chat_id, window[0] + self._limits.group_per.total_seconds())

    def penalise(self, chat_id: int | None, seconds: float, now: float) -> None:
        """Telegram said to retry after so many seconds: for the chat, and (it does not say for whom) for a call without one everywhere."""
        if chat_id is None:
            self._all_paused_until = max(self._all_paused_until, now + seconds)
        else:
            self._pause(chat_id, now + seconds)

    def next_change(self, now: float) -> float:
        """Seconds until more may be sent than now; at most one."""
        ends = [until for until in (*self._paused.values(), self._all_paused_until, self._lot_at) if until > now]
        for room in {self._limits.messages, max(1, self._limits.messages - self._kept(now))}:
            if len(self._sent) >= room:
                ends.append(self._sent[len(self._sent) - room] + self._limits.per.total_seconds())
        return min(max(min((end for end in ends if end > now), default=now + 1) - now, 0.001), 1.0)

    def _kept(self, now: float) -> int:
        """What a notice leaves of the room, for answers; never all of it."""
        return min(KEPT, self._limits.messages // LOTS) if now < self._answered_at + ANSWERING else 0

    def _pause(self, chat_id: int, until: float) -> None:
        self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), until)

    @staticmethod
    def _drop(window: deque[float], before: float) -> None:
        while window and window[0] <= before:
            window.popleft()
