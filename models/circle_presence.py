"""Who is seen in a circle's group: Telegram lists nobody to a bot, so whoever comes, goes or speaks is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.circles import Chat, Circle, CircleMember
from models.people import Person, Role

NAME_LIMIT = 128


class ChatPresence(Base):
    """A Telegram account seen inside a circle's group; the row goes when the account does."""

    __tablename__ = "chat_presences"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", onupdate="CASCADE"), primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    seen_at: Mapped[datetime]
    is_admin: Mapped[bool] = mapped_column(default=False)
    """An administrator of the group, whom the bot cannot take out."""


@dataclass(frozen=True)
class Outsider:
    """Somebody inside who is on no roster of the group's circles; ``person`` where the Home knows them otherwise."""

    telegram_id: int
    name: str
    is_admin: bool
    person: Person | None


@dataclass(frozen=True)
class Seen:
    """What seeing an account changed: memberships that begin or end to be in the chat, and whether it is new to the group."""

    person: Person | None
    memberships: Sequence[CircleMember]
    changed: bool
    is_new: bool


async def see(
    session: AsyncSession, chat: Chat, telegram_id: int, name: str, inside: bool, *, now: datetime, is_admin: bool | None = None
) -> Seen:
    """Note that an account is in a group, or is no more; told twice changes nothing. ``is_admin`` None means it is not known."""
    # Locked, since an update and the answer to a question may tell it at the same time.
    if await session.get(Chat, chat.id, with_for_update=True) is None:  # it has just become a supergroup, which tells who is in it
        return Seen(None, (), changed=False, is_new=False)
    known = await session.get(ChatPresence, (chat.id, telegram_id))
    if inside and known is None:
        session.add(ChatPresence(chat_id=chat.id, telegram_id=telegram_id, name=name[:NAME_LIMIT], seen_at=now, is_admin=bool(is_admin)))
    elif inside and known is not None:
        known.name = name[:NAME_LIMIT]
        known.is_admin = known.is_admin if is_admin is None else is_admin
    elif known is not None:
        await session.delete(known)
    person = await session.scalar(select(Person).where(Person.telegram_id == telegram_id, Person.active))
    memberships = await _memberships(session, person, chat.id) if person is not None else []
    changed = [membership for membership in memberships if (membership.joined_at is not None) != inside]
    for membership in changed:
        membership.joined_at = now if inside else None
        membership.remind_at = None
    await session.flush()
    return Seen(person, memberships, bool(changed), inside and known is None)


async def is_inside(session: AsyncSession, chat_id: int, telegram_id: int | None) -> bool:
    """Whether an account has been seen in a group and has not gone since."""
    return telegram_id is not None and await session.get(ChatPresence, (chat_id, telegram_id)) is not None


async def outsiders_in(session: AsyncSession, chat_id: int) -> Sequence[Outsider]:
    """Those seen in a group who belong to none of its circles; the office and the leaders may sit in any."""
    on_list = (
        select(Person.telegram_id)
        .join(CircleMember, CircleMember.person_id == Person.id)
        .join(Circle, Circle.id == CircleMember.circle_id)
        .where(Circle.chat_id == chat_id, Person.active, Person.telegram_id.is_not(None))
    )
    rows = await session.execute(
        select(ChatPresence, Person)
        .outerjoin(Person, and_(Person.telegram_id == ChatPresence.telegram_id, Person.active))
        .where(ChatPresence.chat_id == chat_id, ChatPresence.telegram_id.not_in(on_list))
        .order_by(ChatPresence.seen_at, ChatPresence.telegram_id)
    )
    return [
        Outsider(seen.telegram_id, person.name if person is not None else seen.name, seen.is_admin, person)
        for seen, person in rows
        if not may_sit_anywhere(person)
    ]


def may_sit_anywhere(person: Person | None) -> bool:
    return person is not None and person.has(Role.OFFICE, Role.LEADER)


async def seen_in(session: AsyncSession, chat_id: int) -> Sequence[int]:
    """The accounts seen in a group."""
    return (await session.scalars(select(ChatPresence.telegram_id).where(ChatPresence.chat_id == chat_id))).all()


async def forget_presences(session: AsyncSession, chat_id: int) -> None:
    """The group is nobody's circle any more: who is there is none of the Home's business."""
    await session.execute(delete(ChatPresence).where(ChatPresence.chat_id == chat_id))


async def move_presences(session: AsyncSession, old: int, new: int) -> None:
    """The group has another id, under which some may have been seen already."""
    again = select(ChatPresence.telegram_id).where(ChatPresence.chat_id == new)
    known = set(await session.scalars(again))
    await session.execute(delete(ChatPresence).where(ChatPresence.chat_id == old, ChatPresence.telegram_id.in_(known)))
    await session.execute(update(ChatPresence).where(ChatPresence.chat_id == old).values(chat_id=new))


async def _memberships(session: AsyncSession, person: Person, chat_id: int) -> Sequence[CircleMember]:
    here = select(Circle.id).where(Circle.chat_id == chat_id)
    found = select(CircleMember).where(CircleMember.person_id == person.id, CircleMember.circle_id.in_(here))
    return (await session.scalars(found)).all()
