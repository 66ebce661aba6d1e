"""The attendance of everybody called: final where the record is confirmed, else what check-ins, leave and the clock say so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import NOT_HELD, Activity
from models.attendance import Attendance, CheckIn, attendance_at
from models.invitations import Invitation
from models.leave import Decision, LeaveRequest
from models.people import Person, Role


@dataclass(frozen=True)
class Attended:
    """What came of one person's invitation. ``attendance`` is None while it is open: the activity is not over, or takes place no more."""

    activity: Activity
    person: Person
    attendance: Attendance | None
    final: bool
    check_in: CheckIn | None
    half_days_granted: int = 0
    """Of a session, for which leave was approved while the others were expected."""

    @property
    def came(self) -> bool:
        return self.attendance in (Attendance.PRESENT, Attendance.LATE)


async def attendance_of(session: AsyncSession, activities: Sequence[Activity], *, late_after: timedelta, now: datetime) -> list[Attended]:
    """The attendance of everybody called to these activities, by activity and then in the roster's order.

    Whoever left the roster, or need not come any more, is among them only where they came, or where it is final.
    """
    rows = await session.execute(
        select(Activity, Person, Invitation.attendance, CheckIn, LeaveRequest)
        .select_from(Invitation)
        .join(Invitation.activity)
        .join(Invitation.person)
        .outerjoin(CheckIn, and_(CheckIn.activity_id == Invitation.activity_id, CheckIn.person_id == Invitation.person_id))
        .outerjoin(
            LeaveRequest,
            and_(LeaveRequest.invitation_id == Invitation.id, LeaveRequest.current, LeaveRequest.decision == Decision.APPROVED),
        )
        .where(Invitation.activity_id.in_([activity.id for activity in activities]))
        .where(or_(and_(Person.active, Invitation.released_at.is_(None)), CheckIn.id.is_not(None), Invitation.attendance.is_not(None)))
        .order_by(Invitation.activity_id, Person.id)
    )
    return [
        Attended(
            activity=activity,
            person=person,
            attendance=final or _so_far(activity, person, check_in, leave, late_after=late_after, now=now),
            final=final is not None,
            check_in=check_in,
            half_days_granted=len(leave.half_days) if leave is not None and leave.partial else 0,
        )
        for activity, person, final, check_in, leave in rows
    ]


def _so_far(
    activity: Activity, person: Person, check_in: CheckIn | None, leave: LeaveRequest | None, *, late_after: timedelta, now: datetime
) -> Attendance | None:
    """What is known by now: nobody is absent before the end, nor from what did not take place.

    The group leader who made it shows the code and does not scan it: without leave and without check-in they were there.
    """
    found = attendance_at(
        check_in.at if check_in else None,
        starts_at=activity.starts_at,
        late_after=late_after,
        excused=leave is not None,
        partly=leave is not None and leave.partial,
    )
    if found is Attendance.ABSENT and person.id == activity.created_by_id and person.has(Role.GROUP_LEADER):
        return Attendance.PRESENT if now >= activity.starts_at and activity.state not in NOT_HELD else None
    open_still = now < activity.ends_at or activity.state in NOT_HELD
    return None if found is Attendance.ABSENT and open_still else found
