"""The append-only audit log: who, when, what, on which row.

What a transaction changes is written down when it ends, all at once, or before somebody in it reads the log.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, ForeignKey, String, event, insert
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


_UNWRITTEN = "audit entries not written yet"


def record(session: AsyncSession, actor: Person | None, action: str, subject: str, *, now: datetime, **details: Any) -> None:
    """Write down a change. ``subject`` names the row, such as ``issue:12``; no actor means the Home itself did it."""
    entry = {"at": now, "actor_id": actor.id if actor else None, "action": action, "subject": subject, "details": details}
    session.info.setdefault(_UNWRITTEN, []).append(entry)


@event.listens_for(Session, "before_commit")
def _write_down(session: Session) -> None:
    if entries := session.info.pop(_UNWRITTEN, None):
        session.flush()  # whoever did it may be new
        session.execute(insert(AuditEntry), entries)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_UNWRITTEN, None)


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse_change(mapper: Mapper[AuditEntry], connection: Connection, entry: AuditEntry) -> None:
    raise LogIsAppendOnly(f"audit entry {entry.id}")


@event.listens_for(Session, "do_orm_execute")
def _before_a_statement(state: ORMExecuteState) -> None:
    """Whoever reads the log finds all of it; an update or delete of many rows at once, which passes by the single entries, is refused."""
    if state.bind_mapper is None or state.bind_mapper.class_ is not AuditEntry:
        return
    if state.is_update or state.is_delete:
        raise LogIsAppendOnly(str(state.statement))
    if state.is_select:
        _write_down(state.session)
