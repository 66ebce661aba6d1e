"""What this process did since it started: for /metrics and to notice what stands still. Nothing is decided by it but that."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.calls import Answer


@dataclass
class Counts:
    """``timer`` gives monotonic seconds: a stepped clock makes nothing late."""

    timer: Callable[[], float] = time.monotonic
    updates: Counter[str] = field(default_factory=Counter)
    """Worked on: done, refused, failed (and to be tried again), set_aside."""
    calls: Counter[str] = field(default_factory=Counter)
    """Calls to Telegram by what became of them: sent, limited, again, failed, unreachable, waiting."""
    errors: Counter[str] = field(default_factory=Counter)
    """Where something went wrong: update, call, polling, due_work, backup, watch."""
    heard_at: float | None = None
    """When Telegram last gave updates, or said that there are none; None in a process that does not poll."""
    done_at: dict[str, float] = field(default_factory=dict)
    """When each piece of due work was last done."""

    def called(self, answer: Answer) -> None:
        became = str(answer.state) if answer.state is not None else ("limited" if answer.limited else "again")
        self.calls[became] += 1
        self.errors["call"] += answer.error is not None and not answer.limited

    def heard(self) -> None:
        self.heard_at = self.timer()

    def listens_no_more(self) -> None:
        """Another process polls, or nobody does: silence means nothing here."""
        self.heard_at = None

    def does_no_more(self) -> None:
        """Another process does what is due."""
        self.done_at.clear()

    def did(self, work: Callable[..., Any]) -> None:
        self.done_at[f"{work.__module__}.{work.__qualname__}"] = self.timer()

    def silent_for(self) -> timedelta | None:
        """For how long nothing was heard from Telegram; None where nobody listens. A poll that waits for somebody to speak takes 25 s."""
        return timedelta(seconds=self.timer() - self.heard_at) if self.heard_at is not None else None

    def late_by(self, every: timedelta) -> dict[str, timedelta]:
        """How late each piece of due work is that is to be asked for so often; nothing, when it was last done in time."""
        now = self.timer()
        return {work: max(timedelta(seconds=now - at) - every, timedelta(0)) for work, at in self.done_at.items()}
