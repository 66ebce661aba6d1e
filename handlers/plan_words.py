"""Months and kinds as people write them in a chat or a cell."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable

from handlers.texts import T, Texts, t
from models.activities import ActivityKind

_CHINESE = {word: number for number, word in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)} | {
    "正": 1,
    "腊": 12,
}
_ENGLISH = {name.lower(): number for names in (calendar.month_name, calendar.month_abbr) for number, name in enumerate(names) if name}
_DATED = re.compile(r"^(?:\d{4}\s*[年./-]\s*)?(\d{1,2}|十[一二]?|[一二三四五六七八九正腊])\s*(?:月份?)?$")


def read_month(text: str) -> int | None:
    """3, 03, 3月, 三月份, 2026年3月, 2026-03, March; None for anything else."""
    word = text.strip().lower().rstrip(".")
    if word in _ENGLISH:
        return _ENGLISH[word]
    found = _DATED.match(word)
    if found is None:
        return None
    month = int(found[1]) if found[1].isdigit() else _CHINESE[found[1]]
    return month if 1 <= month <= 12 else None


def read_kind(text: str, texts: Texts, languages: Iterable[str]) -> ActivityKind | None:
    """A kind by its name in any of the languages."""
    word = text.strip().lower()
    for kind in ActivityKind:
        if word in {texts.say(t(f"activity.kind.{kind}"), language).lower() for language in languages}:
            return kind
    return None


def month_name(month: int) -> T:
    return t(f"plan.month.{month}")
