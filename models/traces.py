"""What the inbox and the outbox still hold of somebody who is forgotten: the messages as Telegram gave them, and what was sent of them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.forgetting import Forgotten
from models.forms import Form
from models.inbox import InboxState, InboxUpdate
from models.issue_search import IssueSearch
from models.outbox import Card, CopiedMessage, OutboxMessage, OutboxState
from models.people import Person

EMPTY = "{}"
"""What stands for an update that was emptied: its id stays, so that the same update is still known."""
LETS_GO = timedelta(hours=47)
"""Telegram lets a bot delete what it sent within 48 hours; an hour is left for getting it done."""
TELLING = 8
"""A text as long as this is surely the one that is meant; shorter ones ("好的") stand in many messages."""
_DIGITS = re.compile(r"\d(?:\D?\d){6,}")
_IDS_ONLY = frozenset({"message_id", "message_ids", "from_chat_id", "message_thread_id", "remove_caption"})
"""Of a call that was made, what says which messages it was about. All else is what was said."""
_DONE = (InboxState.DONE, InboxState.SET_ASIDE)
Standing = tuple[int, int]
"""A message where it stands: chat and number."""


def bare(params: dict[str, Any]) -> dict[str, Any]:
    """A call's parameters without anything that was said."""
    return {name: value for name, value in params.items() if name in _IDS_ONLY}


async def empty_outbox(
    session: AsyncSession, gone: Forgotten, subjects: Collection[str], accounts: Collection[int], *, now: datetime
) -> tuple[int, list[Standing]]:
    """Empty what was sent to the constituents, and of what was said to the deputies whatever tells of them; what waits is not sent.

    Gives how many, and which messages should leave the chats where they stand, as far as Telegram lets go of them.
    """
    chats = await _chats_of(session, gone.people)
    keys = select(Card.id).where(Card.key.in_(subjects))
    copies = OutboxMessage.method == "copyMessages"  # to whomever: circles, specialists, the area
    wanted: list[ColumnElement[bool]] = [OutboxMessage.subject.in_(subjects), OutboxMessage.card_id.in_(keys)]
    wanted += [OutboxMessage.id.in_(gone.calls), copies]
    wanted += [OutboxMessage.chat_id.in_(accounts), OutboxMessage.chat_id.in_(chats) & OutboxMessage.forgotten_at.is_(None)]
    found = (await session.scalars(select(OutboxMessage).where(or_(*wanted)).order_by(OutboxMessage.id))).all()
    count, standing = 0, []
    for message in found:
        theirs = message.chat_id in accounts
        copied = _copies(message, gone, accounts)
        said = json.dumps(message.params, ensure_ascii=False)
        if not (theirs or copied or _tells(said, gone)):
            continue
        count += 1
        if not theirs and (copied or _surely_tells(said, gone)) and _can_leave(message, now):
            standing += await _stands_at(session, message)
        if message.state is OutboxState.QUEUED:
            message.state, message.settled_at = OutboxState.SUPERSEDED, now
        message.void = message.void or message.state is OutboxState.SENDING
        message.params, message.forgotten_at = {} if theirs or copied else bare(message.params), now
        message.attachment_id = None
    await session.flush()
    await forget_chats(session, accounts, now=now)
    return count, standing


async def forget_chats(session: AsyncSession, accounts: Collection[int], *, now: datetime) -> None:
    """Forget which messages went to these accounts: their number stands on every one of them."""
    if not accounts:
        return
    none: dict[str, Any] = {
        "chat_id": None,
        "message_id": None,
        "card_id": None,
        "replaces": None,
        "attachment_id": None,
        "params": {},
        "error": None,
    }
    theirs = (OutboxMessage.chat_id.in_(accounts), OutboxMessage.state != OutboxState.QUEUED)
    await session.execute(update(OutboxMessage).where(*theirs).values(**none, forgotten_at=now))
    still = select(OutboxMessage.card_id).where(OutboxMessage.card_id.is_not(None), OutboxMessage.chat_id.in_(accounts))
    await session.execute(delete(Card).where(Card.chat_id.in_(accounts), Card.id.not_in(still)))
    await session.execute(delete(CopiedMessage).where(CopiedMessage.chat_id.in_(accounts)))


async def empty_inbox(session: AsyncSession, gone: Forgotten, accounts: Collection[int]) -> int:
    """Empty the updates that brought the messages, or showed them again; gives how many."""
    chats = {*accounts, *await _chats_of(session, gone.people), *(chat_id for chat_id, _ in gone.messages)}
    if not chats:
        return 0
    theirs = or_(InboxUpdate.telegram_id.in_(accounts), InboxUpdate.chat_id.in_(accounts))
    await session.execute(update(InboxUpdate).where(theirs, InboxUpdate.state.in_(_DONE)).values(telegram_id=None, chat_id=None))
    named = or_(*(InboxUpdate.payload.contains(str(chat_id)) for chat_id in sorted(chats)))
    count = 0
    for row in await session.scalars(select(InboxUpdate).where(InboxUpdate.state.in_(_DONE), named)):
        if row.payload != EMPTY and _brings(row.payload, gone, accounts):
            row.payload, row.error = EMPTY, None
            count += 1
    return count


