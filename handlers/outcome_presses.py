"""What the buttons of outcomes say: closing, answering the constituent, the area's task, the suggestion draft, the rating."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.advice_ratings import Usefulness
from models.outcomes import Address
from models.suggestion_drafts import Part


@dataclass(frozen=True)
class AddressPress(Press):
    """Out of scope, and where it belongs."""

    prefix: ClassVar[str] = "oa"
    issue_id: int
    address: Address


class AnswerDo(enum.StrEnum):
    EDIT = "edit"
    SEND = "send"


@dataclass(frozen=True)
class ConstituentPress(Press):
    """The text for the constituent: other words, or off to whoever wrote to the mailbox."""

    prefix: ClassVar[str] = "oc"
    outcome_id: int
    do: AnswerDo


class TaskDo(enum.StrEnum):
    OPEN = "open"
    ACCEPT = "yes"
    REPORT = "write"
    CLEAR = "clear"
    SUBMIT = "done"


@dataclass(frozen=True)
class TaskPress(Press):
    """An area's task, for its staff."""

    prefix: ClassVar[str] = "ak"
    task_id: int
    do: TaskDo


@dataclass(frozen=True)
class TasksPress(Press):
    """A page of what waits for the area."""

    prefix: ClassVar[str] = "ap"
    page: int


class ReportDo(enum.StrEnum):
    ACCEPT = "yes"
    SEND_BACK = "back"
    TAKE_BACK = "void"


@dataclass(frozen=True)
class ReportPress(Press):
    """An area's task, for the home deputy; ``round`` is the report that was read."""

    prefix: ClassVar[str] = "ab"
    task_id: int
    do: ReportDo
    round: int


class SuggestionDo(enum.StrEnum):
    OPEN = "open"
    ASK = "ask"
    EXPORT = "doc"


@dataclass(frozen=True)
class SuggestionPress(Press):
    prefix: ClassVar[str] = "sd"
    draft_id: int
    do: SuggestionDo


@dataclass(frozen=True)
class SuggestionsPress(Press):
    """A page of the deputy's own drafts."""

    prefix: ClassVar[str] = "sl"
    page: int


@dataclass(frozen=True)
class PartPress(Press):
    """Put other words into one part."""

    prefix: ClassVar[str] = "sp"
    draft_id: int
    part: Part


@dataclass(frozen=True)
class SignPress(Press):
    """Co-sign or not; ``version`` is the text that was seen."""

    prefix: ClassVar[str] = "ss"
    draft_id: int
    agree: int
    version: int


@dataclass(frozen=True)
class RatingPress(Press):
    prefix: ClassVar[str] = "ar"
    issue_id: int
    adviser_id: int
    usefulness: Usefulness


class HandoverDo(enum.StrEnum):
    OPEN = "open"
    CLOSE = "close"
    CHOOSE = "who"


@dataclass(frozen=True)
class HandoverPress(Press):
    """The issue of a deputy who has left, for the office."""

    prefix: ClassVar[str] = "hv"
    issue_id: int
    do: HandoverDo
    page: int = 0


@dataclass(frozen=True)
class NewHomePress(Press):
    """Another deputy takes the issue over."""

    prefix: ClassVar[str] = "hn"
    issue_id: int
    person_id: int
