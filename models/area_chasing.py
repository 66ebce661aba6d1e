"""Areas that let an issue wait: reminders, and tasks whose holder has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.area_tasks import WITH_AREA, AreaTask, AreaTaskState, due_after, sees_to
from models.audit import record
from models.people import Person, Role, holding
from models.policy import Policy


async def tasks_due(session: AsyncSession, *, now: datetime) -> Sequence[AreaTask]:
    """Those to remind of, and those whose holder has left the roster or the staff."""
    due = select(AreaTask).where(AreaTask.state.in_(WITH_AREA), or_(AreaTask.remind_at <= now, AreaTask.holder.has(_left())))
    return (await session.scalars(due.order_by(AreaTask.id))).all()


def _left() -> ColumnElement[bool]:
    """Off the roster, or neither of the office nor any more of this area's staff."""
    of_area = and_(holding(Role.AREA_STAFF), Person.area_id == AreaTask.area_id)
    return or_(Person.active.is_(False), not_(or_(holding(Role.OFFICE), func.coalesce(of_area, false()))))


def holder_has_left(task: AreaTask) -> bool:
    """Whether whoever took it on can no longer see to it."""
    return task.holder is not None and not sees_to(task.holder, task)


def release(session: AsyncSession, task: AreaTask, *, now: datetime) -> None:
    """Whoever took it on has left: anybody of the area may."""
    task.state, task.holder = AreaTaskState.HANDED, None
    record(session, None, "area.released", f"issue:{task.issue_id}", now=now, task=task.id)


def note_reminded(task: AreaTask, policy: Policy, *, now: datetime) -> None:
    """Remind again so many working days later."""
    task.overdue_told += 1
    task.remind_at = due_after(policy, policy.area_chase_days, now)


async def next_task_due(session: AsyncSession) -> datetime | None:
    """When the next reminder falls due."""
    at: datetime | None = await session.scalar(select(func.min(AreaTask.remind_at)).where(AreaTask.state.in_(WITH_AREA)))
    return at
