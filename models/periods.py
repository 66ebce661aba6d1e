"""Periods of whole local days: a month, a quarter, a year, any days, or all time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Period:
    """From the first day until before ``until``; None stands for no bound."""

    since: date | None = None
    until: date | None = None

    @property
    def last(self) -> date | None:
        return self.until - timedelta(days=1) if self.until is not None else None

    def moments(self, timezone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Its local midnights."""
        since, until = (datetime.combine(day, time.min, timezone) if day is not None else None for day in (self.since, self.until))
        return since, until


ALL_TIME = Period()


def months(day: date, count: int) -> Period:
    """So many months from that of this day."""
    return Period(day.replace(day=1), first_of_month(day, count))


def first_of_month(day: date, after: int = 0) -> date:
    """The first day of the month so many after that of this day; before it, where less than none."""
    number = day.year * 12 + day.month - 1 + after
    return date(number // 12, number % 12 + 1, 1)


def month_of(day: date) -> Period:
    return months(day, 1)


def quarter_of(day: date) -> Period:
    return months(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), 3)


def year_of(day: date) -> Period:
    return months(day.replace(month=1, day=1), 12)
