"""The final account of an activity: how it stood at its start. It stays; only late decisions on leave still change it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.activities import NOT_HELD, OPEN, Activity
from models.base import Base
from models.invitations import Delivery, Invitation
from models.people import Person
from models.phone_calls import notified_by_phone
from models.turnout import Figures, figures_of

LAST_MESSAGES_LAND = timedelta(minutes=10)
"""So long after the start what was still being sent may arrive."""


@dataclass(frozen=True)
class Reach:
    """Why some did not get the last notice, and how many heard by phone."""

    blocked: int
    not_in: int
    failed: int
    by_phone: int


@dataclass(frozen=True)
class Account:
    """All numbers of the office's card; ``final`` once the activity has begun."""

    figures: Figures
    reach: Reach
    final: bool


class FinalAccount(Base):
    __tablename__ = "final_accounts"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    taken_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reach: Mapped[dict[str, Any]] = mapped_column(default=dict)


async def account_of(session: AsyncSession, activity: Activity, *, now: datetime) -> Account:
    """The numbers as they stand; from the start on those of the start, with the leave as it is decided since."""
    figures, begun = await figures_of(session, activity), now >= activity.starts_at and activity.state not in NOT_HELD
    taken = await session.get(FinalAccount, activity.id) if begun else None
    if taken is None:
        return Account(figures, await reach_of(session, activity), final=begun)
    decided = {name: getattr(figures, name) for name in ("leave_pending", "leave_approved", "leave_refused")}
    return Account(Figures(**(taken.figures | decided)), Reach(**taken.reach), final=True)


async def take_final_account(session: AsyncSession, activity: Activity, *, now: datetime) -> None:
    """Keep the numbers once the activity has begun and the last messages have landed."""
    if activity.state in (*OPEN, *NOT_HELD) or await session.get(FinalAccount, activity.id) is not None:
        return
    figures = await figures_of(session, activity)
    if figures.round_done < figures.round_total and now < activity.starts_at + LAST_MESSAGES_LAND:
        return
    reach = await reach_of(session, activity)
    session.add(FinalAccount(activity_id=activity.id, taken_at=now, figures=dataclasses.asdict(figures), reach=dataclasses.asdict(reach)))
    await session.flush()


async def reach_of(session: AsyncSession, activity: Activity) -> Reach:
    """Whom the last notice did not reach, by reason; whoever has not come in has nothing that could be delivered."""
    rows = await session.execute(
        select(Invitation.delivery, Person.telegram_id.is_(None), func.count())
        .join(Invitation.person)
        .where(Invitation.activity_id == activity.id, Invitation.released_at.is_(None))
        .group_by(Invitation.delivery, Person.telegram_id.is_(None))
    )
    blocked = not_in = failed = 0
    for delivery, outside, number in rows:
        if delivery in (Delivery.REACHED, Delivery.ON_THE_WAY):
            continue
        not_in += number if outside else 0
        blocked += number if not outside and delivery is Delivery.UNREACHABLE else 0
        failed += number if not outside and delivery is Delivery.FAILED else 0
    return Reach(blocked, not_in, failed, await notified_by_phone(session, activity))
