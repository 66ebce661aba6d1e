"""The buttons of the check-in desk."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


class DeskDo(enum.StrEnum):
    """What the organiser's buttons do."""

    OPEN = "open"
    SHOW = "show"
    STOP = "stop"
    CLOSE = "close"
    REOPEN = "reopen"
    BY_NAME = "by_name"
    GUESTS = "guests"
    ONE_MORE = "more"
    ONE_FEWER = "fewer"
    PLACE = "place"
    NO_PLACE = "no_place"
    HELPERS = "helpers"
    ADD_HELPER = "add_helper"


@dataclass(frozen=True)
class DeskPress(Press):
    prefix: ClassVar[str] = "qd"
    activity_id: int
    do: DeskDo


class RollDo(enum.StrEnum):
    LIST = "list"
    TAP = "tap"
    ADD = "add"
    UNTAP = "untap"
    PERSON = "person"
    LEFT = "left"
    NOT_LEFT = "not_left"
    IN_TIME = "in_time"


@dataclass(frozen=True)
class RollPress(Press):
    """The list of names. ``everyone`` is 1 with those who have come; a page below 0 makes a new message of it; no person is 0."""

    prefix: ClassVar[str] = "qm"
    activity_id: int
    do: RollDo = RollDo.LIST
    person_id: int = 0
    page: int = 0
    everyone: int = 0


@dataclass(frozen=True)
class HelperPress(Press):
    """Asks somebody to run the desk (1), or no longer (0)."""

    prefix: ClassVar[str] = "qh"
    activity_id: int
    person_id: int
    helps: int


@dataclass(frozen=True)
class WhichPress(Press):
    """Two activities happen to have the same digits: this is the one meant."""

    prefix: ClassVar[str] = "qw"
    activity_id: int
    code: str
