"""Who writes to the mailbox, as far as it must know: an account, what it is about to say, whether it is blocked."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.mailbox import Letter


class Awaits(enum.StrEnum):
    """What a constituent's next message is."""

    WORD = "word"
    REASON = "reason"


STILL_AWAITED = timedelta(hours=1)


class Sender(Base):
    """A Telegram account that is not on the roster, as far as the mailbox must know it."""

    __tablename__ = "mailbox_senders"

    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    awaits: Mapped[Awaits | None]
    awaits_since: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox_letters.id"))
    """Which letter the awaited message is about."""
    blocked_at: Mapped[datetime | None] = mapped_column(index=True)
    blocked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    blocked_for_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox_letters.id"))
    block_reason: Mapped[str] = mapped_column(Text, default="")
    told_blocked: Mapped[bool] = mapped_column(default=False)

    blocked_for: Mapped[Letter | None] = relationship(lazy="selectin", foreign_keys=[blocked_for_id])

    def expect(self, what: Awaits | None, letter: Letter | None, *, now: datetime) -> None:
        self.awaits, self.letter_id, self.awaits_since = what, letter.id if letter is not None else None, now

    def expected(self, *, now: datetime) -> Awaits | None:
        """What the next message is; after an hour nobody remembers."""
        since = self.awaits_since
        return self.awaits if since is not None and now - since < STILL_AWAITED else None


async def known_sender(session: AsyncSession, telegram_id: int) -> Sender | None:
    """What the mailbox knows of this account; None while it has never begun a letter."""
    return await session.get(Sender, telegram_id)


async def sender_of(session: AsyncSession, telegram_id: int, *, now: datetime) -> Sender:
    """What the mailbox knows of this account, begun if it is nothing yet."""
    sender = await known_sender(session, telegram_id)
    if sender is None:
        sender = Sender(telegram_id=telegram_id, begun_at=now, told_blocked=False, blocked_for=None)
        session.add(sender)
        await session.flush()
    return sender
