"""Requests that are still undecided shortly before the activity: whoever decides is reminded once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity
from models.invitations import Invitation
from models.leave import LeaveRequest, waiting
from models.policy import Policy
from models.working_days import in_working_hours

LOOKED_AT = 50
"""Of the requests that wait, so many of the next activities are looked at for the time of the next reminder."""


def remind_at(request: LeaveRequest, policy: Policy) -> datetime:
    """When: so long before the start, in working hours if they come before it; for what was asked later, half way to the start."""
    starts_at = request.invitation.activity.starts_at
    wanted = starts_at - policy.leave_reminder
    if wanted <= request.asked_at:
        wanted = request.asked_at + (starts_at - request.asked_at) / 2
    working = in_working_hours(wanted, policy.work_starts, policy.work_ends, policy.timezone)
    return working if working < starts_at else wanted


async def due_reminders(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[LeaveRequest]:
    """Undecided requests whose reminder is due; a moved activity is reminded of anew. They are marked as reminded."""
    near = _unreminded().where(Activity.starts_at > now, Activity.starts_at <= now + policy.leave_reminder)
    due = [request for request in await session.scalars(near) if remind_at(request, policy) <= now]
    for request in due:
        request.reminded_for = request.invitation.activity.starts_at
    return due


async def next_reminder(session: AsyncSession) -> datetime | None:
    """When the next reminder is due, by the usual numbers."""
    coming = _unreminded().order_by(None).order_by(Activity.starts_at).limit(LOOKED_AT)
    return min((remind_at(request, Policy()) for request in await session.scalars(coming)), default=None)


def _unreminded() -> Select[LeaveRequest]:
    """Undecided requests for coming activities, of whose time nobody was reminded."""
    return (
        waiting()
        .join(LeaveRequest.invitation)
        .join(Invitation.activity)
        .where(Activity.state.in_(OPEN), LeaveRequest.reminded_for.is_distinct_from(Activity.starts_at))
    )
