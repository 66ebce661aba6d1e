"""Circles (工作圈): group chats for one type of deputy each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
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
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class CircleMember(Base):
    __tablename__ = "circle_members"
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    asked_to_join_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]


class CircleSpecialty(Base):
    __tablename__ = "circle_specialties"
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), primary_key=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), primary_key=True, index=True)


class Circle(Base):
    """A circle lives in a group chat of its own, or in one topic (``thread_id``) of a forum group; unbound it has no ``chat_id``."""

    __tablename__ = "circles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", onupdate="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    invite_link: Mapped[str | None] = mapped_column(String(255), index=True)

    chat: Mapped[Chat | None] = relationship(lazy="selectin")
    specialties: Mapped[list[Specialty]] = relationship(secondary="circle_specialties", lazy="selectin")
    members: Mapped[list[Person]] = relationship(secondary="circle_members", lazy="selectin", viewonly=True, order_by="Person.id")
