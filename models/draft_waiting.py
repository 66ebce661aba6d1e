"""Drafts left lying: after a while the deputy is asked, once, what should become of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.issues import Issue, IssueState
from models.people import Person, serving
from models.policy import Policy
from models.working_days import in_working_hours

_left_at = func.coalesce(Issue.worked_at, Issue.created_at)


def _lying() -> Any:
    reachable = Issue.deputy.has(serving() & Person.telegram_id.is_not(None))
    return select(Issue).where(Issue.state == IssueState.DRAFT, Issue.asked_at.is_(None), Issue.pieces.any(), reachable)


async def drafts_to_ask_about(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Issue]:
    """Drafts with which nothing has been done for so long; none outside of working hours."""
    if in_working_hours(now, policy.work_starts, policy.work_ends, policy.timezone) != now:
        return []
    return (await session.scalars(_lying().where(_left_at <= now - policy.draft_reminder).order_by(Issue.id).limit(50))).all()


async def next_draft_to_ask_about(session: AsyncSession) -> datetime | None:
    """When the next is due, by the usual numbers."""
    first = await session.scalar(_lying().order_by(_left_at, Issue.id).limit(1))
    if first is None:
        return None
    usual = Policy()
    due: datetime = (first.worked_at or first.created_at) + usual.draft_reminder
    return in_working_hours(due, usual.work_starts, usual.work_ends, usual.timezone)


def note_asked(issue: Issue, *, now: datetime) -> None:
    issue.asked_at = now
