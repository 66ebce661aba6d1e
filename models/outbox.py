"""The outbox: everything said to people leaves from here, and what became of it is remembered."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from models.base import Base
from models.circles import LostPlace

ATTEMPTS = 8
KEEP_TRYING = timedelta(days=1)


class Lane(enum.IntEnum):
    """Answers to people go before mass notices."""

    ANSWER = 0
    NOTICE = 1


class OutboxState(enum.StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"
    """For a circle that cannot be spoken to now."""
    SENDING = "sending"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    SUPERSEDED = "superseded"


GIVEN_UP = (OutboxState.UNREACHABLE, OutboxState.FAILED, OutboxState.SUPERSEDED)
"""Settled, and not sent."""
UNSENT = (OutboxState.QUEUED, OutboxState.WAITING)
"""Not on its way yet: a newer message may still replace it, and it can still be given up."""


class AttachmentKind(enum.StrEnum):
    """How a file is sent, in the Bot API's words: as it is, or as a picture that the chat shows."""

    DOCUMENT = "document"
    PHOTO = "photo"


class Attachment(Base):
    """A file the Home made. After its first upload Telegram's ``file_id`` stands for the bytes."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AttachmentKind] = mapped_column(default=AttachmentKind.DOCUMENT)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    file_id: Mapped[str | None] = mapped_column(String(255))


class Card(Base):
    """A message that keeps itself up to date: one per key and chat."""

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("key", "chat_id"),
        Index("ix_cards_message", "chat_id", "message_id"),
        Index("ix_cards_with_media", "id", sqlite_where=text("has_media = 1"), postgresql_where=text("has_media")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    has_media: Mapped[bool] = mapped_column(default=False)


class OutboxMessage(Base):
    """One call to be made.

    ``method`` is a Bot API method, or ``card`` (send the card, or edit it where it stands). ``replaces`` names a thing of which only
    the newest unsent state counts. ``subject`` says what the message is about, such as ``notice:12``: whoever queued it hears the outcome.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_queue", "state", "lane", "id"),
        Index("ix_outbox_messages_sent_as", "chat_id", "message_id"),
        Index(
            "ix_outbox_messages_to_forget",
            "settled_at",
            sqlite_where=text("forgotten_at IS NULL"),
            postgresql_where=text("forgotten_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]]
    lane: Mapped[int] = mapped_column(default=Lane.ANSWER)
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.QUEUED)
    subject: Mapped[str | None] = mapped_column(String(64), index=True)
    replaces: Mapped[str | None] = mapped_column(String(64), index=True)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"), index=True)
    circle_id: Mapped[int | None] = mapped_column(index=True)
    """The circle it is said in: should that be lost, the message waits for it. It may be no more by the time this is read."""
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"), index=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    stops_in_flight: Mapped[int] = mapped_column(default=0)
    """How often it was being sent when the process died: each time it may have arrived already."""
    void: Mapped[bool] = mapped_column(default=False)
    """Given up while it was being sent: if it does not arrive now, it is not tried again."""
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    """When what was said was forgotten; which message it was, and what became of it, stays."""

    # To be read; what is written are their numbers. The mapper would look after them with every change of a message's state.
    card: Mapped[Card | None] = relationship(lazy="joined", viewonly=True)
    attachment: Mapped[Attachment | None] = relationship(lazy="joined", viewonly=True)


class CopiedMessage(Base):
    """A further message that one call brought into a chat: an album is copied by one call and stands there as several messages."""

    __tablename__ = "copied_messages"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outbox_message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.id"), index=True)


def sent_since(since: datetime) -> ColumnElement[bool]:
    """What arrived after then. By what it is not: asked for one state, SQLite would read all that was ever sent."""
    return and_(OutboxMessage.settled_at > since, OutboxMessage.forgotten_at.is_(None), OutboxMessage.state.not_in(GIVEN_UP))


_TABLE = Base.metadata.tables[OutboxMessage.__tablename__]
_NEW_MESSAGE = insert(_TABLE).returning(_TABLE.c.id)
"""Without the mapper, which takes twice as long: every answer is one."""


async def enqueue(session: AsyncSession, message: dict[str, Any]) -> int:
    """Queue a message, given as the columns of its row, within the caller's transaction, and return its number.

    An older unsent one that it replaces is given up. For a lost circle it waits.
    """
    await _give_up_replaced(session, [message])
    if message.get("circle_id") is not None and await session.get(LostPlace, message["circle_id"]) is not None:
        message = message | {"state": OutboxState.WAITING}
    return await session.run_sync(_insert, message)


def _insert(session: Session, message: dict[str, Any]) -> int:
    session.flush()  # what it refers to may be new
    number: int = session.connection().execute(_NEW_MESSAGE, message).scalar_one()
    return number


async def enqueue_all(session: AsyncSession, messages: Sequence[dict[str, Any]]) -> None:
    """Queue many messages in a few statements; see ``enqueue``."""
    if messages:
        await _give_up_replaced(session, messages)
        await session.execute(insert(OutboxMessage), messages)


async def _give_up_replaced(session: AsyncSession, messages: Sequence[dict[str, Any]]) -> None:
    replaced = [key for message in messages if (key := message.get("replaces")) is not None]
    if replaced:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.replaces.in_(replaced), OutboxMessage.state.in_(UNSENT))
            .values(state=OutboxState.SUPERSEDED, settled_at=messages[0]["created_at"])
        )


