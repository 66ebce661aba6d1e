"""The buttons of annual plans."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press

OFFICE = 0
"""Stands for the office's own plan, where others have the id of their deputies' group."""


class PlanDo(enum.StrEnum):
    ALL = "all"
    OPEN = "open"
    ADD = "add"
    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True)
class PlanPress(Press):
    prefix: ClassVar[str] = "pl"
    do: PlanDo
    owner: int
    year: int
    page: int = 0

    @property
    def group_id(self) -> int | None:
        return self.owner or None


class ItemDo(enum.StrEnum):
    OPEN = "open"
    CALL = "call"
    MONTH = "month"
    KIND = "kind"
    TOPIC = "topic"
    RESPONSIBLE = "responsible"
    REMOVE = "remove"
    CONFIRM_REMOVE = "remove2"


@dataclass(frozen=True)
class ItemPress(Press):
    prefix: ClassVar[str] = "pi"
    do: ItemDo
    item_id: int


@dataclass(frozen=True)
class ItemStepPress(Press):
    """An answer by button while an item is written; ``token`` tells this form's buttons from those of an earlier one."""

    prefix: ClassVar[str] = "ps"
    token: int
    value: str


class FileDo(enum.StrEnum):
    CONFIRM = "y"
    CANCEL = "n"


@dataclass(frozen=True)
class PlanFilePress(Press):
    """``change`` is the fingerprint of what was previewed; empty before a file has come."""

    prefix: ClassVar[str] = "pf"
    do: FileDo
    change: str
