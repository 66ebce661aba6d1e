"""The changes of an activity that are gathered before they are confirmed: a typed view of the form's row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from models.activities import Activity
from models.audience import Audience
from models.rules import RuleBroken

FREE_TEXTS = ("place", "title", "notes")


class LengthUnclear(RuleBroken):
    """How long it lasts was not understood."""

    key = "audience.length_unclear"


class Changes:
    """By name only what changes; everything else stays as it is."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = dict(data)

    @property
    def starts_at(self) -> datetime | None:
        value = self.data.get("starts_at")
        return datetime.fromisoformat(value) if value else None

    @property
    def length(self) -> timedelta | None:
        value = self.data.get("length")
        return timedelta(seconds=value) if value else None

    def set_time(self, starts_at: datetime, ends_at: datetime | None) -> None:
        """Another start; with an end, another length too."""
        self.data["starts_at"] = starts_at.isoformat()
        if ends_at is not None:
            self.set_length(ends_at - starts_at)

    def set_length(self, length: timedelta) -> None:
        self.data["length"] = length.total_seconds()

    def text(self, name: str) -> str | None:
        return self.data.get(name)

    def set_text(self, name: str, text: str) -> None:
        self.data[name] = text

    @property
    def changes_capacity(self) -> bool:
        return "capacity" in self.data

    @property
    def capacity(self) -> int | None:
        return self.data.get("capacity") or None

    def set_capacity(self, places: int | None) -> None:
        self.data["capacity"] = places

    @property
    def audience(self) -> Audience | None:
        value = self.data.get("audience")
        return Audience.from_json(value) if value else None

    def set_audience(self, audience: Audience) -> None:
        self.data["audience"] = audience.as_json()

    @property
    def tells_people(self) -> bool:
        """Whether everybody hears of it: who is called, and how many places there are, is news to those concerned alone."""
        return bool(self.data.keys() - {"capacity", "audience"})

    @property
    def asks_again(self) -> bool:
        return bool({"starts_at", "place"} & self.data.keys())

    def span(self, activity: Activity) -> tuple[datetime, datetime]:
        """When it would begin and end."""
        starts_at = self.starts_at or activity.starts_at
        return starts_at, starts_at + (self.length or activity.ends_at - activity.starts_at)

    def as_move(self) -> dict[str, Any]:
        """As ``move_activity`` takes it."""
        return {"to": self.starts_at, "length": self.length, **{name: self.text(name) for name in FREE_TEXTS}}
