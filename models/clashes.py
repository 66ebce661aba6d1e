"""What else stands on a day: other activities of the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity, ActivityState
from models.audience import Audience, belongs
from models.invitations import Invitation, Reply
from models.people import Person


@dataclass(frozen=True)
class Clash:
    """Another activity at the same time, and who of the audience is called to it too."""

    activity: Activity
    names: Sequence[str]


async def clashes_of(
    session: AsyncSession, audience: Audience, starts_at: datetime, ends_at: datetime, *, but: Activity | None = None
) -> list[Clash]:
    """The activities of these people that overlap with this time, the earliest first; whoever asked leave of one is free of it.

    ``but`` is the activity that is being moved.
    """
    overlapping = select(Activity).where(
        Activity.state.in_((*OPEN, ActivityState.UNDER_WAY)), Activity.starts_at < ends_at, Activity.ends_at > starts_at
    )
    if but is not None:
        overlapping = overlapping.where(Activity.id != but.id)
    clashes: list[Clash] = []
    for activity in await session.scalars(overlapping.order_by(Activity.starts_at, Activity.id)):
        also = (
            select(Person.name)
            .join(Invitation, Invitation.person_id == Person.id)
            .where(Invitation.activity_id == activity.id, Invitation.released_at.is_(None), Invitation.reply != Reply.LEAVE)
            .where(belongs(audience))
            .order_by(Person.id)
        )
        if names := (await session.scalars(also)).all():
            clashes.append(Clash(activity, names))
    return clashes