async def forwarded_from(session: AsyncSession, account: int) -> set[Standing]:
    """Where messages stand that somebody forwarded from this account, as far as the inbox remembers."""
    found: set[Standing] = set()
    named = InboxUpdate.payload.contains(str(account)) & InboxUpdate.payload.contains("forward_origin")
    for payload in await session.scalars(select(InboxUpdate.payload).where(named)):
        message = _read(payload).get("message")
        origin = message.get("forward_origin", {}) if isinstance(message, dict) else {}
        if isinstance(message, dict) and origin.get("sender_user", {}).get("id") == account:
            found.add((message["chat"]["id"], message["message_id"]))
    return found


async def drop_unfinished(session: AsyncSession, gone: Forgotten) -> None:
    """Half-finished forms and searches of the deputies in which it stands."""
    for form in await session.scalars(select(Form).where(Form.person_id.in_(gone.people))):
        if _tells(json.dumps(form.data, ensure_ascii=False), gone):
            await session.delete(form)
    for search in await session.scalars(select(IssueSearch)):  # five a person at most
        if _tells(search.words, gone):
            await session.delete(search)
    await session.flush()


async def _chats_of(session: AsyncSession, people: Collection[int]) -> set[int]:
    chats = await session.scalars(select(Person.telegram_id).where(Person.id.in_(people), Person.telegram_id.is_not(None)))
    return {chat_id for chat_id in chats if chat_id is not None}


def _tells(said: str, gone: Forgotten) -> bool:
    """Whether it holds a name, a number, a file or the words themselves. ``said`` may be JSON, where line ends are written as two signs."""
    return any(_stands_in(word, said) for word in gone.words | gone.file_ids) or _has_text(said, gone)


def _surely_tells(said: str, gone: Forgotten) -> bool:
    return any(_DIGITS.search(word) and _stands_in(word, said) for word in gone.words) or _has_text(said, gone)


def _has_text(said: str, gone: Forgotten) -> bool:
    return any(len(line) >= TELLING and _stands_in(line, said) for text in gone.texts for line in text.splitlines())


def _stands_in(word: str, said: str) -> bool:
    escaped = word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return any(json.dumps(form, ensure_ascii=False)[1:-1] in said for form in {word, escaped})


def _copies(message: OutboxMessage, gone: Forgotten, accounts: Collection[int]) -> bool:
    """Whether the call brought any of the messages, or a file of theirs."""
    source = message.params.get("from_chat_id")
    ids: Iterable[int] = message.params.get("message_ids", ())
    return message.id in gone.calls or source in accounts or any((source, id) in gone.messages for id in ids)


def _can_leave(message: OutboxMessage, now: datetime) -> bool:
    """Whether Telegram lets go of it: in groups at any time, where the bot may delete there."""
    if message.state is not OutboxState.SENT or message.message_id is None or message.chat_id is None or message.card_id is not None:
        return False
    return message.chat_id < 0 or (message.settled_at is not None and now - message.settled_at < LETS_GO)


async def _stands_at(session: AsyncSession, message: OutboxMessage) -> list[Standing]:
    if message.chat_id is None or message.message_id is None:
        return []
    further = select(CopiedMessage.message_id).where(CopiedMessage.outbox_message_id == message.id)
    return [(message.chat_id, id) for id in (message.message_id, *(await session.scalars(further)))]


def _brings(payload: str, gone: Forgotten, accounts: Collection[int]) -> bool:
    """Whether an update is one of theirs, brought one of the messages, or shows what was said."""
    update_ = _read(payload)
    return any(_is_about(each, gone, accounts) for each in _objects(update_)) or _tells(json.dumps(update_, ensure_ascii=False), gone)


def _is_about(found: dict[str, Any], gone: Forgotten, accounts: Collection[int]) -> bool:
    if ("first_name" in found and found.get("id") in accounts) or found.get("user_id") in accounts:
        return True
    chat = found.get("chat")
    return isinstance(chat, dict) and (chat.get("id") in accounts or (chat.get("id"), found.get("message_id")) in gone.messages)


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    """Every object within, the whole one first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _read(payload: str) -> dict[str, Any]:
    """An update that does not parse was kept as it came; it is about nothing."""
    try:
        read = json.loads(payload)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def standing_by_chat(standing: Sequence[Standing]) -> dict[int, list[int]]:
    """The numbers of messages by chat, each once."""
    found: dict[int, set[int]] = {}
    for chat_id, message_id in standing:
        found.setdefault(chat_id, set()).add(message_id)
    return {chat_id: sorted(ids) for chat_id, ids in found.items()}
