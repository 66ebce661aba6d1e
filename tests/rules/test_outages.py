"""Who may have pressed a button in vain while Telegram was away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import InboxState, InboxUpdate
from models.outages import OpenCard, note_heard, open_cards
from models.outbox import OutboxMessage, OutboxState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUTTON, LINK = {"text": "参加", "callback_data": "x"}, {"text": "地图", "url": "https://example.org"}


def shown(
    session: AsyncSession, chat_id: int, at: datetime, *buttons: dict[str, Any], subject: str | None = "notice:1", number: int = 9
) -> None:
    session.add(
        OutboxMessage(
            chat_id=chat_id,
            method="sendMessage",
            params={"text": "…", "reply_markup": {"inline_keyboard": [list(buttons)]}},
            subject=subject,
            state=OutboxState.SENT,
            created_at=at,
            due_at=at,
            settled_at=at,
            message_id=number,
        )
    )


def said(session: AsyncSession, account: int, at: datetime) -> None:
    word = {"payload": "{}", "state": InboxState.DONE, "attempts": 0}
    session.add(InboxUpdate(update_id=account, position=at, telegram_id=account, **word))


async def test_whoever_was_asked_something_or_was_in_the_middle_of_something_has_a_card_open(session: AsyncSession, now: datetime) -> None:
    shown(session, 1, now - 2 * DAY, BUTTON)
    shown(session, 2, now - HOUR, BUTTON, subject=None)
    shown(session, 3, now - timedelta(minutes=5), BUTTON, subject=None)
    shown(session, 4, now - 4 * DAY, BUTTON)
    shown(session, 5, now - HOUR, LINK)
    shown(session, -6, now - HOUR, BUTTON)

    assert await open_cards(session, now) == [OpenCard(1, 9), OpenCard(3, 9)]


async def test_whoever_spoke_since_has_gone_on_and_whoever_spoke_in_the_outage_has_not(session: AsyncSession, now: datetime) -> None:
    for account in (1, 2, 3):
        shown(session, account, now - 2 * HOUR, BUTTON)
    said(session, 1, now - HOUR)
    said(session, 2, now - 3 * HOUR)
    said(session, 3, now + HOUR)

    assert await open_cards(session, now) == [OpenCard(2, 9), OpenCard(3, 9)]


async def test_the_newest_card_counts_as_it_stands(session: AsyncSession, now: datetime) -> None:
    shown(session, 1, now - 3 * HOUR, BUTTON, number=8)
    shown(session, 1, now - 2 * HOUR, BUTTON, number=9)
    shown(session, 2, now - 2 * HOUR, BUTTON)
    shown(session, 2, now - HOUR, number=9)  # edited: its buttons are gone

    assert await open_cards(session, now) == [OpenCard(1, 9)]


async def test_when_telegram_was_heard_last_outlives_the_process(session: AsyncSession, now: datetime) -> None:
    assert await note_heard(session, now=now) is None
    assert await note_heard(session, now=now + HOUR) == now
    assert await note_heard(session, now=now + 2 * HOUR) == now + HOUR
