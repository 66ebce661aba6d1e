"""Announcements (通知公告): something said to many, who confirm with one tap that they received it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.announcement_refusals import NobodyToTell, NothingSaid, TextTooLong, TooManyFiles, Withdrawn
from models.audience import Audience, Part, belongs
from models.audit import record
from models.base import Base
from models.circles import Circle
from models.invitations import Delivery
from models.issue_pieces import PieceKind
from models.people import Person, Role
from models.rules import Gone, NotAllowed

WRITERS = (Role.OFFICE, Role.LEADER, Role.GROUP_LEADER, Role.AREA_STAFF)
TEXT_LIMIT = 12_000
"""UTF-16 units; a longer text is better read as a file."""
FILES_LIMIT = 40
CUT_BY_THE_APP = 4000
"""A message longer than this goes on in the next: a message holds 4096."""
UNTOUCHABLE_AFTER = timedelta(hours=47)
"""Telegram lets a bot delete what it sent within 48 hours; an hour is left for getting it done."""


class AnnouncementState(enum.StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    """For the morning."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Pinning(enum.StrEnum):
    """What became of pinning an announcement in a circle."""

    NONE = "none"
    WANTED = "wanted"
    PINNED = "pinned"
    FAILED = "failed"


class AnnouncementPiece(Base):
    """One message of whoever wrote it: some of the text, or a file that everybody gets a copy of.

    A ``pending`` one belongs to a change that is not confirmed yet.
    """

    __tablename__ = "announcement_pieces"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"), index=True)
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    file_unique_id: Mapped[str | None] = mapped_column(String(64))
    pending: Mapped[bool] = mapped_column(default=False)


class AnnouncementPost(Base):
    """An announcement in a circle."""

    __tablename__ = "announcement_posts"
    __table_args__ = (UniqueConstraint("announcement_id", "circle_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"))
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), index=True)
    pinning: Mapped[Pinning] = mapped_column(default=Pinning.NONE)
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.NONE)
    posted_at: Mapped[datetime | None]

    circle: Mapped[Circle] = relationship(lazy="selectin")


