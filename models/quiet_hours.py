"""Quiet hours: at night nobody is reminded of what can wait until the morning, or could have been said the evening before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ROOM_TO_SEND = timedelta(minutes=15)
"""So long before the quiet hours goes out what does not keep until they end: a notice to many takes its time."""


@dataclass(frozen=True)
class QuietHours:
    """From ``begins`` to ``ends`` in local time, usually over midnight; none where both are the same."""

    begins: time
    ends: time
    timezone: ZoneInfo

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        """The quiet hours in which this time lies, or None."""
        if self.begins == self.ends:
            return None
        local = at.astimezone(self.timezone)
        for days in (-1, 0):
            day = local.date() + timedelta(days=days)
            last_day = day if self.begins < self.ends else day + timedelta(days=1)
            begins = datetime.combine(day, self.begins, self.timezone).astimezone(at.tzinfo)
            ends = datetime.combine(last_day, self.ends, self.timezone).astimezone(at.tzinfo)
            if begins <= at < ends:
                return begins, ends
        return None

    def outside(self, at: datetime, *, before: datetime) -> datetime:
        """When something planned for ``at`` is to be said ahead of what happens at ``before``: never in the quiet hours.

        It waits for their end as long as it leaves people half the time they were meant to have; else it comes before they begin.
        """
        quiet = self.around(at)
        if quiet is None:
            return at
        begins, ends = quiet
        return ends if before - ends >= (before - at) / 2 > timedelta(0) else begins - ROOM_TO_SEND
