"""Pacing: how fast the Home may speak, a little under Telegram's limits. Times are monotonic seconds."""

from __future__ import annotations

from collections import deque

from bot.config import Limits


class Pacer:
    """Counts what was sent and says who must pause. One for a token."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sent: deque[float] = deque()
        self._groups: dict[int, deque[float]] = {}
        self._paused: dict[int, float] = {}
        self._all_paused_until = 0.0

    def room(self, now: float) -> int:
        """How many messages may go out now."""
        if now < self._all_paused_until:
            return 0
        self._drop(self._sent, now - self._limits.per.total_seconds())
        return self._limits.messages - len(self._sent)

    def pausing(self, now: float) -> set[int]:
        """The chats that must pause now."""
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        return set(self._paused)

    def count(self, chat_id: int, now: float, messages: int = 1) -> None:
        """So many messages are about to go into this chat."""
        self._sent.extend([now] * messages)
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
        ends = [until for until in (*self._paused.values(), self._all_paused_until) if until > now]
        if len(self._sent) >= self._limits.messages:
            ends.append(self._sent[0] + self._limits.per.total_seconds())
        return min(max(min(ends, default=now + 1) - now, 0.005), 1.0)

    def _pause(self, chat_id: int, until: float) -> None:
        self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), until)

    @staticmethod
    def _drop(window: deque[float], before: float) -> None:
        while window and window[0] <= before:
            window.popleft()
