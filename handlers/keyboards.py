"""Buttons, and what pressing them says: typed callback data of at most 64 bytes."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_type_hints

from handlers.texts import T, Texts, t
from models.rules import Gone

CALLBACK_DATA_LIMIT = 64
NAMELESS = "…"
"""What a button says for somebody or something without a name: Telegram refuses a whole message for one button that says nothing."""
TelegramId = Annotated[int, "Telegram's own id of a chat or user"]
"""Up to 52 bits. Any other number of a press is an id of ours, and longer than the database's it is forged."""


class Press:
    """What a pressed button means: a frozen dataclass of ints, strings (without colons) and string enums, packed as ``prefix:field:…``."""

    prefix: ClassVar[str]
    in_groups: ClassVar[bool] = False
    """Whether it means anything in a group. What answers any other would be read by everybody there."""
    known: ClassVar[dict[str, type[Press]]] = {}

    def __init_subclass__(cls) -> None:
        earlier = Press.known.setdefault(cls.prefix, cls)
        if earlier.__qualname__ != cls.__qualname__:
            raise TypeError(f"two presses are called {cls.prefix!r}")
        Press.known[cls.prefix] = cls

    def pack(self) -> str:
        """Callback data for a button. Raises ValueError when it would not fit."""
        fields = [str(getattr(self, field.name)) for field in dataclasses.fields(self)]  # type: ignore[arg-type]  # subclasses are dataclasses
        data = ":".join([self.prefix, *fields])
        if len(data.encode()) > CALLBACK_DATA_LIMIT or any(":" in field for field in fields):
            raise ValueError(f"{data!r} does not fit into callback data")
        return data

    @classmethod
    def unpack(cls, data: str | None) -> Self:
        """Read callback data back. Raises Gone for anything that is not this press: people's clients can send what they like."""
        prefix, *parts = (data or "").split(":")
        hints = _hints_of(cls)  # type: ignore[arg-type]  # a class is hashable
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # subclasses are dataclasses
        if prefix != cls.prefix or len(parts) != len(fields):
            raise Gone
        try:
            values: dict[str, Any] = {field.name: _read(hints[field.name], part) for field, part in zip(fields, parts, strict=True)}
        except ValueError as error:
            raise Gone from error
        return cls(**values)


@cache
def _hints_of(press: type[Press]) -> dict[str, Any]:
    return get_type_hints(press, include_extras=True)


def _read(kind: Any, part: str) -> Any:
    if kind in (int, TelegramId):
        value = int(part)
        if abs(value) >= 2 ** (31 if kind is int else 53):
            raise ValueError(part)
        return value
    if issubclass(kind, enum.Enum):
        return kind(part)
    return part


@dataclasses.dataclass(frozen=True)
class Button:
    """A button: a text (a ``t(...)`` key, or somebody's name as it is) and what it does: a press, or an address to open."""

    label: T | str
    does: Press | str

    def as_json(self, texts: Texts, language: str) -> dict[str, Any]:
        label = texts.say(self.label, language).strip() or NAMELESS
        shown = label if len(label) <= 60 else label[:59] + "…"
        if isinstance(self.does, Press):
            return {"text": shown, "callback_data": self.does.pack()}
        return {"text": shown, "url": self.does}


Keyboard = Sequence[Sequence[Button]]


def inline(keyboard: Keyboard, texts: Texts, language: str) -> dict[str, Any]:
    """An InlineKeyboardMarkup. An empty one takes the buttons away when a message is edited."""
    return {"inline_keyboard": [[button.as_json(texts, language) for button in row] for row in keyboard if row]}


def rows(buttons: Sequence[Button], width: int) -> list[list[Button]]:
    """Buttons laid out in rows of this width."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]


def ask_for_phone(texts: Texts, language: str) -> dict[str, Any]:
    """The keyboard with the one button that shares one's own phone number."""
    return {
        "keyboard": [[{"text": texts.say(t("people.share_phone"), language), "request_contact": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


NO_KEYBOARD = {"remove_keyboard": True}
