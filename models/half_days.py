"""Half days of a session: leave from it is asked for some of them, and a duty file counts them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

NOON = time(12)
MOST = 30
"""Longer sessions are asked about for their first half days only; none lasts two weeks."""


class HalfDay(NamedTuple):
    """A morning or an afternoon; written ``2026-03-12/am``."""

    day: date
    afternoon: bool

    def __str__(self) -> str:
        return f"{self.day.isoformat()}/{'pm' if self.afternoon else 'am'}"

    @classmethod
    def read(cls, text: str) -> HalfDay:
        day, _, half = text.partition("/")
        return cls(date.fromisoformat(day), half == "pm")

    def noon(self, timezone: ZoneInfo) -> datetime:
        """A moment of its day, to be shown as a day."""
        return datetime.combine(self.day, NOON, timezone)


def half_days_between(starts_at: datetime, ends_at: datetime, timezone: ZoneInfo) -> list[HalfDay]:
    """Those that an activity touches, in order; noon parts them. An activity over several days meets on each of them all day."""
    start, end = starts_at.astimezone(timezone), (ends_at - timedelta(microseconds=1)).astimezone(timezone)
    found: list[HalfDay] = []
    day = start.date()
    while day <= end.date() and len(found) < MOST:
        begins = start.time() if day == start.date() else time(0)
        if begins < NOON:
            found.append(HalfDay(day, afternoon=False))
        if day < end.date() or end.time() >= NOON or begins >= NOON:
            found.append(HalfDay(day, afternoon=True))
        day += timedelta(days=1)
    return found[:MOST]
