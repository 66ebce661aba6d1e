"""The buttons around a card of the roster: finding somebody, changing a field, adding a person, and the spreadsheets."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.roster_rows import Field


class FindDo(enum.StrEnum):
    ASK = "a"
    FOUND = "f"
    BROWSE = "b"
    IN = "i"


@dataclass(frozen=True)
class FindPress(Press):
    """``what`` is what is looked through: areas, groups, specialties or circles; ``id`` one of them, 0 for none."""

    prefix: ClassVar[str] = "fnd"
    do: FindDo
    what: Field = Field.AREA
    id: int = 0
    page: int = 0


class FieldDo(enum.StrEnum):
    CARD = "c"
    ASK = "a"
    SET = "s"
    ON = "y"
    OFF = "n"
    MAKE = "m"


@dataclass(frozen=True)
class FieldPress(Press):
    """``item`` is an id, a role or a language, or empty; ``seen`` tells what stood there when the button was shown."""

    prefix: ClassVar[str] = "rf"
    do: FieldDo
    person: int
    what: Field = Field.NAME
    item: str = ""
    seen: str = ""
    page: int = 0


class AddDo(enum.StrEnum):
    BEGIN = "b"
    OTHER = "o"
    RETURN = "r"
    FREE = "f"
    CHOOSE = "c"
    ON = "y"
    OFF = "n"
    NEXT = "x"
    CONFIRM = "k"
    CANCEL = "q"


@dataclass(frozen=True)
class AddPress(Press):
    """``step`` is the step the button belongs to: one of an earlier form, or of an earlier step, means nothing any more."""

    prefix: ClassVar[str] = "add"
    do: AddDo
    step: str = ""
    item: str = ""
    page: int = 0


class SheetDo(enum.StrEnum):
    TEMPLATE = "t"
    EXPORT = "e"


@dataclass(frozen=True)
class SheetPress(Press):
    prefix: ClassVar[str] = "rsh"
    do: SheetDo
