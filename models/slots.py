"""Scheduled slots: what must happen once for a given time is a unique row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ScheduledSlot(Base):
    """One slot of one schedule, taken."""

    __tablename__ = "scheduled_slots"
    schedule: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken_at: Mapped[datetime]


async def take_slot(session: AsyncSession, schedule: str, slot: str, *, now: datetime) -> bool:
    """Take a slot; False if it was taken before."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = {"schedule": schedule, "slot": slot, "taken_at": now}
    result = await session.execute(insert(ScheduledSlot).values(values).on_conflict_do_nothing())
    return isinstance(result, CursorResult) and result.rowcount == 1
