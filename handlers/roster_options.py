"""What can be chosen for a field of the roster, as buttons, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from handlers.context import HomeContext
from handlers.keyboards import Button, Press, rows
from handlers.paging import turns
from handlers.texts import T, t
from models.people import Role
from models.roster_rows import NAMED, Field

PAGE = 24


@dataclass(frozen=True)
class Option:
    """``item`` names it in a button, ``name`` in the roster."""

    item: str
    label: T | str
    name: str


async def options_of(context: HomeContext, what: Field) -> Sequence[Option]:
    """All that there is for this field; nothing for one that is written."""
    if what is Field.ROLES:
        return [Option(role.value, t(f"role.{role}"), role.value) for role in Role]
    if what is Field.LANGUAGE:
        return [Option(language, t(f"language.{language}"), language) for language in context.policy.languages]
    if what not in NAMED:
        return []
    table = NAMED[what]
    return [Option(str(id), name, name) for id, name in await context.session.execute(select(table.id, table.name).order_by(table.id))]


def option_buttons(
    context: HomeContext,
    options: Sequence[Option],
    chosen: Collection[str],
    page: int,
    *,
    choose: Callable[[Option, bool], Press],
    turn: Callable[[int], Press],
) -> list[Sequence[Button]]:
    """One button each, with a mark on what is chosen; ``choose`` is told whether it is."""
    shown = options[page * PAGE : (page + 1) * PAGE]
    buttons = []
    for option in shown:
        label = context.post.texts.say(option.label, context.language)
        marked = option.name in chosen
        buttons.append(Button(f"✅ {label}" if marked else label, choose(option, marked)))
    return [*rows(buttons, 2), turns(page, turn, more=len(options) > (page + 1) * PAGE)]
