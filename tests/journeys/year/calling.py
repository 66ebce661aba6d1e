"""The organisers: they call activities, move them, put them off and call them off, and the leader decides on leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from handlers.activity_card import ActivityPress, Do
from handlers.activity_steps import Ask, FormPress
from handlers.leave_presses import Verdict as Tap
from handlers.leave_presses import VerdictPress
from models.activities import Activity
from models.leave import Decision, LeaveRequest
from tests.journeys.dying import crash
from tests.journeys.phones import press_one
from tests.journeys.year.agenda import GROUPS, SHANGHAI, Planned
from tests.journeys.year.cast import Happening, Year
from tests.journeys.year.fates import Verdict
from tests.village import Phone


def organiser_of(year: Year, planned: Planned) -> Phone:
    """A group's activity is called by its leader, any other by the office."""
    return year.head_of(planned.whom) if planned.whom in GROUPS else year.office


def written(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


async def call(year: Year, happening: Happening) -> None:
    planned, organiser = happening.planned, organiser_of(year, happening.planned)
    lines = (
        f"活动：{planned.title}",
        f"类型：{planned.kind}",
        f"时间：{written(happening.starts_at)}",
        f"结束：{written(happening.ends_at)}",
        "地点：区政府东门",
        f"对象：{planned.whom}",
        "说明：请带笔记本",
    )
    await organiser.says("\n".join(lines))
    await year.home.settle()
    if not await press_one(organiser, FormPress, lambda does: does.ask is Ask.PUBLISH):
        from tests.village import shown

        raise AssertionError([shown(m) for m in (await organiser.messages())[-8:]])
    await year.home.tick()
    async with year.home.session() as session:
        activity = (await session.scalars(select(Activity).where(Activity.title == planned.title))).one()
        assert (activity.starts_at, activity.ends_at) == (happening.starts_at, happening.ends_at)
        happening.id = activity.id


async def _change(year: Year, happening: Happening, do: Do, words: str) -> None:
    organiser = organiser_of(year, happening.planned)
    await organiser.says("/activities")
    await year.home.settle()
    for step in (Do.OPEN, Do.CHANGE, do):
        assert await press_one(organiser, ActivityPress, _this(happening, step)), (happening.planned.title, step)
        await year.home.settle()
    await organiser.says(words)
    await year.home.settle()
    assert await press_one(organiser, ActivityPress, _this(happening, Do.CONFIRM_CHANGE)), happening.planned.title
    await year.home.tick()


async def move(year: Year, happening: Happening, to: datetime) -> None:
    length = happening.ends_at - happening.starts_at
    await _change(year, happening, Do.NEW_TIME, written(to))
    happening.starts_at, happening.ends_at = to, to + length


async def change_place(year: Year, happening: Happening) -> None:
    await _change(year, happening, Do.NEW_PLACE, "政务中心二楼")


async def put_off(year: Year, happening: Happening) -> None:
    await _sure(year, happening, Do.CHANGE, Do.POSTPONE, Do.CONFIRM_POSTPONE)


async def call_off(year: Year, happening: Happening) -> None:
    await _sure(year, happening, Do.CANCEL, Do.CONFIRM_CANCEL)
    happening.off = True


async def _sure(year: Year, happening: Happening, *steps: Do) -> None:
    organiser = organiser_of(year, happening.planned)
    await organiser.says("/activities")
    await year.home.settle()
    for step in (Do.OPEN, *steps):
        assert await press_one(organiser, ActivityPress, _this(happening, step)), (happening.planned.title, step)
        await year.home.settle()
    await year.home.tick()


def _this(happening: Happening, do: Do) -> Callable[[ActivityPress], bool]:
    return ActivityPress(happening.id, do).__eq__


async def die_while_sending(year: Year, happening: Happening) -> None:
    """The Home dies while a notice to many goes out, and another takes over."""
    home = year.home
    await home.request("POST", "/sandbox/clock", json={"advance_seconds": 120})
    ticking = asyncio.create_task(home.home.schedule.tick(), name="schedule")
    await crash(home)
    await asyncio.gather(ticking, return_exceptions=True)
    await home.tick()


async def decide(year: Year, happening: Happening) -> None:
    """The leader goes through what waits for a decision on this activity."""
    async with year.home.session() as session:
        waiting = select(LeaveRequest).where(LeaveRequest.current, LeaveRequest.decision == Decision.NONE)
        requests = [
            (each.id, each.invitation.person_id) for each in await session.scalars(waiting) if each.invitation.activity_id == happening.id
        ]
    for request_id, person_id in requests:
        verdict = happening.fates[person_id].verdict
        if verdict is Verdict.NONE:
            continue
        tap = Tap.APPROVE if verdict is Verdict.APPROVED else Tap.REFUSE
        assert await press_one(year.leader, VerdictPress, VerdictPress(request_id, tap).__eq__), (happening.planned.title, person_id)
        happening.facts[person_id].excused = verdict is Verdict.APPROVED
    await year.home.settle()
