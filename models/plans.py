"""The annual plan of each deputies' group and of the office: what is meant to be held in which month, and what has become of it."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, and_, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import NOT_HELD, OPEN, TITLE_LIMIT, Activity, ActivityKind, ActivityState
from models.audit import record
from models.base import Base
from models.people import DeputyGroup, Person, Role
from models.rules import Gone, NotAllowed, RuleBroken

TOPIC_LIMIT, RESPONSIBLE_LIMIT = TITLE_LIMIT, 200
ITEMS_LIMIT = 200
YEARS_BACK, YEARS_AHEAD = 5, 1
HELD = (ActivityState.UNDER_WAY, ActivityState.ENDED, ActivityState.RECORD_DRAFTED, ActivityState.RECORD_CONFIRMED)
READERS = (Role.OFFICE, Role.LEADER, Role.GROUP_LEADER)


class Standing(enum.StrEnum):
    """What has become of an item. Nothing of it is kept: it follows from the activities that grew out of it, and from the date."""

    DONE = "done"
    ARRANGED = "arranged"
    """An activity grew out of it that is still to come."""
    DUE = "due"
    OVERDUE = "overdue"
    AHEAD = "ahead"


class TopicMissing(RuleBroken):
    """An item says in words what is meant to be held."""

    key = "plan.topic_missing"


class PlanFull(RuleBroken):
    """A year's plan holds no more items."""

    key = "plan.full"


class PlanTextTooLong(RuleBroken):
    """A topic becomes an activity's title, and must fit there."""

    key = "plan.text_too_long"


