"""Records that are missing: whoever keeps one is told after three days, the office after seven. Once each, in working hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from models.activities import Activity, ActivityState
from models.policy import Policy
from models.records import ActivityRecord
from models.working_days import in_working_hours

AT_ONCE = 20
_missing_since = func.coalesce(ActivityRecord.returned_at, Activity.ends_at)
"""Since the end; one that was sent back is missing anew."""


def _missing(told: InstrumentedAttribute[datetime | None]) -> Select[Activity]:
    """Activities over without a record submitted, whose keepers (or office) were not told."""
    return (
        select(Activity)
        .outerjoin(ActivityRecord, ActivityRecord.activity_id == Activity.id)
        .where(Activity.state == ActivityState.ENDED, Activity.frozen_at.is_(None), or_(ActivityRecord.id.is_(None), told.is_(None)))
    )


async def records_to_chase(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Activity]:
    """Those whose keepers are to be told now."""
    return await _due(session, policy, ActivityRecord.chased_at, policy.record_chase, now=now)


async def records_overdue(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Activity]:
    """Those of which the office is to be told now."""
    return await _due(session, policy, ActivityRecord.office_told_at, policy.record_overdue, now=now)


async def _due(
    session: AsyncSession, policy: Policy, told: InstrumentedAttribute[datetime | None], after: timedelta, *, now: datetime
) -> Sequence[Activity]:
    if in_working_hours(now, policy.work_starts, policy.work_ends, policy.timezone) != now:
        return []
    due = _missing(told).where(Activity.ends_at <= now - after, _missing_since <= now - after)
    return (await session.scalars(due.order_by(Activity.ends_at, Activity.id).limit(AT_ONCE))).all()


async def next_chase_at(session: AsyncSession) -> datetime | None:
    """When the next is due, by the usual numbers."""
    usual = Policy()
    times = []
    for told, after in ((ActivityRecord.chased_at, usual.record_chase), (ActivityRecord.office_told_at, usual.record_overdue)):
        first = await session.scalar(_missing(told).with_only_columns(func.min(_missing_since)))
        if first is not None:
            times.append(in_working_hours(first + after, usual.work_starts, usual.work_ends, usual.timezone))
    return min(times, default=None)
