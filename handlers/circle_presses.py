"""What the buttons of a circle's screens say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class CircleAct(enum.StrEnum):
    SHOW = "s"
    ASK_UNBIND = "a"
    UNBIND = "u"
    LIST = "l"
    TOPICS = "topics"
    PLACES = "p"
    RENEW = "n"
    OUTSIDERS = "o"
    RETIRED = "r"


@dataclass(frozen=True)
class CirclePress(Press):
    prefix: ClassVar[str] = "cir"
    does: CircleAct
    circle: int = 0


class EditAct(enum.StrEnum):
    MAKE = "m"
    RENAME = "r"
    WITH_TITLE = "t"
    NAME_ONLY = "n"
    SPECIALTIES = "s"
    TOGGLE = "g"
    SAVE = "v"


@dataclass(frozen=True)
class EditPress(Press):
    """A circle is made, named or given specialties; ``specialty`` is 0 where none is meant."""

    prefix: ClassVar[str] = "cie"
    does: EditAct
    circle: int = 0
    specialty: int = 0


class MemberAct(enum.StrEnum):
    SHOW = "s"
    CHOOSE = "c"
    ADD = "a"
    BY_NAME = "n"
    ASK_ALL = "k"
    ALL = "l"
    ASK_OUT = "o"
    OUT = "x"


@dataclass(frozen=True)
class MemberPress(Press):
    """Who belongs to a circle; ``person`` is 0 where nobody is meant, ``page`` the page of the list that is open."""

    prefix: ClassVar[str] = "cro"
    circle: int
    does: MemberAct
    person: int = 0
    page: int = 0


@dataclass(frozen=True)
class RetirePress(Press):
    """The end of a circle: asked for, or ``sure``; its open issues go to the circle ``to``, or to none."""

    prefix: ClassVar[str] = "cre"
    circle: int
    sure: int = 0
    to: int = 0
