"""What a journey brings to the Home: each module of a journey declares its own, and ``registry`` puts them together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update
from telegram.ext import BaseHandler

from handlers.context import HomeContext
from handlers.keyboards import Press
from handlers.post import Post
from models.outbox import OutboxMessage
from models.people import Person

Handler = Callable[[Update, HomeContext], Coroutine[Any, Any, None]]
Taker = Callable[[Update, HomeContext], Awaitable[bool]]
"""Takes a message, or says False so that the next one may."""
StartHandler = Callable[[Update, HomeContext, str], Awaitable[None]]
Outcome = Callable[[Post, OutboxMessage, Any], Awaitable[None]]
"""Hears what became of a queued message: its ``state``, and the Bot API's result as JSON when it was sent."""


@dataclass(frozen=True)
class Entry:
    """What a person can open, by ``/name`` and by a button of the menu. The table of permissions says who may; ``key`` names its text."""

    name: str
    handler: Handler
    in_menu: bool = True
    lets_in: Callable[[AsyncSession, Person, datetime], Awaitable[bool]] | None = None
    """Asked about whoever may only when named for it: a delegate stands in for a leader."""

    @property
    def key(self) -> str:
        return f"menu.{self.name}"


@dataclass(frozen=True)
class Due:
    """Work that the passing of time asks for. It says True when there is more of it, to be done in a transaction of its own.

    ``next_at`` tells when there is next something to do, None for nothing in sight.
    """

    work: Callable[[Post], Awaitable[bool | None]]
    next_at: Callable[[AsyncSession], Awaitable[datetime | None]]


@dataclass(frozen=True)
class Journey:
    """All the doors of one journey."""

    entries: tuple[Entry, ...] = ()
    presses: Mapping[type[Press], Handler] = field(default_factory=dict)
    forms: Mapping[str, Handler] = field(default_factory=dict)
    """By a form's kind: what a private message means while that form is open."""
    patient_forms: Mapping[str, timedelta] = field(default_factory=dict)
    """The kinds that take forwarded messages too, and for how long after the last word they wait: ``timedelta.max`` for ever."""
    side_by_side: frozenset[type[Press]] = frozenset()
    """Those of ``presses`` that change nothing but what is the presser's own, and other rows only after locking them: several processes
    may work on them at the same moment. Whatever is not named here is worked on alone."""
    urgent_takers: tuple[Taker, ...] = ()
    """Private messages that are meant for this whatever form is open: asked first."""
    file_forms: frozenset[str] = frozenset()
    """The kinds that take a forwarded photo or file too: it was asked for."""
    takers: tuple[Taker, ...] = ()
    """Private messages, asked in order."""
    stranger_takers: tuple[Taker, ...] = ()
    """Private messages and edits of people who are not on the roster: no other message of theirs is heard."""
    observers: tuple[Handler, ...] = ()
    """See every update before the gate does, strangers' too; they take nothing away from anybody."""
    group_takers: tuple[Taker, ...] = ()
    """Messages in groups, from people of the roster only."""
    stranger_group_takers: tuple[Taker, ...] = ()
    """Messages in groups of people who are not on the roster: nothing else of theirs is heard there."""
    edit_takers: tuple[Taker, ...] = ()
    """Edited messages, private or in groups."""
    starts: Mapping[str, StartHandler] = field(default_factory=dict)
    """By the first letter of a deep link's payload, which an underscore follows: ``p_…``. Given the rest."""
    updates: tuple[BaseHandler[Update, HomeContext, None], ...] = ()
    """Updates of other kinds: membership, join requests."""
    due: tuple[Due, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """By the first word of a queued message's subject: ``circle`` hears of ``circle:5``."""


async def taken(takers: Sequence[Taker], update: Update, context: HomeContext) -> bool:
    """Ask the takers in order, until one takes it."""
    for taker in takers:
        if await taker(update, context):
            return True
    return False
