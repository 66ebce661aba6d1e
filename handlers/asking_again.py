"""After an outage people are asked to press again: what they pressed meanwhile Telegram has thrown away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.post import Post
from models.outages import open_cards
from models.outbox import Lane, enqueue_all
from models.people import Person

AT_ONCE = 500


async def ask_again(post: Post, since: datetime) -> int:
    """Tell everybody who had a card open that a press since then was in vain, in reply to the card, without a sound. Gives how many."""
    cards = await open_cards(post.session, since)
    languages = await _languages(post.session, {card.chat_id for card in cards})
    texts = {language: post.texts.render("health/press_again", language, since=since, until=post.now) for language in post.policy.languages}
    rows = [
        {
            "chat_id": card.chat_id,
            "method": "sendMessage",
            "params": {
                "text": texts[languages.get(card.chat_id, post.policy.languages[0])],
                "reply_to_message_id": card.message_id,
                "allow_sending_without_reply": True,
                "disable_notification": True,
            },
            "lane": Lane.NOTICE,
            "replaces": f"again:{card.chat_id}",
            "created_at": post.now,
            "due_at": post.now,
        }
        for card in cards
    ]
    for start in range(0, len(rows), AT_ONCE):
        await enqueue_all(post.session, rows[start : start + AT_ONCE])
    return len(rows)


async def _languages(session: AsyncSession, accounts: Collection[int]) -> dict[int, str]:
    known = await session.execute(select(Person.telegram_id, Person.language).where(Person.telegram_id.is_not(None)))
    return {account: language for account, language in known if account is not None and account in accounts}
