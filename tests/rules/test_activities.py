"""Activities: who is called, when notices go out, what may be answered, who decides on leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, ActivityOff, ActivityStarted, ActivityState, InThePast, Offsets
from models.audience import Audience, Part, called_people, find_called
from models.audit import AuditEntry
from models.changes import ASKED_AGAIN, cancel_activity, move_activity, postpone_activity
from models.circles import Circle, CircleMember
from models.invitations import Delivery, NobodyCalled, Reply, Standing, call_activity, invitation_for
from models.leave import (
    AlreadyDecided,
    Decision,
    LeaveCategory,
    LeaveWithdrawn,
    OwnLeave,
    ask_leave,
    decide_leave,
    undecided,
)
from models.notices import NoticeKind, due_notices, missed_notices, next_notice_at, schedule_notices, send_notice, take_owed
from models.people import Area, DeputyGroup, Person, Role
from models.policy import Policy
from models.rules import NotAllowed
from models.turnout import activities_for, advance_states, figures_of, seen_by

POLICY = Policy()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVERYONE = Audience(everyone=True)


async def somebody(session: AsyncSession, name: str, *roles: Role, **more: object) -> Person:
    person = Person(name=name, role_rows=[], specialties=[], **more)
    for role in roles or (Role.DEPUTY,):
        person.give(role)
    session.add(person)
    await session.flush()
    return person


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    return await somebody(session, "周主任", Role.OFFICE, telegram_id=1)


@pytest.fixture
async def leader(session: AsyncSession) -> Person:
    return await somebody(session, "郑主任", Role.LEADER, telegram_id=2)


@pytest.fixture
async def deputy(session: AsyncSession) -> Person:
    return await somebody(session, "王建国", telegram_id=3)


async def called(
    session: AsyncSession, office: Person, *, starts_at: datetime, now: datetime, audience: Audience = EVERYONE, title: str = "视察"
) -> Activity:
    activity = await call_activity(
        session,
        office,
        kind=ActivityKind.INSPECTION,
        title=title,
        starts_at=starts_at,
        ends_at=None,
        place="区政府",
        notes="",
        audience=audience,
        offsets=Offsets.of(POLICY),
        now=now,
    )
    schedule_notices(activity, now=now)
    await session.flush()
    return activity


@pytest.fixture
async def activity(session: AsyncSession, office: Person, deputy: Person, now: datetime) -> Activity:
    """In ten days."""
    return await called(session, office, starts_at=now + 10 * DAY, now=now)


async def test_an_audience_calls_each_person_once_and_areas_call_no_staff(session: AsyncSession) -> None:
    area, group, circle = Area(name="史河街道"), DeputyGroup(name="第一代表小组"), Circle(name="城建环保")
    session.add_all([area, group, circle])
    await session.flush()
    deputy = await somebody(session, "王建国", area_id=area.id, group_id=group.id)
    await somebody(session, "吴干事", Role.AREA_STAFF, area_id=area.id)
    await somebody(session, "离任者", area_id=area.id, active=False)
    farmer = await somebody(session, "李秀英")
    session.add(CircleMember(circle_id=circle.id, person_id=farmer.id))
    await session.flush()

    audience = Audience().plus(Part.AREA, [area.id]).plus(Part.GROUP, [group.id]).plus(Part.CIRCLE, [circle.id])

    assert list(await called_people(session, audience)) == [deputy, farmer]
    assert Audience.from_json(audience.as_json()) == audience


async def test_a_list_of_names_is_read_as_an_audience(session: AsyncSession, deputy: Person) -> None:
    session.add_all([Area(name="史河街道"), DeputyGroup(name="第一代表小组"), Circle(name="城建环保")])
    first, second = await somebody(session, "陈明"), await somebody(session, "陈明")

    found = await find_called(session, ["全体代表", "城建环保工作圈", "第一小组", "史河街道", "王建国", "陈明", "赵无名"])

    assert found.audience.everyone
    assert found.audience.of(Part.CIRCLE)
    assert found.audience.of(Part.AREA)
    assert found.audience.of(Part.GROUP)
    assert found.audience.of(Part.PERSON) == {deputy.id}
    assert found.unclear == {"陈明": [first, second]}
    assert "赵无名" in found.unknown


async def test_only_office_and_group_leaders_call_and_those_only_the_own_group(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    group = DeputyGroup(name="第一代表小组")
    session.add(group)
    await session.flush()
    head = await somebody(session, "孙组长", Role.DEPUTY, Role.GROUP_LEADER, group_id=group.id)

    with pytest.raises(NotAllowed):
        await called(session, deputy, starts_at=now + DAY, now=now)
    with pytest.raises(NotAllowed):
        await called(session, head, starts_at=now + DAY, now=now)
    assert await called(session, head, starts_at=now + DAY, now=now, audience=Audience().plus(Part.GROUP, [group.id]))


async def test_an_activity_needs_somebody_and_a_time_to_come(session: AsyncSession, office: Person, now: datetime) -> None:
    with pytest.raises(InThePast):
        await called(session, office, starts_at=now, now=now)
    with pytest.raises(NobodyCalled):
        await called(session, office, starts_at=now + DAY, now=now)


async def test_notices_are_due_at_their_offsets(session: AsyncSession, activity: Activity, now: datetime) -> None:
    times = [(notice.kind, activity.starts_at - notice.due_at) for notice in activity.notices]

    assert times == [
        (NoticeKind.PRE_NOTICE, 7 * DAY),
        (NoticeKind.FORMAL, 3 * DAY),
        (NoticeKind.REMINDER, DAY),
        (NoticeKind.REMINDER, 2 * HOUR),
    ]
    assert await next_notice_at(session) == now + 3 * DAY
    assert await due_notices(session, now=now + 3 * DAY - HOUR) == []
    assert [notice.kind for notice in await due_notices(session, now=now + 3 * DAY)] == [NoticeKind.PRE_NOTICE]


@pytest.mark.parametrize(
    ("ahead", "at_once", "later"),
    [
        (5 * DAY, NoticeKind.PRE_NOTICE, 3),
        (2 * DAY, NoticeKind.FORMAL, 2),
        (6 * HOUR, NoticeKind.FORMAL, 1),
        (HOUR, NoticeKind.FORMAL, 0),
    ],
)
async def test_of_notices_whose_time_has_passed_the_last_one_goes_out_at_once(
    session: AsyncSession, office: Person, deputy: Person, now: datetime, ahead: timedelta, at_once: NoticeKind, later: int
) -> None:
    activity = await called(session, office, starts_at=now + ahead, now=now)

    assert [notice.kind for notice in await due_notices(session, now=now)] == [at_once]
    assert len(activity.notices) == later + 1


async def test_after_a_long_absence_only_the_newest_notice_speaks_and_none_after_the_start(
    session: AsyncSession, activity: Activity, now: datetime
) -> None:
    late = activity.starts_at - 3 * HOUR

    [notice] = await due_notices(session, now=late)
    await send_notice(session, notice, now=late)

    assert notice.kind is NoticeKind.REMINDER
    assert await due_notices(session, now=late) == []
    assert await due_notices(session, now=activity.starts_at) == []


async def test_a_moved_activity_voids_the_old_notices(session: AsyncSession, activity: Activity, now: datetime) -> None:
    old = activity.starts_at - DAY

    activity.move(to=activity.starts_at + 20 * DAY, now=now)
    await session.flush()

    assert await due_notices(session, now=old) == []
    assert activity.sequence == 1


async def test_a_moved_activity_is_told_to_all_who_knew_and_asks_those_again_who_said_yes(
    session: AsyncSession, activity: Activity, office: Person, deputy: Person, now: datetime
) -> None:
    other = await somebody(session, "李秀英", telegram_id=4)
    [pre_notice] = await due_notices(session, now=now + 3 * DAY)
    await send_notice(session, pre_notice, now=now + 3 * DAY)
    yes, away = await invitation_for(session, activity.id, deputy), await invitation_for(session, activity.id, other)
    yes.answer(Reply.ATTENDING, now=now)
    ask_leave(away, LeaveCategory.ILLNESS, "", cutoff=3 * DAY, now=now)
    before = activity.starts_at

    await move_activity(session, activity, office, now=now + 4 * DAY, to=before + 20 * DAY)
    await move_activity(session, activity, office, now=now + 4 * DAY, to=before + 30 * DAY)

    [notice] = await due_notices(session, now=now + 4 * DAY)
    assert (notice.kind, notice.details) == (NoticeKind.CHANGE, {"starts_at": before.isoformat(), ASKED_AGAIN: True})
    assert (yes.standing, away.standing) == (Standing.SILENT, Standing.LEAVE_PENDING)
    assert activity.ends_at - activity.starts_at == 2 * HOUR


async def test_an_answer_can_be_changed_until_the_start(session: AsyncSession, activity: Activity, deputy: Person, now: datetime) -> None:
    invitation = await invitation_for(session, activity.id, deputy)

    invitation.answer(Reply.ATTENDING, now=now)
    ask_leave(invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now)
    invitation.answer(Reply.ATTENDING, now=activity.starts_at - HOUR)

    assert invitation.standing is Standing.ATTENDING
    with pytest.raises(ActivityStarted):
        invitation.answer(Reply.ATTENDING, now=activity.starts_at)


async def test_a_cancelled_activity_takes_no_answers_and_needs_no_decisions(
    session: AsyncSession, activity: Activity, office: Person, leader: Person, deputy: Person, now: datetime
) -> None:
    invitation = await invitation_for(session, activity.id, deputy)
    request = ask_leave(invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now)
    await session.flush()

    await cancel_activity(session, activity, office, now=now)

    with pytest.raises(ActivityOff):
        invitation.answer(Reply.ATTENDING, now=now)
    with pytest.raises(LeaveWithdrawn):
        await decide_leave(session, request, leader, approve=True, now=now)
    assert await undecided(session) == []
    assert await due_notices(session, now=now) == [], "nobody had been told"


async def test_a_postponed_activity_waits_for_a_new_time(session: AsyncSession, activity: Activity, office: Person, now: datetime) -> None:
    await postpone_activity(session, activity, office, now=now)
    assert await due_notices(session, now=now + 8 * DAY) == []

    await move_activity(session, activity, office, now=now, to=now + 30 * DAY)

    assert activity.state is ActivityState.PLANNED
    assert [notice.kind for notice in await due_notices(session, now=now + 23 * DAY)] == [NoticeKind.PRE_NOTICE]


@pytest.mark.parametrize(("before", "emergency"), [(3 * DAY + HOUR, False), (3 * DAY, False), (3 * DAY - HOUR, True)])
async def test_leave_after_the_cut_off_is_emergency_leave(
    session: AsyncSession, activity: Activity, deputy: Person, before: timedelta, emergency: bool
) -> None:
    invitation = await invitation_for(session, activity.id, deputy)

    request = ask_leave(invitation, LeaveCategory.ILLNESS, "", cutoff=POLICY.leave_cutoff, now=activity.starts_at - before)

    assert request.emergency is emergency


async def test_only_a_main_leader_decides_and_only_once(
    session: AsyncSession, activity: Activity, office: Person, leader: Person, deputy: Person, now: datetime
) -> None:
    invitation = await invitation_for(session, activity.id, deputy)
    request = ask_leave(invitation, LeaveCategory.ILLNESS, "", cutoff=3 * DAY, now=now)
    await session.flush()

    for other in (office, deputy):
        with pytest.raises(NotAllowed):
            await decide_leave(session, request, other, approve=True, now=now)
    await decide_leave(session, request, leader, approve=True, now=activity.starts_at + DAY)
    with pytest.raises(AlreadyDecided):
        await decide_leave(session, request, leader, approve=False, now=now)

    assert (invitation.standing, request.decided_by) == (Standing.LEAVE_APPROVED, leader)
    actions = (await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"leave:{request.id}"))).all()
    assert actions == ["leave.approved"]


async def test_a_leader_decides_the_own_leave_only_when_alone(session: AsyncSession, office: Person, leader: Person, now: datetime) -> None:
    leader.give(Role.DEPUTY)
    await session.flush()
    activity = await called(session, office, starts_at=now + 10 * DAY, now=now)
    request = ask_leave(await invitation_for(session, activity.id, leader), LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now)
    await session.flush()
    second = await somebody(session, "何主任", Role.LEADER, telegram_id=9)

    with pytest.raises(OwnLeave):
        await decide_leave(session, request, leader, approve=True, now=now)
    second.active = False
    await session.flush()
    await decide_leave(session, request, leader, approve=True, now=now)

    assert request.decision is Decision.APPROVED


async def test_the_figures_add_up(session: AsyncSession, activity: Activity, leader: Person, deputy: Person, now: datetime) -> None:
    for number in range(4):
        await somebody(session, f"代表{number}", telegram_id=100 + number)
    [notice] = await due_notices(session, now=now + 3 * DAY)
    await send_notice(session, notice, now=now + 3 * DAY)
    invitations = await take_owed(session, notice, limit=99)
    invitations[0].answer(Reply.ATTENDING, now=now)
    requests = [ask_leave(invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now) for invitation in invitations[1:3]]
    await session.flush()
    await decide_leave(session, requests[0], leader, approve=True, now=now)
    invitations[0].delivery, invitations[1].delivery = Delivery.REACHED, Delivery.ON_THE_WAY
    await session.flush()

    figures = await figures_of(session, activity)

    assert (figures.called, figures.attending, figures.leave_pending, figures.leave_approved, figures.silent) == (5, 1, 1, 1, 2)
    assert (figures.reached, figures.not_reached) == (1, 3)


async def test_somebody_who_left_the_roster_is_not_called_any_more(
    session: AsyncSession, activity: Activity, deputy: Person, now: datetime
) -> None:
    newcomer = await somebody(session, "李秀英")
    deputy.active = False
    await session.flush()
    [notice] = await due_notices(session, now=now + 3 * DAY)

    await send_notice(session, notice, now=now + 3 * DAY)
    recipients = await take_owed(session, notice, limit=99)

    assert [invitation.person for invitation in recipients] == [newcomer]


async def test_whoever_can_be_reached_only_now_is_found(session: AsyncSession, activity: Activity, deputy: Person, now: datetime) -> None:
    absent = await somebody(session, "赵丽")
    [notice] = await due_notices(session, now=now + 3 * DAY)
    await send_notice(session, notice, now=now + 3 * DAY)
    await take_owed(session, notice, limit=99)
    (await invitation_for(session, activity.id, deputy)).delivery = Delivery.REACHED
    await session.flush()
    assert await missed_notices(session, now=now + 4 * DAY) == []

    absent.telegram_id = 77
    await session.flush()

    assert [invitation.person for invitation in await missed_notices(session, now=now + 4 * DAY)] == [absent]
    assert await missed_notices(session, now=activity.starts_at) == []


async def test_activities_begin_and_end_by_the_clock(session: AsyncSession, activity: Activity) -> None:
    await advance_states(session, now=activity.starts_at)
    assert activity.state is ActivityState.UNDER_WAY

    await advance_states(session, now=activity.ends_at)

    assert activity.state is ActivityState.ENDED


async def test_each_role_sees_its_own_people(session: AsyncSession, office: Person, leader: Person, now: datetime) -> None:
    here, there = Area(name="史河街道"), Area(name="平岗街道")
    session.add_all([here, there])
    await session.flush()
    staff = await somebody(session, "吴干事", Role.AREA_STAFF, area_id=here.id)
    near, far = await somebody(session, "王建国", area_id=here.id), await somebody(session, "李秀英", area_id=there.id)
    activity = await called(session, office, starts_at=now + DAY, now=now)
    invitations = [await invitation_for(session, activity.id, person) for person in (near, far)]

    assert seen_by(office, activity, invitations) == invitations
    assert seen_by(leader, activity, invitations) == invitations
    assert [invitation.person for invitation in seen_by(staff, activity, invitations)] == [near]
    assert seen_by(near, activity, invitations) == []
    for person in (office, leader, staff, near, far):
        assert list(await activities_for(session, person, now=now)) == [activity]
    assert list(await activities_for(session, await somebody(session, "路人"), now=now)) == []


def test_plain_lengths_become_offsets() -> None:
    assert Offsets.listed([3 * HOUR, 5 * DAY, 2 * DAY]) == Offsets(5 * DAY, 2 * DAY, (3 * HOUR,))
    assert Offsets.listed([2 * DAY, 3 * HOUR]) == Offsets(None, 2 * DAY, (3 * HOUR,))
    assert Offsets.from_json(Offsets.of(POLICY).as_json()) == Offsets.of(POLICY)
