"""How the activities' figures are said: whose they are, of which days, and a number of lines as one table."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from handlers.texts import T, Texts, t
from models.activity_figures import By, Line, Reach, View
from models.periods import Period, month_of, quarter_of, year_of


def period_name(period: Period, texts: Texts, language: str) -> str:
    """2026年3月1日—3月31日, or the year, or all time."""
    if period.since is None or period.last is None:
        return texts.say(t("figures.period.all"), language)
    pattern = "y年M月d日" if language.startswith("zh") else "d MMM y"

    def said(day: date) -> str:
        return str(format_date(day, pattern, locale=language))

    return said(period.since) if period.since == period.last else f"{said(period.since)}—{said(period.last)}"


def usual_periods(today: date) -> list[tuple[T, Period]]:
    """The periods of the buttons."""
    return [
        (t("figures.period.month"), month_of(today)),
        (t("figures.period.quarter"), quarter_of(today)),
        (t("figures.period.year"), year_of(today)),
        (t("figures.period.all"), Period()),
    ]


def whose(view: View) -> T | str:
    """Whose figures they are."""
    if view.reach is Reach.GROUP and view.reader.group is not None:
        return view.reader.group.name
    if view.reach is Reach.AREA and view.reader.area is not None:
        return view.reader.area.name
    return t(f"figures.reach.{view.reach}")


def line_name(line: Line, by: By) -> T | str:
    """A line's name as it is read; whoever has no group or area stands under a line of their own."""
    if by is By.KIND:
        return t(f"activity.kind.{line.name}")
    if not line.name and by in (By.GROUP, By.AREA):
        return t(f"figures.without.{by}")
    return line.name


def percent(share: float | None) -> str:
    """95.5%, or a dash where there is no share."""
    return "–" if share is None else f"{share * 100:.1f}%".replace(".0%", "%")
