"""How much a stranger is heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import take_in
from models.strangers import MESSAGES_IN_WINDOW, WINDOW, Heard, heard

FLOOD = range(1, MESSAGES_IN_WINDOW + 4)


async def said(session: AsyncSession, ids: range, *, by: int, at: datetime) -> None:
    await take_in(session, [(id, "{}") for id in ids], now=at, said_by=dict.fromkeys(ids, by))


async def test_a_flood_is_answered_once_and_then_met_with_silence_for_an_hour(session: AsyncSession, now: datetime) -> None:
    await said(session, FLOOD, by=900, at=now)
    await said(session, range(500, 501), by=900, at=now + WINDOW + timedelta(seconds=1))

    met = [await heard(session, id, 900) for id in FLOOD]

    assert met[MESSAGES_IN_WINDOW - 1 :] == [Heard.GLADLY, Heard.TOO_MUCH, Heard.SILENTLY, Heard.SILENTLY]
    assert await heard(session, 500, 900) is Heard.GLADLY


async def test_what_one_says_does_not_silence_another(session: AsyncSession, now: datetime) -> None:
    await said(session, FLOOD, by=900, at=now)
    await said(session, range(500, 501), by=901, at=now + timedelta(minutes=1))

    assert await heard(session, 500, 901) is Heard.GLADLY


async def test_what_waited_through_an_outage_is_counted_when_it_came_in(session: AsyncSession, now: datetime) -> None:
    await said(session, FLOOD, by=900, at=now)
    await said(session, range(500, 501), by=900, at=now + timedelta(hours=5))

    assert await heard(session, FLOOD[-1], 900) is Heard.SILENTLY
