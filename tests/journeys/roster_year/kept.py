"""What the Home keeps, row by row, as plain as the book: people by name, circles by name, groups by their id."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.circle_digests import CircleDigest
from models.circle_presence import ChatPresence
from models.circles import Circle, CircleMember, LostPlace
from models.identity import IdentityRequest
from models.issues import Issue, IssueState
from models.links import PersonalLink
from models.mandates import Mandate
from models.people import Person, PersonRole
from models.profiles import Profile
from models.terms import Term

Table = dict[Any, Any]


async def people(session: AsyncSession) -> Table:
    return {
        person.name: {
            "phone": person.phone,
            "account": person.telegram_id,
            "area": person.area.name if person.area else "",
            "group": person.group.name if person.group else "",
            "employer": person.employer,
            "language": person.language,
            "active": person.active,
            "specialties": sorted(each.name for each in person.specialties),
            "blocked": person.unreachable_since is not None,
        }
        for person in await session.scalars(select(Person))
    }


async def roles(session: AsyncSession) -> Counter[tuple[str, str]]:
    rows = await session.execute(select(Person.name, PersonRole.role).join(PersonRole, PersonRole.person_id == Person.id))
    return Counter((name, role.value) for name, role in rows)


async def terms(session: AsyncSession) -> Table:
    rows = await session.scalars(select(Term))
    return {term.name: {"starts": term.starts_on, "ends": term.ends_on, "state": term.state.value} for term in rows}


async def mandates(session: AsyncSession) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            row.person.name,
            row.term.name,
            row.area.name if row.area else "",
            row.began_on,
            row.ended_on,
            row.reason.value if row.reason else None,
            row.reason_words,
            row.fills.person.name if row.fills else None,
        )
        for row in await session.scalars(select(Mandate))
    )


async def circles(session: AsyncSession) -> Table:
    lost = set(await session.scalars(select(LostPlace.circle_id)))
    return {
        row.name: {
            "chat": row.chat_id,
            "topic": row.thread_id is not None,
            "specialties": sorted(each.name for each in row.specialties),
            "retired": row.retired_at is not None,
            "link": row.invite_link is not None,
            "waiting": row.awaits_topic or row.id in lost,
        }
        for row in await session.scalars(select(Circle))
    }


async def members(session: AsyncSession) -> Table:
    rows = await session.execute(
        select(Circle.name, Person.name, CircleMember)
        .join(Circle, Circle.id == CircleMember.circle_id)
        .join(Person, Person.id == CircleMember.person_id)
    )
    return {
        (circle, person): {
            "joined": row.joined_at is not None,
            "reminders": row.reminders,
            "goes on": row.joined_at is None and row.remind_at is not None,
        }
        for circle, person, row in rows
    }


async def presences(session: AsyncSession) -> dict[int, set[int]]:
    inside: dict[int, set[int]] = {}
    for chat_id, account in await session.execute(select(ChatPresence.chat_id, ChatPresence.telegram_id)):
        inside.setdefault(chat_id, set()).add(account)
    return inside


async def links(session: AsyncSession, now: datetime) -> Table:
    found: Table = {}
    rows = select(Person.name, PersonalLink).join(Person, Person.id == PersonalLink.person_id).order_by(PersonalLink.id)
    for name, link in await session.execute(rows):
        state = "used" if link.used_at is not None else "void" if link.expires_at <= now else "open"
        found.setdefault(name, []).append(state)
    return found


async def profiles(session: AsyncSession) -> Counter[tuple[str, str, str]]:
    rows = await session.scalars(select(Profile))
    return Counter((row.person.name, row.state.value, row.biography) for row in rows)


async def requests(session: AsyncSession) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            row.change.value,
            row.state.value,
            row.telegram_id,
            row.person.name if row.person else None,
            row.new_phone,
            row.decided_by.name if row.decided_by else None,
        )
        for row in await session.scalars(select(IdentityRequest))
    )


async def issues(session: AsyncSession) -> Table:
    rows = await session.scalars(select(Issue).where(Issue.state != IssueState.DRAFT))
    return {
        row.number: {
            "deputy": row.deputy.name,
            "specialty": row.specialty.name if row.specialty else None,
            "live": row.live,
            "forgotten": row.identity_forgotten_at is not None,
        }
        for row in rows
    }


async def log(session: AsyncSession) -> Counter[str]:
    return Counter(await session.scalars(select(AuditEntry.action)))


async def digests(session: AsyncSession) -> Counter[tuple[str, Any]]:
    rows = select(Circle.name, CircleDigest.monday).join(Circle, Circle.id == CircleDigest.circle_id).where(CircleDigest.told)
    return Counter((name, monday) for name, monday in await session.execute(rows))
