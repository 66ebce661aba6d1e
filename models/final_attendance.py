"""Final attendance: once the office confirms a record, what came of every invitation stands, and goes into the duty files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityState
from models.attendance import Attendance
from models.attendance_table import Attended, attendance_of
from models.audit import record as audit
from models.duty import DutyEntry, current_entry, entry_for
from models.invitations import Invitation, invitation_for
from models.leave import Decision, LeaveRequest
from models.mandates import deputies_on
from models.people import Person, Role
from models.policy import Policy
from models.records import ActivityRecord, RecordState, next_record_number, require_seen
from models.rules import Gone, RuleBroken


class AttendanceUnchanged(RuleBroken):
    """It is recorded like this already."""

    key = "record.attendance_unchanged"


class NotFinal(RuleBroken):
    """Before the record is confirmed, whoever runs the activity sets the attendance."""

    key = "record.not_final"


@dataclass(frozen=True)
class Turnout:
    """Everybody called, by what came of it. Before the end of the activity nobody counts as absent."""

    everybody: Sequence[Attended]

    def of(self, *attendances: Attendance | None) -> list[Attended]:
        return [attended for attended in self.everybody if attended.attendance in attendances]

    def count(self, *attendances: Attendance | None) -> int:
        return len(self.of(*attendances))


async def turnout_of(session: AsyncSession, activity: Activity, policy: Policy, *, now: datetime) -> Turnout:
    """Who was there."""
    return Turnout(await attendance_of(session, [activity], late_after=policy.late_after, now=now))


async def confirm_record(
    session: AsyncSession, kept: ActivityRecord, officer: Person, policy: Policy, *, seen: int, now: datetime
) -> list[DutyEntry]:
    """Confirm what was seen: attendance is final now and goes into the file of every deputy called. Raises NotAllowed, RecordChanged."""
    require_seen(kept, officer, seen=seen)
    activity = kept.activity
    turnout = await turnout_of(session, activity, policy, now=now)
    final = {attended.person.id: attended.attendance or Attendance.ABSENT for attended in turnout.everybody}
    for invitation in await session.scalars(select(Invitation).where(Invitation.activity_id == activity.id)):
        if invitation.person_id in final:
            invitation.attendance = final[invitation.person_id]
    kept.state, kept.confirmed_at, kept.confirmed_by = RecordState.CONFIRMED, now, officer
    kept.number = await next_record_number(session, activity.starts_at.astimezone(policy.timezone).year)
    activity.state = ActivityState.RECORD_CONFIRMED
    were_deputies = await deputies_on(session, activity.starts_at.astimezone(policy.timezone).date())
    entries = [
        entry_for(
            attended.person,
            activity,
            final[attended.person.id],
            left_early=attended.check_in is not None and attended.check_in.left_at is not None,
            half_days_granted=attended.half_days_granted,
            evidence=f"record:{kept.id}",
            timezone=policy.timezone,
            now=now,
        )
        for attended in turnout.everybody
        if Role.DEPUTY in attended.person.roles or attended.person.id in were_deputies
    ]
    session.add_all(entries)
    await session.flush()
    audit(session, officer, "record.confirmed", f"record:{kept.id}", now=now, number=kept.number, entries=len(entries))
    return entries


async def correct_attendance(
    session: AsyncSession,
    kept: ActivityRecord,
    person: Person,
    attendance: Attendance,
    officer: Person,
    reason: str,
    policy: Policy,
    *,
    now: datetime,
) -> DutyEntry | None:
    """Correct a final attendance. The old entry stays, marked with the reason, and a new one stands in its place.

    Gives the new entry; None for somebody without a duty file. Raises NotAllowed, NotFinal, AttendanceUnchanged, TermOver, and
    Gone for whoever was not called.
    """
    officer.require(Role.OFFICE)
    kept.activity.require_unfrozen()
    if kept.state is not RecordState.CONFIRMED:
        raise NotFinal
    invitation = await invitation_for(session, kept.activity_id, person)
    was = invitation.attendance
    if was is attendance:
        raise AttendanceUnchanged
    if was is None:  # left the roster before anything was final
        raise Gone
    invitation.attendance = attendance
    old = await current_entry(session, person.id, kept.activity)
    new: DutyEntry | None = None
    if old is not None:
        old.corrected_at, old.corrected_by_id, old.correction_reason = now, officer.id, reason
        await session.flush()  # before the new one: of a person and an activity one entry is current
        new = entry_for(
            person,
            kept.activity,
            attendance,
            left_early=old.left_early and attendance in (Attendance.PRESENT, Attendance.LATE),
            half_days_granted=old.half_days_missed if old.attendance in (Attendance.PRESENT, Attendance.LATE) else 0,
            evidence=old.evidence,
            timezone=policy.timezone,
            now=now,
        )
        session.add(new)
        await session.flush()
    details = {"person": person.id, "was": was.value, "is": attendance.value, "reason": reason}
    audit(session, officer, "attendance.corrected", f"record:{kept.id}", now=now, **details)
    return new


async def undecided_leaves(session: AsyncSession, activity: Activity) -> int:
    """How many asked leave and still wait for the leader: confirmed now, they are absent."""
    waiting = (
        select(func.count())
        .select_from(LeaveRequest)
        .join(LeaveRequest.invitation)
        .where(Invitation.activity_id == activity.id, LeaveRequest.current, LeaveRequest.decision == Decision.NONE)
    )
    return await session.scalar(waiting) or 0
