"""Outcomes: what came of an issue, who said so, and what the constituent was told."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import ClosedAs, Issue, issue_by_id
from models.people import Person, Role
from models.rules import Gone, NotAllowed, RuleBroken

ANSWER_LIMIT = 1500
"""What fits on one screen of a constituent's phone, twice over."""


class Address(enum.StrEnum):
    """Where a matter belongs that deputies cannot settle."""

    COURT = "court"
    ARBITRATION = "arbitration"
    RECONSIDERATION = "reconsideration"
    PETITION = "petition"
    HOTLINE = "hotline"


class AnswerTooLong(RuleBroken):
    """An answer to a constituent is short."""

    key = "outcome.answer_too_long"


class Outcome(Base):
    """One closing of an issue. A reopened issue keeps its earlier outcomes, as undone."""

    __tablename__ = "issue_outcomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    closed_as: Mapped[ClosedAs]
    address: Mapped[Address | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """The deputy's own words to the constituent; empty where the drafted ones stand."""
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    decided_by: Mapped[Person] = relationship(lazy="selectin")

    def reword(self, answer: str) -> None:
        """The deputy says it in other words. Raises AnswerTooLong."""
        if len(answer) > ANSWER_LIMIT:
            raise AnswerTooLong(limit=ANSWER_LIMIT, length=len(answer))
        self.answer = answer


def require_in_charge(issue: Issue, person: Person) -> None:
    """Raise NotAllowed for anybody but the home deputy; once that one has left the roster, the office stands in."""
    if issue.deputy.serves:
        issue.require_home(person)
    elif not person.has(Role.OFFICE):
        raise NotAllowed


async def decide_outcome(
    session: AsyncSession, issue: Issue, person: Person, closed_as: ClosedAs, address: Address | None = None, *, now: datetime
) -> Outcome:
    """Close the issue. Raises NotAllowed, IssueOver."""
    require_in_charge(issue, person)
    issue.close(closed_as, now=now)
    outcome = Outcome(issue=issue, closed_as=closed_as, address=address, answer="", decided_by=person, decided_at=now)
    session.add(outcome)
    await session.flush()
    details = {"address": address.value} if address is not None else {}
    record(session, person, "issue.closed", f"issue:{issue.id}", now=now, closed_as=closed_as.value, **details)
    return outcome


async def outcome_of(session: AsyncSession, issue: Issue) -> Outcome | None:
    """The outcome that stands; None for an issue that lives, or was withdrawn."""
    standing = select(Outcome).where(Outcome.issue_id == issue.id, Outcome.undone_at.is_(None))
    found: Outcome | None = await session.scalar(standing.order_by(Outcome.id.desc()).limit(1))
    return found


async def outcome_by_id(session: AsyncSession, id: int) -> Outcome:
    """An outcome that stands, its issue locked. Raises Gone."""
    outcome = await session.get(Outcome, id)
    if outcome is None:
        raise Gone
    await issue_by_id(session, outcome.issue_id)
    await session.refresh(outcome)
    if outcome.undone_at is not None:
        raise Gone
    return outcome


async def undo_outcome(session: AsyncSession, issue: Issue, *, now: datetime) -> None:
    """The issue lives again: what was decided is history."""
    outcome = await outcome_of(session, issue)
    if outcome is not None:
        outcome.undone_at = now
