"""What must be true at the end of the year: the Home's own account against the players' count."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityState
from models.attendance import Attendance
from models.attendance_table import attendance_of
from models.duty import DutyEntry
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from tests.journeys.year.cast import Deputy, Happening, Year

LATE_AFTER = timedelta(minutes=15)


def counted(happening: Happening, deputy: Deputy) -> Attendance:
    """What the players say came of it."""
    fact = happening.facts[deputy.id]
    if fact.came_at is not None:
        return Attendance.LATE if fact.came_at > happening.starts_at + LATE_AFTER else Attendance.PRESENT
    return Attendance.EXCUSED if fact.excused else Attendance.ABSENT


async def disagreements(session: AsyncSession, year: Year) -> list[str]:
    """Where the attendance table, the final attendance or the duty files say otherwise than the players."""
    found = []
    for happening in year.happenings:
        activity = await session.get(Activity, happening.id)
        assert activity is not None
        title = happening.planned.title
        entries = (
            await session.scalars(select(DutyEntry).where(DutyEntry.activity_id == activity.id, DutyEntry.corrected_at.is_(None)))
        ).all()
        if happening.off:
            found += [f"{title} was called off and is in {len(entries)} duty files"] if entries else []
            found += [f"{title} was called off and is {activity.state}"] if activity.state is not ActivityState.CANCELLED else []
            continue
        truth = {deputy.id: counted(happening, deputy) for deputy in happening.called}
        table = {
            each.person.id: each.attendance
            for each in await attendance_of(session, [activity], late_after=LATE_AFTER, now=year.home.clock.now())
            if each.final
        }
        filed = {entry.person_id: entry.attendance for entry in entries}
        for what, said in (("the table", table), ("the duty files", filed)):
            wrong = [f"{id}: {said.get(id)} instead of {truth.get(id)}" for id in sorted({*truth, *said}) if said.get(id) != truth.get(id)]
            if wrong:
                found.append(f"{title} in {what}: {'; '.join(wrong[:5])} ({len(wrong)})")
    return found


def never_happened(year: Year) -> list[str]:
    """What must have come about for the year to have tried it."""
    seen = Counter(counted(happening, deputy) for happening in year.happenings if not happening.off for deputy in happening.called)
    return [f"nobody was {attendance}" for attendance in Attendance if not seen[attendance]]


async def set_aside(session: AsyncSession, year: Year) -> list[str]:
    """Updates that were given up, and messages that did not arrive though nobody had blocked the bot."""
    blocked = {deputy.phone.id for deputy in year.deputies if not deputy.reachable}
    updates = (await session.execute(select(InboxUpdate.error, InboxUpdate.payload).where(InboxUpdate.state == InboxState.SET_ASIDE))).all()
    lost = select(OutboxMessage).where(OutboxMessage.state.in_((OutboxState.FAILED, OutboxState.UNREACHABLE, OutboxState.SENDING)))
    return [f"an update was set aside: {error}: {payload[:200]}" for error, payload in updates] + [
        f"{message.method} to {message.chat_id} ({message.subject}) is {message.state}: {message.error}"
        for message in await session.scalars(lost)
        if message.chat_id not in blocked
    ]
