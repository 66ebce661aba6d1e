"""What a contestant is to say: numbered answers to numbered updates, or a numbered notice of its own accord; and when it did."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

PEOPLE = 1000
FIRST_ACCOUNT = 10_000
COMMAND = "/count"
IDLE_COMMAND = "/nothing"
"""Asks for nothing."""
BUTTON = "bench"
"""How the data of a pressed button begins."""
PAGE = 100
FIRST_NOTICED = 1_000_000
"""The account and the number from which a notice's go up: to others than those who write, so that nobody's answer waits for a notice to the
same person."""


@dataclass
class Backlog:
    """What is to be answered, and when each was. Times are of ``time.perf_counter``."""

    messages: int
    after: int = 0
    """The numbers go on where an earlier backlog ended."""
    over_seconds: float = 0.0
    """They are given out evenly over so many seconds, every other one a pressed button; 0: all at once, all of them messages."""
    pressed: str = ""
    """The data of the button of which all of them are presses."""
    unasked: bool = False
    """Nothing is given out: the numbers are said in a notice."""
    confirmed: int = 0
    began: float | None = None
    under_way: asyncio.Event = field(default_factory=asyncio.Event)
    given: dict[int, float] = field(default_factory=dict)
    answered: dict[int, float] = field(default_factory=dict)
    twice: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """From an offset on, as getUpdates gives them; below it all is confirmed."""
        self.confirmed = max(self.confirmed, offset)
        if self.unasked:
            return []
        now = time.perf_counter()
        if self.messages:
            self._begin(now)
        first = max(self.confirmed, self.after + 1)
        numbers = range(first, min(first + min(limit, PAGE), self.after + self._ready(now) + 1))
        self.given |= {number: now for number in numbers if number not in self.given}
        return [self._update(number) for number in numbers]

    def _update(self, number: int) -> dict[str, Any]:
        if self.pressed:
            return press(number, self.pressed)
        return press(number, f"{BUTTON}:{number}") if self.over_seconds and number % 2 else update(number)

    def _begin(self, now: float) -> None:
        if self.began is None:
            self.began = now
            self.under_way.set()

    def until_next(self) -> float:
        """Seconds until there is more than now; as good as never, where there will not be."""
        now = time.perf_counter()
        if self.began is None or self.unasked or (ready := self._ready(now)) == self.messages:
            return 3600.0
        return max(0.0, self.began + ready * self.over_seconds / self.messages - now)

    def _ready(self, now: float) -> int:
        if not self.over_seconds or self.began is None:
            return self.messages
        return min(self.messages, int((now - self.began) * self.messages / self.over_seconds) + 1)

    def note(self, text: str) -> None:
        """Somebody was told something."""
        found = re.search(r"\d+", text)
        if found is None or not self.after < (number := int(found[0])) <= self.after + self.messages:
            return
        if number in self.answered:
            self.twice += 1
            return
        now = time.perf_counter()
        self._begin(now)
        self.answered[number] = now
        if len(self.answered) == self.messages:
            self.over.set()

    def waits(self) -> list[float]:
        """For how many seconds each waited for its answer; whoever still does, has waited until now."""
        now = time.perf_counter()
        return [self.answered.get(number, now) - given for number, given in self.given.items()]

    def figures(self) -> dict[str, Any]:
        """What was answered, how often twice, and in how many seconds."""
        began = self.began or time.perf_counter()
        seconds = max(self.answered.values(), default=began) - began
        return {"messages": self.messages, "answered": len(self.answered), "twice": self.twice, "seconds": seconds}


def update(number: int, command: str = COMMAND) -> dict[str, Any]:
    """One message as Telegram gives it."""
    entity = {"type": "bot_command", "offset": 0, "length": len(command)}
    return {"update_id": number, "message": _message(number, f"{command} {number}") | {"entities": [entity]}}


def press(number: int, data: str) -> dict[str, Any]:
    """One pressed button as Telegram gives it."""
    query = {"id": str(number), "from": _user(number), "message": _message(number, "…"), "chat_instance": "1"}
    return {"update_id": number, "callback_query": query | {"data": data}}


def notice(messages: int) -> list[tuple[int, str]]:
    """To whom it goes, and what is said."""
    return [(FIRST_NOTICED + number, f"会议改期，请知悉（{FIRST_NOTICED + number}）。") for number in range(1, messages + 1)]


def _user(number: int) -> dict[str, Any]:
    return {"id": FIRST_ACCOUNT + number % PEOPLE, "is_bot": False, "first_name": "代表", "language_code": "zh-hans"}


def _message(number: int, text: str) -> dict[str, Any]:
    return {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": FIRST_ACCOUNT + number % PEOPLE, "type": "private", "first_name": "代表"},
        "from": _user(number),
        "text": text,
    }
