"""Messages in the outbox of a rule's test."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.outbox import OutboxMessage, enqueue


async def queued(session: AsyncSession, now: datetime, chat_id: int | None, *, method: str = "sendMessage", **more: Any) -> OutboxMessage:
    """A message queued now, with these columns beside."""
    row = {"chat_id": chat_id, "method": method, "params": {"text": "…"}, "created_at": now, "due_at": now}
    return await session.get_one(OutboxMessage, await enqueue(session, row | more))
