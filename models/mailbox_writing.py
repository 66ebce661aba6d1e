"""Writing to the mailbox: from an area to a sent letter, and to whom it goes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.absence import absences_of
from models.audit import record
from models.mailbox import OPEN_LETTERS, Category, Letter, LetterPiece, LetterState
from models.mailbox_senders import Sender
from models.people import Area, Person, serving
from models.policy import Policy
from models.rules import Gone, RuleBroken

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that look alike: I, L, O, 0, 1."""
CODE_LENGTH = 8
_DAY = timedelta(days=1)
_FORGOTTEN_AFTER = timedelta(days=3)


class TooManyLetters(RuleBroken):
    """The sender has sent as many letters as one may in a day."""

    key = "mailbox.too_many"


class SenderBlocked(RuleBroken):
    """The office has closed the mailbox to this sender."""

    key = "mailbox.blocked"


class LetterUnfinished(RuleBroken):
    """Something is missing before it can be sent."""

    key = "mailbox.unfinished"


class NothingWritten(RuleBroken):
    """A letter of pictures alone cannot be understood."""

    key = "mailbox.nothing_written"


def _can_be_written_to() -> ColumnElement[bool]:
    return and_(serving(), Person.telegram_id.is_not(None), Person.unreachable_since.is_(None))


async def areas_to_write_to(session: AsyncSession) -> Sequence[Area]:
    """Areas with a deputy who can be reached."""
    lived_in = select(Person.area_id).where(_can_be_written_to())
    return (await session.scalars(select(Area).where(Area.id.in_(lived_in)).order_by(Area.id))).all()


async def deputies_to_write_to(session: AsyncSession, area: Area) -> Sequence[Person]:
    """The area's deputies who can be reached, in the roster's order."""
    found = select(Person).where(_can_be_written_to(), Person.area_id == area.id).order_by(Person.id)
    return (await session.scalars(found)).all()


async def choose_deputy(session: AsyncSession, area: Area, *, now: datetime, without: Person | None = None) -> Person | None:
    """Whose turn it is: not away, fewest open letters, then whoever got one longest ago, then the roster's order; None for nobody."""
    candidates = [person for person in await deputies_to_write_to(session, area) if without is None or person.id != without.id]
    away = await absences_of(session, candidates, now=now)
    there = [person for person in candidates if person.id not in away]
    candidates = there or candidates  # where everybody is away, somebody who comes back is better than nobody
    if not candidates:
        return None
    ids = [person.id for person in candidates]
    rows = await session.execute(
        select(
            Letter.deputy_id,
            func.count().filter(Letter.state.in_(OPEN_LETTERS)),
            func.max(Letter.sent_at),
        )
        .where(Letter.deputy_id.in_(ids), Letter.sent_at.is_not(None))
        .group_by(Letter.deputy_id)
    )
    burden = {row[0]: (row[1], row[2]) for row in rows}

    def turn(person: Person) -> tuple[int, float, int]:
        opened, last = burden.get(person.id, (0, None))
        return opened, last.timestamp() if last is not None else 0.0, person.id

    return min(candidates, key=turn)


async def draft_letter_of(session: AsyncSession, sender_id: int) -> Letter | None:
    """The one letter a constituent is writing."""
    found: Letter | None = await session.scalar(
        select(Letter).where(Letter.sender_id == sender_id, Letter.state == LetterState.DRAFT).order_by(Letter.id.desc()).limit(1)
    )
    return found


async def require_welcome(session: AsyncSession, sender: Sender, policy: Policy, *, now: datetime) -> None:
    """Raise SenderBlocked, or TooManyLetters when the day's measure is full."""
    if sender.blocked_at is not None:
        raise SenderBlocked
    sent = await session.scalar(
        select(func.count()).select_from(Letter).where(Letter.sender_id == sender.telegram_id, Letter.sent_at > now - _DAY)
    )
    if (sent or 0) >= policy.mailbox_daily:
        raise TooManyLetters(count=policy.mailbox_daily)


