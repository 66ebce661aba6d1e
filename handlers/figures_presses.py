"""What the buttons of the activities' figures say."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Self

from handlers.keyboards import Press
from models.activity_figures import Reach
from models.periods import Period
from models.rules import Gone


class FiguresDo(enum.StrEnum):
    WHOLE = "whole"
    PERSON = "person"
    GROUP = "group"
    AREA = "area"
    KIND = "kind"
    ACTIVITY = "activity"
    PICTURE = "picture"
    SHEET = "sheet"
    PERIOD = "period"


@dataclass(frozen=True)
class FiguresPress(Press):
    """Days stand as numbers, 20260301; 0 stands for no bound."""

    prefix: ClassVar[str] = "fg"
    do: FiguresDo
    reach: Reach
    since: int = 0
    until: int = 0
    page: int = 0

    @classmethod
    def of(cls, do: FiguresDo, reach: Reach, period: Period, page: int = 0) -> Self:
        return cls(do, reach, _number(period.since), _number(period.until), page)

    def to(self, do: FiguresDo, page: int = 0) -> Self:
        """The same figures otherwise."""
        return replace(self, do=do, page=page)

    @property
    def period(self) -> Period:
        """Raises Gone for what is no day."""
        return Period(_day(self.since), _day(self.until))


def _number(day: date | None) -> int:
    return int(f"{day:%Y%m%d}") if day is not None else 0


def _day(number: int) -> date | None:
    if number == 0:
        return None
    try:
        day = date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError as error:
        raise Gone from error
    if not 1970 <= day.year <= 2200:
        raise Gone
    return day
