"""Moving, putting off and calling off an activity: what was queued is void, and everybody who was told hears of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity
from models.audit import record
from models.invitations import invitations_of
from models.leave import LeaveRequest, undecided_for
from models.notices import NoticeKind, announce, schedule_notices
from models.outbox import void_unsent
from models.people import Person


async def move_activity(
    session: AsyncSession, activity: Activity, mover: Person, *, now: datetime, to: datetime | None = None, place: str | None = None
) -> None:
    """Give it another time or place. Whoever was told hears what changed; whoever said yes to another time is asked again."""
    was_told = activity.told
    before = _before(activity, to=to, place=place)
    activity.move(now=now, to=to, place=place)
    await _void_messages(session, activity, now=now)
    if to is not None:
        for invitation in await invitations_of(session, activity):
            invitation.ask_again()
        schedule_notices(activity, now=now, told=was_told)
    if was_told:
        for notice in activity.notices:
            notice.void = notice.void or (notice.sent_at is None and notice.kind is NoticeKind.CHANGE)
        announce(activity, NoticeKind.CHANGE, due_at=now, **before)
    record(session, mover, "activity.moved", f"activity:{activity.id}", now=now, before=before)
    await session.flush()


async def postpone_activity(session: AsyncSession, activity: Activity, mover: Person, *, now: datetime) -> None:
    """Put it off; whoever said yes is asked again once there is a new time."""
    was_told = activity.told
    activity.postpone(now=now)
    await _void_messages(session, activity, now=now)
    for invitation in await invitations_of(session, activity):
        invitation.ask_again()
    if was_told:
        announce(activity, NoticeKind.POSTPONED, due_at=now)
    record(session, mover, "activity.postponed", f"activity:{activity.id}", now=now)
    await session.flush()


async def cancel_activity(session: AsyncSession, activity: Activity, canceller: Person, *, now: datetime) -> list[LeaveRequest]:
    """Call it off. Requests that waited for a leader need no decision any more: they are given back."""
    was_told = activity.told
    activity.cancel(now=now)
    await _void_messages(session, activity, now=now)
    waiting = list(await undecided_for(session, activity))
    for request in waiting:
        request.withdraw()
    if was_told:
        announce(activity, NoticeKind.CANCELLED, due_at=now)
    record(session, canceller, "activity.cancelled", f"activity:{activity.id}", now=now)
    await session.flush()
    return waiting


def _before(activity: Activity, *, to: datetime | None, place: str | None) -> dict[str, Any]:
    """What people last heard, of what changes now: of two changes in a row the first one's past counts."""
    unheard = [notice for notice in activity.notices if notice.kind is NoticeKind.CHANGE and notice.sent_at is None and not notice.void]
    before: dict[str, Any] = {}
    if to is not None and to != activity.starts_at:
        before["starts_at"] = activity.starts_at.isoformat()
    if place is not None and place != activity.place:
        before["place"] = activity.place
    for notice in unheard:
        before |= notice.details
    return before


async def _void_messages(session: AsyncSession, activity: Activity, *, now: datetime) -> None:
    for notice in activity.notices:
        if notice.sent_at is not None:
            await void_unsent(session, notice.subject, now=now)
