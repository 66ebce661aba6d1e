"""Leave: who decides which request, what a term counts, half days, questions, delegation, reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.absence import AwayPast
from models.activities import Activity, ActivityKind, ActivityStarted, Offsets
from models.attendance import Attendance
from models.audience import Audience
from models.audit import AuditEntry
from models.changes import cancel_activity, move_activity
from models.delegations import AlreadyDelegated, DaysInverted, DelegateUnfit, delegate, end_delegation
from models.half_days import HalfDay, half_days_between
from models.invitations import Invitation, Reply, Standing, call_activity, invitation_for
from models.leave import LeaveApproved, LeaveCategory, LeaveRequest, NoHalfDays, OwnLeave, ask_leave, decide_leave, leave_by_id
from models.leave_deciders import deciders_now
from models.leave_reminders import due_reminders, remind_at
from models.leave_terms import counts_of, raise_flag, span_at
from models.leave_thread import LeaveSettled, add_proof, add_words, ask_back, open_question
from models.notices import NoticeKind, announce, gets, send_notice
from models.people import DeputyGroup, Person, Role
from models.policy import Policy
from models.rules import NotAllowed
from models.session_posts import OfficeDecidesNone, SessionPost, set_holder
from models.terms import Term, TermState

POLICY = Policy()
ZONE = POLICY.timezone
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MORNING, AFTERNOON = HalfDay(date(2026, 3, 20), False), HalfDay(date(2026, 3, 20), True)


class Town:
    """People and activities, made as a test needs them."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.count = session, now, 0

    async def person(self, name: str, *roles: Role, **more: object) -> Person:
        self.count += 1
        person = Person(name=name, telegram_id=100 + self.count, role_rows=[], specialties=[], **more)
        for role in roles or (Role.DEPUTY,):
            person.give(role)
        self.session.add(person)
        await self.session.flush()
        return person

    async def activity(self, at: datetime, kind: ActivityKind = ActivityKind.INSPECTION, **more: datetime) -> Activity:
        return await call_activity(
            self.session,
            await self.person("召集人", Role.OFFICE),
            kind=kind,
            title="活动",
            starts_at=at,
            ends_at=more.get("ends_at"),
            place="区政府",
            notes="",
            audience=Audience(everyone=True),
            offsets=Offsets.of(POLICY),
            now=min(self.now, at - DAY),
        )

    async def ask(
        self, deputy: Person, at: datetime | None = None, *, category: LeaveCategory = LeaveCategory.OTHER, halves: tuple[HalfDay, ...] = ()
    ) -> LeaveRequest:
        """A request of this deputy, from an activity in ten days, or from a session if half days are named."""
        kind = ActivityKind.SESSION if halves else ActivityKind.INSPECTION
        activity = await self.activity(at or self.now + 10 * DAY, kind)
        invitation = await invitation_for(self.session, activity.id, deputy)
        request = ask_leave(invitation, category, "", cutoff=3 * DAY, now=min(self.now, activity.starts_at - DAY), half_days=halves)
        await self.session.flush()
        return request


@pytest.fixture
def town(session: AsyncSession, now: datetime) -> Town:
    return Town(session, now)


async def names_of_deciders(session: AsyncSession, request: LeaveRequest, *, now: datetime) -> set[str]:
    return {decider.person.name for decider in (await deciders_now(session, now=now)).of(request)}


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ((12, 9), (12, 11), ["12/am"]),
        ((12, 9), (12, 12), ["12/am"]),
        ((12, 12), (12, 17), ["12/pm"]),
        ((12, 9), (12, 17), ["12/am", "12/pm"]),
        ((12, 14), (14, 11), ["12/pm", "13/am", "13/pm", "14/am"]),
        ((12, 9), (13, 0), ["12/am", "12/pm"]),
    ],
)
def test_a_session_has_the_half_days_that_it_touches(starts: tuple[int, int], ends: tuple[int, int], expected: list[str]) -> None:
    begin, end = (datetime(2026, 3, day, hour, tzinfo=ZONE) for day, hour in (starts, ends))

    assert [str(half_day)[8:] for half_day in half_days_between(begin, end, ZONE)] == expected
    assert all(HalfDay.read(str(half_day)) == half_day for half_day in half_days_between(begin, end, ZONE))