async def begin_letter(
    session: AsyncSession,
    sender: Sender,
    area: Area | None,
    deputy: Person | None,
    policy: Policy,
    *,
    name: str,
    language: str,
    now: datetime,
) -> Letter:
    """Begin a letter, or turn the one being written to another area or deputy. Raises SenderBlocked, TooManyLetters."""
    await require_welcome(session, sender, policy, now=now)
    letter = await draft_letter_of(session, sender.telegram_id)
    if letter is None:
        letter = Letter(sender_id=sender.telegram_id, pieces=[], created_at=now, issue=None, category=None)
        session.add(letter)
    letter.sender_name, letter.language, letter.touched_at = name[:255], language, now
    if area is not None or letter.area_id is None:
        letter.area, letter.deputy, letter.deputy_settled = area, deputy, deputy is not None
    sender.expect(None, None, now=now)
    await session.flush()
    return letter


async def discard_letter(session: AsyncSession, letter: Letter, *, now: datetime) -> None:
    """Forget a draft and every word of it."""
    letter.require_draft()
    letter.state, letter.closed_at = LetterState.DISCARDED, now
    letter.pieces.clear()
    record(session, None, "letter.discarded", f"letter:{letter.id}", now=now)


async def send_letter(session: AsyncSession, letter: Letter, sender: Sender, policy: Policy, *, now: datetime) -> None:
    """Send it: to the chosen deputy while they can be reached, else to another of the area, else to the office; it gets its code.

    Raises AlreadySent, Gone, LetterUnfinished, NothingWritten, SenderBlocked, TooManyLetters.
    """
    letter.require_draft()
    await require_welcome(session, sender, policy, now=now)
    if letter.area is None or letter.category is None:
        raise LetterUnfinished
    if not letter.said:
        raise NothingWritten
    reachable = {person.id for person in await deputies_to_write_to(session, letter.area)}
    if letter.deputy is None or letter.deputy.id not in reachable:
        letter.deputy = await choose_deputy(session, letter.area, now=now)
    letter.code = await _new_code(session)
    letter.state, letter.sent_at, letter.waits_since, letter.touched_at = LetterState.WAITING, now, now, now
    await session.flush()
    deputy = letter.deputy.id if letter.deputy is not None else None
    record(session, None, "letter.sent", f"letter:{letter.id}", now=now, deputy=deputy, category=letter.category.value)


async def _new_code(session: AsyncSession) -> str:
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if await session.scalar(select(Letter.id).where(Letter.code == code)) is None:
            return code


def code_in(text: str) -> str | None:
    """The code that a message consists of, however it is spaced or written; None when it is something else."""
    written = re.sub(r"[\s\-–—_.·]", "", text).upper()
    return written if len(written) == CODE_LENGTH and all(letter in CODE_LETTERS for letter in written) else None


async def letter_by_code(session: AsyncSession, code: str) -> Letter | None:
    found: Letter | None = await session.scalar(select(Letter).where(Letter.code == code))
    return found


async def letter_piece_at(session: AsyncSession, chat_id: int, message_id: int) -> LetterPiece | None:
    found: LetterPiece | None = await session.scalar(
        select(LetterPiece).where(LetterPiece.chat_id == chat_id, LetterPiece.message_id == message_id)
    )
    return found


def choose_category(letter: Letter, category: Category) -> None:
    letter.require_draft()
    letter.category = category


def choose_area(letter: Letter, area: Area | None) -> None:
    """Settle the area, or think again; whoever was to get it is open then."""
    letter.require_draft()
    letter.area, letter.deputy, letter.deputy_settled = area, None, False


def settle_deputy(letter: Letter, deputy: Person | None) -> None:
    """Settle who gets it; None leaves it to the Home."""
    letter.require_draft()
    if deputy is not None and deputy.area_id != letter.area_id:
        raise Gone
    letter.deputy, letter.deputy_settled = deputy, True


async def forget_drafts(session: AsyncSession, *, now: datetime) -> None:
    """What was begun and left for three days is forgotten: nobody but its writer has seen it."""
    left = select(Letter).where(Letter.state == LetterState.DRAFT, Letter.touched_at <= now - _FORGOTTEN_AFTER).limit(50)
    for letter in (await session.scalars(left)).all():
        await discard_letter(session, letter, now=now)
