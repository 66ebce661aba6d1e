"""One's own activities: month by month, each with one's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from models.activities import Activity
from models.invitations import Invitation
from models.people import Person


async def own_of_month(session: AsyncSession, person: Person, month: date, *, timezone: ZoneInfo) -> Sequence[Invitation]:
    """The invitations to activities that begin in a month (its first day), the earliest first; those called off too."""
    begin, end = _span(month, timezone)
    mine = (
        select(Invitation)
        .join(Invitation.activity)
        .options(contains_eager(Invitation.activity))
        .where(Invitation.person_id == person.id, Invitation.released_at.is_(None))
        .where(Activity.starts_at >= begin, Activity.starts_at < end)
        .order_by(Activity.starts_at, Activity.id)
    )
    return (await session.scalars(mine)).all()


async def neighbouring_months(session: AsyncSession, person: Person, month: date, *, timezone: ZoneInfo) -> tuple[date | None, date | None]:
    """The nearest months before and after this one in which something of theirs stands."""
    begin, end = _span(month, timezone)
    mine = (Invitation.activity_id == Activity.id, Invitation.person_id == person.id, Invitation.released_at.is_(None))
    before = await session.scalar(select(func.max(Activity.starts_at)).where(*mine, Activity.starts_at < begin))
    after = await session.scalar(select(func.min(Activity.starts_at)).where(*mine, Activity.starts_at >= end))
    return _month(before, timezone), _month(after, timezone)


async def month_to_begin_with(session: AsyncSession, person: Person, *, now: datetime, timezone: ZoneInfo) -> date:
    """The month of the next activity to come; this month where nothing is in sight."""
    mine = (Invitation.activity_id == Activity.id, Invitation.person_id == person.id, Invitation.released_at.is_(None))
    following = await session.scalar(select(func.min(Activity.starts_at)).where(*mine, Activity.ends_at > now))
    return _month(max(following, now) if following is not None else now, timezone) or now.date().replace(day=1)


async def all_own(session: AsyncSession, person: Person) -> Sequence[Invitation]:
    """Every invitation of theirs, also to what they need not come to any more."""
    mine = select(Invitation).join(Invitation.activity).options(contains_eager(Invitation.activity))
    return (await session.scalars(mine.where(Invitation.person_id == person.id).order_by(Activity.starts_at, Activity.id))).all()


def _month(at: datetime | None, timezone: ZoneInfo) -> date | None:
    return at.astimezone(timezone).date().replace(day=1) if at is not None else None


def _span(month: date, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return datetime.combine(month, time(), timezone), datetime.combine(after, time(), timezone)
