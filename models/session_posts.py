"""Posts of a session that decide leave from it: the head of each delegation (a deputies' group), and the secretary-general."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.people import DeputyGroup, Person, Role
from models.rules import Gone, RuleBroken


class SessionPost(enum.StrEnum):
    DELEGATION_HEAD = "delegation_head"
    SECRETARY_GENERAL = "secretary_general"


class OfficeDecidesNone(RuleBroken):
    """The office runs everything, but decides no leave: not by a post, and not as a delegate."""

    key = "leave.office_decides_none"


class PostHolder(Base):
    """Who holds a post; a delegation head that of one group."""

    __tablename__ = "post_holders"

    id: Mapped[int] = mapped_column(primary_key=True)
    post: Mapped[SessionPost]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("deputy_groups.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)

    person: Mapped[Person] = relationship(lazy="selectin")


Posts = Mapping[tuple[SessionPost, int | None], Person]
"""The holders by post and group; the secretary-general's group is None."""


async def holders(session: AsyncSession) -> Posts:
    """Everybody who holds a post and is still on the roster."""
    rows = await session.scalars(select(PostHolder).order_by(PostHolder.id))
    return {(row.post, row.group_id): row.person for row in rows if row.person.active}


async def groups(session: AsyncSession) -> Sequence[DeputyGroup]:
    return (await session.scalars(select(DeputyGroup).order_by(DeputyGroup.id))).all()


async def set_holder(
    session: AsyncSession, post: SessionPost, group_id: int | None, person: Person | None, *, actor: Person, now: datetime
) -> None:
    """The office says who holds a post; None leaves it empty. Raises NotAllowed, Gone, OfficeDecidesNone."""
    actor.require(Role.OFFICE)
    if (post is SessionPost.DELEGATION_HEAD) != (group_id is not None):
        raise Gone
    if group_id is not None and await session.get(DeputyGroup, group_id) is None:
        raise Gone
    if person is not None and person.has(Role.OFFICE):
        raise OfficeDecidesNone(name=person.name)
    row = await session.scalar(select(PostHolder).where(PostHolder.post == post, PostHolder.group_id.is_not_distinct_from(group_id)))
    if row is None and person is not None:
        session.add(PostHolder(post=post, group_id=group_id, person=person))
    elif row is not None and person is not None:
        row.person = person
    elif row is not None:
        await session.delete(row)
    await session.flush()
    record(session, actor, f"post.{post}", f"person:{person.id if person else 0}", now=now, group=group_id)
