"""The buttons of recurring activities. What is chosen travels in them, so that nothing half-finished is kept."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.recurrence import Every, Until


class SeriesDo(enum.StrEnum):
    REPEAT = "repeat"
    """``id`` is the activity's; of the others it is the series'."""
    LIST = "list"
    OPEN = "open"
    END = "end"
    END_KEEP = "keep"
    END_CANCEL = "cancel"


@dataclass(frozen=True)
class SeriesPress(Press):
    prefix: ClassVar[str] = "se"
    do: SeriesDo
    id: int


class Step(enum.StrEnum):
    RULES = "rules"
    UNTIL = "until"
    PREVIEW = "preview"
    CONFIRM = "confirm"
    STOP = "stop"


@dataclass(frozen=True)
class RepeatPress(Press):
    """A choice in the making; ``sequence`` is the activity's, since another time gives other dates than those shown."""

    prefix: ClassVar[str] = "sr"
    step: Step
    activity_id: int
    sequence: int
    every: Every = Every.MONTH
    back: int = 0
    until: Until = Until.THIS_YEAR
    shift: int = 1


@dataclass(frozen=True)
class DatePress(Press):
    """One date of a series that is no activity yet."""

    prefix: ClassVar[str] = "srd"
    series_id: int
    ordinal: int
    """The date by the rule, as ``date.toordinal`` counts."""
