"""Speaking to the Home in a group: commands, and its name. It hears no more than that there, and says nothing unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from telegram import MessageEntity, Update

from handlers.context import HomeContext
from handlers.issue_places import circle_key
from handlers.post import Place, Post
from handlers.texts import t
from models.circle_groups import circles_in
from models.circles import Circle, circle_at
from models.issues import Issue
from models.outbox import Card

GROUP_COMMANDS = ("circle", "who", "ask", "about")
"""What Telegram lists in groups."""
NAMED = "named"
"""The command of whoever just says the bot's name."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+|$)(.*)", re.DOTALL)
SUPERGROUPS = -1_000_000_000_000


@dataclass(frozen=True)
class Command:
    """What was said to the bot in a group: a command's name, and the words after it."""

    name: str
    words: str


def command_in(update: Update, context: HomeContext) -> Command | None:
    """What a message in a group says to this bot; None where it is not spoken to."""
    message = update.message or update.edited_message
    if message is None:
        return None
    text, own = (message.text or message.caption or "").replace("\x00", ""), context.post.bot_username.lower()
    found = _COMMAND.fullmatch(text.strip())
    if found is not None:
        return Command(found[1].lower(), found[3].strip()) if (found[2] or own).lower() == own else None
    entities = message.parse_entities([MessageEntity.MENTION]) or message.parse_caption_entities([MessageEntity.MENTION])
    if any(mention.lower() == f"@{own}" for mention in entities.values()):
        return Command(NAMED, re.sub(f"@{re.escape(own)}", " ", text, flags=re.IGNORECASE).strip())
    return None


async def circle_here(context: HomeContext) -> Circle | None:
    """The circle that lives where the message was said. Elsewhere in its group the bot tells where to ask; in other groups it is silent."""
    here = context.here
    circle = await circle_at(context.session, here.chat_id, here.thread_id)
    if circle is None and await circles_in(context.session, here.chat_id):
        await context.post.tell(answer_here(context), "plain", text=t("life.not_here"))
    return circle


def answer_here(context: HomeContext) -> Place:
    """The place of the message, spoken to in the Home's first language: everybody reads it."""
    here = context.here
    return Place(here.chat_id, context.policy.languages[0], here.thread_id)


async def links_to_cards(post: Post, circle: Circle, issues: Sequence[Issue]) -> dict[int, str]:
    """Addresses of the cards of these issues in the circle, by issue. Messages of a basic group have none."""
    if circle.chat_id is None or circle.chat_id > SUPERGROUPS:
        return {}
    keys = {circle_key(issue, circle): issue.id for issue in issues}
    standing = select(Card).where(Card.key.in_(keys), Card.chat_id == circle.chat_id, Card.message_id.is_not(None))
    return {
        keys[card.key]: f"https://t.me/c/{SUPERGROUPS - circle.chat_id}/{card.message_id}" for card in await post.session.scalars(standing)
    }
