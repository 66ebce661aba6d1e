"""The append-only audit log: who, when, what, on which row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

if TYPE_CHECKING:
    from models.people import Person


class AuditEntry(Base):
    """One change of state. Rows are added, never changed or deleted."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(session: AsyncSession, actor: Person | None, action: str, subject: str, *, now: datetime, **details: Any) -> None:
    """Write down a change. ``subject`` names the row, such as ``issue:12``; no actor means the Home itself did it."""
    session.add(AuditEntry(at=now, actor_id=actor.id if actor else None, action=action, subject=subject, details=details))
