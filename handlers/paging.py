"""Turning the pages of a list."""

from __future__ import annotations

from collections.abc import Callable

from handlers.keyboards import Button, Press
from handlers.texts import t


def turns(page: int, to: Callable[[int], Press], *, more: bool, newest_first: bool = False) -> list[Button]:
    """The buttons to the pages before and after; a list that begins with the newest says so."""
    back, on = (t("issue.do.newer"), t("issue.do.older")) if newest_first else (t("advice.do.earlier"), t("advice.do.later"))
    return [*([Button(back, to(page - 1))] if page > 0 else []), *([Button(on, to(page + 1))] if more else [])]
