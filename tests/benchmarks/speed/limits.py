"""Telegram's limits, as the stand-in keeps them."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

from bot.sandbox.errors import ApiError
from bot.sandbox.limits import Limits

ALLOWED = 30
"""Messages a second."""
PENALTY = 5
"""Seconds for which all is refused after a refusal, where that is the rule."""


class Rule(enum.StrEnum):
    """How strict the stand-in is: not at all; 30 messages in any second and one a second into a chat; the same, with a penalty for each
    refusal."""

    NONE = "none"
    WINDOW = "window"
    PENALTY = "penalty"


class Gate:
    """Lets calls in or refuses them. Counts those refused."""

    def __init__(self, rule: Rule, timer: Callable[[], float] = time.monotonic) -> None:
        self.refused = 0
        self._rule, self._timer, self._closed_until = rule, timer, 0.0
        self._limits = Limits(timer)
        self._limits.enforce = rule is not Rule.NONE

    def wait(self, method: str, chat_id: object) -> int:
        """Seconds after which to try again; 0 for a call that is let in. Calls without a chat always are, penalty or not."""
        if chat_id is None or self._rule is Rule.NONE:
            return 0
        now = self._timer()
        if now < self._closed_until:
            self.refused += 1
            return max(1, round(self._closed_until - now + 0.5))
        try:
            self._limits.admit(method.lower(), chat_id)
        except ApiError as error:
            self.refused += 1
            if self._rule is Rule.PENALTY:
                self._closed_until = now + PENALTY
                return PENALTY
            return int((error.parameters or {})["retry_after"])
        return 0
