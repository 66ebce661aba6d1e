"""Looking at letters: one's own, a deputy's, the office's, and what waits too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.mailbox import OPEN_LETTERS, Letter, LetterState
from models.mailbox_senders import Sender
from models.people import Area, Person, Role


def note_reading(session: AsyncSession, letter: Letter, deputy: Person, *, now: datetime) -> None:
    """Write down that its deputy looks at a letter as it was written, which may tell who wrote it. Raises NotAllowed."""
    letter.require_deputy(deputy)
    record(session, deputy, "letter.read", f"letter:{letter.id}", now=now)


_SENT = Letter.sent_at.is_not(None)
_OVER = Letter.state.in_((LetterState.CLOSED, LetterState.REFUSED))


async def letters_of_sender(session: AsyncSession, sender_id: int, *, limit: int) -> Sequence[Letter]:
    """What a constituent has sent, the newest first."""
    own = select(Letter).where(Letter.sender_id == sender_id, _SENT).order_by(Letter.id.desc()).limit(limit)
    return (await session.scalars(own)).all()


async def letters_of_deputy(session: AsyncSession, deputy: Person, *, offset: int, limit: int) -> Sequence[Letter]:
    """A deputy's letters, those not over first, then whoever has waited longest."""
    own = select(Letter).where(Letter.deputy_id == deputy.id, _SENT)
    return (
        await session.scalars(
            own.order_by(_OVER, Letter.waits_since.is_(None), Letter.waits_since, Letter.id.desc()).offset(offset).limit(limit)
        )
    ).all()


async def letters_for_office(
    session: AsyncSession, *, before: datetime | None, deputy_id: int | None, area: Area | None = None, offset: int, limit: int
) -> Sequence[Letter]:
    """Letters not over, whoever has waited longest first: only those waiting since ``before``, of one deputy (0: the office's own)."""
    found: Select[Any] = select(Letter).where(Letter.state.in_(OPEN_LETTERS))
    if before is not None:
        found = found.where(Letter.waits_since <= before)
    if deputy_id is not None:
        found = found.where(Letter.deputy_id == deputy_id if deputy_id else Letter.deputy_id.is_(None))
    if area is not None:
        found = found.where(Letter.area_id == area.id)
    found = found.order_by(Letter.waits_since.is_(None), Letter.waits_since, Letter.id).offset(offset).limit(limit)
    return (await session.scalars(found)).all()


async def open_by_deputy(session: AsyncSession, before: datetime, *, area: Area | None = None) -> list[tuple[Person | None, int, int]]:
    """For each deputy with open letters (None: the office): how many, and how many wait since ``before``; the most late ones first."""
    late = func.count().filter(Letter.waits_since <= before)
    query = select(Letter.deputy_id, func.count(), late).where(Letter.state.in_(OPEN_LETTERS)).group_by(Letter.deputy_id)
    if area is not None:
        query = query.where(Letter.area_id == area.id)
    rows = (await session.execute(query)).all()
    people = {p.id: p for p in await session.scalars(select(Person).where(Person.id.in_([row[0] for row in rows if row[0] is not None])))}
    counted = [(people.get(row[0] or 0), row[1], row[2]) for row in rows]
    return sorted(counted, key=lambda line: (-line[2], -line[1], line[0].id if line[0] is not None else 0))


async def blocked_senders(session: AsyncSession, *, limit: int) -> Sequence[Sender]:
    """Those the mailbox is closed to, the latest first."""
    blocked = select(Sender).where(Sender.blocked_at.is_not(None)).order_by(Sender.blocked_at.desc()).limit(limit)
    return (await session.scalars(blocked)).all()


async def blocked_for(session: AsyncSession, letter_id: int) -> Sender | None:
    """Who was blocked because of this letter."""
    found: Sender | None = await session.scalar(select(Sender).where(Sender.blocked_for_id == letter_id))
    return found


async def all_areas(session: AsyncSession) -> Sequence[Area]:
    return (await session.scalars(select(Area).order_by(Area.id))).all()


async def deputies_of_area(session: AsyncSession, area: Area) -> Sequence[Person]:
    """All active deputies of the area, in the roster's order."""
    people = await session.scalars(select(Person).where(Person.active, Person.area_id == area.id).order_by(Person.id))
    return [person for person in people if person.has(Role.DEPUTY)]
