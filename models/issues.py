"""Constituency issues: from a draft that gathers what a constituent said, to an answer."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.circles import Circle, circle_of_specialty
from models.masking import mask
from models.people import Area, Person, Specialty
from models.rules import Gone, NotAllowed, RuleBroken


class IssueState(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    REFERRED = "referred"
    ADVISED = "advised"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class IssueOutcome(enum.StrEnum):
    ANSWERED = "answered"
    HANDED_TO_AREA = "handed"
    SUGGESTION = "suggestion"
    OUT_OF_SCOPE = "out_of_scope"


class PieceKind(enum.StrEnum):
    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    AUDIO = "audio"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"


IN_WORK = (IssueState.OPEN, IssueState.REFERRED, IssueState.ADVISED)


class NeedsText(RuleBroken):
    """An issue needs at least one line of text, so that people know what it is about."""

    key = "issue.needs_text"


class IssueOver(RuleBroken):
    """The issue is closed or withdrawn; nothing more is said in it."""

    key = "issue.over"


class IssuePiece(Base):
    """One message of a constituent, as the deputy passed it on. Only the home deputy ever sees it as it is."""

    __tablename__ = "issue_pieces"
    __table_args__ = (Index("ix_issue_pieces_message", "chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)


class IssueMessage(Base):
    """Something said about an issue between the home deputy and those who advise; an ``opinion`` when it is advice."""

    __tablename__ = "issue_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[PieceKind] = mapped_column(default=PieceKind.TEXT)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    opinion: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship(lazy="selectin")


class IssueYear(Base):
    """The last number given in a year."""

    __tablename__ = "issue_years"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class Issue(Base):
    """A problem that a constituent told a deputy. Without a number it is a draft."""

    __tablename__ = "issues"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(12), unique=True)
    state: Mapped[IssueState] = mapped_column(default=IssueState.DRAFT, index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    specialty_id: Mapped[int | None] = mapped_column(ForeignKey("specialties.id"), index=True)
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"), index=True)
    share_media: Mapped[bool] = mapped_column(default=True)
    outcome: Mapped[IssueOutcome | None]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    deputy: Mapped[Person] = relationship(lazy="selectin")
    area: Mapped[Area | None] = relationship(lazy="selectin")
    specialty: Mapped[Specialty | None] = relationship(lazy="selectin")
    circle: Mapped[Circle | None] = relationship(lazy="selectin")
    pieces: Mapped[list[IssuePiece]] = relationship(lazy="selectin", order_by=IssuePiece.id)
    messages: Mapped[list[IssueMessage]] = relationship(lazy="selectin", order_by=IssueMessage.id)

    @property
    def text(self) -> str:
        """All that was said in words; for the home deputy's eyes only."""
        return "\n".join(piece.text for piece in self.pieces if piece.text and piece.kind is not PieceKind.CONTACT)

    @property
    def masked(self) -> str:
        """The text as others may see it."""
        return mask(self.text).text

    @property
    def media(self) -> list[IssuePiece]:
        """What can be copied along; a contact is a constituent's, and never is."""
        return [piece for piece in self.pieces if piece.kind not in (PieceKind.TEXT, PieceKind.CONTACT)]

    @property
    def shared_media(self) -> list[IssuePiece]:
        return self.media if self.share_media else []

    @property
    def opinions(self) -> list[IssueMessage]:
        return [message for message in self.messages if message.opinion]

    @property
    def in_work(self) -> bool:
        return self.state in IN_WORK

    def require_home_deputy(self, person: Person) -> None:
        """Raise NotAllowed unless this is the deputy who brought the issue in."""
        if person.id != self.deputy_id:
            raise NotAllowed

    def require_draft(self) -> None:
        """Raise Gone once the issue is no draft any more."""
        if self.state is not IssueState.DRAFT:
            raise Gone

    def require_in_work(self) -> None:
        """Raise IssueOver for a closed or withdrawn issue, Gone for a draft."""
        if self.state is IssueState.DRAFT:
            raise Gone
        if not self.in_work:
            raise IssueOver(number=self.number)


async def draft_of(session: AsyncSession, deputy: Person) -> Issue | None:
    """The deputy's one draft, if there is one."""
    found: Issue | None = await session.scalar(
        select(Issue).where(Issue.deputy_id == deputy.id, Issue.state == IssueState.DRAFT).order_by(Issue.id).limit(1)
    )
    return found


