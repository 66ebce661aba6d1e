"""What people type to find issues: words, numbers (2026-0042, 42) and times gone by (2026-03, 3月, 上周, last week) in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.issue_search import WORDS_LIMIT, Wanted

WORDS_AT_MOST = 8
Taken = TypeVar("Taken")
Days = tuple[date, date]
"""The first day, and the day after the last."""

_NUMBER = re.compile(r"(?<![\d-])#?(20\d{2})-(\d{1,6})(?![\d-])")
_BARE_NUMBER = re.compile(r"(?<!\S)#?(\d{1,6})号?(?!\S)")
_SEPARATORS = re.compile(r"[\s,，、;；。]+")
_BETWEEN = {"到", "至", "~", "-", "—", "to", "until", "in", "on", "from"}


def read_wanted(text: str, *, now: datetime, timezone: ZoneInfo) -> Wanted:
    """What a text asks for. Several times make one span; a month or day without its year is the last that was."""
    text = unicodedata.normalize("NFKC", text).replace("\x00", "")[:WORDS_LIMIT].lower()
    today = now.astimezone(timezone).date()
    spans: list[Days] = []
    for pattern, read in _TIMES:
        text, taken = _take(pattern, text, partial(read, today))
        spans += taken
    text, whole = _take(_NUMBER, text, lambda match: f"{match[1]}-{int(match[2]):04d}")
    text, bare = _take(_BARE_NUMBER, text, lambda match: match[1])
    words = [word.lstrip("的") for word in _SEPARATORS.split(text) if word not in _BETWEEN]
    return Wanted(
        words=tuple(dict.fromkeys(filter(None, words)))[:WORDS_AT_MOST],
        numbers=tuple(dict.fromkeys([*whole, *bare][:WORDS_AT_MOST])),
        since=_midnight(min(span[0] for span in spans), timezone) if spans else None,
        until=_midnight(max(span[1] for span in spans), timezone) if spans else None,
    )


def _take(pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], Taken | None]) -> tuple[str, list[Taken]]:
    """The text without what was read, and what was; a match that reads as nothing stays."""
    taken: list[Taken] = []

    def take(match: re.Match[str]) -> str:
        value = read(match)
        if value is None:
            return match[0]
        taken.append(value)
        return " "

    return pattern.sub(take, text), taken


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, timezone)


def _one_day(year: int, month: int, day: int) -> Days | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found, found + timedelta(days=1)


def _one_month(year: int, month: int) -> Days | None:
    if not 1 <= month <= 12:
        return None
    first = date(year, month, 1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _full(today: date, match: re.Match[str]) -> Days | None:
    return _one_day(int(match["year"]), int(match["month"]), int(match["day"]))


def _year_month(today: date, match: re.Match[str]) -> Days | None:
    return _one_month(int(match["year"]), int(match["month"]))


def _month_day(today: date, match: re.Match[str]) -> Days | None:
    year = _year_of(match["which"], today)
    found = _one_day(year, int(match["month"]), int(match["day"]))
    if found is not None and not match["which"] and found[0] > today:
        return _one_day(year - 1, int(match["month"]), int(match["day"]))
    return found


def _month(today: date, match: re.Match[str]) -> Days | None:
    year, month = _year_of(match["which"], today), int(match["month"])
    return _one_month(year - 1 if not match["which"] and month > today.month else year, month)


def _year_of(which: str | None, today: date) -> int:
    return today.year - 1 if which == "去年" else today.year


def _year(today: date, match: re.Match[str]) -> Days:
    year = int(match["year"])
    return date(year, 1, 1), date(year + 1, 1, 1)


def _last_days(today: date, match: re.Match[str]) -> Days:
    count = int(match["count"]) * (7 if match["unit"] in ("周", "个周", "个星期", "weeks") else 30 if "月" in match["unit"] else 1)
    return today - timedelta(days=max(count - 1, 0)), today + timedelta(days=1)


def _near(today: date, match: re.Match[str]) -> Days:
    return _NEAR[" ".join(match[0].split())](today)


def _back(days: int) -> Callable[[date], Days]:
    return lambda today: (today - timedelta(days=days), today - timedelta(days=days - 1))


def _this_week(today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=7)


def _last_week(today: date) -> Days:
    return _this_week(today - timedelta(days=7))


def _this_month(today: date) -> Days:
    first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _last_month(today: date) -> Days:
    return _this_month(today.replace(day=1) - timedelta(days=1))


def _whole_year(back: int) -> Callable[[date], Days]:
    return lambda today: (date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1))


_NEAR: dict[str, Callable[[date], Days]] = {
    **dict.fromkeys(("今天", "今日", "today"), _back(0)),
    **dict.fromkeys(("昨天", "昨日", "yesterday"), _back(1)),
    "前天": _back(2),
    **dict.fromkeys(("本周", "这周", "这个星期", "this week"), _this_week),
    **dict.fromkeys(("上周", "上个星期", "上星期", "last week"), _last_week),
    **dict.fromkeys(("本月", "这个月", "this month"), _this_month),
    **dict.fromkeys(("上月", "上个月", "last month"), _last_month),
    **dict.fromkeys(("今年", "本年", "this year"), _whole_year(0)),
    **dict.fromkeys(("去年", "last year"), _whole_year(1)),
}
_Y, _M, _D = r"(?<!\d)(?P<year>20\d{2})", r"(?P<month>1[0-2]|0?[1-9])", r"(?P<day>[12]\d|3[01]|0?[1-9])"
_TIMES: tuple[tuple[re.Pattern[str], Callable[[date, re.Match[str]], Days | None]], ...] = (
    (re.compile(rf"{_Y}年{_M}月{_D}[日号]?(?!\d)"), _full),
    (re.compile(rf"{_Y}(?P<sign>[-/.]){_M}(?P=sign){_D}(?!\d)"), _full),
    (re.compile(rf"{_Y}年{_M}月(?:份)?"), _year_month),
    (re.compile(rf"{_Y}[-/.](?P<month>1[0-2]|0[1-9])(?![\d-])"), _year_month),
    (re.compile(rf"(?P<which>今年|去年)?(?<!\d){_M}月(?:份)?{_D}[日号]?(?!\d)"), _month_day),
    (re.compile(rf"(?P<which>今年|去年)?(?<!\d){_M}月(?:份)?(?!\d)"), _month),
    (re.compile(rf"{_Y}(?:年|(?![\d-])(?<!#\d{{4}}))"), _year),
    (re.compile(r"(?:最近|近|过去|last )(?P<count>\d{1,3})\s*(?P<unit>天|日|周|个周|个星期|个月|days?|weeks)"), _last_days),
    (re.compile("|".join(sorted(map(re.escape, _NEAR), key=len, reverse=True))), _near),
)
