"""The log of every call the bot made."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .params import Params

Json = dict[str, Any]

KEPT = 50_000


@dataclass(slots=True)
class Call:
    """One call; what the bot never got an answer to has an answer all the same, or an empty one."""

    id: int
    at: datetime
    method: str
    params: Params
    answer: Json
    ms: float

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "method": self.method,
            "params": self.params.for_log(),
            "ok": bool(self.answer.get("ok")),
            "answer": self.answer,
            "ms": round(self.ms, 3),
        }


class CallLog:
    """The latest calls, in order."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._last_id = 0

    def add(self, at: datetime, method: str, params: Params, answer: Json, ms: float) -> None:
        self._last_id += 1
        self._calls.append(Call(self._last_id, at, method, params, answer, ms))

    def since(self, after: int, method: str | None = None) -> list[Call]:
        wanted = method.lower() if method else None
        return [c for c in self._calls if c.id > after and (wanted is None or c.method.lower() == wanted)]

    def clear(self) -> None:
        self._calls.clear()
