"""How much one account is heard: counted from what came in, so that nothing has to be kept about anybody."""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from models.inbox import said_before

WINDOW, MESSAGES_IN_WINDOW = timedelta(hours=1), 80


class Measure(NamedTuple):
    """So many updates in so much time."""

    updates: int
    within: timedelta


STRANGERS = Measure(MESSAGES_IN_WINDOW, WINDOW)


def measure_of_members(updates_a_minute: int) -> Measure:
    """That of somebody on the roster: wide enough for messages forwarded by the hundred."""
    return Measure(updates_a_minute, timedelta(minutes=1))


class Heard(enum.StrEnum):
    """How an update is met."""

    GLADLY = "gladly"
    TOO_MUCH = "too_much"
    SILENTLY = "silently"


async def heard(
    session: AsyncSession, update_id: int, telegram_id: int, measure: Measure = STRANGERS, *, at_most: int | None = None
) -> Heard:
    """How this update of theirs is met: above the measure they are told once, and then met with silence.

    ``at_most`` is what they can have said at most, in the longest time that any measure speaks of: mostly that is within it.
    """
    if at_most is not None and at_most <= measure.updates:
        return Heard.GLADLY
    said = await said_before(session, update_id, telegram_id, within=measure.within, at_most=measure.updates + 2)
    if said <= measure.updates:
        return Heard.GLADLY
    return Heard.TOO_MUCH if said == measure.updates + 1 else Heard.SILENTLY
