"""The pieces of an issue: one row for each message that a deputy forwarded or wrote."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.outbox import Attachment

PIECES_LIMIT = 60
"""More than anybody forwards for one matter; beyond it a draft is a mistake."""


class PieceKind(enum.StrEnum):
    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    VIDEO_NOTE = "video_note"
    AUDIO = "audio"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"


NEVER_SHARED = (PieceKind.TEXT, PieceKind.CONTACT)
"""A text is shared masked, not as it came; a contact card is somebody's identity and nothing else."""
NAMED_FILES = (PieceKind.DOCUMENT, PieceKind.AUDIO)
"""These carry a file name, which may be a person's."""


class IssuePiece(Base):
    """One message of a draft, with where it stands so that it can be copied."""

    __tablename__ = "issue_pieces"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    media_group_id: Mapped[str | None] = mapped_column(String(64))
    file_id: Mapped[str | None] = mapped_column(String(255))
    file_name: Mapped[str | None] = mapped_column(String(255))
    source_name: Mapped[str] = mapped_column(String(255), default="")
    """Under which name it was forwarded, or whose contact it is: covered in the text, shown to nobody."""
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    """The file under a name that tells nothing."""
    received_at: Mapped[datetime]
    shared: Mapped[bool] = mapped_column(default=True)
    """Whether it may go along with the text, where it is not a text itself."""
    apart: Mapped[bool] = mapped_column(default=False)
    """Marked as belonging to a second matter, while the draft is being split."""
    dropped: Mapped[bool] = mapped_column(default=False)
    """Taken out of the draft: it counts for nothing, can be brought back, and is forgotten once the rest is shared."""

    attachment: Mapped[Attachment | None] = relationship(lazy="selectin")

    @property
    def has_name(self) -> bool:
        """Whether it is a file under a name that somebody gave it."""
        return self.kind in NAMED_FILES or self.file_name is not None

    @property
    def may_go(self) -> bool:
        """Whether it may be an attachment. A place with its name and address would go as it is, past the masking: its text is shared."""
        return self.kind not in NEVER_SHARED and not names_place(self.kind, self.text)

    def differs(self, text: str, file_id: str | None) -> bool:
        """Whether an edit changed what counts: the words, or the file under the same words."""
        return (text, file_id) != (self.text, self.file_id)


def names_place(kind: PieceKind, text: str) -> bool:
    """Whether this is a place sent with its name and address: a mere point on the map has no words."""
    return kind is PieceKind.LOCATION and bool(text)


async def piece_at(session: AsyncSession, chat_id: int, message_id: int) -> IssuePiece | None:
    found: IssuePiece | None = await session.scalar(
        select(IssuePiece).where(IssuePiece.chat_id == chat_id, IssuePiece.message_id == message_id)
    )
    return found
