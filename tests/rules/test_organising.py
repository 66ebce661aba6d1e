"""Who organises what, as what they are now: a role taken or a group changed counts at once, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, Offsets
from models.area_chasing import holder_has_left, tasks_due
from models.area_tasks import AreaTaskState, accept_task, hand_to_area, require_holder
from models.audience import Audience, Part
from models.budgets import may_keep_budget
from models.checkin_desk import may_run, require_names_helpers
from models.invitations import call_activity, invitations_of
from models.organising import organises
from models.people import Area, DeputyGroup, Person, Role, named
from models.policy import Policy
from models.records import may_keep
from models.rules import NotAllowed
from models.series import may_repeat
from models.turnout import seen_by
from tests.rules.issue_district import District

POLICY = Policy()


class Groups:
    """Two deputies' groups, and an activity that the leader of the first has called for it."""

    @classmethod
    async def made(cls, session: AsyncSession, now: datetime) -> Groups:
        groups = cls()
        groups.first, groups.second = await named(session, DeputyGroup, "第一代表小组"), await named(session, DeputyGroup, "第二代表小组")
        district = District(session, now)
        groups.leader = await district.person("孙", Role.DEPUTY, Role.GROUP_LEADER)
        groups.member = await district.person("李")
        groups.leader.group = groups.member.group = groups.first
        await session.flush()
        groups.activity = await groups.called(session, Audience().plus(Part.GROUP, [groups.first.id]), now)
        return groups

    async def called(self, session: AsyncSession, audience: Audience, now: datetime) -> Activity:
        return await call_activity(
            session,
            self.leader,
            kind=ActivityKind.DISCUSSION,
            title="座谈",
            starts_at=now + timedelta(days=9),
            ends_at=None,
            place="会议室",
            notes="",
            audience=audience,
            offsets=Offsets.of(POLICY),
            now=now,
        )

    leader: Person
    member: Person
    first: DeputyGroup
    second: DeputyGroup
    activity: Activity


def loses_the_role(groups: Groups) -> None:
    groups.leader.take(Role.GROUP_LEADER)


def moves_to_another_group(groups: Groups) -> None:
    groups.leader.group = groups.second


def leaves_the_roster(groups: Groups) -> None:
    groups.leader.active = False


@pytest.mark.parametrize("change", [loses_the_role, moves_to_another_group, leaves_the_roster])
async def test_whoever_leads_the_group_no_longer_organises_its_activity_no_longer(
    session: AsyncSession, now: datetime, change: Callable[[Groups], None]
) -> None:
    groups = await Groups.made(session, now)
    activity, leader = groups.activity, groups.leader
    assert organises(leader, activity)

    change(groups)
    await session.flush()
    await session.refresh(leader)

    found = [may_keep(leader, activity, None), may_keep_budget(leader, activity), may_repeat(leader, activity)]
    assert [*found, await may_run(session, leader, activity)] == [False] * 4
    with pytest.raises(NotAllowed):
        require_names_helpers(leader, activity)
    seen = {invitation.person_id for invitation in seen_by(leader, activity, await invitations_of(session, activity))}
    assert groups.member.id not in seen


async def test_what_somebody_called_for_everybody_as_the_office_is_not_theirs_as_the_leader_of_a_group(
    session: AsyncSession, now: datetime
) -> None:
    groups = await Groups.made(session, now)
    groups.leader.give(Role.OFFICE)
    everybody = await groups.called(session, Audience(everyone=True), now)
    assert organises(groups.leader, everybody)

    groups.leader.take(Role.OFFICE)

    assert not organises(groups.leader, everybody)


async def test_a_group_leader_keeps_an_activity_that_the_office_opens_to_more_people(session: AsyncSession, now: datetime) -> None:
    groups = await Groups.made(session, now)

    groups.activity.audience_json = groups.activity.audience.plus(Part.GROUP, [groups.second.id]).as_json()

    assert organises(groups.leader, groups.activity)


async def test_area_staff_who_move_to_another_area_hold_nothing_of_the_old_one(session: AsyncSession, now: datetime) -> None:
    district = District(session, now)
    deputy, staff = await district.person("王"), await district.person("赵", Role.AREA_STAFF, area="云溪街道")
    task = await hand_to_area(session, await district.issue(deputy, area="云溪街道"), deputy, POLICY, now=now)
    await session.flush()
    await accept_task(session, task, staff, now=now)
    await session.flush()
    assert task.state is AreaTaskState.ACCEPTED
    assert await tasks_due(session, now=now) == []

    staff.area = await named(session, Area, "青山镇")
    await session.flush()

    with pytest.raises(NotAllowed):
        require_holder(task, staff)
    assert holder_has_left(task)
    assert await tasks_due(session, now=now) == [task]
