"""What the buttons of announcements say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.activity_steps import Ask
from handlers.keyboards import Press


@dataclass(frozen=True)
class ReceivedPress(Press):
    """``round`` says which state was read: having received the old one is not having received the new one."""

    prefix: ClassVar[str] = "gr"
    announcement_id: int
    round: int


class Write(enum.StrEnum):
    """What the buttons of an announcement in the making do; ``value`` says which, or what state was seen."""

    UNDO = "undo"
    CONTENT = "content"
    WHOM = "whom"
    SCOPE = "scope"
    CIRCLES = "circles"
    CIRCLE = "circle"
    PIN = "pin"
    PREVIEW = "preview"
    PUBLISH = "publish"
    NOW = "now"
    MORNING = "morning"
    DISCARD = "discard"


@dataclass(frozen=True)
class WritePress(Press):
    prefix: ClassVar[str] = "gw"
    announcement_id: int
    do: Write
    value: str = ""


@dataclass(frozen=True)
class AudiencePress(Press):
    """A button of the audience's chooser."""

    prefix: ClassVar[str] = "ga"
    announcement_id: int
    ask: Ask
    value: str


class Handle(enum.StrEnum):
    """What the buttons of an announcement's card do."""

    OPEN = "open"
    NAMES = "names"
    SHEET = "sheet"
    REMIND = "remind"
    CHANGE = "change"
    CONFIRM_CHANGE = "change2"
    CONFIRM_AND_ASK = "change3"
    LEAVE_IT = "leave_it"
    ASK_ANEW = "anew"
    SEND_NOW = "now"
    WITHDRAW = "withdraw"
    CONFIRM_WITHDRAW = "withdraw2"
    PIN = "pin"


@dataclass(frozen=True)
class HandlePress(Press):
    """``revision`` says which state was seen, where that matters."""

    prefix: ClassVar[str] = "gh"
    announcement_id: int
    do: Handle
    revision: int = 0
