"""Who was there: check-ins, and what they make of an invitation."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Attendance(enum.StrEnum):
    """What came of an invitation."""

    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    ABSENT = "absent"


class CheckInWay(enum.StrEnum):
    """How somebody checked in: by the picture, by the number typed, by an organiser's tap on their name, by their place."""

    SCAN = "scan"
    CODE = "code"
    TAP = "tap"
    PLACE = "place"


class CheckIn(Base):
    """Somebody came to an activity. ``left_at`` is set when they left before its end."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("activity_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]
    way: Mapped[CheckInWay]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The organiser who tapped."""
    left_at: Mapped[datetime | None]


def attendance_at(
    checked_in_at: datetime | None, *, starts_at: datetime, late_after: timedelta, excused: bool, partly: bool = False
) -> Attendance:
    """What a check-in, or none, means.

    Late is whoever came more than ``late_after`` after the start; whoever came in spite of an approved leave was there. Leave that was
    asked and not approved excuses nobody; leave from some half days (``partly``) excuses from coming in time, not from coming.
    """
    if checked_in_at is not None:
        return Attendance.LATE if not partly and checked_in_at > starts_at + late_after else Attendance.PRESENT
    return Attendance.EXCUSED if excused and not partly else Attendance.ABSENT