async def test_in_session_half_a_day_is_the_heads_and_more_the_secretary_generals(session: AsyncSession, town: Town, now: datetime) -> None:
    group = DeputyGroup(name="第一代表小组")
    session.add(group)
    await session.flush()
    await town.person("郑主任", Role.LEADER)
    office, deputy = await town.person("周主任", Role.OFFICE), await town.person("王建国", group=group)
    head, general = await town.person("刘团长", group=group), await town.person("秦秘书长")
    short, long = await town.ask(deputy, halves=(MORNING,)), await town.ask(deputy, halves=(MORNING, AFTERNOON))
    of_head = await town.ask(head, halves=(MORNING,))

    assert await names_of_deciders(session, short, now=now) == {"郑主任"}, "nobody holds the post"
    await set_holder(session, SessionPost.DELEGATION_HEAD, group.id, head, actor=office, now=now)
    assert await names_of_deciders(session, short, now=now) == {"刘团长"}
    assert await names_of_deciders(session, long, now=now) == {"郑主任"}
    assert await names_of_deciders(session, of_head, now=now) == {"郑主任"}
    await set_holder(session, SessionPost.SECRETARY_GENERAL, None, general, actor=office, now=now)
    assert await names_of_deciders(session, long, now=now) == {"秦秘书长"}
    assert await names_of_deciders(session, of_head, now=now) == {"秦秘书长"}, "a head's own leave goes one step up"
    assert await names_of_deciders(session, await town.ask(deputy), now=now) == {"郑主任"}, "no session, no ladder"

    with pytest.raises(NotAllowed):
        await decide_leave(session, short, general, approve=True, now=now)
    await decide_leave(session, short, head, approve=True, now=now)
    head.telegram_id = None
    await session.flush()
    assert await names_of_deciders(session, await town.ask(deputy, halves=(MORNING,)), now=now) == {"郑主任"}, (
        "who cannot be asked decides not"
    )


async def test_the_office_sets_posts_but_holds_none(session: AsyncSession, town: Town, now: datetime) -> None:
    office, deputy = await town.person("周主任", Role.OFFICE), await town.person("王建国")

    with pytest.raises(NotAllowed):
        await set_holder(session, SessionPost.SECRETARY_GENERAL, None, deputy, actor=deputy, now=now)
    with pytest.raises(OfficeDecidesNone):
        await set_holder(session, SessionPost.SECRETARY_GENERAL, None, office, actor=office, now=now)
    await set_holder(session, SessionPost.SECRETARY_GENERAL, None, deputy, actor=office, now=now)
    deputy.give(Role.OFFICE)
    await session.flush()

    assert (await deciders_now(session, now=now)).posts == {}


async def test_leave_from_a_session_names_its_half_days(session: AsyncSession, town: Town, now: datetime) -> None:
    deputy = await town.person("王建国")
    activity = await town.activity(now + 10 * DAY, ActivityKind.SESSION)

    with pytest.raises(NoHalfDays):
        ask_leave(await invitation_for(session, activity.id, deputy), LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now)

    request = await town.ask(deputy, halves=(AFTERNOON, MORNING))
    assert request.half_days == ["2026-03-20/am", "2026-03-20/pm"]


