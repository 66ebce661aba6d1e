"""Trying again what was given up: updates that were set aside, and answers to people that could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.audit import record
from models.inbox import InboxState, InboxUpdate
from models.outbox import Lane, OutboxMessage, OutboxState
from models.people import Person

AT_ONCE = 500
"""So many of each with one tap: what people say meanwhile comes after them."""
WITHIN = timedelta(days=3)
"""An answer older than that says nothing to anybody any more."""
SAID = ("sendMessage", "sendDocument", "sendPhoto", "copyMessages", "card")
"""What a person reads. Other calls have consequences, and whoever made them has heard of the failure and acted on it."""


@dataclass(frozen=True)
class Retried:
    updates: int
    messages: int


def worth_retrying(now: datetime) -> ColumnElement[bool]:
    """Which messages that were given up can be sent again.

    Not notices and announcements: they may have been moved or withdrawn since, and have ways of their own to reach whoever was not
    reached. Nor a card of which a newer state was queued since, nor what was forgotten.
    """
    newer = aliased(OutboxMessage)
    return and_(
        OutboxMessage.state == OutboxState.FAILED,
        OutboxMessage.lane == Lane.ANSWER,
        OutboxMessage.method.in_(SAID),
        OutboxMessage.settled_at > now - WITHIN,
        OutboxMessage.forgotten_at.is_(None),
        OutboxMessage.void.is_(False),
        ~exists().where(newer.replaces == OutboxMessage.replaces, newer.id > OutboxMessage.id),
    )


async def retry(session: AsyncSession, actor: Person, *, now: datetime) -> Retried:
    """Have it all done and sent once more, the oldest first; whatever fails again is set aside or given up again."""
    set_aside = select(InboxUpdate).where(InboxUpdate.state == InboxState.SET_ASIDE).order_by(InboxUpdate.done_at, InboxUpdate.position)
    updates = (await session.scalars(set_aside.limit(AT_ONCE).with_for_update())).all()
    for place, update in enumerate(updates):
        update.state, update.attempts, update.retry_at, update.done_at = InboxState.NEW, 0, None, None
        update.position = now + timedelta(microseconds=place)  # whoever is speaking now does not wait for them to fail again
    failed = select(OutboxMessage).where(worth_retrying(now)).order_by(OutboxMessage.id).limit(AT_ONCE).with_for_update(of=OutboxMessage)
    messages = (await session.scalars(failed)).all()
    for message in messages:
        message.state, message.attempts, message.error, message.settled_at = OutboxState.QUEUED, 0, None, None
        message.created_at = message.due_at = now
    if updates or messages:
        record(session, actor, "home.retried", "home", now=now, updates=len(updates), messages=len(messages))
    return Retried(len(updates), len(messages))
