"""The buttons around a call sheet, the record of notice, and the times of notices."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class CallDo(enum.StrEnum):
    """``SHEET`` to ``STOP`` and the files speak of an activity, ``PERSON`` to ``WRONG_NUMBER`` of an invitation, the rest of a call."""

    SHEET = "s"
    LIST = "l"
    NEXT = "n"
    STOP = "x"
    SPREADSHEET = "e"
    DOCUMENT = "d"
    PERSON = "p"
    WILL_ATTEND = "a"
    ASKS_LEAVE = "v"
    NO_ANSWER = "o"
    WRONG_NUMBER = "w"
    UNDO = "u"
    NO_REASON = "r"


@dataclass(frozen=True)
class CallPress(Press):
    prefix: ClassVar[str] = "cs"
    do: CallDo
    number: int
    page: int = 0


@dataclass(frozen=True)
class CallLeavePress(Press):
    """The category of a leave asked for by phone, by its place in the list."""

    prefix: ClassVar[str] = "cl"
    call_id: int
    category: int


@dataclass(frozen=True)
class NoticeRecordPress(Press):
    """How everybody called to an activity was notified; with a person, how they were."""

    prefix: ClassVar[str] = "nr"
    activity_id: int
    person_id: int
    page: int = 0


class TimesDo(enum.StrEnum):
    OPEN = "o"
    CONFIRM = "c"
    LEAVE_IT = "x"


@dataclass(frozen=True)
class NoticeTimesPress(Press):
    prefix: ClassVar[str] = "nt"
    activity_id: int
    do: TimesDo
