"""Refusals: a broken rule is an exception that carries a text key, never a sentence."""

from __future__ import annotations

from typing import Any, ClassVar


class RuleBroken(Exception):
    """A rule of the Home forbids what was asked. ``key`` names the text shown to the person; ``values`` fill it."""

    key: ClassVar[str] = "error.rule"

    def __init__(self, **values: Any) -> None:
        super().__init__(self.key, values)
        self.values = values


class NotAllowed(RuleBroken):
    """The person's roles do not allow this."""

    key = "error.not_allowed"


class Gone(RuleBroken):
    """What the button spoke of is no longer there, or no longer in that state."""

    key = "error.gone"
