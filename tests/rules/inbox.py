"""The inbox as rules are tried on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import InboxUpdate, next_updates


async def next_update(session: AsyncSession, *, now: datetime) -> InboxUpdate | None:
    """The one that is worked on next, taken alone."""
    return next(iter(await next_updates(session, now=now, limit=1)), None)
