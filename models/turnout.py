"""How an activity stands: who is coming, who asked leave, who is silent, whom the notices reached."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity, ActivityState
from models.audit import record
from models.invitations import Delivery, Invitation, Reply
from models.leave import Decision, LeaveRequest
from models.notice_log import give_up_unsent
from models.notices import Notice
from models.organising import organises
from models.outbox import OutboxState, outcome_counts
from models.people import Person, Role

KEEP_LISTED = timedelta(days=30)
ON_THE_WAY = (OutboxState.QUEUED, OutboxState.SENDING)


@dataclass(frozen=True)
class Figures:
    """The numbers of the office's card. ``round_*`` speak of the newest notice while it goes out and after."""

    called: int
    attending: int
    leave_pending: int
    leave_approved: int
    leave_refused: int
    reached: int
    not_reached: int
    round_total: int
    round_done: int
    waiting: int = 0

    @property
    def leave(self) -> int:
        return self.leave_pending + self.leave_approved + self.leave_refused

    @property
    def silent(self) -> int:
        return self.called - self.attending - self.waiting - self.leave


async def figures_of(session: AsyncSession, activity: Activity) -> Figures:
    """Count by query, so that the numbers are the database's own. A notice that is owed to somebody is on its way to them."""
    return (await figures_of_all(session, [activity]))[activity.id]


async def figures_of_all(session: AsyncSession, activities: Collection[Activity]) -> dict[int, Figures]:
    """The figures of many activities, by activity, in two questions; see ``figures_of``."""
    by = (Invitation.reply, LeaveRequest.decision, Invitation.delivery, Invitation.owed_notice_id)
    rows = await session.execute(
        select(Invitation.activity_id, *by, func.count())
        .outerjoin(LeaveRequest, and_(LeaveRequest.invitation_id == Invitation.id, LeaveRequest.current))
        .where(Invitation.activity_id.in_([activity.id for activity in activities]), Invitation.released_at.is_(None))
        .group_by(Invitation.activity_id, *by)
    )
    counted: dict[int, list[_Counted]] = {activity.id: [] for activity in activities}
    for activity_id, reply, decision, delivery, owed, number in rows:
        counted[activity_id].append(_Counted(reply, decision, delivery if owed is None else Delivery.ON_THE_WAY, owed, number))
    sent = {activity.id: [notice for notice in activity.notices if notice.sent_at is not None] for activity in activities}
    newest = {id: notices[-1] for id, notices in sent.items() if notices}
    outcomes = await outcome_counts(session, [notice.subject for notice in newest.values()])
    return {id: _figures(rows, newest.get(id), outcomes) for id, rows in counted.items()}


@dataclass(frozen=True)
class _Counted:
    """So many people stand alike."""

    reply: Reply
    decision: Decision | None
    delivery: Delivery
    owed: int | None
    number: int


def _figures(counted: Sequence[_Counted], newest: Notice | None, outcomes: Mapping[str, Mapping[OutboxState, int]]) -> Figures:
    messages = outcomes[newest.subject] if newest is not None else {}

    def those(condition: Callable[[_Counted], bool]) -> int:
        return sum(each.number for each in counted if condition(each))

    def leave(wanted: Decision) -> int:
        return those(lambda each: each.reply is Reply.LEAVE and each.decision is wanted)

    called, reached = those(lambda _: True), those(lambda each: each.delivery is Delivery.REACHED)
    on_the_way = those(lambda each: each.delivery is Delivery.ON_THE_WAY)
    owed = those(lambda each: newest is not None and each.owed == newest.id)
    return Figures(
        called=called,
        attending=those(lambda each: each.reply is Reply.ATTENDING),
        leave_pending=leave(Decision.NONE),
        leave_approved=leave(Decision.APPROVED),
        leave_refused=leave(Decision.REFUSED),
        reached=reached,
        not_reached=called - reached - on_the_way if newest is not None else 0,
        round_total=owed + sum(messages.values()),
        round_done=sum(number for state, number in messages.items() if state not in ON_THE_WAY),
        waiting=those(lambda each: each.reply is Reply.WAITING),
    )


async def advance_states(session: AsyncSession, *, now: datetime) -> None:
    """Activities begin and end by the clock."""
    begun = select(Activity).where(Activity.state.in_(OPEN), Activity.starts_at <= now)
    for activity in await session.scalars(begun):
        activity.state = ActivityState.UNDER_WAY
        for notice in activity.notices:
            await give_up_unsent(session, notice, now=now)  # nobody is reminded of what has begun
        record(session, None, "activity.began", f"activity:{activity.id}", now=now)
    over = select(Activity).where(Activity.state == ActivityState.UNDER_WAY, Activity.ends_at <= now)
    for activity in await session.scalars(over):
        activity.state = ActivityState.ENDED
        record(session, None, "activity.ended", f"activity:{activity.id}", now=now)


async def next_change_at(session: AsyncSession) -> datetime | None:
    """When the next activity begins or ends."""
    begins = await session.scalar(select(func.min(Activity.starts_at)).where(Activity.state.in_(OPEN)))
    ends = await session.scalar(select(func.min(Activity.ends_at)).where(Activity.state == ActivityState.UNDER_WAY))
    return min((at for at in (begins, ends) if at is not None), default=None)


def seen_by(person: Person, activity: Activity, invitations: Iterable[Invitation]) -> list[Invitation]:
    """Whose answers a person may see: all for leaders and whoever organises it, else those of the own group or area that they lead."""
    if person.has(Role.LEADER) or organises(person, activity):
        return list(invitations)
    return [
        invitation
        for invitation in invitations
        if (person.has(Role.GROUP_LEADER) and person.group_id is not None and invitation.person.group_id == person.group_id)
        or (person.has(Role.AREA_STAFF) and person.area_id is not None and invitation.person.area_id == person.area_id)
    ]


async def activities_for(session: AsyncSession, person: Person, *, now: datetime, limit: int = 12) -> Sequence[Activity]:
    """The activities a person has to do with: those to come, the next first, then those that ended within 30 days."""
    recent = select(Activity).where(Activity.ends_at > now - KEEP_LISTED).order_by(Activity.ends_at <= now, Activity.starts_at).limit(limit)
    if not person.has(Role.OFFICE, Role.LEADER):
        called = select(Invitation.activity_id).join(Invitation.person).where(Invitation.released_at.is_(None))
        mine = [Person.id == person.id]
        if person.has(Role.GROUP_LEADER) and person.group_id is not None:
            mine.append(Person.group_id == person.group_id)
        if person.has(Role.AREA_STAFF) and person.area_id is not None:
            mine.append(Person.area_id == person.area_id)
        made = and_(Activity.created_by_id == person.id, true() if person.has(Role.GROUP_LEADER) else false())
        recent = recent.where(or_(made, Activity.id.in_(called.where(or_(*mine)))))
    return (await session.scalars(recent)).all()
