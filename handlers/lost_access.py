"""An account that has no business here any more: what was on its way to it stops, and the buttons of its cards go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from handlers.post import Place, Post
from models.outbox import Card, OutboxMessage, OutboxState

BLANKED = 30
"""So many of its newest cards lose their buttons. A press on an older one is a stranger's, and does nothing either."""


async def close_account(post: Post, chat_id: int, language: str) -> None:
    """Nothing unsent goes there, and its cards are dead."""
    waiting = (OutboxMessage.chat_id == chat_id, OutboxMessage.state == OutboxState.QUEUED)
    await post.session.execute(update(OutboxMessage).where(*waiting).values(state=OutboxState.SUPERSEDED, settled_at=post.now))
    cards = select(Card).where(Card.chat_id == chat_id, Card.message_id.is_not(None)).order_by(Card.message_id.desc())
    for card in (await post.session.scalars(cards.limit(BLANKED))).all():
        params: dict[str, Any] = {"message_id": card.message_id, "reply_markup": {"inline_keyboard": []}}
        await post.queue(Place(chat_id, language), "editMessageReplyMarkup", params)
    await post.session.execute(update(Card).where(Card.chat_id == chat_id).values(message_id=None))
