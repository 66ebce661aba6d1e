"""What waits, what failed and since when; what may be tried again, and what stands still."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.health import AlarmKind, Waiting, figures_at, stalls
from models.inbox import InboxState, InboxUpdate
from models.outbox import Lane, OutboxMessage, OutboxState
from models.people import Person
from models.retrying import Retried, retry
from tests.rules.inbox import next_update

MINUTE = timedelta(minutes=1)
FIVE = 5 * MINUTE


def received(session: AsyncSession, id: int, at: datetime, state: InboxState = InboxState.NEW, **more: Any) -> InboxUpdate:
    done_at = at if state is not InboxState.NEW else None
    update = InboxUpdate(update_id=id, position=at, payload="{}", state=state, done_at=done_at, **{"attempts": 0, **more})
    session.add(update)
    return update


def said(session: AsyncSession, at: datetime, state: OutboxState = OutboxState.QUEUED, **more: Any) -> OutboxMessage:
    settled_at = None if state in (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.WAITING) else at
    values = {"chat_id": 5, "method": "sendMessage", "params": {"text": "好"}, "created_at": at, "due_at": at, "settled_at": settled_at}
    message = OutboxMessage(state=state, **{**values, **more})
    session.add(message)
    return message


async def test_what_waits_is_counted_with_since_when(session: AsyncSession, now: datetime) -> None:
    received(session, 1, now - 3 * MINUTE, attempts=1)
    received(session, 2, now - MINUTE)
    received(session, 3, now - 9 * MINUTE, InboxState.DONE)
    received(session, 4, now - 8 * MINUTE, InboxState.SET_ASIDE)
    said(session, now - 2 * MINUTE)
    said(session, now - MINUTE, lane=Lane.NOTICE, state=OutboxState.SENDING)
    said(session, now, due_at=now + MINUTE)
    said(session, now - 7 * MINUTE, state=OutboxState.WAITING)
    said(session, now - 30 * timedelta(seconds=1), state=OutboxState.SENT)

    figures = await figures_at(session, now=now)

    assert figures.updates == Waiting(2, now - 3 * MINUTE)
    assert figures.updates_failing == 1
    assert figures.set_aside == Waiting(1, now - 8 * MINUTE)
    assert figures.messages == {Lane.ANSWER: Waiting(1, now - 2 * MINUTE), Lane.NOTICE: Waiting(1, now - MINUTE)}
    assert figures.for_circles == Waiting(1, now - 7 * MINUTE)
    assert figures.sent_last_minute == 1


async def test_an_update_in_hand_does_not_wait(session: AsyncSession, now: datetime) -> None:
    received(session, 1, now)

    assert (await figures_at(session, now=now, besides=1)).updates == Waiting()


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    session.add(person := Person(name="联络室", phone="1", employer="", role_rows=[], specialties=[]))
    await session.flush()
    return person


async def test_what_was_set_aside_comes_after_whoever_speaks_now(session: AsyncSession, office: Person, now: datetime) -> None:
    for id in (7, 8):
        received(session, id, now - timedelta(days=id), InboxState.SET_ASIDE, attempts=3, error="x")
    received(session, 9, now - MINUTE)

    assert await retry(session, office, now=now) == Retried(2, 0)

    order = []
    while (update := await next_update(session, now=now)) is not None:
        order.append((update.update_id, update.attempts))
        update.state = InboxState.DONE
    assert order == [(9, 0), (8, 0), (7, 0)]


async def test_an_answer_that_was_given_up_is_queued_anew(session: AsyncSession, office: Person, now: datetime) -> None:
    message = said(session, now - timedelta(days=2), OutboxState.FAILED, attempts=8, error="bad")

    assert await retry(session, office, now=now) == Retried(0, 1)

    assert (message.state, message.attempts, message.due_at, message.created_at) == (OutboxState.QUEUED, 0, now, now)


@pytest.mark.parametrize(
    "more",
    [
        {"lane": Lane.NOTICE},
        {"method": "createForumTopic"},
        {"at": timedelta(days=4)},
        {"forgotten": True},
        {"void": True},
        {"state": OutboxState.UNREACHABLE},
        {"state": OutboxState.SENT},
    ],
    ids=str,
)
async def test_what_would_be_wrong_by_now_is_not_sent_again(session: AsyncSession, office: Person, now: datetime, more: Any) -> None:
    more = dict(more)
    at = now - more.pop("at", timedelta(hours=1))
    state = more.pop("state", OutboxState.FAILED)
    message = said(session, at, state, forgotten_at=now if more.pop("forgotten", False) else None, **more)

    assert await retry(session, office, now=now) == Retried(0, 0)

    assert message.state is state


async def test_a_card_of_which_a_newer_state_was_queued_is_not_sent_again(session: AsyncSession, office: Person, now: datetime) -> None:
    older = said(session, now - 2 * MINUTE, OutboxState.FAILED, replaces="card:1")
    newer = said(session, now - MINUTE, OutboxState.FAILED, replaces="card:1")

    assert await retry(session, office, now=now) == Retried(0, 1)

    assert (older.state, newer.state) == (OutboxState.FAILED, OutboxState.QUEUED)


async def test_who_tried_again_stands_in_the_log_and_nothing_where_there_was_nothing(
    session: AsyncSession, office: Person, now: datetime
) -> None:
    await retry(session, office, now=now)
    received(session, 1, now, InboxState.SET_ASIDE)
    await retry(session, office, now=now)

    entries = (await session.scalars(select(AuditEntry))).all()
    assert [(entry.actor_id, entry.action, entry.details) for entry in entries] == [
        (office.id, "home.retried", {"updates": 1, "messages": 0})
    ]


async def test_a_quiet_home_does_not_stand_still(session: AsyncSession, now: datetime) -> None:
    received(session, 1, now - timedelta(days=1), InboxState.DONE)
    said(session, now - timedelta(days=1), OutboxState.SENT)
    said(session, now - timedelta(days=1), due_at=now + MINUTE)
    said(session, now - timedelta(days=1), state=OutboxState.WAITING)

    assert set((await stalls(session, FIVE, now=now)).values()) == {None}


async def test_the_inbox_stands_still_once_somebody_waits_for_that_long(session: AsyncSession, now: datetime) -> None:
    received(session, 1, now - FIVE)

    assert (await stalls(session, FIVE, now=now))[AlarmKind.INBOX] == now - FIVE
    assert (await stalls(session, FIVE + MINUTE, now=now))[AlarmKind.INBOX] is None


@pytest.mark.parametrize("state", [OutboxState.QUEUED, OutboxState.SENDING])
async def test_the_outbox_stands_still_once_something_is_due_for_that_long(
    session: AsyncSession, now: datetime, state: OutboxState
) -> None:
    said(session, now - FIVE, state)

    assert (await stalls(session, FIVE, now=now))[AlarmKind.OUTBOX] == now - FIVE


async def test_what_is_put_off_after_each_failure_waits_since_it_was_queued(session: AsyncSession, now: datetime) -> None:
    said(session, now - 6 * MINUTE, due_at=now + timedelta(seconds=30), error="NetworkError", attempts=5)

    assert (await stalls(session, FIVE, now=now))[AlarmKind.OUTBOX] == now - 6 * MINUTE


async def test_a_long_notice_that_goes_out_does_not_stand_still(session: AsyncSession, now: datetime) -> None:
    said(session, now - 20 * MINUTE, lane=Lane.NOTICE)
    said(session, now - 4 * MINUTE, OutboxState.SENT)

    assert (await stalls(session, FIVE, now=now))[AlarmKind.OUTBOX] is None
