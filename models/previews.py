"""Whom open drafts are about to ask: previews seen side by side must not all name the same person."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.issues import Issue, IssueState
from models.people import Person

COUNTS_FOR = timedelta(hours=1)
"""How long a preview counts as work to come; a draft that lies about for longer keeps nobody from being asked."""


class PreviewedSpecialist(Base):
    """Whom the latest preview of a draft named."""

    __tablename__ = "previewed_specialists"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    shown_at: Mapped[datetime] = mapped_column(index=True)


async def note_preview(session: AsyncSession, issue: Issue, person: Person, *, now: datetime) -> None:
    """Keep whom the deputy was shown."""
    await session.merge(PreviewedSpecialist(issue_id=issue.id, person_id=person.id, shown_at=now))


async def about_to_be_asked(session: AsyncSession, *, besides: Issue, now: datetime) -> Counter[int]:
    """By person, how many other drafts name them in a preview that somebody may confirm any moment."""
    shown = (
        select(PreviewedSpecialist.person_id, func.count())
        .join(Issue, Issue.id == PreviewedSpecialist.issue_id)
        .where(PreviewedSpecialist.shown_at > now - COUNTS_FOR, Issue.state == IssueState.DRAFT, Issue.id != besides.id)
        .group_by(PreviewedSpecialist.person_id)
    )
    return Counter({row[0]: row[1] for row in await session.execute(shown)})