async def card_for(session: AsyncSession, key: str, chat_id: int) -> Card:
    """The card of this key in this chat, made if it is not there yet."""
    card = await session.scalar(select(Card).where(Card.key == key, Card.chat_id == chat_id))
    if card is None:
        card = Card(key=key, chat_id=chat_id, has_media=False)
        session.add(card)
        await session.flush()
    return card


async def card_exists(session: AsyncSession, key: str, chat_id: int | None) -> bool:
    """Whether a card of this key was ever shown in this chat."""
    return await session.scalar(select(Card.id).where(Card.key == key, Card.chat_id == chat_id)) is not None


async def on_their_way(session: AsyncSession, subjects: Collection[str]) -> set[str]:
    """About which of these something is queued or being sent."""
    waiting = OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    found = await session.scalars(select(OutboxMessage.subject).where(OutboxMessage.subject.in_(subjects), waiting))
    return {subject for subject in found if subject is not None}


async def cards_for(session: AsyncSession, key: str, chat_ids: Collection[int]) -> dict[int, Card]:
    """The cards of this key in many chats, by chat, made where they are not there yet: in a few statements."""
    found = await _cards_of(session, key, chat_ids)
    missing = [chat_id for chat_id in dict.fromkeys(chat_ids) if chat_id not in found]
    if missing:
        await session.execute(insert(Card), [{"key": key, "chat_id": chat_id, "has_media": False} for chat_id in missing])
        found |= await _cards_of(session, key, missing)
    return found


async def _cards_of(session: AsyncSession, key: str, chat_ids: Collection[int]) -> dict[int, Card]:
    return {card.chat_id: card for card in await session.scalars(select(Card).where(Card.key == key, Card.chat_id.in_(chat_ids)))}


async def card_at(session: AsyncSession, chat_id: int, message_id: int) -> Card | None:
    """The card that stands at this message, if it is one."""
    found: Card | None = await session.scalar(select(Card).where(Card.chat_id == chat_id, Card.message_id == message_id))
    return found


async def subject_of(session: AsyncSession, chat_id: int, message_id: int) -> str | None:
    """What a message the Home sent is about, so that a reply to it finds its way; None when it is about nothing."""
    found: str | None = await session.scalar(
        select(OutboxMessage.subject)
        .where(OutboxMessage.chat_id == chat_id, OutboxMessage.message_id == message_id, OutboxMessage.subject.is_not(None))
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )
    if found is None:
        copied = await session.get(CopiedMessage, (chat_id, message_id))
        call = await session.get(OutboxMessage, copied.outbox_message_id) if copied is not None else None
        found = call.subject if call is not None else None
    return found


async def copied_before(session: AsyncSession, chat_id: int, subjects: Sequence[str]) -> set[tuple[int, int]]:
    """Which messages were copied into a chat about any of these: the chat each came from, and its number there."""
    arrived = OutboxMessage.state.in_((*UNSENT, OutboxState.SENDING, OutboxState.SENT))
    calls = select(OutboxMessage.params).where(
        OutboxMessage.subject.in_(subjects), OutboxMessage.chat_id == chat_id, OutboxMessage.method == "copyMessages", arrived
    )
    return {(params["from_chat_id"], id) for params in await session.scalars(calls) for id in params["message_ids"]}


async def note_copies(session: AsyncSession, message: OutboxMessage, message_ids: Sequence[int]) -> None:
    """Keep as what further messages a call arrived, so that a reply to any of them finds its way."""
    if message.chat_id is None or message.subject is None:
        return
    for message_id in message_ids:
        await session.merge(CopiedMessage(chat_id=message.chat_id, message_id=message_id, outbox_message_id=message.id))


