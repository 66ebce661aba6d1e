"""How the Home is: what waits, what failed, what was set aside, and since when; and the alarms that are on. All by queries."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.inbox import InboxState, InboxUpdate
from models.outbox import Lane, OutboxMessage, OutboxState, sent_since
from models.retrying import worth_retrying


class AlarmKind(enum.StrEnum):
    """What can stand still."""

    INTAKE = "intake"
    """Nothing can be fetched from Telegram."""
    INBOX = "inbox"
    """What people said waits to be worked on."""
    OUTBOX = "outbox"
    """What is to be said does not leave."""
    SCHEDULE = "schedule"
    """What time brings is not done."""
    BACKUP = "backup"
    """The night passed without a backup."""
    DISK = "disk"
    """There is no room left to write: said by the process itself, never a row."""


class Alarm(Base):
    """Something stands still now, and the office was told; the row goes when it goes on."""

    __tablename__ = "alarms"

    kind: Mapped[AlarmKind] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    raised_at: Mapped[datetime]


class NightlyBackup(Base):
    """The backup of one night: a slot that is filled once, whoever runs."""

    __tablename__ = "nightly_backups"

    night: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Waiting:
    """How many, and since when the one that waits longest; None where there is none."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Figures:
    """The Home at one moment. What is due later does not wait; ``failing`` were tried in vain and will be tried again."""

    updates: Waiting
    updates_failing: int
    set_aside: Waiting
    messages: Mapping[Lane, Waiting]
    messages_failing: Waiting
    for_circles: Waiting
    failed: Waiting
    """Messages that were given up within the last days and can be sent again."""
    sent_last_minute: int
    last_sent_at: datetime | None
    backup: NightlyBackup | None
    alarms: tuple[Alarm, ...]


async def figures_at(session: AsyncSession, *, now: datetime, besides: int | None = None) -> Figures:
    """Count; each of these is a query that an index answers. ``besides`` is the update in hand, which does not wait."""
    new = and_(InboxUpdate.state == InboxState.NEW, InboxUpdate.update_id != (besides if besides is not None else -1))
    lanes = await session.execute(
        select(OutboxMessage.lane, func.count(), func.min(OutboxMessage.due_at)).where(_due(now)).group_by(OutboxMessage.lane)
    )
    messages = {lane: Waiting() for lane in Lane} | {Lane(lane): Waiting(count, since) for lane, count, since in lanes}
    newest = select(func.max(OutboxMessage.settled_at)).where(OutboxMessage.forgotten_at.is_(None), OutboxMessage.settled_at <= now)
    minute = select(func.count()).select_from(OutboxMessage).where(sent_since(now - timedelta(minutes=1)))
    return Figures(
        updates=await _waiting(session, InboxUpdate.position, new),
        updates_failing=(await _waiting(session, InboxUpdate.position, new, InboxUpdate.attempts > 0)).count,
        set_aside=await _waiting(session, InboxUpdate.done_at, InboxUpdate.state == InboxState.SET_ASIDE),
        messages=messages,
        messages_failing=await _waiting(session, OutboxMessage.created_at, _in_hand(), OutboxMessage.error.is_not(None)),
        for_circles=await _waiting(session, OutboxMessage.created_at, OutboxMessage.state == OutboxState.WAITING),
        failed=await _waiting(session, OutboxMessage.settled_at, worth_retrying(now)),
        sent_last_minute=await session.scalar(minute) or 0,
        last_sent_at=await session.scalar(newest),
        backup=await session.scalar(select(NightlyBackup).order_by(NightlyBackup.night.desc()).limit(1)),
        alarms=tuple(await session.scalars(select(Alarm).order_by(Alarm.since))),
    )


async def stalls(session: AsyncSession, after: timedelta, *, now: datetime) -> dict[AlarmKind, datetime | None]:
    """Since when the inbox and the outbox stand still; None where they do not, or not for that long."""
    oldest = await session.scalar(select(func.min(InboxUpdate.position)).where(InboxUpdate.state == InboxState.NEW))
    return {
        AlarmKind.INBOX: oldest if oldest is not None and oldest <= now - after else None,
        AlarmKind.OUTBOX: await _nothing_leaves_since(session, after, now=now),
    }


async def _nothing_leaves_since(session: AsyncSession, after: timedelta, *, now: datetime) -> datetime | None:
    """A notice to thousands takes longer than any stall: so long as anything arrives, nothing stands still."""
    if await session.scalar(select(exists().where(sent_since(now - after)))):
        return None
    # What failed is put off again and again, so that it is never due for long: it waits since it was queued.
    since = case((OutboxMessage.error.is_(None), OutboxMessage.due_at), else_=OutboxMessage.created_at)
    found: datetime | None = await session.scalar(select(func.min(since)).where(_in_hand(), since <= now - after))
    return found


def _in_hand() -> ColumnElement[bool]:
    return OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(_in_hand(), OutboxMessage.due_at <= now)


async def _waiting(session: AsyncSession, since: Any, *which: ColumnElement[bool]) -> Waiting:
    count, oldest = (await session.execute(select(func.count(), func.min(since)).where(*which))).one()
    return Waiting(count, oldest)
