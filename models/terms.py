"""Terms (届): from the first day of one congress to the first day of the next. What belongs to a term is decided here alone."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.people import Person, Role
from models.policy import Policy
from models.rules import RuleBroken

NAME_LIMIT = 40
LONGEST = timedelta(days=8 * 366)
"""A congress has a term of five years; nobody has one that begins eight years before or after today."""


class TermState(enum.StrEnum):
    """``prepared → running → closing → closed``: while one closes, the next is prepared, and its roster comes in."""

    PREPARED = "prepared"
    RUNNING = "running"
    CLOSING = "closing"
    CLOSED = "closed"


class TermExists(RuleBroken):
    """There is a term already: the next begins by closing it."""

    key = "term.exists"


class TermMissing(RuleBroken):
    """Without a term there are no mandates: the office first says when it began."""

    key = "term.missing"


class TermClosing(RuleBroken):
    """A term is being closed: who is a deputy changes while that lasts, so no roster is taken over."""

    key = "term.closing_now"


class TermNameBad(RuleBroken):
    """A term has a short name of its own, such as 第八届."""

    key = "term.name_bad"


class TermDayBad(RuleBroken):
    """A term begins within some years of today, and after the one before."""

    key = "term.day_bad"


class Term(Base):
    """One term. ``ends_on`` is its last day, set when it is closed: the day before the next begins."""

    __tablename__ = "terms"
    __table_args__ = (
        Index(
            "uq_terms_open_state",
            "state",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    state: Mapped[TermState] = mapped_column(default=TermState.RUNNING)
    closing_began_at: Mapped[datetime | None]
    closing_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    start_asked_at: Mapped[datetime | None]
    """When the office said that a prepared term shall begin: those elected again come back, and then it runs."""
    rostered_at: Mapped[datetime | None]
    """When its first roster was complete: mandates of the first roster began with the term, later ones with their day."""

    closing_by: Mapped[Person | None] = relationship(lazy="selectin")


async def term_in(session: AsyncSession, *states: TermState) -> Term | None:
    """The term in any of these states that began last."""
    found: Term | None = await session.scalar(select(Term).where(Term.state.in_(states)).order_by(Term.starts_on.desc()).limit(1))
    return found


async def all_terms(session: AsyncSession) -> Sequence[Term]:
    """Every term, the newest first."""
    return (await session.scalars(select(Term).order_by(Term.starts_on.desc()))).all()


async def open_term(session: AsyncSession) -> Term | None:
    """The term that mandates belong to now: the running one, or the prepared one once the one before is closed."""
    if await term_in(session, TermState.CLOSING) is not None:
        return None
    return await term_in(session, TermState.RUNNING, TermState.PREPARED)


async def require_open_term(session: AsyncSession) -> Term:
    """Raise TermClosing while a term closes, TermMissing where none was ever set."""
    await require_not_closing(session)
    found = await open_term(session)
    if found is None:
        raise TermMissing
    return found


async def require_not_closing(session: AsyncSession) -> None:
    """Raise TermClosing while a term closes."""
    if await term_in(session, TermState.CLOSING) is not None:
        raise TermClosing


async def between_terms(session: AsyncSession) -> bool:
    """Whether one term is over and the next has not begun: nobody new is asked for anything, since hardly anybody is there."""
    return await term_in(session, TermState.CLOSING, TermState.PREPARED) is not None


async def term_on(session: AsyncSession, day: date) -> Term | None:
    """The term a day belongs to; one that is only prepared has begun once its day has come."""
    latest = select(Term).where(Term.starts_on <= day).order_by(Term.starts_on.desc()).limit(1)
    found: Term | None = await session.scalar(latest)
    return found if found is not None and (found.ends_on is None or day <= found.ends_on) else None


def checked_name(name: str) -> str:
    """The name, without what would not show. Raises TermNameBad."""
    name = " ".join(name.split())
    if not 2 <= len(name) <= NAME_LIMIT:
        raise TermNameBad(limit=NAME_LIMIT)
    return name


async def begin_first_term(session: AsyncSession, actor: Person | None, name: str, starts_on: date, *, today: date, now: datetime) -> Term:
    """Say which term is running. Raises NotAllowed, TermExists, TermNameBad, TermDayBad."""
    if actor is not None:
        actor.require(Role.OFFICE)
    if await all_terms(session):
        raise TermExists
    if not today - LONGEST <= starts_on <= today + LONGEST:
        raise TermDayBad
    term = Term(name=checked_name(name), starts_on=starts_on, ends_on=None, state=TermState.RUNNING)
    session.add(term)
    await session.flush()
    record(session, actor, "term.begun", f"term:{term.id}", now=now, starts_on=starts_on.isoformat())
    return term


async def seed_term(session: AsyncSession, policy: Policy, *, now: datetime) -> None:
    """A Home that has no term yet takes the config's first day for its first term; from then on the Home's own word counts."""
    if policy.term_started is not None and not await all_terms(session):
        today = now.astimezone(policy.timezone).date()
        if today - LONGEST <= policy.term_started <= today + LONGEST:
            await begin_first_term(session, None, "本届", policy.term_started, today=today, now=now)


async def change_term(session: AsyncSession, term: Term, actor: Person, *, name: str, starts_on: date, today: date, now: datetime) -> None:
    """Put a running or prepared term's name or first day right. Raises NotAllowed, TermNameBad, TermDayBad."""
    actor.require(Role.OFFICE)
    earlier = [other for other in await all_terms(session) if other.id != term.id]
    if not today - LONGEST <= starts_on <= today + LONGEST:
        raise TermDayBad
    if earlier and starts_on != term.starts_on:  # the one before ended the day before: what belongs to it is fixed
        raise TermDayBad
    name = checked_name(name)
    if any(other.name == name for other in earlier):
        raise TermNameBad(limit=NAME_LIMIT)
    changed = {"name": [term.name, name], "starts_on": [term.starts_on.isoformat(), starts_on.isoformat()]}
    term.name, term.starts_on = name, starts_on
    record(session, actor, "term.changed", f"term:{term.id}", now=now, **{key: both for key, both in changed.items() if both[0] != both[1]})
