"""What the home deputy thinks of the advice: told to nobody, counted for the figures alone."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.issues import Issue, IssueState
from models.people import Person
from models.remarks import Remark
from models.rules import Gone

RATINGS_TOGETHER, PEOPLE_TOGETHER = 5, 3
"""So many ratings, by so many deputies and of so many advisers, hide each one of them."""


class Usefulness(enum.StrEnum):
    USEFUL = "useful"
    PARTLY = "partly"
    NOT = "not"


class AdviceRating(Base):
    """How useful one adviser's words on one issue were. Not in the audit log, which others may read."""

    __tablename__ = "advice_ratings"
    __table_args__ = (UniqueConstraint("issue_id", "adviser_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    adviser_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    usefulness: Mapped[Usefulness]
    rated_at: Mapped[datetime] = mapped_column(index=True)


async def those_who_spoke(session: AsyncSession, issue: Issue) -> Sequence[Person]:
    """Everybody who gave an opinion on the issue, in the order of their first, whether still on the roster or not."""
    first = select(Remark.author_id, func.min(Remark.id).label("first")).where(Remark.issue_id == issue.id)
    first_remarks = first.where(Remark.author_id != issue.deputy_id, Remark.by_home.is_(False)).group_by(Remark.author_id).subquery()
    return (
        await session.scalars(select(Person).join(first_remarks, first_remarks.c.author_id == Person.id).order_by(first_remarks.c.first))
    ).all()


async def rate_advice(
    session: AsyncSession, issue: Issue, deputy: Person, adviser_id: int, usefulness: Usefulness, *, now: datetime
) -> None:
    """Keep the home deputy's word; the last one counts. Raises NotAllowed, or Gone before it is closed or for one who gave no advice."""
    issue.require_home(deputy)
    if issue.state is not IssueState.CLOSED or adviser_id not in {person.id for person in await those_who_spoke(session, issue)}:
        raise Gone
    rating = await session.scalar(select(AdviceRating).where(AdviceRating.issue_id == issue.id, AdviceRating.adviser_id == adviser_id))
    if rating is None:
        session.add(AdviceRating(issue_id=issue.id, adviser_id=adviser_id, usefulness=usefulness, rated_at=now))
    else:
        rating.usefulness, rating.rated_at = usefulness, now
    await session.flush()


async def ratings_of(session: AsyncSession, issue: Issue) -> dict[int, Usefulness]:
    """The ratings of an issue by adviser: for its home deputy."""
    rows = await session.execute(select(AdviceRating.adviser_id, AdviceRating.usefulness).where(AdviceRating.issue_id == issue.id))
    return {row[0]: row[1] for row in rows}


async def rating_counts(session: AsyncSession, since: datetime, until: datetime) -> dict[Usefulness, int]:
    """How much advice was found how useful: of everybody together, and nothing where so few were rated that it would tell who said what."""
    within = (AdviceRating.rated_at >= since, AdviceRating.rated_at < until)
    given = select(AdviceRating.usefulness, AdviceRating.adviser_id, Issue.deputy_id).join(Issue, Issue.id == AdviceRating.issue_id)
    rows = (await session.execute(given.where(*within))).all()
    if len(rows) < RATINGS_TOGETHER or min(len({row[1] for row in rows}), len({row[2] for row in rows})) < PEOPLE_TOGETHER:
        return {}
    counts = Counter(row[0] for row in rows)
    return {usefulness: counts[usefulness] for usefulness in Usefulness}
