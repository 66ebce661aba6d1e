"""Checking in: by oneself with the code of the moment, or by an organiser's tap; and taking a wrong tap back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity
from models.attendance import Attendance, CheckIn, CheckInWay, attendance_at
from models.audience import called_people
from models.audit import record
from models.checkin_desk import CheckInDesk
from models.invitations import Delivery, Invitation, Reply
from models.leave import Decision, LeaveRequest
from models.people import Person
from models.policy import Policy
from models.rules import Gone, RuleBroken


class CodeStale(RuleBroken):
    """A picture that was passed on, or one that has been replaced meanwhile."""

    key = "checkin.stale"


class OwnCheckIn(RuleBroken):
    """Only what an organiser tapped is taken back; whoever checked in by themselves was there."""

    key = "checkin.own"


class NotUnderWay(RuleBroken):
    """Leaving early is noted while the activity is under way."""

    key = "checkin.not_under_way"


@dataclass(frozen=True)
class Counts:
    """How many were called and came, by query. ``on_leave`` are those with approved leave who did not come."""

    called: int
    came: int
    late: int
    left: int
    on_leave: int
    guests: int

    @property
    def awaited(self) -> int:
        return self.called - self.came - self.on_leave


async def check_in_of(session: AsyncSession, activity_id: int, person_id: int) -> CheckIn | None:
    found: CheckIn | None = await session.scalar(select(CheckIn).where(CheckIn.activity_id == activity_id, CheckIn.person_id == person_id))
    return found


async def is_called(session: AsyncSession, activity_id: int, person_id: int) -> bool:
    return activity_id in await called_to(session, person_id, [activity_id])


async def called_to(session: AsyncSession, person_id: int, activity_ids: list[int]) -> dict[int, bool]:
    """To which of these activities somebody is called, and whether they have checked in there."""
    came = exists().where(CheckIn.activity_id == Invitation.activity_id, CheckIn.person_id == Invitation.person_id)
    rows = await session.execute(
        select(Invitation.activity_id, came)
        .where(Invitation.person_id == person_id, Invitation.activity_id.in_(activity_ids))
        .where(or_(Invitation.released_at.is_(None), came))
    )
    return {row[0]: row[1] for row in rows}


async def check_in(session: AsyncSession, desk: CheckInDesk, person: Person, way: CheckInWay, policy: Policy, *, now: datetime) -> CheckIn:
    """Somebody called checks in by themselves, which the caller has proof of; again changes nothing. Raises CheckInNotYet, CheckInOver."""
    desk.require_open(policy, now=now)
    found = await check_in_of(session, desk.activity_id, person.id)
    if found is None:
        found = CheckIn(activity_id=desk.activity_id, person_id=person.id, at=now, way=way, left_at=None)
        session.add(found)
        record(session, person, f"checkin.{way}", f"activity:{desk.activity_id}", now=now)
        await session.flush()
    return found


async def tap_in(session: AsyncSession, desk: CheckInDesk, person: Person, organiser: Person, policy: Policy, *, now: datetime) -> CheckIn:
    """The organiser says that somebody came; whoever was not called is called hereby.

    After the end they came in time, for all the tap knows. Raises CheckInNotYet, CheckInOver, RecordConfirmed.
    """
    desk.require_correctable(policy, now=now)
    found = await check_in_of(session, desk.activity_id, person.id)
    if found is not None:
        return found
    if not person.active:
        raise Gone
    if not await is_called(session, desk.activity_id, person.id):
        invitation = await _invitation(session, desk, person)
        if invitation is None:
            session.add(Invitation(activity=desk.activity, person=person, reply=Reply.NONE, delivery=Delivery.NONE, leave_requests=[]))
        else:
            invitation.released_at = None
        record(session, organiser, "checkin.added", f"activity:{desk.activity_id}", now=now, person=person.id)
    at = now if now < desk.activity.ends_at else desk.activity.starts_at
    found = CheckIn(activity_id=desk.activity_id, person_id=person.id, at=at, way=CheckInWay.TAP, by_id=organiser.id, left_at=None)
    session.add(found)
    record(session, organiser, "checkin.tap", f"activity:{desk.activity_id}", now=now, person=person.id)
    await session.flush()
    return found


async def untap(session: AsyncSession, desk: CheckInDesk, person: Person, organiser: Person, policy: Policy, *, now: datetime) -> bool:
    """Take a tap back; whoever was called only by it is called no more. False when there was none. Raises OwnCheckIn, and as ``tap_in``."""
    desk.require_correctable(policy, now=now)
    found = await check_in_of(session, desk.activity_id, person.id)
    if found is None:
        return False
    if found.way is not CheckInWay.TAP:
        raise OwnCheckIn(name=person.name)
    await session.delete(found)
    invitation = await _invitation(session, desk, person)
    if invitation is not None and not await _is_meant(session, invitation):
        invitation.released_at = now
    record(session, organiser, "checkin.untap", f"activity:{desk.activity_id}", now=now, person=person.id)
    await session.flush()
    return True


async def _invitation(session: AsyncSession, desk: CheckInDesk, person: Person) -> Invitation | None:
    found: Invitation | None = await session.scalar(
        select(Invitation).where(Invitation.activity_id == desk.activity_id, Invitation.person_id == person.id)
    )
    return found


async def _is_meant(session: AsyncSession, invitation: Invitation) -> bool:
    """Whether they were called before a tap called them: by the audience, and not waiting for a place."""
    called = await called_people(session, invitation.activity.audience)
    return invitation.reply is not Reply.WAITING and invitation.person_id in {person.id for person in called}


async def note_left(
    session: AsyncSession, desk: CheckInDesk, person: Person, organiser: Person, policy: Policy, *, left: bool, now: datetime
) -> CheckIn:
    """Somebody left before the end, or did not after all. Raises NotUnderWay, RecordConfirmed; Gone when they have not come."""
    desk.require_correctable(policy, now=now)
    found = await check_in_of(session, desk.activity_id, person.id)
    if found is None:
        raise Gone
    if left and not desk.activity.starts_at <= now < desk.activity.ends_at:
        raise NotUnderWay
    if left != (found.left_at is not None):
        found.left_at = now if left else None
        record(
            session, organiser, "checkin.left" if left else "checkin.not_left", f"activity:{desk.activity_id}", now=now, person=person.id
        )
    return found


async def note_in_time(
    session: AsyncSession, desk: CheckInDesk, person: Person, organiser: Person, policy: Policy, *, now: datetime
) -> CheckIn:
    """The organiser tapped late, the person was not: a tap counts as made at the start. Raises OwnCheckIn, Gone, RecordConfirmed."""
    desk.require_correctable(policy, now=now)
    found = await check_in_of(session, desk.activity_id, person.id)
    if found is None:
        raise Gone
    if found.way is not CheckInWay.TAP:
        raise OwnCheckIn(name=person.name)
    if found.at > desk.activity.starts_at:
        found.at = desk.activity.starts_at
        record(session, organiser, "checkin.in_time", f"activity:{desk.activity_id}", now=now, person=person.id)
    return found


def is_late(found: CheckIn, activity: Activity, policy: Policy) -> bool:
    return attendance_at(found.at, starts_at=activity.starts_at, late_after=policy.late_after, excused=False) is Attendance.LATE


async def counts_of(session: AsyncSession, desk: CheckInDesk, policy: Policy) -> Counts:
    """The numbers of this moment."""
    activity = desk.activity
    excused = exists().where(LeaveRequest.invitation_id == Invitation.id, LeaveRequest.current, LeaveRequest.decision == Decision.APPROVED)
    late = CheckIn.at > activity.starts_at + policy.late_after
    row = (
        await session.execute(
            select(
                func.count(),
                func.count(CheckIn.id),
                func.count(CheckIn.id).filter(late),
                func.count(CheckIn.left_at),
                func.count().filter(CheckIn.id.is_(None), excused),
            )
            .select_from(Invitation)
            .join(Invitation.person)
            .outerjoin(CheckIn, and_(CheckIn.activity_id == Invitation.activity_id, CheckIn.person_id == Invitation.person_id))
            .where(Invitation.activity_id == activity.id)
            .where(or_(and_(Person.active, Invitation.released_at.is_(None)), CheckIn.id.is_not(None)))
        )
    ).one()
    return Counts(called=row[0], came=row[1], late=row[2], left=row[3], on_leave=row[4], guests=desk.guests)
