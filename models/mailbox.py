"""The deputies' mailbox (代表邮箱): letters of constituents. Who wrote is a number of Telegram's and nothing else; never a ``Person``."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.issue_pieces import PieceKind
from models.issues import ClosedAs, Issue, IssueState
from models.people import Area, Person
from models.rules import Gone, NotAllowed, RuleBroken

LETTER_PIECES, LETTER_TEXT = 20, 6000
"""How many messages and how many characters one letter holds."""


class LetterState(enum.StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    DISCARDED = "discarded"


OPEN_LETTERS = (LetterState.WAITING, LetterState.IN_HAND, LetterState.ANSWERED)
"""Sent, and not over."""


class Category(enum.StrEnum):
    """What a constituent wants, in words everybody knows; which specialty it concerns is the deputy's to say."""

    HELP = "help"
    COMPLAINT = "complaint"
    PROPOSAL = "proposal"
    QUESTION = "question"


class Side(enum.StrEnum):
    """Who said something in a letter's thread."""

    SENDER = "sender"
    DEPUTY = "deputy"


class Solved(enum.StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Contentment(enum.StrEnum):
    SATISFIED = "satisfied"
    BASICALLY = "basically"
    DISSATISFIED = "dissatisfied"


class LetterOver(RuleBroken):
    """The letter has ended."""

    key = "mailbox.over"


class LetterFull(RuleBroken):
    """The letter holds all it can."""

    key = "mailbox.full"


class AlreadySent(RuleBroken):
    """The letter is on its way; it cannot be changed or sent again."""

    key = "mailbox.already_sent"


class Letter(Base):
    """One letter. Until it is sent it is the constituent's own draft."""

    __tablename__ = "mailbox_letters"
    __table_args__ = (
        Index("ix_mailbox_letters_deputy_state", "deputy_id", "state"),
        Index(
            "ix_mailbox_letters_to_forget",
            "state",
            "closed_at",
            sqlite_where=text("identity_forgotten_at IS NULL"),
            postgresql_where=text("identity_forgotten_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(8), unique=True)
    state: Mapped[LetterState] = mapped_column(default=LetterState.DRAFT, index=True)
    sender_id: Mapped[int] = mapped_column(BigInteger, index=True)
    sender_name: Mapped[str] = mapped_column(String(255), default="")
    """Under which name they are on Telegram: covered wherever it stands, shown to nobody."""
    language: Mapped[str] = mapped_column(String(8))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Nobody, while a draft is to go to whoever has the fewest, or when the office has it."""
    deputy_settled: Mapped[bool] = mapped_column(default=False)
    category: Mapped[Category | None]
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"), index=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    waits_since: Mapped[datetime | None] = mapped_column(index=True)
    """Since when the constituent has been waiting for somebody's answer; None while nobody owes one."""
    chased_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[ClosedAs | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What was answered in the end, when an issue made of it was closed."""
    handed_reason: Mapped[str] = mapped_column(Text, default="")
    """Why a deputy gave it to the office."""
    report_reason: Mapped[str] = mapped_column(Text, default="")
    """Why a deputy holds it for abuse; empty once the office has looked."""
    solved: Mapped[Solved | None]
    contentment: Mapped[Contentment | None]
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str] = mapped_column(Text, default="")
    identity_forgotten_at: Mapped[datetime | None]
    """When its writer was forgotten, on request or after the time: then ``sender_id`` is 0, and nobody can be written to."""

    area: Mapped[Area | None] = relationship(lazy="selectin")
    deputy: Mapped[Person | None] = relationship(lazy="selectin")
    issue: Mapped[Issue | None] = relationship(lazy="selectin")
    pieces: Mapped[list[LetterPiece]] = relationship(lazy="selectin", order_by="LetterPiece.id", cascade="all, delete-orphan")

    @property
    def open(self) -> bool:
        return self.state in OPEN_LETTERS

    @property
    def over(self) -> bool:
        return self.state in (LetterState.CLOSED, LetterState.REFUSED)

    @property
    def opening(self) -> list[LetterPiece]:
        """The letter itself, without what was said afterwards."""
        return [piece for piece in self.pieces if piece.opening]

    @property
    def text(self) -> str:
        return "\n".join(piece.text for piece in self.opening if piece.text)

    @property
    def said(self) -> bool:
        """Whether it says something: a picture alone does not."""
        return bool(self.text.strip()) or any(piece.kind is PieceKind.VOICE for piece in self.opening)

    @property
    def answered(self) -> bool:
        """Whether its writer has heard from a deputy."""
        return bool(self.answer) or any(piece.side is Side.DEPUTY for piece in self.pieces)

    @property
    def linked_issue(self) -> Issue | None:
        """The issue that was made of it; one that was discarded or withdrawn is none."""
        gone = self.issue is not None and self.issue.state is IssueState.WITHDRAWN
        return None if gone else self.issue

    @property
    def became_issue(self) -> bool:
        """Whether its messages are an issue's, withdrawn or not: they cannot be another's too. A discarded draft has given them back."""
        return self.issue is not None and (self.issue.number is not None or self.linked_issue is not None)

    def require_draft(self) -> None:
        """Raise AlreadySent, or Gone when it was discarded."""
        if self.state is LetterState.DISCARDED:
            raise Gone
        if self.state is not LetterState.DRAFT:
            raise AlreadySent(code=self.code or "")

    def require_writer(self) -> None:
        """Raise Gone where nobody knows any more who wrote it."""
        if self.identity_forgotten_at is not None:
            raise Gone

    def require_open(self) -> None:
        """Raise LetterOver once it has ended, or Gone before it was sent."""
        if self.over:
            raise LetterOver(code=self.code or "")
        if not self.open:
            raise Gone

    def require_sender(self, telegram_id: int) -> None:
        """Raise Gone for anybody but whoever wrote it: others are not told that there is such a letter."""
        if telegram_id != self.sender_id or self.state is LetterState.DISCARDED:
            raise Gone

    def require_deputy(self, person: Person) -> None:
        """Raise NotAllowed for anybody but the deputy who has it."""
        if not person.serves or person.id != self.deputy_id or self.state in (LetterState.DRAFT, LetterState.DISCARDED):
            raise NotAllowed

    def add(self, piece: LetterPiece, *, now: datetime) -> None:
        """Let something join the draft. Raises LetterFull."""
        self.require_draft()
        if len(self.pieces) >= LETTER_PIECES or len(self.text) + len(piece.text) > LETTER_TEXT:
            raise LetterFull(pieces=LETTER_PIECES, characters=LETTER_TEXT)
        self.pieces.append(piece)
        self.touched_at = now

    def reword(self, piece: LetterPiece, text: str, kind: PieceKind, file_id: str | None, file_name: str | None, *, now: datetime) -> bool:
        """Its writer edited a message of the draft, perhaps its file alone; False where nothing that counts has changed."""
        self.require_draft()
        if (text, file_id) == (piece.text, piece.file_id):
            return False
        piece.text, piece.kind, piece.file_id, piece.file_name = text, kind, file_id, file_name
        self.touched_at = now
        return True


class LetterPiece(Base):
    """One message of a letter or of what was said about it afterwards, with where it stands so that it can be copied."""

    __tablename__ = "mailbox_pieces"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("mailbox_letters.id"), index=True)
    side: Mapped[Side]
    opening: Mapped[bool]
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    media_group_id: Mapped[str | None] = mapped_column(String(64))
    file_id: Mapped[str | None] = mapped_column(String(255))
    file_name: Mapped[str | None] = mapped_column(String(255))
    said_at: Mapped[datetime]


async def letter_by_id(session: AsyncSession, id: int, *, lock: bool = True) -> Letter:
    """The letter; locked, since its sender, a deputy and the office act on it at once. Raises Gone."""
    query = select(Letter).where(Letter.id == id).execution_options(populate_existing=lock)
    letter: Letter | None = await session.scalar(query.with_for_update(of=Letter) if lock else query)
    if letter is None:
        raise Gone
    return letter
