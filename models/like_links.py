"""Links between like issues: found by likeness, confirmed or rejected by people. What was rejected is not asked again."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import Issue, IssueState, issue_by_id
from models.likeness import nearest
from models.people import Person
from models.rules import Gone

SHOWN = 3
KEPT = 12


class Verdict(enum.StrEnum):
    FOUND = "found"
    ALIKE = "alike"
    NOT_ALIKE = "not_alike"


class IssueLink(Base):
    """That one issue is like an earlier one: how much, and what people say to it."""

    __tablename__ = "issue_links"
    __table_args__ = (UniqueConstraint("issue_id", "earlier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    earlier_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    score: Mapped[float]
    found_at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.FOUND)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin", foreign_keys=[issue_id])
    earlier: Mapped[Issue] = relationship(lazy="selectin", foreign_keys=[earlier_id])


async def find_likes(session: AsyncSession, issue: Issue, text: str, *, now: datetime) -> Sequence[IssueLink]:
    """Link the issue to the nearest past ones; gives those to show, the nearest first. What was rejected stays away."""
    likes = await nearest(session, text, besides=issue.id, limit=KEPT)
    known = {link.earlier_id: link for link in await session.scalars(select(IssueLink).where(IssueLink.issue_id == issue.id))}
    near = {like.issue.id for like in likes}
    for old in known.values():
        if old.verdict is Verdict.FOUND and old.earlier_id not in near:
            await session.delete(old)  # the draft says something else by now
    links = []
    for like in likes:
        link = known.get(like.issue.id)
        if link is None:
            link = IssueLink(
                issue=issue, earlier=like.issue, earlier_id=like.issue.id, score=like.score, found_at=now, verdict=Verdict.FOUND
            )
            session.add(link)
        link.score = like.score
        links.append(link)
    await session.flush()
    return [link for link in links if link.verdict is not Verdict.NOT_ALIKE][:SHOWN]


async def link_for(session: AsyncSession, id: int, deputy: Person) -> IssueLink:
    """A link that was shown to this deputy. Raises Gone for a withdrawn issue, NotAllowed for anybody else."""
    link = await session.get(IssueLink, id)
    if link is None:
        raise Gone
    issue = await issue_by_id(session, link.issue_id)
    issue.require_home(deputy)
    if link.earlier.state is IssueState.WITHDRAWN or (issue.state is IssueState.WITHDRAWN):
        raise Gone
    return link


def judge(session: AsyncSession, link: IssueLink, person: Person, verdict: Verdict, *, now: datetime) -> None:
    """Say whether the two are alike; the last word counts."""
    link.verdict, link.decided_by_id, link.decided_at = verdict, person.id, now
    record(session, person, f"issue.link_{verdict}", f"issue:{link.issue_id}", now=now, earlier=link.earlier_id)


async def links_among(session: AsyncSession, issue_ids: Sequence[int]) -> Sequence[IssueLink]:
    """All links between these issues."""
    return (await session.scalars(select(IssueLink).where(IssueLink.issue_id.in_(issue_ids), IssueLink.earlier_id.in_(issue_ids)))).all()


async def linked_to(session: AsyncSession, issue_ids: Sequence[int], *, at_least: float, since: datetime) -> set[int]:
    """The issues shared since then that are linked to any of these, confirmed or found alike enough, and not rejected."""
    alike: ColumnElement[bool] = or_(IssueLink.verdict == Verdict.ALIKE, IssueLink.score >= at_least)
    wanted = (alike, IssueLink.verdict != Verdict.NOT_ALIKE)
    there = select(IssueLink.earlier_id).where(IssueLink.issue_id.in_(issue_ids), *wanted)
    back = select(IssueLink.issue_id).where(IssueLink.earlier_id.in_(issue_ids), *wanted)
    recent = select(Issue.id).where(
        or_(Issue.id.in_(there), Issue.id.in_(back)),
        Issue.confirmed_at >= since,
        Issue.number.is_not(None),
        Issue.state != IssueState.WITHDRAWN,
    )
    return set(await session.scalars(recent)) - set(issue_ids)
