"""The dates of a series in words: by months, and what is out of the ordinary about some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from babel.dates import format_date

from handlers.post import Post
from handlers.texts import T, t
from models.recurrence import Every, SeriesDay, nth_of_month
from models.working_days import DayKind, is_working_day

NOTES_SHOWN = 24


@dataclass(frozen=True)
class Month:
    year: int
    month: int
    days: list[str]


def rule_words(every: Every, first: datetime, post: Post, language: str) -> T:
    """Such as 每月15日, 每月第二个周三."""
    weekday = format_date(first, "EEE", locale=language)
    if every is Every.WEEK:
        return t("series.rule.week", weekday=weekday)
    if every is Every.NTH_WEEKDAY:
        nth = nth_of_month(first.date())
        return t("series.rule.nth", nth=t(f"series.nth.{nth if nth > 0 else 'last'}"), weekday=weekday)
    shorter = t("series.rule.shorter") if first.day > 28 else ""
    return t("series.rule.quarter" if every is Every.QUARTER else "series.rule.month", day=first.day, shorter=shorter)


def preview_values(days: Sequence[SeriesDay], every: Every, shift: bool, post: Post, language: str) -> dict[str, Any]:
    """What the template ``series/_dates`` needs."""
    held = [day.held_on for day in days if day.held_on is not None]
    pattern = post.texts.say(t("series.day_format" if every is Every.WEEK else "series.weekday_format"), language)
    months: list[Month] = []
    for day in held:
        if not months or (months[-1].year, months[-1].month) != (day.year, day.month):
            months.append(Month(day.year, day.month, []))
        months[-1].days.append(format_date(day, pattern, locale=language))
    notes = [note for day in days if (note := _note(day, post, language)) is not None]
    unknown = sorted({day.by_rule.year for day in days if day.notable is not None and day.notable.kind is DayKind.UNKNOWN})
    return {
        "count": len(held),
        "months": months,
        "notes": notes[:NOTES_SHOWN],
        "more_notes": len(notes[NOTES_SHOWN:]),
        "unknown": unknown,
        "shift": shift,
    }


def _note(day: SeriesDay, post: Post, language: str) -> T | None:
    """Why a date is moved, left out, or worth a second look; None for an ordinary one."""
    notable = day.notable if day.notable is not None and day.notable.kind is not DayKind.UNKNOWN else None
    name: T | str = t(f"audience.holiday.{notable.holiday}") if notable is not None else ""
    said = t("series.named_day", day=day_words(day.by_rule, post, language), name=name) if name else day_words(day.by_rule, post, language)
    if day.held_on is None:
        return t("series.note.left_out", day=said)
    if day.shifted:
        return t("series.note.shifted", day=said, to=day_words(day.held_on, post, language))
    if notable is not None and notable.kind is DayKind.MADE_UP:
        return t("series.note.made_up", day=day_words(day.by_rule, post, language), name=name)
    return t("series.note.off", day=said) if not is_working_day(day.by_rule) else None


def day_words(day: date, post: Post, language: str) -> str:
    return post.texts.day(datetime.combine(day, time(12), post.policy.timezone), language)
