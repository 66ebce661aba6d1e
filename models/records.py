"""The record of an activity (活动纪实): what was sent to it, its sections, and how it goes from a draft to the archive."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import NOT_HELD, OPEN, Activity, ActivityState
from models.audit import record as audit
from models.base import Base, json_column
from models.issue_pieces import PieceKind
from models.organising import organises
from models.outbox import Attachment
from models.people import Person, Role
from models.rules import Gone, NotAllowed, RuleBroken

PIECES_LIMIT = 200
SECTION_LIMIT, CAPTION_LIMIT, REASON_LIMIT = 8000, 200, 300


class Section(enum.StrEnum):
    """The sections of the minutes, in their order."""

    AGENDA = "agenda"
    CONTENT = "content"
    SPEECHES = "speeches"
    OUTCOME = "outcome"
    NEXT = "next"
    GUESTS = "guests"
    """Who came besides those called, by name and office."""


class RecordState(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"


class NotBegun(RuleBroken):
    """There is nothing to record before the start."""

    key = "record.not_begun"


class NotOver(RuleBroken):
    """It is submitted after the end, when it is known who came."""

    key = "record.not_over"


class RecordClosed(RuleBroken):
    """It was submitted or confirmed; nothing joins it now."""

    key = "record.closed"


class RecordFull(RuleBroken):
    """The record holds all it can."""

    key = "record.full"


class RecordEmpty(RuleBroken):
    """Minutes without a word on what happened are none."""

    key = "record.empty"


class SectionTooLong(RuleBroken):
    """A section has its limit."""

    key = "record.section_too_long"


class CaptionTooLong(RuleBroken):
    """A caption is a line or two."""

    key = "record.caption_too_long"


class RecordChanged(RuleBroken):
    """It is not what was looked at."""

    key = "record.changed"


class ActivityRecord(Base):
    """One activity's record. ``sections`` holds those written by hand; the others are laid out from what is known."""

    __tablename__ = "activity_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), unique=True)
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    """Given when it is confirmed: 2026-001."""
    state: Mapped[RecordState] = mapped_column(default=RecordState.DRAFT)
    sections: Mapped[dict[str, str]] = mapped_column(MutableDict.as_mutable(json_column()), default=dict)
    version: Mapped[int] = mapped_column(default=0)
    """Counts the changes: what is confirmed must be what was seen."""
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Whom the maker or the office named to keep it."""
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    chased_at: Mapped[datetime | None]
    """When whoever keeps it was told that it is missing; and the office, after longer."""
    office_told_at: Mapped[datetime | None]

    activity: Mapped[Activity] = relationship(lazy="selectin")
    keeper: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[keeper_id])
    submitted_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[submitted_by_id])
    confirmed_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[confirmed_by_id])
    pieces: Mapped[list[RecordPiece]] = relationship(
        "RecordPiece", back_populates="record", lazy="selectin", order_by="RecordPiece.id", cascade="all, delete-orphan"
    )

    @property
    def kept(self) -> list[RecordPiece]:
        return [piece for piece in self.pieces if not piece.dropped]

    @property
    def photos(self) -> list[RecordPiece]:
        return [piece for piece in self.kept if piece.is_photo]

    @property
    def files(self) -> list[RecordPiece]:
        """What is neither words nor a picture."""
        return [piece for piece in self.kept if not piece.is_photo and piece.kind is not PieceKind.TEXT]

    def written(self, section: Section) -> str:
        """The section as written by hand; before that the agenda is the activity's notes, the content the texts that were sent."""
        if section.value in self.sections:
            return self.sections[section.value]
        if section is Section.AGENDA:
            return self.activity.notes
        return self._said if section is Section.CONTENT else ""

    @property
    def _said(self) -> str:
        return "\n".join(piece.text for piece in self.kept if piece.kind is PieceKind.TEXT and piece.text)

    def require_draft(self) -> None:
        """Raise RecordClosed once it was submitted, TermOver once its term is closed."""
        self.activity.require_unfrozen()
        if self.state is not RecordState.DRAFT:
            raise RecordClosed

    def add(self, piece: RecordPiece) -> None:
        """Let something join. Words follow what is written of the content by hand already. Raises RecordClosed, RecordFull."""
        self.require_draft()
        if len(self.kept) >= PIECES_LIMIT:
            raise RecordFull(limit=PIECES_LIMIT)
        if piece.kind is PieceKind.TEXT and Section.CONTENT.value in self.sections:
            self.write(Section.CONTENT, f"{self.sections[Section.CONTENT]}\n{piece.text}".strip())
        self.pieces.append(piece)
        self.version += 1

    def write(self, section: Section, text: str) -> None:
        """Put these words into a section. Raises RecordClosed, SectionTooLong."""
        self.require_draft()
        if len(text) > SECTION_LIMIT:
            raise SectionTooLong(limit=SECTION_LIMIT, length=len(text))
        self.sections[section.value] = text
        self.version += 1

    def caption(self, piece: RecordPiece, text: str) -> None:
        """Say what a photo or file shows. Raises RecordClosed, CaptionTooLong."""
        self.require_draft()
        if len(text) > CAPTION_LIMIT:
            raise CaptionTooLong(limit=CAPTION_LIMIT, length=len(text))
        piece.text = text
        self.version += 1

    def reword(self, piece: RecordPiece, text: str) -> None:
        """Its sender edited the message. Raises RecordClosed."""
        self.require_draft()
        content = self.sections.get(Section.CONTENT.value)
        if piece.kind is PieceKind.TEXT and content is not None and piece.text:
            self.sections[Section.CONTENT.value] = content.replace(piece.text, text, 1)
        piece.text = text if piece.kind is PieceKind.TEXT else text[:CAPTION_LIMIT]
        self.version += 1

    def turn_dropped(self, piece: RecordPiece) -> bool:
        """Take a piece out, or bring it back; gives whether it is out now. Raises RecordClosed."""
        self.require_draft()
        piece.dropped = not piece.dropped
        self.version += 1
        return piece.dropped

    def piece(self, piece_id: int) -> RecordPiece:
        """One of its pieces. Raises Gone."""
        found = next((piece for piece in self.pieces if piece.id == piece_id), None)
        if found is None:
            raise Gone
        return found


