"""Constituency issues (群众反映的问题): from a draft gathered piece by piece to an answer."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account_names import forms_of
from models.base import Base
from models.issue_pieces import PIECES_LIMIT, IssuePiece, PieceKind
from models.masking import Masked, Personal, mask
from models.people import Area, Person, Specialty
from models.rules import Gone, NotAllowed, RuleBroken


class IssueState(enum.StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    REFERRED = "referred"
    ADVISED = "advised"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


LIVE = (IssueState.OPEN, IssueState.REFERRED, IssueState.ADVISED)
"""Numbered, and not over."""


class ClosedAs(enum.StrEnum):
    """What came of an issue."""

    ANSWERED = "answered"
    HANDED_TO_AREA = "handed_to_area"
    SUGGESTION = "suggestion"
    OUT_OF_SCOPE = "out_of_scope"


class DraftFull(RuleBroken):
    """The draft holds all it can."""

    key = "issue.draft_full"


class NothingSaid(RuleBroken):
    """A draft without a word cannot be understood."""

    key = "issue.nothing_said"


class AlreadyShared(RuleBroken):
    """The draft was confirmed before."""

    key = "issue.already_shared"


class IssueOver(RuleBroken):
    """The issue is closed or withdrawn."""

    key = "issue.over"


class AdviceOnItsWay(RuleBroken):
    """Somebody has been asked or has advised; there is no need to look further."""

    key = "issue.advice_on_its_way"


class Issue(Base):
    """One constituency issue. Until it is confirmed it is the deputy's own draft, and nobody else sees anything of it."""

    __tablename__ = "issues"
    __table_args__ = (
        Index("ix_issues_deputy_state", "deputy_id", "state"),
        Index(
            "ix_issues_to_forget",
            "state",
            "closed_at",
            sqlite_where=text("identity_forgotten_at IS NULL"),
            postgresql_where=text("identity_forgotten_at IS NULL"),
        ),
        Index("ix_issues_not_findable", "id", sqlite_where=text("findable = 0"), postgresql_where=text("NOT findable")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    state: Mapped[IssueState] = mapped_column(default=IssueState.DRAFT, index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    specialty_id: Mapped[int | None] = mapped_column(ForeignKey("specialties.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    """Counts the changes of a draft: what is confirmed must be what was seen."""
    with_attachments: Mapped[bool] = mapped_column(default=True)
    shared_text: Mapped[str] = mapped_column(Text, default="")
    """The masked text, as it was shared."""
    cover_more: Mapped[list[str]] = mapped_column(default=list)
    """Words that the home deputy had covered besides."""
    readable: Mapped[list[str]] = mapped_column(default=list)
    """What the masker takes for personal and the home deputy does not."""
    worked_at: Mapped[datetime | None]
    """When the deputy last did something with the draft; the one worked on last is the one that gathers."""
    asked_at: Mapped[datetime | None]
    """When the deputy was asked what should become of a draft left lying; it is asked once."""
    closed_as: Mapped[ClosedAs | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    round_began_at: Mapped[datetime | None]
    """Specialists asked since then count as tries; another specialty or a reopening begins a new round."""
    findable: Mapped[bool] = mapped_column(default=False)
    """Whether like issues find it: it has left its signature."""
    identity_forgotten_at: Mapped[datetime | None]
    """When what tells who the constituent is was forgotten, on request or after its time; the masked text stays."""

    deputy: Mapped[Person] = relationship(lazy="selectin")
    area: Mapped[Area | None] = relationship(lazy="selectin")
    specialty: Mapped[Specialty | None] = relationship(lazy="selectin")
    pieces: Mapped[list[IssuePiece]] = relationship(lazy="selectin", order_by="IssuePiece.message_id", cascade="all, delete-orphan")

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def kept(self) -> list[IssuePiece]:
        """The pieces without those that were taken out."""
        return [piece for piece in self.pieces if not piece.dropped]

    @property
    def raw_text(self) -> str:
        """What constituents said, uncovered: for the home deputy alone."""
        return "\n".join(piece.text for piece in self.kept if piece.text and piece.kind is not PieceKind.CONTACT)

    @property
    def attachable(self) -> list[IssuePiece]:
        """What may be shared besides the text."""
        return [piece for piece in self.kept if piece.may_go]

    @property
    def attachments(self) -> list[IssuePiece]:
        """What the deputy lets go along with the text."""
        return [piece for piece in self.attachable if piece.shared] if self.with_attachments else []

    def masked(self) -> Masked:
        """The text with everything personal covered."""
        return mask(self.raw_text, self.known_names(), self.cover_more, self.readable)

    def covered(self, text: str) -> str:
        """Anything else the home deputy says about it, with the same covered."""
        return mask(text, self.known_names(), self.cover_more, self.readable).text

    def known_names(self) -> list[str]:
        """The names under which the messages came, those of contact cards, and those the story gives."""
        given = [self.raw_text[span.start : span.end] for span in mask(self.raw_text).found if span.kind is Personal.NAME]
        known = dict.fromkeys(piece.source_name for piece in self.pieces if piece.source_name)
        return [*(form for name in known for form in forms_of(name)), *given]

    def require_home(self, person: Person) -> None:
        """Raise NotAllowed for anybody but the home deputy."""
        if person.id != self.deputy_id or not person.serves:
            raise NotAllowed

    def require_draft(self) -> None:
        """Raise AlreadyShared, or Gone when it was discarded."""
        if self.state is IssueState.DRAFT:
            return
        if self.number is None:
            raise Gone
        raise AlreadyShared(number=self.number)

    def require_live(self) -> None:
        """Raise IssueOver once it is closed or withdrawn."""
        if not self.live:
            raise IssueOver(number=self.number or "")

    def add(self, piece: IssuePiece) -> None:
        """Let something join the draft. Raises DraftFull."""
        self.require_draft()
        if len(self.pieces) >= PIECES_LIMIT:
            raise DraftFull(limit=PIECES_LIMIT)
        self.pieces.append(piece)
        self.worked_at = max(self.worked_at or self.created_at, piece.received_at)
        self.version += 1

    def reword(self, piece: IssuePiece, text: str, kind: PieceKind, file_id: str | None, file_name: str | None, *, now: datetime) -> None:
        """The deputy edited a message while it is a draft; its file may be another now. Without words no specialty is settled."""
        self.require_draft()
        piece.text, piece.kind, piece.file_id, piece.file_name = text, kind, file_id, file_name
        self.choose(self.specialty if self.raw_text.strip() else None)
        self.worked_at = now
        self.version += 1

    def choose(self, specialty: Specialty | None) -> None:
        """Settle which specialty it goes to, or think again. Raises NothingSaid for a draft of pictures alone."""
        self.require_draft()
        if specialty is not None and not self.raw_text.strip():
            raise NothingSaid
        if specialty is not self.specialty:
            self.specialty = specialty
            self.version += 1

    def redirect(self, specialty: Specialty, *, now: datetime) -> None:
        """Nobody was found: try another specialty, or the same once more. Raises IssueOver, or AdviceOnItsWay."""
        self.require_live()
        if self.state is not IssueState.OPEN:
            raise AdviceOnItsWay
        self.specialty, self.round_began_at = specialty, now

    def close(self, closed_as: ClosedAs, *, now: datetime) -> None:
        self.require_live()
        self.state, self.closed_as, self.closed_at = IssueState.CLOSED, closed_as, now

    def withdraw(self, *, now: datetime) -> None:
        self.require_live()
        self.state, self.closed_at = IssueState.WITHDRAWN, now


async def issue_by_id(session: AsyncSession, id: int, *, lock: bool = True) -> Issue:
    """The issue; locked, since several people act on it at once. Raises Gone."""
    query = select(Issue).where(Issue.id == id).execution_options(populate_existing=lock)
    issue: Issue | None = await session.scalar(query.with_for_update(of=Issue) if lock else query)
    if issue is None:
        raise Gone
    return issue
