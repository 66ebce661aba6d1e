"""Periods as people type them: 3月, 上季度, 2026年第一季度, 上半年, 2026, 2026-01-01 至 2026-03-31, 最近30天."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.search_words import read_wanted
from models.periods import ALL_TIME, Period, first_of_month, months, quarter_of
from models.rules import RuleBroken

_QUARTER = re.compile(
    r"(?:(?P<year>20\d{2})年?|(?P<which>今年|去年))?\s*(?:第?(?P<number>[一二三四1-4])季度?|q(?P<english>[1-4]))(?:\s*(?P<after>20\d{2}))?"
)
_NEAR_QUARTER = re.compile(r"(?P<which>本|这个?|上个?)季度?|(?P<english>this|last) quarter")
_HALF = re.compile(r"(?:(?P<year>20\d{2})年?|(?P<which>今年|去年))?\s*(?P<half>[上下])半年")
_ALL = ("全部", "所有", "不限", "all", "all time")


class PeriodUnclear(RuleBroken):
    """The text was not understood as a period."""

    key = "figures.period_unclear"


def read_period(text: str, *, now: datetime, timezone: ZoneInfo) -> Period:
    """The days a text means. Raises PeriodUnclear."""
    text = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    today = now.astimezone(timezone).date()
    if text in _ALL:
        return ALL_TIME
    if found := _NEAR_QUARTER.fullmatch(text):
        earlier = (found["which"] or "").startswith("上") or found["english"] == "last"
        return quarter_of(first_of_month(today, -3 if earlier else 0))
    if found := _QUARTER.fullmatch(text):
        number = found["number"] or found["english"]
        number = "一二三四".index(number) + 1 if number in "一二三四" else int(number)
        return months(date(_year(found, today), number * 3 - 2, 1), 3)
    if found := _HALF.fullmatch(text):
        return months(date(_year(found, today), 1 if found["half"] == "上" else 7, 1), 6)
    return _by_words(text, now, timezone)


def _by_words(text: str, now: datetime, timezone: ZoneInfo) -> Period:
    """What the search reads as a time; a word or number beside it is no part of a period."""
    wanted = read_wanted(text, now=now, timezone=timezone)
    if wanted.words or wanted.numbers or wanted.since is None or wanted.until is None:
        raise PeriodUnclear
    return Period(wanted.since.astimezone(timezone).date(), wanted.until.astimezone(timezone).date())


def _year(found: re.Match[str], today: date) -> int:
    written = found["year"] or found.groupdict().get("after")
    return int(written) if written else today.year - (found["which"] == "去年")