async def claim(
    session: AsyncSession, *, now: datetime, limit: int, busy: Collection[int], room: int | None = None, for_notices: int | None = None
) -> Sequence[OutboxMessage]:
    """Mark the next messages as *sending* and return them: answers first, in order within a chat, one at a time per chat.

    ``busy`` are the chats that have a message in flight or must pause. At most ``room`` go into chats, and at most ``for_notices`` are a
    notice's; as many as there may be, unless told. What was queued later than now was queued before the clock was set back; it does not
    wait for that time to come again.
    """
    taken: list[OutboxMessage] = []
    chats: set[int] = set()
    room = limit if room is None else room
    for lane, at_most in ((Lane.ANSWER, limit), (Lane.NOTICE, limit if for_notices is None else for_notices)):
        if (most := min(at_most, limit - len(taken))) <= 0:
            continue
        waiting = (
            select(OutboxMessage)
            .where(OutboxMessage.state == OutboxState.QUEUED, OutboxMessage.lane == lane)
            .where(or_(OutboxMessage.due_at <= now, OutboxMessage.created_at > now))
            .order_by(OutboxMessage.id)
            .limit(most * 2)
            .with_for_update(skip_locked=True, of=OutboxMessage)
        )
        nowhere = OutboxMessage.chat_id.is_(None)
        free = waiting.where(nowhere if len(chats) >= room else nowhere | OutboxMessage.chat_id.not_in({*busy, *chats}))
        for message in await session.scalars(free):
            if message.chat_id is not None and (message.chat_id in chats or len(chats) >= room):
                continue
            if message.chat_id is not None:
                chats.add(message.chat_id)
            taken.append(message)
            most -= 1
            if not most:
                break
    if taken:
        await session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_([message.id for message in taken]))
            .values(state=OutboxState.SENDING)
            .execution_options(synchronize_session=False)
        )
        for message in taken:  # without the mapper, which would look through each
            set_committed_value(message, "state", OutboxState.SENDING)
    return taken


async def messages_by_id(session: AsyncSession, ids: Collection[int]) -> dict[int, OutboxMessage]:
    """The messages with these numbers."""
    return {message.id: message for message in await session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids)))}


async def requeue_in_flight(session: AsyncSession, *, but: Collection[int] = ()) -> None:
    """What is marked as being sent goes out again, marked: it may have arrived already. Not so what is in hand (``but``)."""
    lost = OutboxMessage.state == OutboxState.SENDING, OutboxMessage.id.not_in(but)
    await session.execute(
        update(OutboxMessage)
        .where(*lost, OutboxMessage.void)
        .values(state=OutboxState.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(OutboxMessage)
        .where(*lost)
        .values(state=OutboxState.QUEUED, stops_in_flight=OutboxMessage.stops_in_flight + 1)
        .execution_options(synchronize_session=False)
    )


def settle(message: OutboxMessage, state: OutboxState, *, now: datetime, message_id: int | None = None, error: str | None = None) -> None:
    """Write down what became of a message."""
    message.state, message.settled_at, message.error = state, now, error
    if message_id is not None:
        message.message_id = message_id


async def put_back(
    session: AsyncSession, message: OutboxMessage, *, error: str, wait: timedelta, now: datetime, counts: bool = True, passing: bool = False
) -> None:
    """Queue a message again after a failure; at once given up if a newer one replaces it.

    It is given up after eight failures that count, and one that is only ``passing`` (no network, Telegram away) after a day.
    """
    message.attempts += counts
    if message.void:
        settle(message, OutboxState.SUPERSEDED, now=now, error=error)
        return
    too_old = now - message.created_at > KEEP_TRYING and message.circle_id is None  # what waited for its circle for long is no older for it
    if (message.attempts >= ATTEMPTS and not passing) or too_old:
        settle(message, OutboxState.FAILED, now=now, error=error)
        return
    if await _replaced(session, message):
        settle(message, OutboxState.SUPERSEDED, now=now, error=error)
        return
    message.state, message.due_at, message.error = OutboxState.QUEUED, now + wait, error


async def hold(session: AsyncSession, message: OutboxMessage, *, error: str, now: datetime) -> None:
    """A message did not get through to its circle: it waits for it; given up at once if a newer one replaces it."""
    if message.void or await _replaced(session, message):
        settle(message, OutboxState.SUPERSEDED, now=now, error=error)
    else:
        message.state, message.error = OutboxState.WAITING, error


async def _replaced(session: AsyncSession, message: OutboxMessage) -> bool:
    newer = select(OutboxMessage.id).where(
        OutboxMessage.replaces == message.replaces, OutboxMessage.state.in_(UNSENT), OutboxMessage.id > message.id
    )
    return message.replaces is not None and await session.scalar(newer.limit(1)) is not None


async def outcome_counts(session: AsyncSession, subjects: Collection[str]) -> dict[str, dict[OutboxState, int]]:
    """How many messages about each of these are in which state; those superseded are not counted."""
    counts: dict[str, dict[OutboxState, int]] = {subject: {} for subject in subjects}
    rows = await session.execute(
        select(OutboxMessage.subject, OutboxMessage.state, func.count())
        .where(OutboxMessage.subject.in_(subjects), OutboxMessage.state != OutboxState.SUPERSEDED)
        .group_by(OutboxMessage.subject, OutboxMessage.state)
    )
    for subject, state, number in rows:
        counts[str(subject)][state] = number
    return counts


async def void_unsent(session: AsyncSession, subject: str, *, now: datetime) -> None:
    """Give up the unsent messages about something that has changed; one that is being sent right now is not tried again."""
    await session.execute(
        update(OutboxMessage).where(OutboxMessage.subject == subject, OutboxMessage.state == OutboxState.SENDING).values(void=True)
    )
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.subject == subject, OutboxMessage.state.in_(UNSENT))
        .values(state=OutboxState.SUPERSEDED, settled_at=now)
    )


