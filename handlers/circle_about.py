"""``/about`` in a circle: what it is for, its people, how to ask."""

from __future__ import annotations

from sqlalchemy import select
from telegram import Update

from handlers.circle_commands import NAMED, answer_here, circle_here, command_in
from handlers.circle_welcome import about, show_welcome, ways_in, welcomed
from handlers.context import HomeContext
from handlers.journey import Journey
from models.outbox import Card

ASKED_BY = ("about", "help")


async def tell_about(update: Update, context: HomeContext) -> bool:
    """Say it at the end of the chat, and bring the card up to date that is pinned above; whoever just says the bot's name gets it too."""
    command = command_in(update, context)
    if command is None or not (command.name in ASKED_BY or (command.name == NAMED and not command.words)):
        return False
    circle = await circle_here(context)
    if circle is None:
        return True
    stands = select(Card.id).where(Card.key == f"welcome:{circle.id}", Card.chat_id == circle.chat_id, Card.message_id.is_not(None))
    if await context.session.scalar(stands) is not None:
        await context.post.tell(answer_here(context), "circles/about", keyboard=ways_in(context.post), **await about(context.post, circle))
    await show_welcome(context.post, circle)
    return True


JOURNEY = Journey(group_takers=(tell_about,), outcomes={"welcome": welcomed})
