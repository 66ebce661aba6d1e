"""The inbox: every update as Telegram gave it, stored before it is acknowledged."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import BigInteger, Index, Text, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

ATTEMPTS = 3
STEP = timedelta(milliseconds=50)
"""What one account says keeps this distance in the order of work, so that others come in between; nobody waits for it."""


class InboxState(enum.StrEnum):
    NEW = "new"
    DONE = "done"
    SET_ASIDE = "set_aside"


class InboxUpdate(Base):
    """One update. Its id is the primary key, so the same update twice changes nothing."""

    __tablename__ = "inbox_updates"
    __table_args__ = (
        Index("ix_inbox_updates_waiting", "state", "position"),
        Index("ix_inbox_updates_done", "state", "done_at"),
        Index("ix_inbox_updates_telegram_id", "telegram_id", "position"),
    )

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[datetime]
    """The order of work: when it was taken in, or a little later for what one account says faster than a person can.
    Update ids may start anew after a quiet week."""
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    """The account that said or pressed it, where it is to be answered."""
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[InboxState] = mapped_column(default=InboxState.NEW)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)


async def take_in(
    session: AsyncSession, updates: Iterable[tuple[int, str]], *, now: datetime, said_by: Mapping[int, int] | None = None
) -> None:
    """Store updates, given as id and raw JSON; those already known are left as they are. ``said_by`` names accounts by update."""
    speakers = said_by or {}
    last = await _last_positions(session, set(speakers.values()), since=now)
    rows: list[dict[str, Any]] = []
    for place, (update_id, payload) in enumerate(updates):
        position, speaker = now + timedelta(microseconds=place), speakers.get(update_id)
        if speaker is not None:
            position = last[speaker] = max(position, last[speaker] + STEP) if speaker in last else position
        row = {"update_id": update_id, "position": position, "telegram_id": speaker, "payload": payload}
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


_OLDEST = select(InboxUpdate).where(InboxUpdate.state == InboxState.NEW).order_by(InboxUpdate.position, InboxUpdate.update_id)


async def next_updates(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[InboxUpdate]:
    """What to work on: the oldest not done. One that waits for another attempt holds up those behind it, so order is kept."""
    oldest = (await session.scalars(_OLDEST.limit(limit))).all()
    return list(takewhile(lambda update: update.retry_at is None or update.retry_at <= now, oldest))


def finish(row: InboxUpdate, *, now: datetime) -> None:
    row.state, row.done_at, row.error = InboxState.DONE, now, None


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


async def forget_done(session: AsyncSession, state: InboxState, *, before: datetime, limit: int) -> int:
    """Delete the oldest of what was done (or set aside) before then, and tell how many; Telegram offers an update for 24 hours at most."""
    over = select(InboxUpdate.update_id).where(InboxUpdate.state == state, InboxUpdate.done_at < before)
    ids = (await session.scalars(over.order_by(InboxUpdate.done_at).limit(limit))).all()
    if ids:
        await session.execute(delete(InboxUpdate).where(InboxUpdate.update_id.in_(ids)))
    return len(ids)
