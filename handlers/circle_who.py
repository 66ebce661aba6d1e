"""``/who``: who knows about something, asked in a group or in private. Names, areas and specialties, never a phone number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from telegram import Update

from handlers.circle_commands import NAMED, answer_here, command_in
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU, MenuPress
from handlers.pieces import words_of
from handlers.texts import t
from models.absence import away_now
from models.circle_groups import circles_in
from models.circles import circle_at, members_of
from models.experts import find_experts
from models.forms import close_form, open_form
from models.people import Person

KIND = "who"
SHOWN, QUESTION_SHOWN = 10, 60


async def who_in_group(update: Update, context: HomeContext) -> bool:
    """Answer in the group, the circle's own people first. What follows the bot's name is asked likewise."""
    command = command_in(update, context)
    if command is None or not (command.name == "who" or (command.name == NAMED and command.words)):
        return False
    here = context.here
    if not await circles_in(context.session, here.chat_id):
        return True
    if not command.words:
        await context.post.tell(answer_here(context), "plain", text=t("life.who_how"))
        return True
    circle = await circle_at(context.session, here.chat_id, here.thread_id)
    own = frozenset(person.id for person in await members_of(context.session, circle)) if circle is not None else frozenset[int]()
    await context.post.tell(answer_here(context), "circles/experts", **await _found(context, command.words, own))
    return True


async def open_who(update: Update, context: HomeContext) -> None:
    """``/who words`` in private, or a question for the words."""
    words = " ".join(context.args or [])
    if words:
        await _answer(context, words)
        return
    await open_form(context.session, context.person.id, KIND, "words", now=context.now)
    await context.show("plain", keyboard=[[BACK_TO_MENU]], text=t("life.who_ask"))


async def take_words(update: Update, context: HomeContext) -> None:
    """The words that were asked for."""
    words = words_of(update.message)
    if not words or words.startswith("/"):
        await context.reply("plain", text=t("life.who_ask"))
        return
    await close_form(context.session, context.person.id)
    await _answer(context, words)


async def _answer(context: HomeContext, words: str) -> None:
    again = Button(t("life.do.who_again"), MenuPress("who"))
    await context.reply("circles/experts", keyboard=[[again, BACK_TO_MENU]], **await _found(context, words, frozenset()))


async def _found(context: HomeContext, words: str, first: frozenset[int]) -> dict[str, Any]:
    found = await find_experts(context.session, words, first=first)
    shown = found.people[:SHOWN]
    away = set(
        await context.session.scalars(select(Person.id).where(Person.id.in_([p.id for p in shown]), Person.id.in_(away_now(context.now))))
    )
    return {
        "question": words[:QUESTION_SHOWN],
        "people": [(person, person.id in away) for person in shown],
        "more": len(found.people) - len(shown),
        "about": [specialty.name for specialty in found.specialties],
        "areas": [area.name for area in found.areas],
        "guessed": found.guessed,
        "private": context.here.chat_id > 0,
    }


JOURNEY = Journey(entries=(Entry("who", open_who),), forms={KIND: take_words}, group_takers=(who_in_group,))
