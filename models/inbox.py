"""The inbox: every update as Telegram gave it, stored before it is acknowledged."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any

from sqlalchemy import BigInteger, Index, Select, Text, and_, bindparam, delete, exists, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.base import Base

ATTEMPTS = 3
UNSYNCED = {"synchronize_session": False}
STEP = timedelta(milliseconds=50)
"""What one account says keeps this distance in the order of work, so that others come in between; nobody waits for it."""


class InboxState(enum.StrEnum):
    NEW = "new"
    DONE = "done"
    SET_ASIDE = "set_aside"


def _where_new(name: str, column: str) -> Index:
    """An index of what waits alone: small, however much was done."""
    new = text("state = 'new'")
    return Index(name, column, "position", sqlite_where=new, postgresql_where=new)


class InboxUpdate(Base):
    """One update. Its id is the primary key, so the same update twice changes nothing."""

    __tablename__ = "inbox_updates"
    __table_args__ = (
        Index("ix_inbox_updates_waiting", "state", "position"),
        Index("ix_inbox_updates_done", "state", "done_at"),
        Index("ix_inbox_updates_telegram_id", "telegram_id", "position"),
        _where_new("ix_inbox_updates_waiting_account", "telegram_id"),
        _where_new("ix_inbox_updates_waiting_chat", "chat_id"),
    )

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[datetime]
    """The order of work: when it was taken in, or a little later for what one account says faster than a person can.
    Update ids may start anew after a quiet week."""
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    """The account that said or pressed it, where it is to be answered."""
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    """The chat it happened in: what happens in one chat is worked on in order."""
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[InboxState] = mapped_column(default=InboxState.NEW)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


async def take_in(
    session: AsyncSession,
    updates: Iterable[tuple[int, str]],
    *,
    now: datetime,
    said_by: Mapping[int, int] | None = None,
    said_in: Mapping[int, int] | None = None,
) -> None:
    """Store updates, given as id and raw JSON; those already known are left as they are. ``said_by`` names accounts by update, and
    ``said_in`` chats."""
    speakers, chats = said_by or {}, said_in or {}
    last = await _last_positions(session, set(speakers.values()), since=now)
    rows: list[dict[str, Any]] = []
    for place, (update_id, payload) in enumerate(updates):
        position, speaker = now + timedelta(microseconds=place), speakers.get(update_id)
        if speaker is not None:
            position = last[speaker] = max(position, last[speaker] + STEP) if speaker in last else position
        row = {"update_id": update_id, "position": position, "telegram_id": speaker, "chat_id": chats.get(update_id), "payload": payload}
        rows.append({**row, "state": InboxState.NEW, "attempts": 0})
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(postgresql_insert(InboxUpdate).on_conflict_do_nothing(), rows)
    else:
        await session.execute(sqlite_insert(InboxUpdate).on_conflict_do_nothing(), rows)


async def _last_positions(session: AsyncSession, speakers: Collection[int], *, since: datetime) -> dict[int, datetime]:
    """By account, the last place in the order of work that it has taken, of those so near that what comes now must keep its distance."""
    if not speakers:
        return {}
    near = InboxUpdate.telegram_id.in_(speakers), InboxUpdate.position > since - STEP
    found = await session.execute(
        select(InboxUpdate.telegram_id, func.max(InboxUpdate.position)).where(*near).group_by(InboxUpdate.telegram_id)
    )
    return {speaker: position for speaker, position in found if speaker is not None}


@cache
def _oldest_free() -> Select[InboxUpdate]:
    """What nobody works on and has nothing before it, held for whoever asks. What has neither account nor chat has everything before it."""
    # Written into the statement, so that a plan made once for all values may use the index of what waits.
    new = bindparam("new", InboxState.NEW, type_=InboxUpdate.state.type, literal_execute=True)
    now = bindparam("now", type_=InboxUpdate.position.type)
    earlier = aliased(InboxUpdate)
    before = exists().where(
        earlier.state == new, tuple_(earlier.position, earlier.update_id) < tuple_(InboxUpdate.position, InboxUpdate.update_id)
    )
    nowhere = and_(InboxUpdate.telegram_id.is_(None), InboxUpdate.chat_id.is_(None))
    return (
        select(InboxUpdate)
        .where(InboxUpdate.state == new, or_(InboxUpdate.retry_at.is_(None), InboxUpdate.retry_at <= now, InboxUpdate.position > now))
        .where(~before.where(earlier.telegram_id == InboxUpdate.telegram_id), ~before.where(earlier.chat_id == InboxUpdate.chat_id))
        .where(~and_(nowhere, before))
        .order_by(InboxUpdate.position, InboxUpdate.update_id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=InboxUpdate)
    )


_OLDEST = (
    select(InboxUpdate)
    .where(InboxUpdate.state == InboxState.NEW)
    .order_by(InboxUpdate.position, InboxUpdate.update_id)
    .limit(bindparam("limit"))
)
"""Asked with every update, so it is put together once."""


async def next_updates(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[InboxUpdate]:
    """What to work on: the oldest not done. One that waits for another attempt holds up those behind it, so order is kept.

    But not where the clock was set back since it was taken in: then all would wait for that time to come again. On PostgreSQL others work
    on theirs meanwhile: the rows are held until the transaction ends, and what is held, or waits, holds up only what the same account said
    or what happened in the same chat.
    """
    if session.get_bind().dialect.name == "postgresql":
        return (await session.scalars(_oldest_free(), {"now": now, "limit": limit})).all()
    oldest = await session.scalars(_OLDEST, {"limit": limit})
    return list(takewhile(lambda update: update.retry_at is None or not update.position <= now < update.retry_at, oldest))


async def still_new(session: AsyncSession, update_id: int) -> InboxUpdate | None:
    """An update whose transaction was rolled back, held again; None when somebody else has settled it since."""
    row = await session.get_one(InboxUpdate, update_id, with_for_update=True)
    return row if row.state is InboxState.NEW else None


def finish(row: InboxUpdate, *, now: datetime) -> None:
    row.state, row.done_at, row.error = InboxState.DONE, now, None


async def finish_all(session: AsyncSession, ids: Collection[int], *, now: datetime) -> None:
    """The same for many, in one statement."""
    done = {"state": InboxState.DONE, "done_at": now, "error": None}
    await session.execute(update(InboxUpdate).where(InboxUpdate.update_id.in_(ids)).values(done), execution_options=UNSYNCED)


def count_failure(row: InboxUpdate, error: str, *, now: datetime) -> bool:
    """Note a failed attempt; True once the update has been set aside, after three."""
    row.attempts += 1
    row.error = error
    if row.attempts >= ATTEMPTS:
        row.state, row.done_at = InboxState.SET_ASIDE, now
        return True
    row.retry_at = now + timedelta(milliseconds=200 * row.attempts)
    return False


_SAID_BEFORE = select(func.count()).select_from(
    select(InboxUpdate.update_id)
    .where(InboxUpdate.telegram_id == bindparam("account"), InboxUpdate.position > bindparam("since"))
    .where(
        or_(
            InboxUpdate.position < bindparam("this"),
            and_(InboxUpdate.position == bindparam("this"), InboxUpdate.update_id <= bindparam("id")),
        )
    )
    .limit(bindparam("at_most"))
    .subquery()
)
"""Asked with every update, so it is put together once."""


async def said_before(session: AsyncSession, update_id: int, telegram_id: int, *, within: timedelta, at_most: int) -> int:
    """How much this account said before this update and with it, so long back; counted as far as ``at_most``.

    It is counted from when each was taken in, so that what waited through an outage is counted like anything else.
    """
    this = (await session.get_one(InboxUpdate, update_id)).position
    values = {"account": telegram_id, "since": this - within, "this": this, "id": update_id, "at_most": at_most}
    return await session.scalar(_SAID_BEFORE, values) or 0


async def said_about(session: AsyncSession, updates: Sequence[InboxUpdate], *, within: timedelta) -> dict[int, int]:
    """By account, how much was said in about that time before these updates: never less than ``said_before`` counts for any of them."""
    first, last = min(update.position for update in updates), max(update.position for update in updates)
    accounts = {update.telegram_id for update in updates if update.telegram_id is not None}
    found = await session.execute(_SAID_ABOUT, {"accounts": accounts, "since": first - within, "last": last})
    return {account: number for account, number in found if account is not None}


_SAID_ABOUT = (
    select(InboxUpdate.telegram_id, func.count())
    .where(InboxUpdate.telegram_id.in_(bindparam("accounts", expanding=True)))
    .where(InboxUpdate.position > bindparam("since"), InboxUpdate.position <= bindparam("last"))
    .group_by(InboxUpdate.telegram_id)
)


async def forget_done(session: AsyncSession, state: InboxState, *, before: datetime, limit: int) -> int:
    """Delete the oldest of what was done (or set aside) before then, and tell how many; Telegram offers an update for 24 hours at most."""
    over = select(InboxUpdate.update_id).where(InboxUpdate.state == state, InboxUpdate.done_at < before)
    ids = (await session.scalars(over.order_by(InboxUpdate.done_at).limit(limit))).all()
    if ids:
        await session.execute(delete(InboxUpdate).where(InboxUpdate.update_id.in_(ids)))
    return len(ids)
