"""How much somebody who is not on the roster is heard: counted from what came in, so that nothing has to be kept about them."""

from __future__ import annotations

import enum
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import said_before

WINDOW, MESSAGES_IN_WINDOW = timedelta(hours=1), 80


class Heard(enum.StrEnum):
    """How a stranger's update is met."""

    GLADLY = "gladly"
    TOO_MUCH = "too_much"
    SILENTLY = "silently"


async def heard(session: AsyncSession, update_id: int, telegram_id: int) -> Heard:
    """How this update of theirs is met: above the hour's measure they are told once, and then met with silence."""
    said = await said_before(session, update_id, telegram_id, within=WINDOW, at_most=MESSAGES_IN_WINDOW + 2)
    if said <= MESSAGES_IN_WINDOW:
        return Heard.GLADLY
    return Heard.TOO_MUCH if said == MESSAGES_IN_WINDOW + 1 else Heard.SILENTLY
