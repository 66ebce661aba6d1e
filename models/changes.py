"""Moving, putting off and calling off an activity: what was queued is void, and everybody who was told hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity
from models.audit import record
from models.invitations import invitations_of
from models.leave import LeaveRequest, undecided_for
from models.notice_log import give_up_unsent
from models.notices import NoticeKind, announce, schedule_notices
from models.people import Person
from models.rules import RuleBroken

ASKED_AGAIN = "asked_again"
"""Among a change's details: time or place is another, so whoever had said yes is asked anew."""


class NothingChanged(RuleBroken):
    """It is so already."""

    key = "audience.nothing_changed"


async def move_activity(
    session: AsyncSession,
    activity: Activity,
    mover: Person,
    *,
    now: datetime,
    to: datetime | None = None,
    place: str | None = None,
    title: str | None = None,
    notes: str | None = None,
    length: timedelta | None = None,
) -> None:
    """Change any of these at once. Whoever was told hears what changed; whoever said yes to another time or place is asked again.

    Raises InThePast, ActivityStarted, ActivityOff, NothingChanged.
    """
    was_told, old_state, old, unheard = activity.told, activity.state, _facts(activity), _unheard(activity)
    activity.move(now=now, to=to, place=place, title=title, notes=notes, length=length)
    changed = {name: value for name, value in old.items() if value != _facts(activity)[name]}
    if not changed and old_state is activity.state:
        raise NothingChanged
    before = changed | unheard  # of two changes in a row the first one's past counts
    before = {name: value for name, value in before.items() if name not in old or value != _facts(activity)[name]}
    await _void_messages(session, activity, now=now)
    if {"starts_at", "place"} & changed.keys():
        before[ASKED_AGAIN] = True
        for invitation in await invitations_of(session, activity):
            invitation.ask_again()
    if to is not None:
        schedule_notices(activity, now=now, told=was_told)
    if was_told:
        for notice in activity.notices:
            notice.void = notice.void or (notice.sent_at is None and notice.kind is NoticeKind.CHANGE)
        announce(activity, NoticeKind.CHANGE, due_at=now, **before)
    record(session, mover, "activity.moved", f"activity:{activity.id}", now=now, before=changed)
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


def _facts(activity: Activity) -> dict[str, Any]:
    """What a change can change, as its details keep it."""
    return {
        "starts_at": activity.starts_at.astimezone(UTC).isoformat(),
        "length": (activity.ends_at - activity.starts_at).total_seconds(),
        "place": activity.place,
        "title": activity.title,
        "notes": activity.notes,
    }


def _unheard(activity: Activity) -> dict[str, Any]:
    """What people last heard, of what has changed since and was not told yet."""
    before: dict[str, Any] = {}
    for notice in activity.notices:
        if notice.kind is NoticeKind.CHANGE and notice.sent_at is None and not notice.void:
            before = notice.details | before
    return before


async def _void_messages(session: AsyncSession, activity: Activity, *, now: datetime) -> None:
    for notice in activity.notices:
        await give_up_unsent(session, notice, now=now)
