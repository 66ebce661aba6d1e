"""One topic per issue: a circle in a forum group may give each issue a topic of its own, whose name says number and state."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.circle_groups import NoTopicRight
from models.circles import Circle
from models.issues import Issue
from models.people import Person, Role

NAME_LIMIT = 128
"""Telegram's."""


class TopicState(enum.StrEnum):
    ASKED = "asked"
    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"


class TopicsByIssue(Base):
    """The circle gives each issue a topic of its own."""

    __tablename__ = "topics_by_issue"

    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), primary_key=True)


class IssueTopic(Base):
    """The topic of one issue in one circle's group. Gone, the issue's card stands in the circle's own place again."""

    __tablename__ = "issue_topics"
    __table_args__ = (UniqueConstraint("issue_id", "circle_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[TopicState] = mapped_column(default=TopicState.ASKED)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    asked_at: Mapped[datetime]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    circle: Mapped[Circle] = relationship(lazy="selectin")

    @property
    def stands(self) -> bool:
        return self.state in (TopicState.OPEN, TopicState.CLOSED) and self.thread_id is not None


def may_have_topics(circle: Circle) -> bool:
    """Whether the circle's group is a forum in which the bot may manage topics."""
    return circle.lives and circle.chat is not None and circle.chat.is_forum and circle.chat.can_manage_topics


async def has_topics(session: AsyncSession, circle: Circle) -> bool:
    """Whether the circle's issues get topics of their own."""
    return may_have_topics(circle) and await session.get(TopicsByIssue, circle.id) is not None


async def switch_topics(session: AsyncSession, circle: Circle, officer: Person, *, now: datetime) -> bool:
    """Turn topics by issue on or off for the issues to come. Raises NotAllowed, NoTopicRight. Gives what it is now."""
    officer.require(Role.OFFICE)
    found = await session.get(TopicsByIssue, circle.id)
    if found is None and not may_have_topics(circle):
        raise NoTopicRight
    if found is None:
        session.add(TopicsByIssue(circle_id=circle.id))
    else:
        await session.delete(found)
    await session.flush()
    record(session, officer, "circle.topics", f"circle:{circle.id}", now=now, on=found is None)
    return found is None


async def topic_of(session: AsyncSession, issue: Issue, circle: Circle) -> IssueTopic | None:
    found: IssueTopic | None = await session.scalar(
        select(IssueTopic).where(IssueTopic.issue_id == issue.id, IssueTopic.circle_id == circle.id)
    )
    return found


async def topics_of(session: AsyncSession, issue: Issue) -> Sequence[IssueTopic]:
    """The topics an issue has, in whichever circles."""
    return (await session.scalars(select(IssueTopic).where(IssueTopic.issue_id == issue.id).order_by(IssueTopic.id))).all()


async def ask_for_topic(session: AsyncSession, issue: Issue, circle: Circle, name: str, *, now: datetime) -> IssueTopic:
    """A topic is to be made; until it is there the issue has no place in the circle."""
    topic = IssueTopic(
        issue=issue, circle=circle, issue_id=issue.id, circle_id=circle.id, chat_id=circle.chat_id or 0, name=name, asked_at=now
    )
    session.add(topic)
    await session.flush()
    return topic
