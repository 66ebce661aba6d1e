"""Names of methods and who carries them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..params import Params
from ..sandbox import Sandbox

Handler = Callable[[Sandbox, Params], Any]
METHODS: dict[str, Handler] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    """Register a method; names are case-insensitive, as at Telegram. A handler may be a coroutine."""

    def register(handler: Handler) -> Handler:
        METHODS[name.lower()] = handler
        return handler

    return register
