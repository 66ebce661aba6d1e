"""The duty file (履职档案): what a deputy took part in, as facts. Points are made from them elsewhere."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import Activity, ActivityKind
from models.attendance import Attendance
from models.base import Base
from models.half_days import half_days_between
from models.people import Person
from models.rules import Gone, NotAllowed


class DutyItem(enum.StrEnum):
    """The items of a county's table that come from attendance. OTHER is on no such table: the fact is kept, and no item claims it."""

    SESSION = "session"
    MEETING = "meeting"
    TRAINING = "training"
    RESEARCH = "research"
    INSPECTION = "inspection"
    RECEPTION = "reception"
    OTHER = "other"


ITEMS = {
    ActivityKind.SESSION: DutyItem.SESSION,
    ActivityKind.DISCUSSION: DutyItem.MEETING,
    ActivityKind.TRAINING: DutyItem.TRAINING,
    ActivityKind.STUDY: DutyItem.TRAINING,
    ActivityKind.RESEARCH: DutyItem.RESEARCH,
    ActivityKind.INSPECTION: DutyItem.INSPECTION,
    ActivityKind.LAW_INSPECTION: DutyItem.INSPECTION,
    ActivityKind.RECEPTION: DutyItem.RECEPTION,
    ActivityKind.OTHER: DutyItem.OTHER,
}


class DutyEntry(Base):
    """One fact in a deputy's file. A corrected one stays, and another stands in its place: of a person and an activity one is current."""

    __tablename__ = "duty_entries"
    __table_args__ = (
        Index(
            "uq_duty_entries_current",
            "person_id",
            "activity_id",
            "item",
            unique=True,
            sqlite_where=text("corrected_at IS NULL"),
            postgresql_where=text("corrected_at IS NULL"),
        ),
        Index("ix_duty_entries_person_day", "person_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), index=True)
    item: Mapped[DutyItem]
    day: Mapped[date]
    """The local day on which the activity began."""
    attendance: Mapped[Attendance]
    left_early: Mapped[bool] = mapped_column(default=False)
    half_days: Mapped[int] = mapped_column(default=0)
    """How many half-days a session had; 0 for anything else."""
    half_days_missed: Mapped[int] = mapped_column(default=0)
    """How many of them the person was on leave or stayed away."""
    evidence: Mapped[str] = mapped_column(String(64))
    """The row it follows from, such as ``record:12``."""
    written_at: Mapped[datetime]
    corrected_at: Mapped[datetime | None]
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    correction_reason: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship(lazy="selectin", foreign_keys=[person_id])
    activity: Mapped[Activity] = relationship(lazy="selectin")

    def require_own(self, person: Person) -> None:
        """Raise NotAllowed for anybody but the person whose file it is."""
        if self.person_id != person.id or not person.active:
            raise NotAllowed


def entry_for(
    person: Person,
    activity: Activity,
    attendance: Attendance,
    *,
    left_early: bool,
    half_days_granted: int,
    evidence: str,
    timezone: ZoneInfo,
    now: datetime,
) -> DutyEntry:
    """What an activity writes into the file of somebody who was called. Whoever led it gets the same as the others."""
    is_session = activity.kind is ActivityKind.SESSION
    half_days = len(half_days_between(activity.starts_at, activity.ends_at, timezone)) if is_session else 0
    return DutyEntry(
        person=person,
        activity=activity,
        item=ITEMS[activity.kind],
        day=activity.starts_at.astimezone(timezone).date(),
        attendance=attendance,
        left_early=left_early,
        half_days=half_days,
        half_days_missed=half_days if attendance in (Attendance.EXCUSED, Attendance.ABSENT) else min(half_days_granted, half_days),
        evidence=evidence,
        written_at=now,
        correction_reason="",
    )


async def current_entry(session: AsyncSession, person_id: int, activity: Activity) -> DutyEntry | None:
    """The entry that counts, of one person and one activity."""
    found: DutyEntry | None = await session.scalar(
        select(DutyEntry).where(DutyEntry.person_id == person_id, DutyEntry.activity_id == activity.id, DutyEntry.corrected_at.is_(None))
    )
    return found


async def duty_entry_by_id(session: AsyncSession, entry_id: int) -> DutyEntry:
    """The entry. Raises Gone."""
    entry = await session.get(DutyEntry, entry_id)
    if entry is None:
        raise Gone
    return entry


async def duty_entries_of(
    session: AsyncSession,
    person: Person,
    *,
    since: date | None = None,
    until: date | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[DutyEntry]:
    """What counts in a person's file between two days, both included, the newest first."""
    current = select(DutyEntry).where(DutyEntry.person_id == person.id, DutyEntry.corrected_at.is_(None))
    if since is not None:
        current = current.where(DutyEntry.day >= since)
    if until is not None:
        current = current.where(DutyEntry.day <= until)
    return (await session.scalars(current.order_by(DutyEntry.day.desc(), DutyEntry.id.desc()).offset(offset).limit(limit))).all()


async def duty_counts_of(session: AsyncSession, person: Person, *, since: date, until: date) -> dict[tuple[DutyItem, Attendance], int]:
    """How often a person was present, late, excused or absent, by item."""
    rows = await session.execute(
        select(DutyEntry.item, DutyEntry.attendance, func.count())
        .where(DutyEntry.person_id == person.id, DutyEntry.corrected_at.is_(None), DutyEntry.day.between(since, until))
        .group_by(DutyEntry.item, DutyEntry.attendance)
    )
    return {(item, attendance): count for item, attendance, count in rows}
