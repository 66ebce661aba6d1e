"""The buttons of the sheet with personal codes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.link_sheets import SheetFor


class SlipsDo(enum.StrEnum):
    CHOOSE = "c"
    AREAS = "a"
    GROUPS = "g"
    ASK = "q"
    MAKE = "y"


@dataclass(frozen=True)
class SlipsPress(Press):
    """``number`` is an area, a group or a person, as ``whom`` says."""

    prefix: ClassVar[str] = "qrs"
    does: SlipsDo
    whom: SheetFor = SheetFor.ALL
    number: int = 0
