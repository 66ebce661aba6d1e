"""Circles and the groups they live in: binding, and who may come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.circle_presence import forget_presences, move_presences
from models.circles import Chat, Circle, CircleMember
from models.lost_places import forget_loss
from models.people import Person, Role
from models.rules import RuleBroken


class CircleBound(RuleBroken):
    """The circle lives somewhere already."""

    key = "circles.already_bound"


class CircleRetired(RuleBroken):
    """The circle is not in use any more."""

    key = "circles.is_retired"


class NoLink(RuleBroken):
    """The circle has no invite link now, or its new one is being made."""

    key = "circles.no_link"


class NoInviteRight(RuleBroken):
    """Links are made and revoked only where the bot may invite."""

    key = "circles.no_invite_right"


class GroupTaken(RuleBroken):
    """The group is another circle's own."""

    key = "circles.group_taken"


class NoTopicRight(RuleBroken):
    """Topics can be made only in a forum group where the bot may manage them."""

    key = "circles.no_topic_right"


async def unbound_circles(session: AsyncSession) -> Sequence[Circle]:
    """Circles in use that live nowhere."""
    loose = select(Circle).where(Circle.chat_id.is_(None), Circle.retired_at.is_(None))
    return (await session.scalars(loose.order_by(Circle.id))).all()


async def circles_in(session: AsyncSession, chat_id: int) -> Sequence[Circle]:
    """The circles bound to a group, those whose topic is still being made too."""
    return (await session.scalars(select(Circle).where(Circle.chat_id == chat_id).order_by(Circle.id))).all()


async def groups_without_circle(session: AsyncSession) -> Sequence[Chat]:
    """Groups the bot is in that are nobody's circle."""
    bound = select(Circle.chat_id).where(Circle.chat_id.is_not(None))
    return (await session.scalars(select(Chat).where(Chat.is_member, Chat.id.not_in(bound)).order_by(Chat.title))).all()


async def forums_for_topics(session: AsyncSession) -> Sequence[Chat]:
    """Forum groups in which a circle can get a topic: the bot may manage topics there, and no circle has the group to itself."""
    whole = select(Circle.chat_id).where(Circle.chat_id.is_not(None), Circle.thread_id.is_(None), Circle.awaits_topic.is_(False))
    able = select(Chat).where(Chat.is_member, Chat.is_forum, Chat.can_manage_topics, Chat.id.not_in(whole))
    return (await session.scalars(able.order_by(Chat.title, Chat.id))).all()


async def bind(session: AsyncSession, circle: Circle, chat: Chat, actor: Person, *, now: datetime) -> None:
    """Give a circle a group of its own. Raises CircleBound, GroupTaken, CircleRetired."""
    actor.require(Role.OFFICE)
    _require_unbound(circle)
    if await circles_in(session, chat.id):
        raise GroupTaken
    circle.chat, circle.thread_id, circle.awaits_topic = chat, None, False
    await session.flush()
    record(session, actor, "circle.bound", f"circle:{circle.id}", now=now, chat=chat.id)


async def ask_for_topics(
    session: AsyncSession, chat: Chat, actor: Person, *, now: datetime, only: Circle | None = None
) -> Sequence[Circle]:
    """Every circle without a place, or ``only`` this one, is to get a topic in this forum group; gives those circles.

    Raises NoTopicRight, GroupTaken, CircleBound, CircleRetired.
    """
    actor.require(Role.OFFICE)
    if only is not None:
        _require_unbound(only)
    if not chat.is_forum or not chat.can_manage_topics or not chat.is_member:
        raise NoTopicRight
    if any(circle.thread_id is None and not circle.awaits_topic for circle in await circles_in(session, chat.id)):
        raise GroupTaken
    circles = [only] if only is not None else await unbound_circles(session)
    for circle in circles:
        circle.chat, circle.thread_id, circle.awaits_topic = chat, None, True
        record(session, actor, "circle.topic_asked", f"circle:{circle.id}", now=now, chat=chat.id)
    await session.flush()
    return circles


async def unbind(session: AsyncSession, circle: Circle, actor: Person | None, *, now: datetime) -> None:
    """Take a circle out of its group; who had joined must join anew wherever it lives next."""
    chat_id = circle.chat_id
    record(session, actor, "circle.unbound", f"circle:{circle.id}", now=now, chat=circle.chat_id, thread=circle.thread_id)
    circle.chat, circle.thread_id, circle.awaits_topic, circle.invite_link = None, None, False, None
    await forget_loss(session, circle)
    outside = {"joined_at": None, "asked_to_join_at": None, "remind_at": None, "reminders": 0}
    await session.execute(update(CircleMember).where(CircleMember.circle_id == circle.id).values(**outside))
    await session.flush()
    if chat_id is not None and not await circles_in(session, chat_id):
        await forget_presences(session, chat_id)


def _require_unbound(circle: Circle) -> None:
    if circle.retired_at is not None:
        raise CircleRetired(name=circle.name)
    if circle.chat_id is not None:
        raise CircleBound(name=circle.name)


async def memberships_in(session: AsyncSession, person: Person, chat_id: int) -> Sequence[CircleMember]:
    """What a person belongs to in a group; none means they have no business there."""
    here = select(Circle.id).where(Circle.chat_id == chat_id)
    found = select(CircleMember).where(CircleMember.person_id == person.id, CircleMember.circle_id.in_(here))
    return (await session.scalars(found)).all()


async def circles_of(session: AsyncSession, person: Person) -> Sequence[tuple[Circle, CircleMember]]:
    """A person's circles, each with how they stand in it."""
    rows = await session.execute(
        select(Circle, CircleMember)
        .join(CircleMember, CircleMember.circle_id == Circle.id)
        .where(CircleMember.person_id == person.id)
        .order_by(Circle.id)
    )
    return [(circle, membership) for circle, membership in rows]


async def not_joined(session: AsyncSession, circles: Sequence[Circle]) -> Sequence[Person]:
    """Active people of these circles who are known to Telegram and not in the group yet."""
    waiting = select(CircleMember.person_id).where(
        CircleMember.circle_id.in_([circle.id for circle in circles]), CircleMember.joined_at.is_(None)
    )
    people = select(Person).where(Person.active, Person.telegram_id.is_not(None), Person.id.in_(waiting)).order_by(Person.id)
    return (await session.scalars(people)).all()


async def head_counts(session: AsyncSession) -> dict[int, tuple[int, int]]:
    """By circle: how many active people belong to it, and how many of them have joined its group."""
    rows = await session.execute(
        select(CircleMember.circle_id, func.count(), func.count(CircleMember.joined_at))
        .join(Person, Person.id == CircleMember.person_id)
        .where(Person.active)
        .group_by(CircleMember.circle_id)
    )
    return {circle_id: (members, joined) for circle_id, members, joined in rows}


async def move_group_row(session: AsyncSession, old: int, new: int) -> Chat | None:
    """A group got another id: its row and its circles follow, their links are void. None when nothing was known of the old one."""
    # Locked: while it waited to lock the messages, the group may have been moved by somebody else.
    if await session.get(Chat, old, with_for_update=True) is None:
        return None
    if await session.get(Chat, new) is None:
        await session.execute(update(Chat).where(Chat.id == old).values(id=new))
    else:  # the new group was heard of first
        await session.execute(update(Circle).where(Circle.chat_id == old).values(chat_id=new))
        await move_presences(session, old, new)
        await session.execute(delete(Chat).where(Chat.id == old))
    await session.execute(update(Circle).where(Circle.chat_id == new).values(invite_link=None))
    session.expire_all()
    return await session.get(Chat, new)
