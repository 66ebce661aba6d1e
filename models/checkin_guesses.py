"""Wrong codes: a few are slips, many are guesses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.people import Person
from models.policy import Policy


class CheckInGuesses(Base):
    """How many wrong codes somebody has typed since when."""

    __tablename__ = "check_in_guesses"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    since: Mapped[datetime]
    wrong: Mapped[int]


async def may_guess(session: AsyncSession, person: Person, policy: Policy, *, now: datetime) -> bool:
    """Whether a code of theirs is looked at, or they must wait."""
    guesses = await session.get(CheckInGuesses, person.id)
    return guesses is None or now >= guesses.since + policy.checkin_guess_pause or guesses.wrong < policy.checkin_guesses


async def note_wrong(session: AsyncSession, person: Person, policy: Policy, *, now: datetime) -> int:
    """Count a wrong code; how many more may follow before they must wait."""
    guesses = await session.get(CheckInGuesses, person.id)
    if guesses is None:
        guesses = CheckInGuesses(person_id=person.id, since=now, wrong=0)
        session.add(guesses)
    elif now >= guesses.since + policy.checkin_guess_pause:
        guesses.since, guesses.wrong = now, 0
    guesses.wrong += 1
    await session.flush()
    return max(policy.checkin_guesses - guesses.wrong, 0)
