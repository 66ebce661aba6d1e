"""When Telegram was last heard, and who may have pressed a button in vain since: Telegram keeps a press for 150 seconds only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.inbox import InboxUpdate
from models.outbox import OutboxMessage, sent_since

ASKED_WITHIN = timedelta(days=3)
"""A question put to somebody so long before an outage may have been answered in it; older ones have reminders of their own."""
AT_IT_WITHIN = timedelta(minutes=10)
"""Whoever was shown anything with buttons so shortly before was in the middle of something."""
ONLY = 1


class LastHeard(Base):
    """The one row that says when Telegram last answered, to within half a minute: kept, since the Home may be what is away."""

    __tablename__ = "last_heard"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


@dataclass(frozen=True)
class OpenCard:
    """The newest message with buttons that somebody had before them in private."""

    chat_id: int
    message_id: int


async def note_heard(session: AsyncSession, *, now: datetime) -> datetime | None:
    """Write down that Telegram answers, and tell when it did last; None the first time."""
    row = await session.get(LastHeard, ONLY, with_for_update=True)
    if row is None:
        session.add(LastHeard(id=ONLY, at=now))
        return None
    before, row.at = row.at, now
    return before


async def open_cards(session: AsyncSession, since: datetime) -> list[OpenCard]:
    """What people had before them when the outage began: a question put to them in the last days, or whatever they were just at.

    Whoever had said something since had gone on to something else.
    """
    shown = (
        select(
            OutboxMessage.chat_id,
            OutboxMessage.message_id,
            OutboxMessage.settled_at,
            OutboxMessage.subject,
            OutboxMessage.params["reply_markup"],
        )
        .where(sent_since(since - ASKED_WITHIN), OutboxMessage.chat_id > 0, OutboxMessage.message_id.is_not(None))
        .order_by(OutboxMessage.settled_at, OutboxMessage.id)
    )
    standing: dict[int, dict[int, datetime]] = defaultdict(dict)
    for chat_id, message_id, settled_at, subject, markup in await session.execute(shown):
        standing[chat_id].pop(message_id, None)
        if _has_buttons(markup) and (subject is not None or settled_at > since - AT_IT_WITHIN):
            standing[chat_id][message_id] = settled_at
    newest = {chat_id: list(cards.items())[-1] for chat_id, cards in standing.items() if cards}
    spoke = await _last_words(session, newest, since)
    return [OpenCard(chat, message_id) for chat, (message_id, at) in newest.items() if chat not in spoke or spoke[chat] <= at]


async def _last_words(session: AsyncSession, accounts: Collection[int], since: datetime) -> dict[int, datetime]:
    """When each of these accounts last said or pressed something before the outage."""
    said = select(InboxUpdate.telegram_id, func.max(InboxUpdate.position)).where(
        InboxUpdate.telegram_id.in_(accounts), InboxUpdate.position.between(since - ASKED_WITHIN, since)
    )
    rows = await session.execute(said.group_by(InboxUpdate.telegram_id))
    return {account: at for account, at in rows if account is not None}


def _has_buttons(markup: object) -> bool:
    """Whether there is a button that is pressed; one that opens an address is not lost."""
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    return any("callback_data" in button for row in rows for button in row)
