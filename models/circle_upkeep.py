"""Circles come and go: one is made, gets another name or other specialties, and is retired; its history is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity
from models.audience import Part
from models.audit import AuditEntry, record
from models.circle_groups import CircleRetired, circles_in
from models.circle_presence import forget_presences
from models.circles import Circle, CircleMember, circles_of_specialty, members_of
from models.issue_reading import of_specialties
from models.issues import LIVE, Issue
from models.people import Person, Role, Specialty
from models.rules import RuleBroken

NAME_LIMIT = 40


class CircleNamed(RuleBroken):
    """Another circle has this name."""

    key = "circles.name_taken"


class BadCircleName(RuleBroken):
    """The name is empty, of several lines, or too long."""

    key = "circles.bad_name"


async def make_circle(session: AsyncSession, name: str, actor: Person, *, now: datetime) -> Circle:
    """A new circle; the specialty of the same name belongs to it. Raises NotAllowed, BadCircleName, CircleNamed."""
    actor.require(Role.OFFICE)
    name = await _free_name(session, name)
    namesakes = (await session.scalars(select(Specialty).where(Specialty.name == name))).all()
    circle = Circle(name=name, specialties=list(namesakes), members=[])
    session.add(circle)
    await session.flush()
    record(session, actor, "circle.made", f"circle:{circle.id}", now=now, name=name)
    return circle


async def rename_circle(session: AsyncSession, circle: Circle, name: str, actor: Person, *, now: datetime) -> str:
    """Another name; gives the old one. Raises NotAllowed, CircleRetired, BadCircleName, CircleNamed."""
    actor.require(Role.OFFICE)
    require_in_use(circle)
    old, circle.name = circle.name, await _free_name(session, name, besides=circle)
    await session.flush()
    if old != circle.name:
        record(session, actor, "circle.renamed", f"circle:{circle.id}", now=now, old=old, new=circle.name)
    return old


async def give_specialties(session: AsyncSession, circle: Circle, ids: Collection[int], actor: Person, *, now: datetime) -> None:
    """From now on these are the circle's specialties. Raises NotAllowed, CircleRetired."""
    actor.require(Role.OFFICE)
    require_in_use(circle)
    chosen = (await session.scalars(select(Specialty).where(Specialty.id.in_(ids)).order_by(Specialty.id))).all()
    before, after = [each.name for each in circle.specialties], [each.name for each in chosen]
    if set(before) == set(after):
        return
    circle.specialties[:] = chosen
    await session.flush()
    record(session, actor, "circle.specialties", f"circle:{circle.id}", now=now, old=before, new=after)


async def retire_circle(session: AsyncSession, circle: Circle, actor: Person, *, now: datetime) -> Sequence[Person]:
    """The circle ends: nobody belongs to it, no specialty leads there, and its name is free. Gives those who belonged to it.

    Raises NotAllowed, CircleRetired. Who they were, and where it lived, stays in the audit log.
    """
    actor.require(Role.OFFICE)
    require_in_use(circle)
    members = await members_of(session, circle)
    record(
        session,
        actor,
        "circle.retired",
        f"circle:{circle.id}",
        now=now,
        name=circle.name,
        members=[person.id for person in members],
        specialties=[each.name for each in circle.specialties],
        chat=circle.chat_id,
        thread=circle.thread_id,
        title=circle.chat.title if circle.chat is not None else None,
    )
    await session.execute(delete(CircleMember).where(CircleMember.circle_id == circle.id))
    circle.specialties.clear()
    chat_id = circle.chat_id
    circle.chat, circle.thread_id, circle.awaits_topic, circle.invite_link = None, None, False, None
    circle.retired_at = now
    circle.name = await _name_of_old(session, circle.name, now)
    await session.flush()
    if chat_id is not None and not await circles_in(session, chat_id):
        await forget_presences(session, chat_id)
    return members


async def retirement_of(session: AsyncSession, circle: Circle) -> AuditEntry | None:
    """What was written down when a circle was retired."""
    entry = select(AuditEntry).where(AuditEntry.subject == f"circle:{circle.id}", AuditEntry.action == "circle.retired")
    found: AuditEntry | None = await session.scalar(entry.order_by(AuditEntry.id.desc()).limit(1))
    return found


async def circles_in_use(session: AsyncSession) -> Sequence[Circle]:
    return (await session.scalars(select(Circle).where(Circle.retired_at.is_(None)).order_by(Circle.id))).all()


async def retired_circles(session: AsyncSession) -> Sequence[Circle]:
    """The latest first."""
    retired = select(Circle).where(Circle.retired_at.is_not(None))
    return (await session.scalars(retired.order_by(Circle.retired_at.desc(), Circle.id.desc()))).all()


async def live_issues_of(session: AsyncSession, specialty_ids: Collection[int]) -> Sequence[Issue]:
    """The issues of these specialties that are not over, the oldest first."""
    live = select(Issue).where(Issue.state.in_(LIVE), of_specialties(list(specialty_ids)))
    return (await session.scalars(live.order_by(Issue.id))).all()


async def specialties_left_alone(session: AsyncSession, circle: Circle) -> Sequence[Specialty]:
    """The circle's specialties that no other living circle has."""
    return [each for each in circle.specialties if all(other.id == circle.id for other in await circles_of_specialty(session, each))]


async def activities_for(session: AsyncSession, circle: Circle, *, now: datetime) -> Sequence[Activity]:
    """Activities to come that are called for this circle among others: without it, they lose its people."""
    coming = await session.scalars(select(Activity).where(Activity.state.in_(OPEN), Activity.starts_at > now).order_by(Activity.starts_at))
    return [each for each in coming if circle.id in each.audience.of(Part.CIRCLE)]


def require_in_use(circle: Circle) -> None:
    """Raise CircleRetired."""
    if circle.retired_at is not None:
        raise CircleRetired(name=circle.name)


async def _free_name(session: AsyncSession, name: str, *, besides: Circle | None = None) -> str:
    name = unicodedata.normalize("NFC", name.replace("\0", "")).strip()
    if not 1 <= len(name) <= NAME_LIMIT or "\n" in name or name.startswith("/"):
        raise BadCircleName(limit=NAME_LIMIT)
    taken = await session.scalar(select(Circle).where(Circle.name == name))
    if taken is not None and (besides is None or taken.id != besides.id):
        raise CircleNamed(name=name)
    return name


async def _name_of_old(session: AsyncSession, name: str, now: datetime) -> str:
    """Its name with the day of its end: a spreadsheet or an officer who uses the name again means another circle."""
    old = f"{name[:44]}（{now:%Y-%m-%d}）"
    number, free = 1, old
    while await session.scalar(select(Circle.id).where(Circle.name == free)) is not None:
        number += 1
        free = f"{old}{number}"
    return free
