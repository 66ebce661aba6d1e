"""Dates as people type them, in Chinese and English. Whatever is read is always read back, with its weekday and year."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.clock_words import ClockTime, TimeUnclear, plain, take_time, with_digits
from models.activities import FARTHEST
from models.rules import RuleBroken

WEEK = timedelta(days=7)
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"(?P<week>上个?|本|这|下下|下)?周(?P<day>[一二三四五六日天1-7])(?!后|之后|以后)")
_ENGLISH_WEEKDAY = re.compile(
    r"\b(?:(?P<week>next|this|coming)\s+)?(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:s?day|nesday|rsday|urday|s|r|rs)?\b\.?"
)
_NEAR = {"大后天": 3, "后天": 2, "后日": 2, "明天": 1, "明日": 1, "今天": 0, "今日": 0}
_NEAR_ENGLISH = {"the day after tomorrow": 2, "day after tomorrow": 2, "tomorrow": 1, "today": 0, "tonight": 0}
_NEAR_DAY = re.compile("|".join([*_NEAR, *(rf"\b{words}\b" for words in _NEAR_ENGLISH)]))
_LATER = re.compile(r"(?<!\d)(?P<count>\d{1,3})(?P<unit>天|日|周|个周)(?:之|以)?后|\bin (?P<count_en>\d{1,3}) (?P<unit_en>day|week)s?\b")
_FULL = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<sign>[年/.-])(?P<month>\d{1,2})(?:月|(?P=sign))(?P<day>\d{1,2})(?:[日号]|(?!\d))")
_COMPACT = re.compile(r"(?<!\d)(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)")
_MONTH_DAY = re.compile(r"(?P<which>今年|明年)?(?P<month>\d{1,2})月(?:份)?(?P<day>\d{1,2})[日号]?")
_DAY = re.compile(r"(?P<which>本月|这个?月|下个?月)?(?P<day>\d{1,2})[日号](?!后|之后|以后)")
_NUMBERS = re.compile(r"(?<![\d/.-])(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})(?![\d/.-])")
_FILLERS = re.compile(r"[\s,、。;()的在于]|(?<![a-z])(?:at|on|the|from|t)(?![a-z])|开始|准时|举行")
_RANGE = re.compile(r"^(?P<start>.+?)(?:到|至|~|-|–|—+|\bto\b|\buntil\b)(?P<end>[^到至~–—-]+)$")
_OVER_DAYS = re.compile(r"^(?P<start>.+?)(?:到|至|~|—+|\bto\b|\buntil\b|[-–](?=\s*(?:次日|第二天|翌日)))(?P<end>.+)$")
_NEXT_DAY = re.compile(r"^\s*(?:次日|第二天|翌日)")
LONGEST, NIGHT = timedelta(days=14), timedelta(hours=8)
"""An end later than so long after the start is rather a slip than a plan."""


class DateUnclear(RuleBroken):
    """The text was not understood as a date."""

    key = "date.unclear"


class DayMissing(RuleBroken):
    """There is a time of day, but no day."""

    key = "date.day_missing"


class TimeMissing(RuleBroken):
    """There is a day, but no time of day."""

    key = "date.time_missing"


class NoSuchDay(RuleBroken):
    """The calendar has no such day."""

    key = "date.no_such_day"


class WeekdayMismatch(RuleBroken):
    """The date does not fall on the weekday written beside it."""

    key = "date.weekday_mismatch"


class MomentPast(RuleBroken):
    """The time has passed."""

    key = "date.past"


class MomentTooFar(RuleBroken):
    """The time is more than a year ahead: rather a slip than a plan."""

    key = "date.too_far"


def read_moment(text: str, *, now: datetime, timezone: ZoneInfo) -> datetime:
    """The moment a text means, in ``timezone``, the coming one where several would fit.

    Raises a RuleBroken of this module or of ``clock_words`` that says what is missing or wrong.
    """
    return read_span(text, now=now, timezone=timezone)[0]


def read_span(text: str, *, now: datetime, timezone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Start and, where one is written (9点到11点半), end. Raises as ``read_moment``."""
    text, local = plain(text), now.astimezone(timezone)
    if (found := _RANGE.match(text)) and (until := _only_time(found["end"])) and _has_time(found["start"]):
        start = _moment(found["start"], local)
        return start, _end(start, until)
    if (found := _OVER_DAYS.match(text)) and _has_time(found["start"]) and _has_time(found["end"]):
        start = _moment(found["start"], local)
        return start, _end_on_later_day(start, found["end"])
    return _moment(text, local), None


def _only_time(text: str) -> ClockTime | None:
    clock, rest = take_time(with_digits(text))
    return clock if clock is not None and not _FILLERS.sub("", rest) else None


def _has_time(text: str) -> bool:
    return take_time(with_digits(_WEEKDAY.sub(" ", text)))[0] is not None


def _end(start: datetime, until: ClockTime) -> datetime:
    end = datetime.combine(start.date(), until.at, start.tzinfo)
    if end <= start and until.at.hour < 12:
        end += timedelta(hours=12)  # 下午2点到4点
    if end.date() != start.date() or (end <= start and until.at.hour < 12 <= start.hour):
        end = datetime.combine(start.date() + timedelta(days=1), until.at, start.tzinfo)  # 晚上11点到1点
        if end - start > NIGHT:
            raise DateUnclear
    if end <= start:
        raise DateUnclear
    return end