async def void_unsent_to(session: AsyncSession, chat_id: int, subjects: Collection[str], *, now: datetime) -> None:
    """Give up what is not sent yet to one chat about these."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.subject.in_(subjects), OutboxMessage.chat_id == chat_id, OutboxMessage.state.in_(UNSENT))
        .values(state=OutboxState.SUPERSEDED, settled_at=now)
    )


async def brought_about(session: AsyncSession, subjects: Collection[str], methods: Collection[str]) -> dict[int, list[int]]:
    """The messages that calls of these methods brought about these subjects, by chat; cards are none of them."""
    sent = (OutboxMessage.subject.in_(subjects), OutboxMessage.method.in_(methods), OutboxMessage.state == OutboxState.SENT)
    first = select(OutboxMessage.chat_id, OutboxMessage.message_id).where(*sent)
    further = select(CopiedMessage.chat_id, CopiedMessage.message_id).join(
        OutboxMessage, OutboxMessage.id == CopiedMessage.outbox_message_id
    )
    found: dict[int, list[int]] = {}
    for query in (first, further.where(*sent)):
        for chat_id, message_id in await session.execute(query):
            if chat_id is not None and message_id is not None:
                found.setdefault(chat_id, []).append(message_id)
    return {chat_id: sorted(ids) for chat_id, ids in found.items()}


async def copies_of(session: AsyncSession, subject: str, from_chat_id: int, message_id: int) -> list[tuple[int, int]]:
    """Where the copies of one message stand that calls about this subject made: chat and number there."""
    calls = {
        call.id: call
        for call in await session.execute(
            select(OutboxMessage.id, OutboxMessage.chat_id, OutboxMessage.message_id, OutboxMessage.params).where(
                OutboxMessage.subject == subject, OutboxMessage.method == "copyMessages", OutboxMessage.state == OutboxState.SENT
            )
        )
        if call.params["from_chat_id"] == from_chat_id and message_id in call.params["message_ids"]
    }
    further: dict[int, list[int]] = {}
    rows = select(CopiedMessage.outbox_message_id, CopiedMessage.message_id).where(CopiedMessage.outbox_message_id.in_(calls))
    for call_id, copy in await session.execute(rows.order_by(CopiedMessage.message_id)):
        further.setdefault(call_id, []).append(copy)
    found = []
    for call in calls.values():
        copies = [call.message_id, *further.get(call.id, [])]
        if len(copies) == len(call.params["message_ids"]):  # else some could not be copied, and nobody knows which
            found.append((call.chat_id, copies[call.params["message_ids"].index(message_id)]))
    return found


async def move_chat(session: AsyncSession, old: int, new: int) -> None:
    """A group became a supergroup: what was meant for the old id goes to the new one.

    Messages are numbered anew there, so no old number may be taken for one of the new group's.
    """
    await session.execute(update(OutboxMessage).where(OutboxMessage.chat_id == old).values(chat_id=new, message_id=None))
    await session.execute(delete(CopiedMessage).where(CopiedMessage.chat_id == old))
    there = {card.key: card.id for card in await session.scalars(select(Card).where(Card.chat_id == new))}
    for card in await session.scalars(select(Card).where(Card.chat_id == old, Card.key.in_(there))):
        await session.execute(update(OutboxMessage).where(OutboxMessage.card_id == card.id).values(card_id=there[card.key]))
        await session.delete(card)
    await session.flush()
    await session.execute(update(Card).where(Card.chat_id == old).values(chat_id=new, message_id=None))
