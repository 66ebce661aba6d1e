"""Working days by the State Council's calendar: holidays and the weekends worked in exchange for them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

MOST_DAYS = 14


class DayKind(enum.StrEnum):
    """Why a day is worth a second look."""

    HOLIDAY = "holiday"
    MADE_UP = "made_up"
    """A Saturday or Sunday worked in exchange for a holiday."""
    UNKNOWN = "unknown"
    """The calendar does not reach to its year."""


@dataclass(frozen=True)
class NotableDay:
    """``holiday`` names it as the calendar's library does, such as ``national_day``; empty where the calendar does not reach."""

    day: date
    kind: DayKind
    holiday: str = ""


def notable_days(starts_at: datetime, ends_at: datetime, timezone: ZoneInfo) -> list[NotableDay]:
    """The holidays and made-up working days of the first two weeks of a span; of years without data the first day only."""
    first, last = starts_at.astimezone(timezone).date(), ends_at.astimezone(timezone).date()
    found: list[NotableDay] = []
    for number in range(min((last - first).days, MOST_DAYS - 1) + 1):
        notable = _notable(first + timedelta(days=number))
        if notable is not None and not (notable.kind is DayKind.UNKNOWN and found and found[-1].kind is DayKind.UNKNOWN):
            found.append(notable)
    return found


def _notable(day: date) -> NotableDay | None:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return NotableDay(day, DayKind.UNKNOWN)
    if name is None:
        return None
    return NotableDay(day, DayKind.HOLIDAY if off else DayKind.MADE_UP, chinese_calendar.Holiday(name).name)


def is_working_day(day: date) -> bool:
    """Whether offices work on this day. Where the calendar's data ends, every Monday to Friday counts."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_days(start: datetime, days: int, timezone: ZoneInfo) -> datetime:
    """The same local time of day, so many working days later; days off in between are not counted."""
    local = start.astimezone(timezone)
    day = local.date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(start.tzinfo)


def half_way(start: datetime, days: int, timezone: ZoneInfo) -> datetime:
    """Half of so many working days later."""
    earlier = add_working_days(start, days // 2, timezone)
    if days % 2 == 0:
        return earlier
    return earlier + (add_working_days(start, days // 2 + 1, timezone) - earlier) / 2


def in_working_hours(at: datetime, starts: time, ends: time, timezone: ZoneInfo) -> datetime:
    """This time, or the next start of work when it falls outside of it: nobody is reminded at night."""
    local = at.astimezone(timezone)
    if is_working_day(local.date()) and starts <= local.time() < ends:
        return at
    day = local.date() if local.time() < starts else local.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, starts, timezone).astimezone(at.tzinfo)
