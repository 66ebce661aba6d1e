"""The dates of a series: rules in the terms of RFC 5545, and the next working day where a date falls on a day off."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from models.working_days import NotableDay, is_working_day, notable_days

DATES_AT_MOST = 120
"""Every week until the end of next year are 105."""
LOOKS_BACK = 14


class Every(enum.StrEnum):
    """The usual rules."""

    MONTH = "month"
    """Every month on the same date; the last one where a month is shorter."""
    NTH_WEEKDAY = "nth"
    """Every month on the nth weekday; the last one where the first date was a fifth."""
    WEEK = "week"
    QUARTER = "quarter"


class Until(enum.StrEnum):
    """Until when: the end of a year, or so many dates in all."""

    THIS_YEAR = "y0"
    NEXT_YEAR = "y1"
    FOUR, SIX, TWELVE = "n4", "n6", "n12"

    @property
    def in_all(self) -> int | None:
        return int(self[1:]) if self.startswith("n") else None


@dataclass(frozen=True)
class SeriesDay:
    """One date of a series: by the rule, and the day it is held on; None where another date of the series is held on that day already."""

    by_rule: date
    held_on: date | None
    notable: NotableDay | None
    """Why the date is not an ordinary day: a holiday, a made-up working day, or a year of which nothing is known yet."""

    @property
    def shifted(self) -> bool:
        return self.by_rule != self.held_on


def rule_text(every: Every, first: datetime, until: Until) -> str:
    """A series' rule as RFC 5545 writes it, with its first date; ``first`` is local time with its zone."""
    end = until.in_all
    if end is not None:
        limit = f"COUNT={end}"
    else:
        last = datetime.combine(date(first.year + int(until[1:]), 12, 31), time(23, 59, 59), first.tzinfo)
        limit = f"UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"DTSTART;TZID={first.tzinfo}:{first:%Y%m%dT%H%M%S}\nRRULE:{_frequency(every, first.date())};{limit}"


def _frequency(every: Every, first: date) -> str:
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    if every is Every.WEEK:
        return f"FREQ=WEEKLY;BYDAY={weekday}"
    if every is Every.NTH_WEEKDAY:
        return f"FREQ=MONTHLY;BYDAY={nth_of_month(first)}{weekday}"
    interval = "FREQ=MONTHLY;INTERVAL=3" if every is Every.QUARTER else "FREQ=MONTHLY"
    if first.day <= 28:
        return f"{interval};BYMONTHDAY={first.day}"
    return f"{interval};BYMONTHDAY={','.join(str(day) for day in range(28, first.day + 1))};BYSETPOS=-1"


def nth_of_month(day: date) -> int:
    """Which of its weekdays in the month: 1 to 4, or -1 for a fifth, which not every month has."""
    nth = (day.day + 6) // 7
    return nth if nth < 5 else -1


def rule_of(rule: str, timezone: ZoneInfo) -> tuple[Every, datetime]:
    """Which of the usual rules a text is, and its first date: what it takes to say it in words."""
    first = rule_starts(rule, timezone)[0]
    if "FREQ=WEEKLY" in rule:
        return Every.WEEK, first
    if "BYDAY" in rule:
        return Every.NTH_WEEKDAY, first
    return (Every.QUARTER if "INTERVAL=3" in rule else Every.MONTH), first


def rule_starts(rule: str, timezone: ZoneInfo) -> list[datetime]:
    """All beginnings by a rule, in local time, before any shift."""
    zones = {str(timezone): timezone}
    starts: list[datetime] = []
    for at in rrulestr(rule, tzids=lambda name: zones.get(name) or ZoneInfo(name)):
        starts.append(at)
        if len(starts) == DATES_AT_MOST:
            break
    return starts


def series_days(starts: Iterable[datetime], timezone: ZoneInfo, *, shift: bool) -> list[SeriesDay]:
    """The day on which each date is held. One that would move onto the day of another, or beyond, is left out."""
    dates = [at.date() for at in starts]
    days: list[SeriesDay] = []
    for number, day in enumerate(dates):
        held: date | None = next_working_day(day) if shift else day
        following = dates[number + 1] if number + 1 < len(dates) else None
        if held is not None and following is not None and held >= following:
            held = None
        days.append(SeriesDay(day, held, notable(day, timezone)))
    return days


def next_working_day(day: date) -> date:
    """This day, or the next one on which offices work."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def notable(day: date, timezone: ZoneInfo) -> NotableDay | None:
    noon = datetime.combine(day, time(12), timezone)
    return next(iter(notable_days(noon, noon, timezone)), None)


def stands_for(day: date) -> Sequence[date]:
    """The dates of the same month that this day may stand for: itself, and the days off just before it."""
    found = [day]
    while len(found) < LOOKS_BACK and (before := found[-1] - timedelta(days=1)).month == day.month and not is_working_day(before):
        found.append(before)
    return found
