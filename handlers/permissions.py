"""The one table of who may do what, ``permissions.txt``: read once, asked before every handler."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from handlers.keyboards import Press
from models.people import Role

TABLE = Path(__file__).parent / "permissions.txt"
STRANGER = "stranger"
ACTS = ("do", "does", "verdict", "decision", "pile")
"""What the field of a press is called that says what it does. A field of any other name chooses among what is the same to the table."""


class Scope(enum.StrEnum):
    """How much of what is behind a door is somebody's; the table's head explains each."""

    NONE = "-"
    ALL = "all"
    AREA = "area"
    GROUP = "group"
    OWN = "own"
    NAMED = "named"


class Permissions:
    """The table. A ``door`` is what a line of it calls: ``/menu``, ``PilePress late``, ``?p``, ``form away``, ``edit drafts.reword``."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for a line that cannot be read, and for a door that has two."""
        self._scopes: dict[str, dict[str, Scope]] = {}
        lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        columns = lines[0][1:]
        if set(columns) != {*Role, STRANGER}:
            raise ValueError(f"the columns are {columns}")
        for words in lines[1:]:
            head, *rest = words[: -len(columns)]
            cells = {column: Scope(cell) for column, cell in zip(columns, words[-len(columns) :], strict=True)}
            alone = not rest or head.startswith(("/", "?"))
            for door in words[: -len(columns)] if alone else [f"{head} {each}" for each in rest]:
                if self._scopes.setdefault(door, cells) is not cells:
                    raise ValueError(f"{door} has two lines")

    @property
    def doors(self) -> frozenset[str]:
        return frozenset(self._scopes)

    def row(self, door: str) -> Mapping[str, Scope]:
        """What each role, and a stranger, may do there; nothing where the table does not know the door."""
        found = self._scopes.get(door)
        return found if found is not None else dict.fromkeys([*Role, STRANGER], Scope.NONE)

    def scopes(self, door: str, roles: frozenset[Role] | None) -> frozenset[Scope]:
        """What somebody of these roles may do there, None for a stranger. Empty: nothing."""
        row = self.row(door)
        found = {row[role] for role in roles} if roles is not None else {row[STRANGER]}
        return frozenset(found - {Scope.NONE})

    def allow(self, door: str, roles: frozenset[Role] | None) -> bool:
        """Whether they may come in at all; what they find there is for the handler to say."""
        return bool(self.scopes(door, roles))


@cache
def the_table() -> Permissions:
    """The table as it stands beside this file, read once a process."""
    return Permissions(TABLE.read_text(encoding="utf-8"))


def act_of(press: type[Press]) -> str | None:
    """The field that says what a press of this kind does; None where it does one thing."""
    return next((field.name for field in dataclasses.fields(press) if field.name in ACTS), None)  # type: ignore[arg-type]  # subclasses are dataclasses


def door_of(press: Press) -> str:
    """The press as the table calls it."""
    kind, act = type(press), act_of(type(press))
    return kind.__name__ if act is None else f"{kind.__name__} {getattr(press, act).name.lower()}"


def door_of_handler(kind: str, handler: Callable[..., Any]) -> str:
    """What takes a message or an update, as the table calls it: ``edit issue_thread.reword``."""
    return f"{kind} {handler.__module__.rpartition('.')[2]}.{handler.__name__}"
