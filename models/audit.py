"""The append-only audit log: who, when, what, on which row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, ForeignKey, String, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column

from models.base import Base

if TYPE_CHECKING:
    from models.people import Person


class LogIsAppendOnly(RuntimeError):
    """Somebody's code tried to change or delete what was written down; the database refuses the same."""


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


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse_change(mapper: Mapper[AuditEntry], connection: Connection, entry: AuditEntry) -> None:
    raise LogIsAppendOnly(f"audit entry {entry.id}")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    """An update or delete of many rows at once passes by the single entries."""
    if (state.is_update or state.is_delete) and state.bind_mapper is not None and state.bind_mapper.class_ is AuditEntry:
        raise LogIsAppendOnly(str(state.statement))