async def test_whoever_is_away_for_half_a_session_is_reminded_of_the_rest(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    request = await town.ask(deputy, halves=(MORNING,))
    reminder = announce(request.invitation.activity, NoticeKind.REMINDER, due_at=now)
    await decide_leave(session, request, leader, approve=True, now=now)

    assert not gets(reminder, request.invitation)
    request.partial = True
    assert gets(reminder, request.invitation)


async def test_a_reminder_is_not_owed_to_those_on_leave_and_takes_from_them_no_other_notice(
    session: AsyncSession, town: Town, now: datetime
) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    request = await town.ask(deputy)
    invitation, activity = request.invitation, request.invitation.activity
    change, reminder = (announce(activity, kind, due_at=now) for kind in (NoticeKind.CHANGE, NoticeKind.REMINDER))
    await session.flush()

    await send_notice(session, change, now=now)
    await decide_leave(session, request, leader, approve=True, now=now)
    await session.flush()
    await send_notice(session, reminder, now=now)
    assert invitation.owed_notice_id == change.id
    request.partial = True
    await session.flush()
    await send_notice(session, reminder, now=now)
    assert invitation.owed_notice_id == reminder.id


async def test_a_delegate_decides_while_it_lasts_and_in_the_leaders_name(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy, stand_in = await town.person("郑主任", Role.LEADER), await town.person("王建国"), await town.person("何建平")
    first, second, third = [await town.ask(deputy) for _ in range(3)]
    tomorrow = (now + DAY).astimezone(ZONE).date()

    given = await delegate(session, leader, stand_in, tomorrow, tomorrow + DAY, timezone=ZONE, now=now)
    with pytest.raises(NotAllowed):
        await decide_leave(session, first, stand_in, approve=True, now=now)
    await decide_leave(session, first, stand_in, approve=True, now=now + DAY)
    await decide_leave(session, second, leader, approve=False, now=now + DAY)
    with pytest.raises(NotAllowed):
        await decide_leave(session, third, stand_in, approve=True, now=given.until)

    assert first.decided_by == stand_in
    assert first.behalf is not None
    assert first.behalf.leader == leader
    assert second.behalf is None
    details = await session.scalar(select(AuditEntry.details).where(AuditEntry.action == "leave.approved"))
    assert details == {"on_behalf_of": leader.id}


async def test_only_a_leader_delegates_and_only_to_somebody_who_can(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, other = await town.person("郑主任", Role.LEADER), await town.person("何主任", Role.LEADER)
    office, deputy = await town.person("周主任", Role.OFFICE), await town.person("王建国")
    today = now.astimezone(ZONE).date()

    async def give(giver: Person, to: Person, first: date = today, last: date = today) -> None:
        await delegate(session, giver, to, first, last, timezone=ZONE, now=now)

    for somebody in (office, deputy):
        with pytest.raises(NotAllowed):
            await give(somebody, deputy)
    with pytest.raises(OfficeDecidesNone):
        await give(leader, office)
    with pytest.raises(DelegateUnfit):
        await give(leader, other)
    with pytest.raises(DaysInverted):
        await give(leader, deputy, today + DAY, today)
    with pytest.raises(AwayPast):
        await give(leader, deputy, today - DAY, today - DAY)
    deputy.telegram_id = None
    with pytest.raises(DelegateUnfit):
        await give(leader, deputy)
    deputy.telegram_id = 7
    await give(leader, deputy)
    with pytest.raises(AlreadyDelegated):
        await give(leader, deputy)


async def test_a_delegate_decides_neither_the_own_leave_nor_the_leaders(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, stand_in = await town.person("郑主任", Role.LEADER, Role.DEPUTY), await town.person("何建平")
    today = now.astimezone(ZONE).date()
    given = await delegate(session, leader, stand_in, today, today, timezone=ZONE, now=now)

    assert await names_of_deciders(session, await town.ask(stand_in), now=now) == {"郑主任"}
    assert await names_of_deciders(session, await town.ask(leader), now=now) == {"郑主任"}
    assert await names_of_deciders(session, await town.ask(await town.person("王建国")), now=now) == {"郑主任", "何建平"}
    await end_delegation(session, given, leader, now=now)
    assert await names_of_deciders(session, await town.ask(await town.person("李秀英")), now=now) == {"郑主任"}


async def test_a_leader_who_is_none_any_more_has_nothing_to_delegate(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, stand_in, deputy = await town.person("郑主任", Role.LEADER), await town.person("何建平"), await town.person("王建国")
    today = now.astimezone(ZONE).date()
    await delegate(session, leader, stand_in, today, today, timezone=ZONE, now=now)
    request = await town.ask(deputy)
    leader.take(Role.LEADER)
    await session.flush()

    with pytest.raises(NotAllowed):
        await decide_leave(session, request, stand_in, approve=True, now=now)


async def test_two_who_may_decide_do_not_decide_their_own(session: AsyncSession, town: Town, now: datetime) -> None:
    leader = await town.person("郑主任", Role.LEADER, Role.DEPUTY)
    await town.person("何主任", Role.LEADER)

    with pytest.raises(OwnLeave):
        await decide_leave(session, await town.ask(leader), leader, approve=True, now=now)


async def test_a_term_counts_leaves_by_activity_and_absences(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy, office = await town.person("郑主任", Role.LEADER), await town.person("王建国"), await town.person("周主任", Role.OFFICE)
    at = [datetime(2025, 12, 31, 20, tzinfo=ZONE), *(now + days * DAY for days in (5, 6, 7, 8, 9))]
    last_year, ill, travel, refused, back, called_off = [
        await town.ask(deputy, starts_at, category=category)
        for starts_at, category in zip(
            at, (LeaveCategory.OTHER, LeaveCategory.ILLNESS, LeaveCategory.OFFICIAL_TRAVEL, *[LeaveCategory.OTHER] * 3), strict=True
        )
    ]
    for request in (last_year, ill, travel, back, called_off):
        await decide_leave(session, request, leader, approve=True, now=now)
    await decide_leave(session, refused, leader, approve=False, now=now)
    back.invitation.answer(Reply.ATTENDING, now=now)
    await cancel_activity(session, called_off.invitation.activity, office, now=now)
    refused.invitation.attendance = last_year.invitation.attendance = Attendance.ABSENT
    await session.flush()

    span = await span_at(session, now, POLICY)
    counts = await counts_of(session, deputy.id, span, POLICY, besides=ill.invitation.id)

    assert (counts.asked, counts.approved, counts.counted, counts.absent, counts.remaining) == (3, 1, 1, 1, 4)
    session.add(Term(name="第八届", starts_on=date(2025, 12, 20), state=TermState.RUNNING))
    counts = await counts_of(session, deputy.id, await span_at(session, now, POLICY), POLICY)
    assert (counts.counted, counts.absent) == (2, 2)


async def test_without_a_term_the_local_calendar_year_counts(session: AsyncSession) -> None:
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai

    assert (await span_at(session, new_year, POLICY)).starts_at == new_year
    assert (await span_at(session, new_year - HOUR, POLICY)).ends_at == new_year
    session.add(Term(name="第八届", starts_on=date(2027, 1, 10), state=TermState.RUNNING))
    assert not (await span_at(session, new_year, POLICY)).is_term
    assert (await span_at(session, new_year + 10 * DAY, POLICY)).is_term


async def test_the_flag_is_raised_once_a_term_at_the_fifth_leave_without_special_cause(
    session: AsyncSession, town: Town, now: datetime
) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    span = await span_at(session, now, POLICY)
    raised = []

    for category in (LeaveCategory.ILLNESS, LeaveCategory.SUPERIOR_MEETING, *[LeaveCategory.OTHER] * 5):
        await decide_leave(session, await town.ask(deputy, category=category), leader, approve=True, now=now)
        raised.append(await raise_flag(session, deputy, span, POLICY, now=now))

    assert raised == [None, None, None, None, None, 5, None]
    assert await raise_flag(session, deputy, await span_at(session, now + 365 * DAY, POLICY), POLICY, now=now) is None


async def test_a_question_keeps_the_request_open_and_is_answered_over_several_rounds(
    session: AsyncSession, town: Town, now: datetime
) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    request = await town.ask(deputy)

    for number in range(2):
        ask_back(session, request, leader, f"问{number}", now=now)
        await session.flush()
        assert request.asked_back
        question = await open_question(session, deputy)
        assert question is not None
        assert question.text == f"问{number}"
        add_words(session, request, deputy, f"答{number}", now=now)
        await session.flush()
    assert await open_question(session, deputy) is None
    assert request.invitation.standing is Standing.LEAVE_PENDING
    with pytest.raises(NotAllowed):
        add_words(session, request, leader, "代答", now=now)
    await decide_leave(session, request, leader, approve=True, now=request.invitation.activity.starts_at + DAY)
    with pytest.raises(LeaveSettled):
        add_words(session, request, deputy, "晚了", now=now)
    with pytest.raises(LeaveSettled):
        add_proof(session, request, deputy, 1, 1, None, now=now)

    assert [remark.text for remark in (await leave_by_id(session, request.id)).remarks] == ["问0", "答0", "问1", "答1"]


async def test_the_audit_log_holds_no_reason_and_no_word_of_the_thread(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    activity = await town.activity(now + 10 * DAY)
    request = ask_leave(await invitation_for(session, activity.id, deputy), LeaveCategory.ILLNESS, "机密", cutoff=3 * DAY, now=now)
    await session.flush()
    ask_back(session, request, leader, "机密", now=now)
    add_words(session, request, deputy, "机密", now=now)
    await decide_leave(session, request, leader, approve=True, now=now)
    await session.flush()

    entries = (await session.scalars(select(AuditEntry).where(AuditEntry.subject == f"leave:{request.id}"))).all()
    assert [entry.action for entry in entries] == ["leave.asked_back", "leave.answered", "leave.approved"]
    assert "机密" not in repr([entry.details for entry in entries])


async def test_approved_leave_is_not_asked_for_again(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    request = await town.ask(deputy)
    await decide_leave(session, request, leader, approve=True, now=now)

    with pytest.raises(LeaveApproved):
        ask_leave(request.invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now)
    request.invitation.answer(Reply.ATTENDING, now=now)
    assert ask_leave(request.invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=now).waits
    with pytest.raises(ActivityStarted):
        ask_leave(request.invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=request.invitation.activity.starts_at)


@pytest.mark.parametrize(
    ("starts", "asked", "reminded"),
    [
        ((20, 14), (10, 12), (19, 14)),  # a day before, at work
        ((20, 7), (10, 12), (19, 8)),  # too early in the morning: when work begins, half past eight
        ((16, 9), (10, 12), (15, 9)),  # a Sunday before a Monday: work begins only half an hour before, which still is before
        ((16, 8), (10, 12), (15, 8)),  # no working hour before the start
        ((20, 14), (20, 10), (20, 12)),  # asked on the day itself: half way
    ],
)
async def test_the_reminder_comes_before_the_start_in_working_hours_if_it_can(
    town: Town, starts: tuple[int, int], asked: tuple[int, int], reminded: tuple[int, int]
) -> None:
    request = await town.ask(await town.person("王建国"), datetime(2026, 3, starts[0], starts[1], tzinfo=ZONE))
    request.asked_at = datetime(2026, 3, asked[0], asked[1], tzinfo=ZONE)

    at = remind_at(request, POLICY).astimezone(ZONE)

    expected = {(19, 8): (19, 8, 30), (15, 9): (16, 8, 30)}.get(reminded, (*reminded, 0))
    assert (at.day, at.hour, at.minute) == expected


async def test_whoever_decides_is_reminded_once_of_each_start(session: AsyncSession, town: Town, now: datetime) -> None:
    office = await town.person("周主任", Role.OFFICE)
    request = await town.ask(await town.person("王建国"), now + 10 * DAY)
    activity = request.invitation.activity

    async def reminded(at: datetime) -> list[LeaveRequest]:
        return list(await due_reminders(session, POLICY, now=at))

    assert await reminded(now + 8 * DAY) == []
    assert await reminded(now + 9 * DAY) == [request]
    assert await reminded(now + 9 * DAY + HOUR) == []
    await move_activity(session, activity, office, now=now + 9 * DAY + HOUR, to=now + 21 * DAY)
    assert await reminded(now + 9 * DAY + 2 * HOUR) == []
    assert await reminded(now + 20 * DAY) == [request]
    request.reminded_for = None
    assert await reminded(now + 21 * DAY) == [], "never after the start"


async def test_an_invitation_keeps_which_half_days_were_granted(session: AsyncSession, town: Town, now: datetime) -> None:
    leader, deputy = await town.person("郑主任", Role.LEADER), await town.person("王建国")
    request = await town.ask(deputy, halves=(AFTERNOON,))
    await decide_leave(session, request, leader, approve=True, now=now)
    invitation_id = request.invitation_id
    session.expunge_all()

    invitation = await session.get(Invitation, invitation_id)
    assert invitation is not None
    assert invitation.leave is not None
    assert [HalfDay.read(text) for text in invitation.leave.half_days] == [AFTERNOON]