class AnnouncementRecipient(Base):
    """Somebody an announcement is for. Whoever confirmed an earlier ``round`` is asked anew."""

    __tablename__ = "announcement_recipients"
    __table_args__ = (
        UniqueConstraint("announcement_id", "person_id"),
        Index("ix_announcement_recipients_missed", "delivery", "announcement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.NONE)
    reached_at: Mapped[datetime | None]
    files_failed: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime | None]
    received_round: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(lazy="selectin")


class Announcement(Base):
    """``revision`` rises with every change of what it says, ``round`` when those who confirmed are asked anew."""

    __tablename__ = "announcements"
    __table_args__ = (
        Index("ix_announcements_due", "state", "publish_at"),
        Index("ix_announcements_published", "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    audience_json: Mapped[dict[str, Any]]
    state: Mapped[AnnouncementState] = mapped_column(default=AnnouncementState.DRAFT)
    created_at: Mapped[datetime]
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    card_shown: Mapped[str] = mapped_column(String(120), default="")
    card_shown_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship(lazy="selectin")
    pieces: Mapped[list[AnnouncementPiece]] = relationship(lazy="selectin", order_by=AnnouncementPiece.id, cascade="all, delete-orphan")
    posts: Mapped[list[AnnouncementPost]] = relationship(lazy="selectin", order_by=AnnouncementPost.circle_id, cascade="all, delete-orphan")

    @property
    def audience(self) -> Audience:
        return Audience.from_json(self.audience_json)

    @audience.setter
    def audience(self, audience: Audience) -> None:
        self.audience_json = audience.as_json()

    @property
    def standing(self) -> list[AnnouncementPiece]:
        """The pieces it consists of."""
        return [piece for piece in self.pieces if not piece.pending]

    @property
    def pending(self) -> list[AnnouncementPiece]:
        """The pieces of a change that is not confirmed yet."""
        return [piece for piece in self.pieces if piece.pending]

    @property
    def text(self) -> str:
        return joined(self.standing)

    @property
    def files(self) -> list[AnnouncementPiece]:
        return files_among(self.standing)

    def require_standing(self) -> None:
        """Raise Withdrawn, or Gone for one that is not published yet."""
        if self.state is AnnouncementState.WITHDRAWN:
            raise Withdrawn
        if self.state is AnnouncementState.DRAFT:
            raise Gone

    def add(self, piece: AnnouncementPiece) -> None:
        """Add a message. Raises TextTooLong, TooManyFiles."""
        change = [other for other in self.pieces if other.pending == piece.pending]
        files = [*self.files, *files_among(self.pending)] if piece.pending else self.files
        require_short(joined([*change, piece]))
        if piece.kind is not PieceKind.TEXT and len(files) >= FILES_LIMIT:
            raise TooManyFiles(limit=FILES_LIMIT)
        self.pieces.append(piece)
        if not piece.pending:
            self.revision += 1

    def abandon_change(self) -> None:
        self.pieces[:] = self.standing


def joined(pieces: Sequence[AnnouncementPiece]) -> str:
    """The texts as one. A long text that Telegram's own app cut into messages is put together without a gap."""
    text, cut = "", False
    for piece in pieces:
        if piece.kind is PieceKind.TEXT:
            text += ("" if cut or not text else "\n\n") + piece.text
            cut = length_of(piece.text) > CUT_BY_THE_APP
    return text


def length_of(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def require_short(text: str) -> None:
    if (length := length_of(text)) > TEXT_LIMIT:
        raise TextTooLong(limit=TEXT_LIMIT, length=length)


def files_among(pieces: Sequence[AnnouncementPiece]) -> list[AnnouncementPiece]:
    return [piece for piece in pieces if piece.kind is not PieceKind.TEXT]


def scopes_of(person: Person) -> list[Audience] | None:
    """Whom somebody may announce something to: None for anybody, else the own group, the own area's deputies. Raises NotAllowed."""
    person.require(*WRITERS)
    if person.has(Role.OFFICE, Role.LEADER):
        return None
    scopes = []
    if person.has(Role.GROUP_LEADER) and person.group_id is not None:
        scopes.append(Audience().plus(Part.GROUP, [person.group_id]))
    if person.has(Role.AREA_STAFF) and person.area_id is not None:
        scopes.append(Audience().plus(Part.AREA, [person.area_id]))
    return scopes


def require_may_announce(person: Person, announcement: Announcement) -> None:
    """Raise NotAllowed for an audience or circles that are not the person's to speak to."""
    scopes = scopes_of(person)
    if scopes is not None and (announcement.audience not in scopes or announcement.posts):
        raise NotAllowed


def require_may_handle(person: Person, announcement: Announcement) -> None:
    """The office, and whoever wrote it while they still may speak to those whom it went to. Raises NotAllowed."""
    if person.has(Role.OFFICE):
        return
    if person.id != announcement.author_id:
        raise NotAllowed
    require_may_announce(person, announcement)


async def announcement_by_id(session: AsyncSession, announcement_id: int, *, to_change: bool = False) -> Announcement:
    """The announcement; ``to_change`` makes others wait who would change it too. Raises Gone."""
    lock = {"of": Announcement} if to_change else None
    announcement = await session.get(Announcement, announcement_id, with_for_update=lock)
    if announcement is None:
        raise Gone
    return announcement


async def draft_of(session: AsyncSession, person: Person) -> Announcement | None:
    """What somebody began to write and has not published."""
    found: Announcement | None = await session.scalar(
        select(Announcement)
        .where(Announcement.author_id == person.id, Announcement.state == AnnouncementState.DRAFT)
        .order_by(Announcement.id.desc())
        .limit(1)
    )
    return found


async def new_draft(session: AsyncSession, author: Person, *, now: datetime) -> Announcement:
    """An empty draft. Whoever can speak to one group or area only speaks to it."""
    scopes = scopes_of(author)
    announcement = Announcement(
        author=author,
        audience_json=scopes[0].as_json() if scopes else {},
        state=AnnouncementState.DRAFT,
        created_at=now,
        revision=0,
        round=1,
        card_shown="",
        pieces=[],
        posts=[],
    )
    session.add(announcement)
    await session.flush()
    return announcement


async def piece_at(session: AsyncSession, chat_id: int, message_id: int) -> AnnouncementPiece | None:
    """The piece that this message of the author's is."""
    found: AnnouncementPiece | None = await session.scalar(
        select(AnnouncementPiece).where(AnnouncementPiece.chat_id == chat_id, AnnouncementPiece.message_id == message_id)
    )
    return found


async def confirm(session: AsyncSession, announcement: Announcement, author: Person, *, publish_at: datetime, now: datetime) -> None:
    """Let it go out at a time, at once or in the morning. Raises Gone, NotAllowed, NothingSaid, NobodyToTell."""
    if announcement.state is not AnnouncementState.DRAFT or announcement.author_id != author.id:
        raise Gone
    require_may_announce(author, announcement)
    if not announcement.text and not announcement.files:
        raise NothingSaid
    if await session.scalar(select(Person.id).where(belongs(announcement.audience)).limit(1)) is None:
        raise NobodyToTell
    announcement.state, announcement.publish_at = AnnouncementState.WAITING, publish_at
    record(session, author, "announcement.confirmed", f"announcement:{announcement.id}", now=now, publish_at=publish_at.isoformat())


async def due_announcements(session: AsyncSession, *, now: datetime) -> Sequence[Announcement]:
    """Those whose morning has come."""
    due = select(Announcement).where(Announcement.state == AnnouncementState.WAITING, Announcement.publish_at <= now)
    return (await session.scalars(due.order_by(Announcement.id).with_for_update(of=Announcement))).all()


async def next_announcement_at(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(func.min(Announcement.publish_at)).where(Announcement.state == AnnouncementState.WAITING))


async def pinned_in(session: AsyncSession, circle: Circle, *, since: datetime) -> list[tuple[AnnouncementPost, Announcement]]:
    """Standing announcements that were published since then and pinned in a circle, or are to be, the oldest first."""
    rows = await session.execute(
        select(AnnouncementPost, Announcement)
        .join(Announcement, Announcement.id == AnnouncementPost.announcement_id)
        .where(
            AnnouncementPost.circle_id == circle.id,
            AnnouncementPost.pinning != Pinning.NONE,
            Announcement.state == AnnouncementState.PUBLISHED,
            Announcement.published_at >= since,
        )
        .order_by(Announcement.id)
    )
    return [(row[0], row[1]) for row in rows]


async def recent_announcements(session: AsyncSession, person: Person, *, limit: int = 8) -> Sequence[Announcement]:
    """The newest that a person may handle, not counting drafts."""
    recent = select(Announcement).where(Announcement.state != AnnouncementState.DRAFT).order_by(Announcement.id.desc()).limit(limit)
    if not person.has(Role.OFFICE):
        recent = recent.where(Announcement.author_id == person.id)
    return (await session.scalars(recent)).all()
