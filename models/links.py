"""One-time links: a secret in a deep link proves who somebody is. Only the secret's hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.people import Person, Role, link_account
from models.rules import RuleBroken


class LinkUnusable(RuleBroken):
    """The link was used before, has expired, or never existed."""

    key = "people.link_unusable"


class PersonalLink(Base):
    """A link for one person of the roster, or (without a person) for the first one of the office."""

    __tablename__ = "personal_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="selectin")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def issue_link(session: AsyncSession, person: Person | None, *, lifetime: timedelta, now: datetime) -> str:
    """Make a link's secret (22 characters, fit for a deep link). Earlier unused links of the same person end."""
    owner = PersonalLink.person_id.is_(None) if person is None else PersonalLink.person_id == person.id
    for earlier in await session.scalars(select(PersonalLink).where(owner, PersonalLink.used_at.is_(None))):
        earlier.expires_at = min(earlier.expires_at, now)
    secret = secrets.token_urlsafe(16)
    session.add(PersonalLink(secret_hash=_hash(secret), person_id=person.id if person else None, expires_at=now + lifetime))
    return secret


async def redeem_link(session: AsyncSession, secret: str, telegram_id: int, *, name: str, language: str, now: datetime) -> Person:
    """Tie the account to the link's person; a link without one makes the first person of the office, called ``name``.

    Raises LinkUnusable, or PhoneTaken when the account is already somebody else's.
    """
    link = await session.scalar(select(PersonalLink).where(PersonalLink.secret_hash == _hash(secret)))
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkUnusable
    person = link.person
    if person is not None and not person.active:
        raise LinkUnusable
    if person is None:
        person = Person(name=name, role_rows=[])
        person.give(Role.OFFICE)
        session.add(person)
        await session.flush()
    await link_account(session, person, telegram_id, language=language, now=now)
    link.used_at = now
    record(session, person, "link.used", f"person:{person.id}", now=now)
    return person
