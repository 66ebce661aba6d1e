"""Issues whose home deputy has left: the office closes them, or another deputy takes them over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, delete, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import LIVE, Issue
from models.mandates import left_with_their_term
from models.people import Person, Role, serving
from models.referrals import ReferralState, leave, referral_between
from models.rules import Gone, NotAllowed
from models.suggestion_drafts import suggestion_of


class Handover(Base):
    """One issue that a deputy left behind, and who has taken it over."""

    __tablename__ = "issue_handovers"
    __table_args__ = (
        UniqueConstraint("issue_id", "left_by_id"),
        Index("ix_issue_handovers_open", "left_by_id", sqlite_where=text("taken_at IS NULL"), postgresql_where=text("taken_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    left_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    noticed_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    taken_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin")


async def left_behind(session: AsyncSession, *, limit: int = 50) -> Sequence[Issue]:
    """Live issues of deputies who have left, of which the office has not heard. What a whole term leaves behind is a list of its own."""
    heard = select(Handover.id).where(Handover.issue_id == Issue.id, Handover.left_by_id == Issue.deputy_id, Handover.taken_at.is_(None))
    gone = select(Issue).where(Issue.state.in_(LIVE), Issue.deputy.has(~serving()), ~heard.exists())
    gone = gone.where(~left_with_their_term(Issue.deputy_id))
    return (await session.scalars(gone.order_by(Issue.id).limit(limit))).all()


async def next_left_behind(session: AsyncSession) -> datetime | None:
    """When there is something to tell the office: at once, or nothing."""
    found = await left_behind(session, limit=1)
    return found[0].created_at if found else None


async def note_left_behind(session: AsyncSession, issue: Issue, *, now: datetime) -> None:
    handover = await _handover_of(session, issue)
    if handover is None:
        session.add(Handover(issue=issue, left_by_id=issue.deputy_id, noticed_at=now))
    else:  # the issue had come back to them
        handover.noticed_at, handover.taken_by_id, handover.taken_at = now, None, None
    await session.flush()


async def forget_who_came_back(session: AsyncSession) -> None:
    """Who is on the roster again may leave again, and the office then hears again."""
    back = exists().where(Person.id == Handover.left_by_id, serving())
    await session.execute(delete(Handover).where(Handover.taken_at.is_(None), back))


async def _handover_of(session: AsyncSession, issue: Issue) -> Handover | None:
    query = select(Handover).where(Handover.issue_id == issue.id, Handover.left_by_id == issue.deputy_id)
    found: Handover | None = await session.scalar(query)
    return found


def require_left_behind(issue: Issue, person: Person) -> None:
    """Raise NotAllowed for anybody but the office, IssueOver for one that is over, Gone where the deputy is there."""
    person.require(Role.OFFICE)
    issue.require_live()
    if issue.deputy.serves:
        raise Gone


async def possible_homes(session: AsyncSession, issue: Issue, *, offset: int = 0, limit: int = 50) -> Sequence[Person]:
    """The deputies of the issue's area; all, where it has none."""
    able = and_(serving(), Person.telegram_id.is_not(None))
    of_area = and_(able, Person.area_id == issue.area_id)
    found = select(Person).where(of_area if issue.area_id is not None else able)
    if issue.area_id is not None and await session.scalar(select(Person.id).where(of_area).limit(1)) is None:
        found = select(Person).where(able)
    return (await session.scalars(found.order_by(Person.id).offset(offset).limit(limit))).all()


async def take_over(session: AsyncSession, issue: Issue, deputy: Person, office: Person, *, now: datetime) -> None:
    """Another deputy is the home deputy from now on. Raises NotAllowed, IssueOver, Gone."""
    require_left_behind(issue, office)
    if not deputy.has(Role.DEPUTY):
        raise NotAllowed
    handover = await _handover_of(session, issue)
    if handover is None:
        handover = Handover(issue=issue, left_by_id=issue.deputy_id, noticed_at=now)
        session.add(handover)
    handover.taken_by_id, handover.taken_at = deputy.id, now
    own = await referral_between(session, issue, deputy)
    if own is not None and own.state in (ReferralState.OFFERED, ReferralState.ACCEPTED):
        leave(session, own, ReferralState.ENDED, now=now)  # nobody advises on their own issue
    draft = await suggestion_of(session, issue)
    if draft is not None and not draft.lead.serves:
        draft.lead = deputy
    left_by, issue.deputy = issue.deputy_id, deputy
    await session.flush()
    record(session, office, "issue.taken_over", f"issue:{issue.id}", now=now, left_by=left_by, taken_by=deputy.id)
