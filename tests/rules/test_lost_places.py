"""Circles that cannot be spoken to: one row, messages that wait, and what becomes of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.database import sessions_of
from models.audit import AuditEntry
from models.circles import Chat, Circle, CircleSpecialty, Loss, LostPlace, circles_of_specialty
from models.lost_places import astray, locked, lose, regain, waited_too_long
from models.outbox import OutboxMessage, OutboxState, card_for, hold, void_unsent
from models.people import Specialty
from tests.rules.queued import queued

DAY = timedelta(hours=24)


async def circle_in_group(session: AsyncSession) -> Circle:
    circle = Circle(name="城建", chat=Chat(id=-100, title="交流群", is_member=True), specialties=[])
    session.add(circle)
    await session.flush()
    return circle


async def said(session: AsyncSession, circle: Circle, now: datetime, method: str = "sendMessage") -> OutboxMessage:
    return await queued(session, now, circle.chat_id, circle_id=circle.id, method=method)


async def test_of_several_who_find_out_one_claims_it(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)

    claims = [await lose(session, circle, Loss.TOPIC_DELETED, now=now) for _ in range(3)]

    assert claims == [True, False, False]
    assert await session.scalar(select(func.count()).select_from(LostPlace)) == 1
    assert await session.scalar(select(func.count()).where(AuditEntry.action == "circle.topic_gone")) == 1


async def test_of_two_who_find_out_at_the_same_moment_one_claims_it(engine: AsyncEngine, now: datetime) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        circle_id = (await circle_in_group(session)).id

    async def find_out() -> bool:
        async with sessions.begin() as session:
            circle = await locked(session, circle_id)
            assert circle is not None
            await asyncio.sleep(0)
            return await lose(session, circle, Loss.TOPIC_DELETED, now=now)

    claims = await asyncio.gather(*(find_out() for _ in range(4)))

    assert sorted(claims) == [False, False, False, True]


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        (Loss.CLOSED, Loss.TOPIC_DELETED, False),
        (Loss.TOPIC_DELETED, Loss.MUTED, True),
        (Loss.MUTED, Loss.REMOVED, True),
        (Loss.REMOVED, Loss.GONE, False),
        (Loss.REMOVED, Loss.MUTED, False),
    ],
)
async def test_a_graver_loss_takes_the_place_of_a_lesser_one(
    session: AsyncSession, now: datetime, first: Loss, then: Loss, told: bool
) -> None:
    circle = await circle_in_group(session)
    await lose(session, circle, first, now=now)

    assert await lose(session, circle, then, now=now) is told


async def test_what_is_unsent_and_what_is_said_later_waits_and_goes_out_in_order(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    before = await said(session, circle, now)
    await lose(session, circle, Loss.MUTED, now=now)
    later = await said(session, circle, now)
    await session.refresh(before)
    assert [before.state, later.state] == [OutboxState.WAITING] * 2

    await regain(session, circle, now=now + DAY)

    assert [before.state, later.state] == [OutboxState.QUEUED] * 2
    assert before.due_at == now + DAY
    assert await session.get(LostPlace, circle.id) is None


async def test_a_newer_state_of_a_card_replaces_one_that_waits(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    card = await card_for(session, "issue:1:1", -100)
    await lose(session, circle, Loss.MUTED, now=now)
    messages = [await queued(session, now, -100, circle_id=circle.id, method="card", card_id=card.id, replaces="card:1") for _ in range(2)]

    await session.refresh(messages[0])
    assert [message.state for message in messages] == [OutboxState.SUPERSEDED, OutboxState.WAITING]


async def test_what_waits_can_be_given_up(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    await lose(session, circle, Loss.MUTED, now=now)
    message = await said(session, circle, now)
    message.subject = "circled:1:1"
    await session.flush()

    await void_unsent(session, "circled:1:1", now=now)

    await session.refresh(message)
    assert message.state is OutboxState.SUPERSEDED


async def test_news_waits_a_day_and_changes_of_what_stands_wait_on(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    await lose(session, circle, Loss.REMOVED, now=now)
    news = await said(session, circle, now)
    card = await card_for(session, "issue:1:1", -100)
    card.message_id = 5
    await queued(session, now, -100, circle_id=circle.id, method="card", card_id=card.id)

    early = await waited_too_long(session, after=DAY, now=now + DAY - timedelta(minutes=1))
    late = await waited_too_long(session, after=DAY, now=now + DAY)

    assert (early, late) == ([], [news])


async def test_what_a_circle_leaves_behind_when_it_leaves_its_group_waits_no_longer(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    await lose(session, circle, Loss.REMOVED, now=now)
    message = await said(session, circle, now)

    circle.chat = None
    await session.flush()

    assert await waited_too_long(session, after=DAY, now=now) == [message]


async def test_a_message_that_waits_for_a_circle_with_which_nothing_is_amiss_is_found(session: AsyncSession, now: datetime) -> None:
    circle = await circle_in_group(session)
    message = await said(session, circle, now)
    message.state = OutboxState.SENDING

    await hold(session, message, error="Forbidden", now=now)
    await session.flush()

    assert await astray(session) == [message]


async def test_a_lost_circle_is_still_the_circle_of_its_specialty(session: AsyncSession, now: datetime) -> None:
    circle, specialty = await circle_in_group(session), Specialty(name="城建", keywords=[])
    session.add(specialty)
    await session.flush()
    session.add(CircleSpecialty(circle_id=circle.id, specialty_id=specialty.id))
    await lose(session, circle, Loss.REMOVED, now=now)
    assert circle.chat is not None
    circle.chat.is_member = False
    await session.flush()

    assert await circles_of_specialty(session, specialty) == [circle]
