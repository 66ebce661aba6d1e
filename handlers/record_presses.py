"""What the buttons of a record say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from handlers.keyboards import Button, Press
from handlers.texts import t
from models.activities import Activity
from models.attendance import Attendance
from models.people import Person, Role
from models.records import Section, has_begun, may_keep


class RecordDo(enum.StrEnum):
    OPEN = "open"
    GATHER = "gather"
    STOP = "stop"
    WHOLE = "whole"
    SEND = "send"
    EXPORT = "doc"
    KEEPER = "keeper"
    SUBMIT = "submit"
    CONFIRM = "yes"
    SEND_BACK = "back"
    CORRECT = "fix"


@dataclass(frozen=True)
class RecordPress(Press):
    """``version`` is the state of the record that was looked at."""

    prefix: ClassVar[str] = "rec"
    activity_id: int
    do: RecordDo
    version: int = 0


class SectionDo(enum.StrEnum):
    WRITE = "write"
    ADD = "add"
    CLEAR = "clear"
    LEAVE = "leave"


@dataclass(frozen=True)
class SectionPress(Press):
    """Write a section anew, add to it, or leave it as it is."""

    prefix: ClassVar[str] = "rsec"
    activity_id: int
    section: Section
    do: SectionDo


class PieceDo(enum.StrEnum):
    LIST = "list"
    DROP = "drop"
    CAPTION = "say"
    ISSUE = "issue"


@dataclass(frozen=True)
class PiecePress(Press):
    """A piece of the record, on a page of the list."""

    prefix: ClassVar[str] = "rpc"
    activity_id: int
    do: PieceDo
    piece_id: int = 0
    page: int = 0


@dataclass(frozen=True)
class KeeperPress(Press):
    """This one shall keep the record too."""

    prefix: ClassVar[str] = "rkp"
    activity_id: int
    person_id: int


@dataclass(frozen=True)
class CorrectPress(Press):
    """Whose final attendance is to be corrected; and, once chosen, to what."""

    prefix: ClassVar[str] = "rfix"
    activity_id: int
    person_id: int


@dataclass(frozen=True)
class CorrectToPress(Press):
    prefix: ClassVar[str] = "rto"
    activity_id: int
    person_id: int
    attendance: Attendance


@dataclass(frozen=True)
class WaitingPress(Press):
    """A page of the records that are not finished."""

    prefix: ClassVar[str] = "rws"
    page: int


@dataclass(frozen=True)
class DutyPress(Press):
    """A page of one's own duty file."""

    prefix: ClassVar[str] = "dty"
    page: int


@dataclass(frozen=True)
class ObjectPress(Press):
    """This entry of my file is wrong."""

    prefix: ClassVar[str] = "dob"
    entry_id: int


def record_buttons(activity: Activity, person: Person, *, now: datetime) -> list[Button]:
    """The button on the activity's card that opens its record, once there is anything to record."""
    if not has_begun(activity, now=now) or not (may_keep(person, activity, None) or person.has(Role.LEADER)):
        return []
    return [Button(t("record.do.record"), RecordPress(activity.id, RecordDo.GATHER))]
