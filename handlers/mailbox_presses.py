"""What the buttons of the deputies' mailbox say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class MailDo(enum.StrEnum):
    """What a constituent does."""

    NEW = "new"
    AREAS = "as"
    AREA = "a"
    NAMES = "ns"
    DEPUTY = "d"
    CATEGORY = "c"
    SEND = "send"
    CANCEL = "x"
    CANCEL_SURE = "x2"
    BACK = "back"
    OPEN = "open"
    MINE = "mine"
    WRITE = "write"
    DONE = "done"
    SOLVED = "so"
    CONTENT = "co"
    REOPEN = "re"


@dataclass(frozen=True)
class MailPress(Press):
    """A button of a constituent's; ``which`` is an area, a deputy, a page, or the place of an answer in its list."""

    prefix: ClassVar[str] = "mb"
    letter_id: int
    do: MailDo
    which: int = 0


class LetterDo(enum.StrEnum):
    """What a deputy or the office does with a letter."""

    OPEN = "open"
    TAKE = "take"
    ANSWER = "say"
    PASS = "pass"
    REPORT = "abuse"
    END = "end"
    ENDED = "ended"
    BACK = "back"
    HAND = "hand"
    HAND_AREA = "ha"
    HAND_TO = "to"
    BLOCK = "block"
    UNBLOCK = "unb"
    ACQUIT = "ok"


@dataclass(frozen=True)
class LetterPress(Press):
    prefix: ClassVar[str] = "ml"
    letter_id: int
    do: LetterDo
    which: int = 0
    page: int = 0


class Pile(enum.StrEnum):
    """Which letters a list shows."""

    OWN = "own"
    LATE = "late"
    ALL = "all"
    DEPUTY = "of"
    BLOCKED = "bl"


@dataclass(frozen=True)
class PilePress(Press):
    """One page of a list; ``which`` is a deputy, 0 the office."""

    prefix: ClassVar[str] = "mp"
    pile: Pile
    which: int = 0
    page: int = 0


@dataclass(frozen=True)
class CodePress(Press):
    """The printed code of an area or a deputy: ``what`` is a, d, or empty for the choice."""

    prefix: ClassVar[str] = "mq"
    what: str
    which: int = 0
    page: int = 0
