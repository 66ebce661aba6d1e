"""The final account of an activity: how it stood at its start. It stays; only late decisions on leave still change it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection
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
from models.turnout import Figures, figures_of, figures_of_all

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
    return (await accounts_of(session, [activity], now=now))[activity.id]


async def accounts_of(session: AsyncSession, activities: Collection[Activity], *, now: datetime) -> dict[int, Account]:
    """The accounts of many activities, by activity, in five questions; see ``account_of``."""
    begun = {activity.id for activity in activities if now >= activity.starts_at and activity.state not in NOT_HELD}
    taken = {each.activity_id: each for each in await session.scalars(select(FinalAccount).where(FinalAccount.activity_id.in_(begun)))}
    figures = await figures_of_all(session, activities)
    reach = await _reach_of_all(session, [activity for activity in activities if activity.id not in taken])
    return {
        id: _as_taken(taken[id], now_counted) if id in taken else Account(now_counted, reach[id], final=id in begun)
        for id, now_counted in figures.items()
    }


def _as_taken(taken: FinalAccount, figures: Figures) -> Account:
    decided = {name: getattr(figures, name) for name in ("leave_pending", "leave_approved", "leave_refused")}
    return Account(Figures(**(taken.figures | decided)), Reach(**taken.reach), final=True)


async def take_final_account(session: AsyncSession, activity: Activity, *, now: datetime) -> None:
    """Keep the numbers once the activity has begun and the last messages have landed."""
    if activity.state in (*OPEN, *NOT_HELD) or await session.get(FinalAccount, activity.id) is not None:
        return
    figures = await figures_of(session, activity)
    if figures.round_done < figures.round_total and now < activity.starts_at + LAST_MESSAGES_LAND:
        return
    reach = (await _reach_of_all(session, [activity]))[activity.id]
    session.add(FinalAccount(activity_id=activity.id, taken_at=now, figures=dataclasses.asdict(figures), reach=dataclasses.asdict(reach)))
    await session.flush()


async def _reach_of_all(session: AsyncSession, activities: Collection[Activity]) -> dict[int, Reach]:
    """Whom each activity's last notice did not reach, by reason; whoever has not come in has nothing that could be delivered."""
    ids = [activity.id for activity in activities]
    by = (Invitation.activity_id, Invitation.delivery, Person.telegram_id.is_(None))
    rows = await session.execute(
        select(*by, func.count())
        .join(Invitation.person)
        .where(Invitation.activity_id.in_(ids), Invitation.released_at.is_(None))
        .group_by(*by)
    )
    missed = Counter[tuple[int, Delivery | None]]()
    for activity_id, delivery, outside, number in rows:
        if delivery not in (Delivery.REACHED, Delivery.ON_THE_WAY):
            missed[activity_id, None if outside else delivery] += number
    by_phone = await notified_by_phone(session, ids)
    return {
        id: Reach(missed[id, Delivery.UNREACHABLE], not_in=missed[id, None], failed=missed[id, Delivery.FAILED], by_phone=by_phone[id])
        for id in ids
    }
