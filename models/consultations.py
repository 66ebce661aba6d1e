"""Second opinions: other specialties that are asked about an issue besides its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import Issue
from models.people import Person, Specialty
from models.rules import RuleBroken


class ConsultedAlready(RuleBroken):
    """This specialty has been asked about the issue."""

    key = "advice.consulted_already"


class IssueConsultation(Base):
    """A further specialty consulted on an issue; its own specialty stands on the issue itself."""

    __tablename__ = "issue_consultations"
    __table_args__ = (UniqueConstraint("issue_id", "specialty_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), index=True)
    asked_at: Mapped[datetime]
    round_began_at: Mapped[datetime]
    """Specialists asked since then count as tries."""

    specialty: Mapped[Specialty] = relationship(lazy="selectin")


async def ask_second_opinion(session: AsyncSession, issue: Issue, specialty: Specialty, deputy: Person, *, now: datetime) -> None:
    """Consult another specialty; the first stays consulted. Raises IssueOver, ConsultedAlready."""
    issue.require_live()
    await require_not_consulted(session, issue, specialty)
    session.add(IssueConsultation(issue_id=issue.id, specialty_id=specialty.id, asked_at=now, round_began_at=now))
    await session.flush()
    record(session, deputy, "issue.second_opinion", f"issue:{issue.id}", now=now, specialty=specialty.name)


async def require_not_consulted(session: AsyncSession, issue: Issue, specialty: Specialty) -> None:
    """Raise ConsultedAlready."""
    if specialty.id in {each.id for each in await consulted(session, issue)}:
        raise ConsultedAlready(specialty=specialty.name)


async def consultations_of(session: AsyncSession, issue: Issue) -> Sequence[IssueConsultation]:
    """The further specialties consulted, in the order of asking."""
    mine = select(IssueConsultation).where(IssueConsultation.issue_id == issue.id)
    if issue.specialty_id is not None:  # redirected to one that had been asked for a second opinion
        mine = mine.where(IssueConsultation.specialty_id != issue.specialty_id)
    return (await session.scalars(mine.order_by(IssueConsultation.id))).all()


async def consulted(session: AsyncSession, issue: Issue) -> list[Specialty]:
    """All specialties consulted on an issue, its own first."""
    own = [issue.specialty] if issue.specialty is not None else []
    return [*own, *(consultation.specialty for consultation in await consultations_of(session, issue))]


async def round_began(session: AsyncSession, issue: Issue, specialty_id: int | None) -> datetime | None:
    """Since when the tries of this specialty count."""
    if specialty_id == issue.specialty_id:
        return issue.round_began_at
    found: datetime | None = await session.scalar(
        select(IssueConsultation.round_began_at).where(
            IssueConsultation.issue_id == issue.id, IssueConsultation.specialty_id == specialty_id
        )
    )
    return found


async def begin_rounds_anew(session: AsyncSession, issue: Issue, *, now: datetime) -> None:
    """A reopened issue may ask as many specialists again."""
    await session.execute(update(IssueConsultation).where(IssueConsultation.issue_id == issue.id).values(round_began_at=now))
