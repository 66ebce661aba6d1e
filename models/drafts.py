"""A deputy's drafts: the one that gathers, those that wait behind it, and how a draft ends: shared, or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.issue_numbers import next_number
from models.issues import Issue, IssueState, NothingSaid
from models.people import Person
from models.rules import RuleBroken


class DraftChanged(RuleBroken):
    """Something joined the draft after the deputy looked at it."""

    key = "issue.draft_changed"


async def draft_of(session: AsyncSession, deputy: Person) -> Issue | None:
    """The draft that gathers what a deputy says: of several, the one worked on last."""
    found = await drafts_of(session, deputy)
    return found[0] if found else None


async def drafts_of(session: AsyncSession, deputy: Person) -> Sequence[Issue]:
    """A deputy's drafts, the one worked on last first. There are several only where one was split."""
    drafts = select(Issue).where(Issue.deputy_id == deputy.id, Issue.state == IssueState.DRAFT)
    return (await session.scalars(drafts.order_by(func.coalesce(Issue.worked_at, Issue.created_at).desc(), Issue.id))).all()


def new_draft(deputy: Person, *, now: datetime) -> Issue:
    return Issue(
        deputy=deputy,
        area=deputy.area,
        specialty=None,
        pieces=[],
        version=0,
        with_attachments=True,
        cover_more=[],
        readable=[],
        created_at=now,
        worked_at=now,
    )


async def open_draft(session: AsyncSession, deputy: Person, *, now: datetime) -> Issue:
    """The deputy's draft, begun if there is none."""
    issue = await draft_of(session, deputy)
    if issue is None:
        issue = new_draft(deputy, now=now)
        session.add(issue)
        await session.flush()
        record(session, deputy, "issue.drafted", f"issue:{issue.id}", now=now)
    return issue


async def discard_draft(session: AsyncSession, issue: Issue, deputy: Person | None, *, now: datetime) -> None:
    """Forget a draft and every word of it; the row stays, so that no later draft takes its place under old buttons.

    Nobody as deputy is the Home itself.
    """
    issue.require_draft()
    issue.state, issue.closed_at = IssueState.WITHDRAWN, now
    issue.pieces.clear()
    issue.cover_more, issue.readable = [], []
    record(session, deputy, "issue.discarded", f"issue:{issue.id}", now=now)


async def confirm_draft(session: AsyncSession, issue: Issue, deputy: Person, *, seen: int, timezone: ZoneInfo, now: datetime) -> None:
    """Give the draft its number: from now on others see the masked text. ``seen`` is the version the deputy looked at.

    Raises AlreadyShared, Gone, DraftChanged, NothingSaid.
    """
    issue.require_draft()
    if issue.specialty is None or issue.version != seen:
        raise DraftChanged
    if not issue.raw_text.strip():
        raise NothingSaid
    issue.shared_text = issue.masked().text
    for piece in set(issue.pieces) - set(issue.kept):
        issue.pieces.remove(piece)
    issue.number = await next_number(session, now.astimezone(timezone).year)
    issue.state, issue.confirmed_at, issue.round_began_at, issue.area = IssueState.OPEN, now, now, deputy.area
    record(session, deputy, "issue.confirmed", f"issue:{issue.id}", now=now, number=issue.number, specialty=issue.specialty.name)
