"""Circles (工作圈): group chats for one type of deputy each."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.people import Person, Specialty


class Chat(Base):
    """A group the bot has been added to, with the rights it has there."""

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(255))
    is_forum: Mapped[bool] = mapped_column(default=False)
    is_member: Mapped[bool] = mapped_column(default=True)
    can_invite: Mapped[bool] = mapped_column(default=False)
    can_manage_topics: Mapped[bool] = mapped_column(default=False)
    can_restrict: Mapped[bool] = mapped_column(default=False)
    can_pin: Mapped[bool] = mapped_column(default=False)
    can_change_info: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class CircleMember(Base):
    """Somebody of a circle, in its chat or not. ``remind_at`` is when they are next asked to come in, None for never."""

    __tablename__ = "circle_members"
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    asked_to_join_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    reminders: Mapped[int] = mapped_column(default=0)
    """How often they were reminded so far."""


class CircleSpecialty(Base):
    __tablename__ = "circle_specialties"
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), primary_key=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), primary_key=True, index=True)


class Circle(Base):
    """A circle lives in a group chat of its own, or in one topic (``thread_id``) of a forum group; unbound it has no ``chat_id``.

    A retired one stays for the record: nobody belongs to it, and its name is free for another.
    """

    __tablename__ = "circles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", onupdate="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    awaits_topic: Mapped[bool] = mapped_column(default=False)
    """Its topic is being made; until then it lives nowhere."""
    invite_link: Mapped[str | None] = mapped_column(String(255), index=True)
    retired_at: Mapped[datetime | None]

    chat: Mapped[Chat | None] = relationship(lazy="selectin")
    specialties: Mapped[list[Specialty]] = relationship(secondary="circle_specialties", lazy="selectin")
    members: Mapped[list[Person]] = relationship(secondary="circle_members", lazy="selectin", viewonly=True, order_by="Person.id")

    @property
    def lives(self) -> bool:
        """Whether it has a place where the bot can speak now."""
        return self.chat is not None and self.chat.is_member and not self.awaits_topic


class Loss(enum.StrEnum):
    """What keeps the Home from speaking in a circle's place."""

    REMOVED = "removed"
    """The bot is no longer in the group."""
    GONE = "gone"
    """The group was deleted, or Telegram does not know it any more."""
    MUTED = "muted"
    """The bot may not write there."""
    CLOSED = "closed"
    """Somebody closed the topic, and the bot may not write into closed ones."""
    TOPIC_DELETED = "topic_deleted"
    """Somebody deleted the topic; it is being made again, as soon as the bot may."""


class LostPlace(Base):
    """A circle that cannot be spoken to now. The row is the claim: whoever made it tells the office and mends what can be mended."""

    __tablename__ = "lost_places"

    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"), primary_key=True)
    loss: Mapped[Loss]
    since: Mapped[datetime]
    look_at: Mapped[datetime] = mapped_column(index=True)
    """When to try again, since Telegram does not tell of everything that was mended."""
    trying_id: Mapped[int | None]
    """The message that tries."""
    needs_right: Mapped[bool] = mapped_column(default=False)
    """A topic could not be made again: the bot lacks the right."""


def _living() -> ColumnElement[bool]:
    return and_(Circle.chat_id.is_not(None), Circle.awaits_topic.is_(False), Circle.chat.has(Chat.is_member))


def _placed() -> ColumnElement[bool]:
    """Alive, or lost for now: then what is said there waits."""
    return or_(_living(), and_(Circle.chat_id.is_not(None), Circle.id.in_(select(LostPlace.circle_id))))


async def circles_of_specialty(session: AsyncSession, specialty: Specialty) -> Sequence[Circle]:
    """The circles of this specialty, the oldest first; none while no group is bound to any.

    One that is lost for now counts: what is said there waits.
    """
    of_specialty = select(CircleSpecialty.circle_id).where(CircleSpecialty.specialty_id == specialty.id)
    return (await session.scalars(select(Circle).where(_placed(), Circle.id.in_(of_specialty)).order_by(Circle.id))).all()


async def circle_at(session: AsyncSession, chat_id: int, thread_id: int | None) -> Circle | None:
    """The circle that lives in this group or topic. A circle that has a forum group to itself lives in all its topics."""
    here = (await session.scalars(select(Circle).where(_living(), Circle.chat_id == chat_id).order_by(Circle.id))).all()
    own = [circle for circle in here if circle.thread_id == thread_id]
    whole = [circle for circle in here if circle.thread_id is None]
    return next(iter(own or whole), None)


async def members_of(session: AsyncSession, circle: Circle) -> Sequence[Person]:
    """The active people of a circle, in the roster's order."""
    members = select(CircleMember.person_id).where(CircleMember.circle_id == circle.id)
    return (await session.scalars(select(Person).where(Person.active, Person.id.in_(members)).order_by(Person.id))).all()
