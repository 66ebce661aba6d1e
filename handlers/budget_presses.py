"""What the buttons of a budget say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class BudgetDo(enum.StrEnum):
    OPEN = "open"
    PLAN = "plan"
    SPEND = "spend"
    ITEM = "item"
    DONE = "done"
    ENTRIES = "entries"
    ENTRY = "entry"
    AMEND = "amend"
    STRIKE = "strike"
    STRIKE_SURE = "strike2"
    ADD_RECEIPT = "add"
    RECEIPTS = "receipts"


@dataclass(frozen=True)
class BudgetPress(Press):
    """``which`` is an entry, a page of entries, or, negative, one of the usual items."""

    prefix: ClassVar[str] = "bu"
    activity_id: int
    do: BudgetDo
    which: int = 0


class YearDo(enum.StrEnum):
    OPEN = "open"
    SHEET = "sheet"


@dataclass(frozen=True)
class BudgetYearPress(Press):
    prefix: ClassVar[str] = "by"
    do: YearDo
    year: int