class RecordPiece(Base):
    """One message of the record: words, a photo, a file, a voice. ``attachment`` holds a photo's bytes, once they were fetched."""

    __tablename__ = "record_pieces"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("activity_records.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whose words were forwarded, where it is somebody of the roster."""
    kind: Mapped[PieceKind]
    is_photo: Mapped[bool] = mapped_column(default=False)
    """A picture for the minutes, be it sent as a photo or as a file."""
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    file_id: Mapped[str | None] = mapped_column(String(255))
    file_name: Mapped[str | None] = mapped_column(String(255))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    dropped: Mapped[bool] = mapped_column(default=False)
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"))
    """The issue it was made into."""
    received_at: Mapped[datetime]

    record: Mapped[ActivityRecord] = relationship(back_populates="pieces", lazy="selectin")
    author: Mapped[Person] = relationship(lazy="selectin", foreign_keys=[author_id])
    said_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[said_by_id])
    attachment: Mapped[Attachment | None] = relationship(lazy="selectin")


class RecordCounter(Base):
    """The last serial of a record in a year."""

    __tablename__ = "record_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


async def next_record_number(session: AsyncSession, year: int) -> str:
    """The next number of the year, 2026-001; the counter's row is held until the transaction ends."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    await session.execute(insert(RecordCounter).values(year=year, last=0).on_conflict_do_nothing())
    counted = update(RecordCounter).where(RecordCounter.year == year).values(last=RecordCounter.last + 1).returning(RecordCounter.last)
    serial = await session.scalar(counted.execution_options(synchronize_session=False))
    return f"{year}-{serial:03}"


def has_begun(activity: Activity, *, now: datetime) -> bool:
    """Whether there is anything to record."""
    if activity.state in NOT_HELD:
        return False
    return activity.state not in OPEN or now >= activity.starts_at


async def record_of(session: AsyncSession, activity: Activity, *, lock: bool = False) -> ActivityRecord | None:
    """The record of an activity, if it was begun; ``lock`` lets nobody else change it meanwhile."""
    query = select(ActivityRecord).where(ActivityRecord.activity_id == activity.id)
    if lock:
        query = query.with_for_update(of=ActivityRecord).execution_options(populate_existing=True)
    found: ActivityRecord | None = await session.scalar(query)
    return found


async def begun_record(session: AsyncSession, activity: Activity, *, now: datetime) -> ActivityRecord:
    """The record of an activity, begun if there is none. Raises NotBegun, TermOver."""
    activity.require_unfrozen()
    if not has_begun(activity, now=now):
        raise NotBegun
    found = await record_of(session, activity, lock=True)
    if found is None:
        found = ActivityRecord(
            activity=activity, state=RecordState.DRAFT, sections={}, version=0, return_reason="", created_at=now, pieces=[], keeper=None
        )
        session.add(found)
        await session.flush()
    return found


async def piece_at(session: AsyncSession, chat_id: int, message_id: int) -> RecordPiece | None:
    """The piece that this message is."""
    found: RecordPiece | None = await session.scalar(
        select(RecordPiece).where(RecordPiece.chat_id == chat_id, RecordPiece.message_id == message_id)
    )
    return found


def may_keep(person: Person, activity: Activity, kept: ActivityRecord | None) -> bool:
    """Whether somebody keeps the record: the office, the group leader who made the activity, or whoever was named."""
    named = person.active and kept is not None and kept.keeper is not None and kept.keeper.id == person.id
    return organises(person, activity) or named


def require_keeper(person: Person, activity: Activity, kept: ActivityRecord | None) -> None:
    """Raise NotAllowed unless somebody keeps the record."""
    if not may_keep(person, activity, kept):
        raise NotAllowed


def require_reader(person: Person, activity: Activity, kept: ActivityRecord | None) -> None:
    """Leaders read records too."""
    if not person.has(Role.LEADER):
        require_keeper(person, activity, kept)


def name_keeper(session: AsyncSession, kept: ActivityRecord, keeper: Person, by: Person, *, now: datetime) -> None:
    """Let somebody else keep it too. Only the office and the maker name. Raises NotAllowed, RecordClosed."""
    require_keeper(by, kept.activity, None)
    kept.require_draft()
    kept.keeper = keeper
    audit(session, by, "record.keeper", f"record:{kept.id}", now=now, person=keeper.id)


def submit_record(session: AsyncSession, kept: ActivityRecord, by: Person, *, now: datetime) -> None:
    """Hand it to the office. Raises NotAllowed, RecordClosed, NotOver, RecordEmpty."""
    activity = kept.activity
    require_keeper(by, activity, kept)
    kept.require_draft()
    if now < activity.ends_at:
        raise NotOver
    if not kept.written(Section.CONTENT).strip():
        raise RecordEmpty
    kept.state, kept.submitted_at, kept.submitted_by, kept.return_reason = RecordState.SUBMITTED, now, by, ""
    kept.version += 1
    activity.state = ActivityState.RECORD_DRAFTED
    audit(session, by, "record.submitted", f"record:{kept.id}", now=now)


def send_back_record(session: AsyncSession, kept: ActivityRecord, officer: Person, reason: str, *, seen: int, now: datetime) -> None:
    """The office wants it finished. Raises NotAllowed, RecordChanged."""
    require_seen(kept, officer, seen=seen)
    kept.state, kept.returned_at, kept.return_reason = RecordState.DRAFT, now, reason
    kept.chased_at = kept.office_told_at = None
    kept.version += 1
    kept.activity.state = ActivityState.ENDED
    audit(session, officer, "record.returned", f"record:{kept.id}", now=now, reason=reason)


def require_seen(kept: ActivityRecord, officer: Person, *, seen: int) -> None:
    """Raise NotAllowed, or RecordChanged unless it waits for the office as it was looked at."""
    officer.require(Role.OFFICE)
    kept.activity.require_unfrozen()
    if kept.state is not RecordState.SUBMITTED or kept.version != seen:
        raise RecordChanged


async def records_waiting(
    session: AsyncSession, person: Person, *, now: datetime, offset: int = 0, limit: int = 10
) -> Sequence[tuple[Activity, ActivityRecord | None]]:
    """Activities that are over and whose record is not confirmed, as far as a person keeps them: the oldest first."""
    unfinished = (ActivityState.ENDED, ActivityState.RECORD_DRAFTED)
    waiting = (
        select(Activity, ActivityRecord)
        .outerjoin(ActivityRecord, ActivityRecord.activity_id == Activity.id)
        .where(
            Activity.frozen_at.is_(None),
            or_(Activity.state.in_(unfinished), (Activity.state == ActivityState.UNDER_WAY) & (Activity.starts_at <= now)),
        )
    )
    if not person.has(Role.OFFICE):
        waiting = waiting.where(or_(Activity.created_by_id == person.id, ActivityRecord.keeper_id == person.id))
    rows = await session.execute(waiting.order_by(Activity.starts_at, Activity.id).offset(offset).limit(limit))
    return [(activity, kept) for activity, kept in rows]
