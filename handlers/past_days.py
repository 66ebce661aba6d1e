"""Days that people type of what has been: the coming ones are read elsewhere. 3月5日 is the last fifth of March."""

from __future__ import annotations

import re
from datetime import date, timedelta

from models.rules import RuleBroken

_NAMED = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_WHOLE = re.compile(r"(?P<year>\d{4})[年./\-](?P<month>\d{1,2})[月./\-](?P<day>\d{1,2})[日号]?")
_PACKED = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_SHORT = re.compile(r"(?P<month>\d{1,2})[月./\-](?P<day>\d{1,2})[日号]?")


class DayUnclear(RuleBroken):
    """The text is no day of the past."""

    key = "term.day_unclear"


def read_past_day(text: str, *, today: date) -> date:
    """The day a text means, today or before. Raises DayUnclear."""
    words = re.sub(r"\s", "", text).lower()
    if words in _NAMED:
        return today - timedelta(days=_NAMED[words])
    found = _WHOLE.fullmatch(words) or _PACKED.fullmatch(words)
    try:
        if found is not None:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        if (short := _SHORT.fullmatch(words)) is not None:
            this_year = date(today.year, int(short["month"]), int(short["day"]))
            return this_year if this_year <= today else this_year.replace(year=today.year - 1)
    except ValueError as error:
        raise DayUnclear from error
    raise DayUnclear
