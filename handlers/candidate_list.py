"""Candidates with the facts that put them in order, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from handlers.keyboards import Button, Press, rows
from handlers.paging import turns
from models.choosing import Candidate

PAGE = 6


def listed(
    able: Sequence[Candidate], page: int, *, choose: Callable[[Candidate], Press], turn: Callable[[int], Press]
) -> tuple[dict[str, Any], list[list[Button]]]:
    """What the list's template needs, and its buttons: one for each person, and to the pages before and after."""
    pages = max((len(able) - 1) // PAGE, 0)
    page = min(max(page, 0), pages)
    shown = able[page * PAGE : (page + 1) * PAGE]
    people = rows([Button(candidate.person.name, choose(candidate)) for candidate in shown], 3)
    return {"candidates": shown}, [*people, turns(page, turn, more=page < pages)]