async def add_piece(session: AsyncSession, deputy: Person, piece: IssuePiece, *, now: datetime) -> Issue:
    """Put a message into the deputy's draft, which is begun if there is none."""
    draft = await draft_of(session, deputy)
    if draft is None:
        draft = Issue(
            deputy=deputy, area_id=deputy.area_id, created_at=now, pieces=[], messages=[], state=IssueState.DRAFT, share_media=True
        )
        session.add(draft)
    draft.pieces.append(piece)
    await session.flush()
    return draft


async def piece_at(session: AsyncSession, chat_id: int, message_id: int) -> IssuePiece | None:
    """The piece that a message became."""
    found: IssuePiece | None = await session.scalar(
        select(IssuePiece).where(IssuePiece.chat_id == chat_id, IssuePiece.message_id == message_id)
    )
    return found


async def open_issue(session: AsyncSession, issue: Issue, *, now: datetime, timezone: ZoneInfo) -> None:
    """The deputy confirms: the issue gets its number and its circle. Raises Gone, NeedsText."""
    issue.require_draft()
    if not issue.text.strip():
        raise NeedsText
    if issue.specialty is None:
        raise Gone
    issue.number = await _next_number(session, now.astimezone(timezone).year)
    issue.state, issue.opened_at = IssueState.OPEN, now
    issue.circle = await circle_of_specialty(session, issue.specialty)
    record(session, issue.deputy, "issue.opened", f"issue:{issue.id}", now=now, number=issue.number, specialty=issue.specialty.name)
    await session.flush()


async def add_message(session: AsyncSession, issue: Issue, message: IssueMessage, author: Person, *, now: datetime) -> None:
    """Add what somebody says about an issue in work; from anybody but the home deputy it is an opinion. Raises IssueOver."""
    issue.require_in_work()
    message.author, message.at, message.opinion = author, now, author.id != issue.deputy_id
    issue.messages.append(message)
    if message.opinion:
        issue.state = IssueState.ADVISED
        record(session, author, "issue.advised", f"issue:{issue.id}", now=now)
    await session.flush()


def close_issue(session: AsyncSession, issue: Issue, actor: Person, outcome: IssueOutcome, *, now: datetime) -> None:
    """The home deputy closes the issue. Raises NotAllowed, IssueOver."""
    issue.require_home_deputy(actor)
    issue.require_in_work()
    issue.state, issue.outcome, issue.closed_at = IssueState.CLOSED, outcome, now
    record(session, actor, "issue.closed", f"issue:{issue.id}", now=now, outcome=outcome)


def withdraw_issue(session: AsyncSession, issue: Issue, actor: Person, *, now: datetime) -> None:
    """The home deputy takes the issue back before anybody has advised. Raises NotAllowed, IssueOver, Gone."""
    issue.require_home_deputy(actor)
    issue.require_in_work()
    if issue.state is IssueState.ADVISED:
        raise Gone
    issue.state, issue.closed_at = IssueState.WITHDRAWN, now
    record(session, actor, "issue.withdrawn", f"issue:{issue.id}", now=now)


def reopen_issue(session: AsyncSession, issue: Issue, actor: Person, *, now: datetime) -> None:
    """A closed issue goes on where it was. Raises NotAllowed, Gone."""
    issue.require_home_deputy(actor)
    if issue.state is not IssueState.CLOSED:
        raise Gone
    issue.state = IssueState.ADVISED if issue.opinions else IssueState.OPEN
    issue.outcome = issue.closed_at = None
    record(session, actor, "issue.reopened", f"issue:{issue.id}", now=now)


async def issues_of(session: AsyncSession, deputy: Person, limit: int = 10) -> Sequence[Issue]:
    """The deputy's issues, those in work first, newest first."""
    return (
        await session.scalars(
            select(Issue)
            .where(Issue.deputy_id == deputy.id, Issue.state != IssueState.DRAFT)
            .order_by(Issue.state.in_((IssueState.CLOSED, IssueState.WITHDRAWN)), Issue.id.desc())
            .limit(limit)
        )
    ).all()


async def issues_in_work(session: AsyncSession, limit: int = 10) -> Sequence[Issue]:
    """All issues in work, oldest first."""
    return (await session.scalars(select(Issue).where(Issue.state.in_(IN_WORK)).order_by(Issue.id).limit(limit))).all()


async def counts_by_state(session: AsyncSession) -> dict[IssueState, int]:
    rows = await session.execute(select(Issue.state, func.count()).where(Issue.state != IssueState.DRAFT).group_by(Issue.state))
    return {row[0]: row[1] for row in rows}


async def _next_number(session: AsyncSession, year: int) -> str:
    counter = await session.get(IssueYear, year, with_for_update=True)
    if counter is None:
        counter = IssueYear(year=year, last=0)
        session.add(counter)
    counter.last += 1
    await session.flush()
    return f"{year}-{counter.last:04}"
