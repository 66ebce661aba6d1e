"""One-time links for many people at once, to be printed: for all who are still outside, of an area, of a group, or one."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.links import PersonalLink, issue_link
from models.people import Area, DeputyGroup, Person, Role


class SheetFor(enum.StrEnum):
    """For whom a sheet is; ``number`` of a choice names the area, group or person."""

    ALL = "all"
    AREA = "area"
    GROUP = "group"
    PERSON = "person"


def _of(whom: SheetFor, number: int) -> ColumnElement[bool]:
    outside = Person.active & Person.telegram_id.is_(None)
    match whom:
        case SheetFor.ALL:
            return outside
        case SheetFor.AREA:
            return outside & (Person.area_id == number)
        case SheetFor.GROUP:
            return outside & (Person.group_id == number)
        case SheetFor.PERSON:
            return outside & (Person.id == number)


async def sheet_people(session: AsyncSession, whom: SheetFor, number: int = 0) -> Sequence[Person]:
    """Who is on the sheet: those outside, area by area, group by group, in the roster's order."""
    order = (Person.area_id.is_(None), Person.area_id, Person.group_id.is_(None), Person.group_id, Person.id)
    return (await session.scalars(select(Person).where(_of(whom, number)).order_by(*order))).all()


async def outside_by_area(session: AsyncSession) -> Sequence[tuple[Area, int]]:
    """Areas with somebody outside, and how many."""
    counts = (
        select(Area, func.count()).join(Person, Person.area_id == Area.id).where(_of(SheetFor.ALL, 0)).group_by(Area.id).order_by(Area.id)
    )
    return [(area, number) for area, number in await session.execute(counts)]


async def outside_by_group(session: AsyncSession) -> Sequence[tuple[DeputyGroup, int]]:
    """Deputies' groups with somebody outside, and how many."""
    counts = select(DeputyGroup, func.count()).join(Person, Person.group_id == DeputyGroup.id).where(_of(SheetFor.ALL, 0))
    return [(group, number) for group, number in await session.execute(counts.group_by(DeputyGroup.id).order_by(DeputyGroup.id))]


async def count_unused(session: AsyncSession, people: Sequence[Person], *, now: datetime) -> int:
    """How many of these have a link that still opens: a sheet voids it."""
    usable = (PersonalLink.used_at.is_(None), PersonalLink.expires_at > now)
    ids = [person.id for person in people]
    return await session.scalar(select(func.count(PersonalLink.person_id.distinct())).where(PersonalLink.person_id.in_(ids), *usable)) or 0


async def issue_sheet(
    session: AsyncSession, people: Sequence[Person], actor: Person, *, lifetime: timedelta, now: datetime
) -> Mapping[int, str]:
    """A link's secret for each, by person; earlier unused ones end. Raises NotAllowed."""
    actor.require(Role.OFFICE)
    with session.no_autoflush:
        secrets = {person.id: await issue_link(session, person, lifetime=lifetime, now=now) for person in people}
    for person in people:
        record(session, actor, "link.issued", f"person:{person.id}", now=now, sheet=len(people))
    await session.flush()
    return secrets
