"""The buttons of terms."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Button, Press
from handlers.texts import t


class TermDo(enum.StrEnum):
    OVERVIEW = "o"
    SET = "s"
    NAME = "n"
    CLOSE = "c"
    WORD = "w"
    AGAIN = "a"
    MARK = "m"
    MARK_PAGE = "p"
    ASK_START = "q"
    START = "y"
    CARRIED = "r"
    DRAFT = "d"
    GIVE = "g"


@dataclass(frozen=True)
class TermPress(Press):
    """``number`` is a page, a mandate, or a suggestion draft; ``other`` the page it stands on, or a person."""

    prefix: ClassVar[str] = "trm"
    does: TermDo
    number: int = 0
    other: int = 0


BACK_TO_TERMS = Button(t("term.do.back"), TermPress(TermDo.OVERVIEW))
