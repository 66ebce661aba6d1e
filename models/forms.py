"""Half-finished forms: what somebody is in the middle of telling the Home. A form is a row, so it survives a restart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, json_column


class Form(Base):
    """The one form a person has open. ``step`` says which answer is awaited; ``data`` holds those given."""

    __tablename__ = "forms"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    step: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(json_column()), default=dict)
    updated_at: Mapped[datetime] = mapped_column(index=True)


async def open_form(session: AsyncSession, person_id: int, kind: str, step: str, *, now: datetime, **data: Any) -> Form:
    """Begin a form; whatever the person had open before is dropped."""
    await close_form(session, person_id)
    form = Form(person_id=person_id, kind=kind, step=step, data=data, updated_at=now)
    session.add(form)
    await session.flush()
    return form


async def form_of(session: AsyncSession, person_id: int, kind: str | None = None) -> Form | None:
    """The person's open form, or None; with ``kind`` only one of that kind."""
    form = await session.get(Form, person_id)
    return form if form is not None and kind in (None, form.kind) else None


async def close_form(session: AsyncSession, person_id: int) -> None:
    form = await session.get(Form, person_id)
    if form is not None:
        await session.delete(form)
        await session.flush()