def _end_on_later_day(start: datetime, text: str) -> datetime:
    """次日1:30, or a day of its own. Raises DateUnclear for one that is not later, or much later."""
    next_day = _NEXT_DAY.sub("", text)
    if next_day != text:
        until = _only_time(next_day)
        if until is None:
            raise DateUnclear
        return datetime.combine(start.date() + timedelta(days=1), until.at, start.tzinfo)
    try:
        end = _moment(text, start)
    except (MomentPast, MomentTooFar) as error:
        raise DateUnclear from error
    if end - start > LONGEST:
        raise DateUnclear
    return end


def _moment(text: str, local: datetime) -> datetime:
    weekday, week, text = _take_weekday(text)
    clock, rest = take_time(with_digits(text))
    day, rest = _take_day(rest, local.date())
    rest = _FILLERS.sub(" ", rest).strip()
    if rest:
        if day is not None or (clock is None and weekday is not None):
            raise DateUnclear
        day = _by_library(rest, local)
    if day is None and weekday is None:
        raise DayMissing if clock is not None else DateUnclear
    if clock is None:
        raise TimeMissing
    if not clock.certain:
        raise TimeUnclear(hour=clock.at.hour)
    return _checked(_on_weekday(day, weekday, week, clock.at, local), local)


def _checked(moment: datetime, local: datetime) -> datetime:
    if moment <= local:
        raise MomentPast
    if moment > local + FARTHEST:
        raise MomentTooFar
    return moment


def _take_weekday(text: str) -> tuple[int | None, str, str]:
    """A weekday, its week as written, and the text without both."""
    if found := _WEEKDAY.search(text):
        sign = found["day"]
        number = int(sign) - 1 if sign.isdigit() else "一二三四五六日".index(sign.replace("天", "日"))
        week = (found["week"] or "").replace("这", "本").removesuffix("个")
    elif found := _ENGLISH_WEEKDAY.search(text):
        number = _ENGLISH_DAYS.index(found["day"])
        week = {"next": "下"}.get(found["week"] or "", "")
    else:
        return None, "", text
    return number, week, f"{text[: found.start()]} {text[found.end() :]}"


def _on_weekday(day: date | None, weekday: int | None, week: str, clock: time, local: datetime) -> datetime:
    if day is not None:
        if weekday is not None and day.weekday() != weekday:
            raise WeekdayMismatch
        return datetime.combine(day, clock, local.tzinfo)
    today, wanted = local.date(), weekday or 0
    if week:
        weeks = {"上": -1, "本": 0, "下": 1, "下下": 2}[week]
        return datetime.combine(today - timedelta(days=today.weekday()) + weeks * WEEK + timedelta(days=wanted), clock, local.tzinfo)
    coming = datetime.combine(today + timedelta(days=(wanted - today.weekday()) % 7), clock, local.tzinfo)
    return coming if coming > local else coming + WEEK


def _take_day(text: str, today: date) -> tuple[date | None, str]:
    """The day in a text, and the text without it. Raises NoSuchDay."""
    for pattern in (_FULL, _COMPACT, _MONTH_DAY, _LATER, _DAY, _NEAR_DAY, _NUMBERS):
        if found := pattern.search(text):
            return _day(pattern, found, today), f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _day(pattern: re.Pattern[str], found: re.Match[str], today: date) -> date:
    if pattern is _NEAR_DAY:
        return today + timedelta(days=(_NEAR | _NEAR_ENGLISH)[found[0]])
    if pattern is _LATER:
        count, unit = found["count"] or found["count_en"], found["unit"] or found["unit_en"]
        return today + int(count) * (WEEK if unit in ("周", "个周", "week") else timedelta(days=1))
    if pattern is _DAY:
        return _day_of_month(int(found["day"]), found["which"] or "", today)
    month, day = int(found["month"]), int(found["day"])
    if pattern in (_FULL, _COMPACT):
        return _date(int(found["year"]), month, day)
    if pattern is _NUMBERS and month > 12:
        month, day = day, month  # 15/3, as written in English
    which = found.groupdict().get("which")
    if which is None:
        coming = _date(today.year, month, day, leap_year_follows=True)
        return coming if coming >= today else _date(today.year + 1, month, day)
    return _date(today.year + (which == "明年"), month, day)


def _day_of_month(day: int, which: str, today: date) -> date:
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    month = following if which.startswith("下") or (not which and day < today.day) else today
    return _date(month.year, month.month, day)


def _date(year: int, month: int, day: int, *, leap_year_follows: bool = False) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        if leap_year_follows and (month, day) == (2, 29):
            return date(year, 2, 28)
        raise NoSuchDay from error


def _by_library(text: str, local: datetime) -> date | None:
    """What our own rules do not know, such as ``15 March 2027``: a day the library is sure of, or DateUnclear."""
    import dateparser  # seldom needed: a Home starts without it

    found = dateparser.parse(
        text,
        languages=["en", "zh"],
        settings={
            "RELATIVE_BASE": local.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": ["day", "month"],
        },
    )
    if found is None or re.fullmatch(r"[\d\s]+", text):
        raise DateUnclear
    return found.date()
