"""Circles that cannot be spoken to: one row each while that is so, messages that wait, and when they are told to the members instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circles import Circle, Loss, LostPlace, members_of
from models.outbox import UNSENT, Card, OutboxMessage, OutboxState
from models.people import Person

LOOK_EVERY = timedelta(hours=1)
"""Telegram does not tell when a group lets everybody write again: one waiting message tries so often."""
GROUP_LOST = (Loss.REMOVED, Loss.GONE, Loss.MUTED)
"""What befalls a group as a whole, and so all circles in it."""
NEW_MESSAGES = ("card", "sendMessage", "sendDocument", "sendPhoto", "copyMessages")
"""What brings something new; changes of what stands there already can wait as long as it takes."""


async def locked(session: AsyncSession, circle_id: int) -> Circle | None:
    """The circle, held until the transaction ends: of several messages that fail at once, one finds out first."""
    return await session.get(Circle, circle_id, with_for_update=True, populate_existing=True)


async def loss_of(session: AsyncSession, circle: Circle) -> LostPlace | None:
    return await session.get(LostPlace, circle.id, populate_existing=True)


async def lose(session: AsyncSession, circle: Circle, loss: Loss, *, now: datetime) -> bool:
    """Note that a circle, locked, cannot be spoken to; what is unsent for it waits from now on. False when that was known.

    A graver loss takes the place of a lesser one: who is out of the group need not care for its topic.
    """
    known = await loss_of(session, circle)
    if known is not None and (known.loss is loss or loss not in GROUP_LOST or known.loss in (Loss.REMOVED, Loss.GONE)):
        return False
    if known is None:
        session.add(LostPlace(circle_id=circle.id, loss=loss, since=now, look_at=now + LOOK_EVERY, needs_right=False))
    else:
        known.loss, known.trying_id, known.look_at = loss, None, now + LOOK_EVERY
    await session.flush()
    queued = (OutboxMessage.circle_id == circle.id, OutboxMessage.state == OutboxState.QUEUED)
    await session.execute(update(OutboxMessage).where(*queued).values(state=OutboxState.WAITING))
    action = "circle.topic_gone" if loss is Loss.TOPIC_DELETED else "circle.lost"
    record(session, None, action, f"circle:{circle.id}", now=now, loss=loss.value)
    return True


async def regain(session: AsyncSession, circle: Circle, *, now: datetime) -> bool:
    """The circle, locked, can be spoken to again: what waited goes out, where the circle lives now. False when nothing was amiss."""
    lost = await loss_of(session, circle)
    if lost is None:
        return False
    await session.delete(lost)
    await session.flush()
    record(session, None, "circle.regained", f"circle:{circle.id}", now=now, loss=lost.loss.value)
    await send_waiting(session, circle, now=now)
    return True


async def send_waiting(session: AsyncSession, circle: Circle, *, now: datetime) -> None:
    """Queue again what waits for a circle."""
    waiting = (OutboxMessage.circle_id == circle.id, OutboxMessage.state == OutboxState.WAITING)
    for message in await session.scalars(select(OutboxMessage).where(*waiting).order_by(OutboxMessage.id)):
        message.state, message.due_at, message.attempts = OutboxState.QUEUED, now, 0
    await session.flush()


async def forget_loss(session: AsyncSession, circle: Circle) -> None:
    """The circle leaves its group: nothing is lost there any more. What waits goes to the members."""
    await session.execute(delete(LostPlace).where(LostPlace.circle_id == circle.id).execution_options(synchronize_session="fetch"))


async def losses_to_look_at(session: AsyncSession, *, now: datetime) -> Sequence[LostPlace]:
    """Lost circles that are to be tried again."""
    due = select(LostPlace).where(LostPlace.look_at <= now).order_by(LostPlace.circle_id).with_for_update()
    return (await session.scalars(due)).all()


async def next_look(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(func.min(LostPlace.look_at)))


async def first_waiting(session: AsyncSession, circle: Circle) -> OutboxMessage | None:
    """What has waited longest for a circle."""
    waiting = select(OutboxMessage).where(OutboxMessage.circle_id == circle.id, OutboxMessage.state == OutboxState.WAITING)
    found: OutboxMessage | None = await session.scalar(waiting.order_by(OutboxMessage.id).limit(1))
    return found


def _at_home() -> ColumnElement[bool]:
    """The message's circle still lives in the group it is meant for."""
    return exists().where(Circle.id == OutboxMessage.circle_id, Circle.chat_id == OutboxMessage.chat_id)


def is_news(message: OutboxMessage) -> bool:
    """Whether it brings something new, rather than change what stands there."""
    return message.method in NEW_MESSAGES and (message.card is None or message.card.message_id is None)


async def astray(session: AsyncSession) -> Sequence[OutboxMessage]:
    """Messages that wait for a circle with which nothing is amiss: whoever should have sent them on was interrupted."""
    lost = select(LostPlace.circle_id)
    found = select(OutboxMessage).where(OutboxMessage.state == OutboxState.WAITING, _at_home(), OutboxMessage.circle_id.not_in(lost))
    return (await session.scalars(found.order_by(OutboxMessage.id))).all()


async def waited_too_long(session: AsyncSession, *, after: timedelta, now: datetime) -> Sequence[OutboxMessage]:
    """News that has waited for its circle so long that the members should have it another way, and what its circle left behind."""
    too_long = and_(OutboxMessage.created_at <= now - after, OutboxMessage.method.in_(NEW_MESSAGES), Card.message_id.is_(None))
    found = (
        select(OutboxMessage)
        .outerjoin(Card, Card.id == OutboxMessage.card_id)
        .where(OutboxMessage.state == OutboxState.WAITING, or_(~_at_home(), too_long))
        .order_by(OutboxMessage.circle_id, OutboxMessage.id)
        .with_for_update(of=OutboxMessage)
    )
    return (await session.scalars(found)).all()


async def told_elsewhere(session: AsyncSession, subject: str, own: str) -> set[int]:
    """The private chats that were told of this already by another circle's copy; ``subject`` is what the copies' begin with."""
    copies = {f"{subject}:{circle_id}" for circle_id in await session.scalars(select(Circle.id))} - {own}
    told = select(OutboxMessage.chat_id).where(
        OutboxMessage.subject.in_(copies),
        OutboxMessage.state.in_((*UNSENT, OutboxState.SENDING, OutboxState.SENT)),
    )
    return {chat_id for chat_id in await session.scalars(told) if chat_id is not None}


async def members_on_telegram(session: AsyncSession, circle: Circle) -> list[Person]:
    """The members who can be told something in private."""
    return [person for person in await members_of(session, circle) if person.telegram_id is not None]
