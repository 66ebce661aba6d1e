"""Who of the roster has come into the Home, and who is still outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.people import Person, Role
from models.rules import RuleBroken


class AlreadyIn(RuleBroken):
    """They have come in already; a link is of no use to them."""

    key = "roster.already_in"


class NotOneself(RuleBroken):
    """Nobody cuts off their own account."""

    key = "roster.not_oneself"


def _outside() -> ColumnElement[bool]:
    return Person.active & Person.telegram_id.is_(None)


async def counts(session: AsyncSession) -> tuple[int, int]:
    """How many are on the roster, and how many of them are still outside."""
    everybody = await session.scalar(select(func.count()).select_from(Person).where(Person.active))
    outside = await session.scalar(select(func.count()).select_from(Person).where(_outside()))
    return everybody or 0, outside or 0


async def people_outside(session: AsyncSession, *, offset: int, limit: int) -> Sequence[Person]:
    """Those who have not come in yet, in the roster's order."""
    return (await session.scalars(select(Person).where(_outside()).order_by(Person.id).offset(offset).limit(limit))).all()


def require_outside(person: Person) -> None:
    """Raise AlreadyIn for somebody who needs no link."""
    if person.telegram_id is not None:
        raise AlreadyIn(name=person.name)


def leave_roster(session: AsyncSession, person: Person, actor: Person, *, now: datetime) -> None:
    """Take somebody off the roster. The account stays tied: they may still be told something, and may come back."""
    actor.require(Role.OFFICE)
    if person.id == actor.id:
        raise NotOneself
    record(session, actor, "roster.left", f"person:{person.id}", now=now)
    person.active = False


def cut_off(session: AsyncSession, person: Person, actor: Person, *, now: datetime) -> None:
    """Untie a person's account, so that they can come in with another one."""
    actor.require(Role.OFFICE)
    if person.id == actor.id:
        raise NotOneself
    record(session, actor, "account.cut_off", f"person:{person.id}", now=now, telegram_id=person.telegram_id)
    person.telegram_id, person.unreachable_since = None, None