class PlanItem(Base):
    """One thing to be held in one month, by a deputies' group or, without one, by the office."""

    __tablename__ = "plan_items"
    __table_args__ = (Index("ix_plan_items_plan", "year", "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("deputy_groups.id"), index=True)
    year: Mapped[int]
    month: Mapped[int]
    kind: Mapped[ActivityKind]
    topic: Mapped[str] = mapped_column(String(TOPIC_LIMIT))
    responsible: Mapped[str] = mapped_column(String(RESPONSIBLE_LIMIT), default="")
    """Names as they were written; often units, not only people of the roster."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]

    group: Mapped[DeputyGroup | None] = relationship(lazy="selectin")

    @property
    def said(self) -> dict[str, Any]:
        """What it says, for the audit log."""
        return {"month": self.month, "kind": self.kind.value, "topic": self.topic, "responsible": self.responsible}


class PlanActivity(Base):
    """The plan item an activity grew out of. An activity has one at most, an item may have several."""

    __tablename__ = "plan_activities"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("plan_items.id"), index=True)


@dataclass(frozen=True)
class Planned:
    """An item and where it stands; ``next_at`` is when an arranged one begins."""

    item: PlanItem
    standing: Standing
    next_at: datetime | None = None


def require_plan(person: Person, group_id: int | None, *, to_change: bool = False) -> None:
    """Office and leaders see every plan, a group leader that of the own group; leaders only read. Raises NotAllowed."""
    if not (may_change_plan(person, group_id) or (not to_change and person.has(Role.LEADER))):
        raise NotAllowed


def may_change_plan(person: Person, group_id: int | None) -> bool:
    own = group_id is not None and person.has(Role.GROUP_LEADER) and person.group_id == group_id
    return own or person.has(Role.OFFICE)


def fitting_text(text: str, limit: int) -> str:
    """Somebody's words on one line, without signs that no spreadsheet takes. Raises PlanTextTooLong; Telegram counts an emoji as two."""
    flat = " ".join(re.sub(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]", "", text).split())
    length = len(flat.encode("utf-16-le", "surrogatepass")) // 2
    if length > limit:
        raise PlanTextTooLong(limit=limit, length=length)
    return flat


async def plan_item(session: AsyncSession, item_id: int, person: Person, *, to_change: bool = False) -> PlanItem:
    """An item that this person may see, or change. Raises Gone, NotAllowed."""
    item = await session.get(PlanItem, item_id, with_for_update={"of": PlanItem} if to_change else None)
    if item is None:
        raise Gone
    require_plan(person, item.group_id, to_change=to_change)
    return item


async def add_item(
    session: AsyncSession,
    actor: Person,
    *,
    group_id: int | None,
    year: int,
    month: int,
    kind: ActivityKind,
    topic: str,
    responsible: str,
    now: datetime,
) -> PlanItem:
    """Raises NotAllowed, TopicMissing, PlanTextTooLong, PlanFull."""
    require_plan(actor, group_id, to_change=True)
    count = select(func.count()).select_from(PlanItem).where(*of_plan(group_id, year))
    if (await session.scalar(count) or 0) >= ITEMS_LIMIT:
        raise PlanFull(limit=ITEMS_LIMIT)
    item = PlanItem(group_id=group_id, year=year, created_by_id=actor.id, created_at=now)
    _write(item, month, kind, topic, responsible)
    session.add(item)
    await session.flush()
    await session.refresh(item, ["group"])
    record(session, actor, "plan.added", f"plan_item:{item.id}", now=now, year=year, group=group_id, **item.said)
    return item


def change_item(
    session: AsyncSession,
    item: PlanItem,
    actor: Person,
    *,
    now: datetime,
    month: int | None = None,
    kind: ActivityKind | None = None,
    topic: str | None = None,
    responsible: str | None = None,
) -> None:
    """What is None stays as it is. Raises as ``add_item``."""
    require_plan(actor, item.group_id, to_change=True)
    before = item.said
    _write(
        item,
        item.month if month is None else month,
        kind or item.kind,
        item.topic if topic is None else topic,
        item.responsible if responsible is None else responsible,
    )
    if item.said != before:
        record(session, actor, "plan.changed", f"plan_item:{item.id}", now=now, before=before, after=item.said)


def _write(item: PlanItem, month: int, kind: ActivityKind, topic: str, responsible: str) -> None:
    topic, responsible = fitting_text(topic, TOPIC_LIMIT), fitting_text(responsible, RESPONSIBLE_LIMIT)
    if not topic:
        raise TopicMissing
    item.month, item.kind, item.topic, item.responsible = month, kind, topic, responsible


async def remove_item(session: AsyncSession, item: PlanItem, actor: Person, *, now: datetime) -> None:
    """Take it out of the plan. Activities that grew out of it stay what they are. Raises NotAllowed."""
    require_plan(actor, item.group_id, to_change=True)
    activities = list(await session.scalars(select(PlanActivity.activity_id).where(PlanActivity.item_id == item.id)))
    await session.execute(delete(PlanActivity).where(PlanActivity.item_id == item.id))
    await session.delete(item)
    record(session, actor, "plan.removed", f"plan_item:{item.id}", now=now, activities=activities, **item.said)
    await session.flush()


async def grow_from(session: AsyncSession, item_id: int | None, activity: Activity, actor: Person) -> None:
    """Note that an activity grew out of a plan item; of one that was removed or taken away meanwhile, nothing is noted."""
    item = await session.get(PlanItem, item_id) if item_id is not None else None
    if item is not None and may_change_plan(actor, item.group_id):
        session.add(PlanActivity(activity_id=activity.id, item_id=item.id))
        await session.flush()


async def activities_of(session: AsyncSession, item: PlanItem) -> Sequence[Activity]:
    """What grew out of an item, the latest first."""
    grown = select(PlanActivity.activity_id).where(PlanActivity.item_id == item.id)
    return (await session.scalars(select(Activity).where(Activity.id.in_(grown)).order_by(Activity.starts_at.desc()))).all()


async def plan_of(session: AsyncSession, group_id: int | None, year: int, *, now: datetime, timezone: ZoneInfo) -> list[Planned]:
    """A year's plan by months, in one query."""
    return await _planned(session, of_plan(group_id, year), now=now, timezone=timezone)


async def standing_of(session: AsyncSession, item: PlanItem, *, now: datetime, timezone: ZoneInfo) -> Planned:
    [planned] = await _planned(session, [PlanItem.id == item.id], now=now, timezone=timezone)
    return planned


async def plans_of_year(session: AsyncSession, year: int, *, now: datetime, timezone: ZoneInfo) -> dict[int | None, list[Planned]]:
    """All plans of a year by their group; None is the office's."""
    plans: dict[int | None, list[Planned]] = {}
    for planned in await _planned(session, [PlanItem.year == year], now=now, timezone=timezone):
        plans.setdefault(planned.item.group_id, []).append(planned)
    return plans


def of_plan(group_id: int | None, year: int) -> list[Any]:
    return [PlanItem.year == year, PlanItem.group_id.is_(None) if group_id is None else PlanItem.group_id == group_id]


async def _planned(session: AsyncSession, which: Sequence[Any], *, now: datetime, timezone: ZoneInfo) -> list[Planned]:
    called_on = Activity.state.not_in(NOT_HELD)
    held = case((and_(called_on, Activity.starts_at <= now), 1), else_=0)
    coming = case((and_(Activity.state.in_(OPEN), Activity.starts_at > now), Activity.starts_at))
    grown = (
        select(PlanActivity.item_id, func.sum(held).label("held"), func.min(coming).label("next_at"))
        .join(Activity, Activity.id == PlanActivity.activity_id)
        .join(PlanItem, PlanItem.id == PlanActivity.item_id)
        .where(*which)
        .group_by(PlanActivity.item_id)
        .subquery()
    )
    rows = await session.execute(
        select(PlanItem, grown.c.held, grown.c.next_at)
        .outerjoin(grown, grown.c.item_id == PlanItem.id)
        .where(*which)
        .order_by(PlanItem.month, PlanItem.id)
    )
    today = now.astimezone(timezone).date()
    return [Planned(item, _standing(item, bool(held), next_at, today), next_at) for item, held, next_at in rows]


def _standing(item: PlanItem, held: bool, next_at: datetime | None, today: date) -> Standing:
    if held:
        return Standing.DONE
    if next_at is not None:
        return Standing.ARRANGED
    if (item.year, item.month) < (today.year, today.month):
        return Standing.OVERDUE
    return Standing.DUE if (item.year, item.month) == (today.year, today.month) else Standing.AHEAD
