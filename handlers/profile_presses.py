"""What the buttons of the deputies' profiles say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class ProfileDo(enum.StrEnum):
    AREAS = "as"
    AREA = "a"
    SHOW = "s"
    MINE = "m"
    PHOTO = "ph"
    NO_PHOTO = "np"
    BIOGRAPHY = "b"
    SUBMIT = "ok"
    TAKE_BACK = "tb"
    HIDE = "h"
    HIDE_SURE = "h2"
    WAITING = "w"
    REVIEW = "r"
    APPROVE = "y"
    RETURN = "n"


@dataclass(frozen=True)
class ProfilePress(Press):
    """``which`` is a profile, a deputy or an area; ``seen`` the version that was seen, or a page."""

    prefix: ClassVar[str] = "prf"
    do: ProfileDo
    which: int = 0
    seen: int = 0
