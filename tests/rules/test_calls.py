"""Quiet hours, the call sheet, calls by phone, the record of notice, and the final account: the rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, NoticesTooMany, Offsets
from models.audience import Audience, Part
from models.call_sheet import BeingCalled, note_given, sheet_due_at, sheet_of, sheets_due, take_turn
from models.changes import move_activity
from models.final_account import account_of, take_final_account
from models.following import follow_audience
from models.invitations import Delivery, Invitation, Reply, Standing, invitation_for, invitations_of
from models.leave import Decision, LeaveCategory, ask_leave, decide_leave
from models.notice_log import note_outcome, note_sent
from models.notice_record import ledger_of
from models.notices import NoticeKind, change_offsets, due_notices, next_notice_at, send_notice, take_owed
from models.outbox import OutboxState, put_back, settle
from models.people import Person, Role
from models.phone_calls import AnsweredAlready, CallResult, PhoneCall, TooLateToUndo, ask_leave_by_phone, log_call, undo_call
from models.policy import Policy
from models.quiet_hours import QuietHours
from models.rules import NotAllowed
from models.turnout import advance_states
from tests.conftest import NOON
from tests.rules.queued import queued
from tests.rules.test_activities import called, somebody

POLICY = Policy()
QUIET = POLICY.quiet_hours
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = NOON - 12 * HOUR


def at(clock: str, days: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return MIDNIGHT + timedelta(days=days, hours=int(hours), minutes=int(minutes))


@pytest.mark.parametrize(
    ("planned", "starts_at", "goes_out"),
    [
        ("21:29", "12:00", "21:29"),
        ("21:30", "21:30", "31:30"),  # a day before: the morning leaves more than half of it
        ("31:00", "33:00", "31:30"),  # 7:00 for 9:00
        ("30:00", "32:00", "21:15"),  # 6:00 for 8:00: half an hour is too late
        ("31:30", "33:30", "31:30"),
        ("24:00", "26:00", "21:15"),  # never past a start at two in the morning
    ],
)
def test_the_night_is_for_sleep(planned: str, starts_at: str, goes_out: str) -> None:
    start = at(starts_at) if at(starts_at) > at(planned) else at(starts_at, 1)

    assert QUIET.outside(at(planned), before=start) == at(goes_out)


def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all() -> None:
    noon = QuietHours(time(12), time(14), POLICY.timezone)

    assert noon.outside(at("13:00"), before=at("18:00")) == at("14:00")
    assert QuietHours(time(7), time(7), POLICY.timezone).outside(at("3:00"), before=at("9:00")) == at("3:00")


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    return await somebody(session, "周主任", Role.OFFICE, telegram_id=1)


@pytest.fixture
async def colleague(session: AsyncSession) -> Person:
    return await somebody(session, "吴干事", Role.OFFICE, telegram_id=2)


@pytest.fixture
async def leader(session: AsyncSession) -> Person:
    return await somebody(session, "郑主任", Role.LEADER, telegram_id=3)


@pytest.fixture
async def deputy(session: AsyncSession) -> Person:
    return await somebody(session, "王建国", telegram_id=4, phone="13900000004")


@pytest.fixture
async def activity(session: AsyncSession, office: Person, deputy: Person) -> Activity:
    """In ten days, at noon."""
    return await called(session, office, starts_at=NOON + 10 * DAY, now=NOON)


async def goes_out(session: AsyncSession, activity: Activity, now: datetime, *, state: OutboxState = OutboxState.SENT) -> None:
    """The due notice, sent to everybody, with this outcome."""
    [notice] = await due_notices(session, now=now, quiet=QUIET)
    await send_notice(session, notice, now=now, quiet=QUIET)
    for invitation in await take_owed(session, notice, limit=99):
        chat_id = invitation.person.telegram_id
        message = await queued(session, now, chat_id, subject=notice.subject) if chat_id else None
        note_sent(session, notice, invitation, message.id if message else None, now=now)
        if message:
            settle(message, state, now=now)
            await session.flush()
            await note_outcome(session, message, now=now)
    for invitation in await invitations_of(session, activity):
        await session.refresh(invitation, ["delivery"])


async def test_two_reminders_that_the_night_brings_together_are_one(session: AsyncSession, office: Person, deputy: Person) -> None:
    start = at("32:00", 3)  # at eight in the morning
    activity = await called(session, office, starts_at=start, now=NOON)
    await goes_out(session, activity, NOON)
    change_offsets(session, activity, Offsets(None, 4 * DAY, (3 * HOUR, 2 * HOUR)), office, now=NOON, quiet=QUIET)
    await session.flush()
    await goes_out(session, activity, NOON)  # the formal notice, whose time has passed

    assert await next_notice_at(session) == at("21:15", 3)
    assert await due_notices(session, now=at("21:14", 3), quiet=QUIET) == []
    await goes_out(session, activity, at("21:15", 3))

    assert await due_notices(session, now=start - MINUTE, quiet=QUIET) == []


async def test_what_an_outage_delayed_into_the_night_waits_for_the_morning(
    session: AsyncSession, activity: Activity, office: Person
) -> None:
    [pre_notice, *_] = activity.notices
    pre_notice.due_at = at("20:00", 3)
    pre_notice.offset_seconds = round((activity.starts_at - pre_notice.due_at).total_seconds())
    await session.flush()

    assert await due_notices(session, now=at("23:00", 3), quiet=QUIET) == []
    assert await due_notices(session, now=at("31:30", 3), quiet=QUIET) == [pre_notice]


async def test_what_is_sent_on_purpose_does_not_wait_for_the_morning(session: AsyncSession, office: Person, deputy: Person) -> None:
    night = at("23:00")
    activity = await called(session, office, starts_at=night + 2 * DAY, now=night)

    [notice] = await due_notices(session, now=night, quiet=QUIET)
    await send_notice(session, notice, now=night, quiet=QUIET)
    await move_activity(session, activity, office, now=night + HOUR, to=night + 3 * DAY)

    assert [notice.kind for notice in await due_notices(session, now=night + HOUR, quiet=QUIET)] == [NoticeKind.CHANGE]


async def test_other_notice_times_repeat_nothing_and_leave_nothing_out(session: AsyncSession, activity: Activity, office: Person) -> None:
    await goes_out(session, activity, NOON + 3 * DAY)  # the pre-notice

    new = Offsets(10 * DAY, 8 * DAY, (DAY, HOUR))
    change_offsets(session, activity, new, office, now=NOON + 3 * DAY, quiet=QUIET)
    await session.flush()

    waiting = [(notice.kind, notice.due_at) for notice in activity.notices if notice.sent_at is None and not notice.void]
    assert waiting == [
        (NoticeKind.FORMAL, NOON + 3 * DAY),  # its new time has passed
        (NoticeKind.REMINDER, activity.starts_at - DAY),
        (NoticeKind.REMINDER, activity.starts_at - HOUR),
    ]
    with pytest.raises(NoticesTooMany):
        change_offsets(session, activity, Offsets(None, 9 * DAY, tuple(n * HOUR for n in range(1, 9))), office, now=NOON, quiet=QUIET)


async def test_a_message_in_flight_during_a_move_is_not_tried_again(session: AsyncSession, activity: Activity, office: Person) -> None:
    now = NOON + 3 * DAY
    [notice] = await due_notices(session, now=now)
    await send_notice(session, notice, now=now)
    message = await queued(session, now, 4, subject=notice.subject, state=OutboxState.SENDING)

    await move_activity(session, activity, office, now=now, to=NOON + 30 * DAY)
    await session.refresh(message)
    await put_back(session, message, error="no network", wait=timedelta(0), now=now, passing=True)

    assert message.state is OutboxState.SUPERSEDED


async def test_what_still_waits_at_the_start_is_not_sent(session: AsyncSession, activity: Activity) -> None:
    [notice] = await due_notices(session, now=activity.starts_at - HOUR)
    await send_notice(session, notice, now=activity.starts_at - HOUR)
    message = await queued(session, NOON, 4, subject=notice.subject)

    await advance_states(session, now=activity.starts_at)
    await session.refresh(message)

    assert message.state is OutboxState.SUPERSEDED


@pytest.mark.parametrize(
    ("starts_at", "heard_at", "due"),
    [
        (at("9:00", 17), at("9:00", 7), at("9:00", 13)),  # Friday the 27th: four days before is Monday
        (at("9:00", 16), at("9:00", 7), at("8:30", 13)),  # Thursday: four days before is Sunday, so on Monday
        (at("18:00", 1), at("12:00"), at("14:00")),  # told late: after two hours
        (at("14:00"), at("12:00"), at("13:00")),  # told at the last moment: after half of what is left
        (at("9:00", 5), at("17:00", 4), at("19:00", 4)),  # Sunday morning, told on Saturday evening: nobody waits for Monday
    ],
)
def test_the_sheet_comes_a_day_before_answers_are_due(starts_at: datetime, heard_at: datetime, due: datetime) -> None:
    assert sheet_due_at(starts_at, heard_at, POLICY) == due


async def test_the_sheet_is_given_once_for_each_start(session: AsyncSession, activity: Activity, office: Person) -> None:
    await goes_out(session, activity, NOON + 3 * DAY)
    due = NOON + 6 * DAY  # Monday
    assert await sheets_due(session, POLICY, now=due - MINUTE) == []
    assert await sheets_due(session, POLICY, now=due) == [activity]

    note_given(session, activity, now=due)
    await session.flush()
    assert await sheets_due(session, POLICY, now=due + DAY) == []

    await move_activity(session, activity, office, now=due, to=activity.starts_at + 7 * DAY)
    await goes_out(session, activity, due)
    assert await sheets_due(session, POLICY, now=due + 7 * DAY) == [activity]


async def test_the_silent_and_the_unreachable_are_to_be_called(session: AsyncSession, activity: Activity, leader: Person) -> None:
    people = {name: await somebody(session, name, telegram_id=10 + n, phone=f"1390000010{n}") for n, name in enumerate("甲乙丙丁戊")}
    outside = await somebody(session, "己")
    await goes_out(session, activity, NOON + 3 * DAY)
    by_name = {name: await invitation_for(session, activity.id, person) for name, person in people.items()}
    for name in "乙丙":
        by_name[name].answer(Reply.ATTENDING, now=NOON)
    by_name["丙"].delivery = Delivery.UNREACHABLE  # said yes, and was not reached since
    for name in "丁戊":
        request = ask_leave(by_name[name], LeaveCategory.OTHER, "", cutoff=3 * DAY, now=NOON)
        await session.flush()
        if name == "戊":
            await decide_leave(session, request, leader, approve=True, now=NOON)
    people["甲"].active = False
    await session.flush()
    await follow_audience(session, activity, now=NOON + 3 * DAY)

    sheet = await sheet_of(session, activity, now=NOON + 3 * DAY)

    assert {line.invitation.person.name for line in sheet.lines} == {"王建国", "丙", "己"}
    assert [line.invitation.person for line in sheet.lines if line.number_wrong] == [outside], "no number, so the last"
    assert sheet.lines[-1].invitation.person is outside


async def test_two_of_the_office_never_call_the_same_person(
    session: AsyncSession, activity: Activity, office: Person, colleague: Person
) -> None:
    await somebody(session, "李秀英", telegram_id=11, phone="13900000011")
    await goes_out(session, activity, NOON + 3 * DAY)
    now = NOON + 4 * DAY

    first = (await sheet_of(session, activity, now=now)).next_for(office, now=now)
    assert first is not None
    await take_turn(session, first.invitation, office, now=now)
    second = (await sheet_of(session, activity, now=now)).next_for(colleague, now=now)
    assert second is not None
    assert second.invitation is not first.invitation

    with pytest.raises(BeingCalled):
        await take_turn(session, first.invitation, colleague, now=now + MINUTE)
    await take_turn(session, first.invitation, colleague, now=now + HOUR)  # who forgot it holds nobody up


async def test_whoever_did_not_pick_up_is_not_proposed_again_at_once(session: AsyncSession, activity: Activity, office: Person) -> None:
    await goes_out(session, activity, NOON + 3 * DAY)
    [invitation] = await invitations_of(session, activity)

    await log_call(session, invitation, office, CallResult.NO_ANSWER, now=NOON + 4 * DAY)

    sheet = await sheet_of(session, activity, now=NOON + 4 * DAY)
    assert [line.invitation for line in sheet.lines] == [invitation]
    assert sheet.next_for(office, now=NOON + 4 * DAY + MINUTE) is None
    assert sheet.next_for(office, now=NOON + 4 * DAY + HOUR) is not None


async def logged(
    session: AsyncSession, activity: Activity, office: Person, deputy: Person, result: CallResult
) -> tuple[Invitation, PhoneCall]:
    invitation = await invitation_for(session, activity.id, deputy)
    return invitation, await log_call(session, invitation, office, result, now=NOON + 4 * DAY)


async def test_a_yes_by_phone_is_an_answer_and_the_notice_by_phone(
    session: AsyncSession, activity: Activity, office: Person, deputy: Person
) -> None:
    await goes_out(session, activity, NOON + 3 * DAY, state=OutboxState.UNREACHABLE)

    invitation, call = await logged(session, activity, office, deputy, CallResult.WILL_ATTEND)

    assert invitation.standing is Standing.ATTENDING
    assert (await sheet_of(session, activity, now=NOON + 4 * DAY)).lines == []
    [notified] = await ledger_of(session, activity, [invitation])
    assert (notified.reached_at, notified.heard, notified.answered_by) == (None, call, call)
    assert [entry.at for entry in notified.entries] == [NOON + 3 * DAY, NOON + 4 * DAY]
    account = await account_of(session, activity, now=NOON + 4 * DAY)
    assert (account.reach.blocked, account.reach.by_phone) == (1, 1)

    await move_activity(session, activity, office, now=NOON + 5 * DAY, to=activity.starts_at + DAY)
    [notified] = await ledger_of(session, activity, [invitation])
    assert notified.heard is None, "of the new time they have not heard"


async def test_a_wrong_tap_is_undone_with_what_it_brought(
    session: AsyncSession, activity: Activity, office: Person, leader: Person, deputy: Person
) -> None:
    invitation = await invitation_for(session, activity.id, deputy)
    refused = ask_leave(invitation, LeaveCategory.OTHER, "", cutoff=3 * DAY, now=NOON)
    await session.flush()
    await decide_leave(session, refused, leader, approve=False, now=NOON)
    await session.flush()

    _, call = await logged(session, activity, office, deputy, CallResult.WILL_ATTEND)
    undo_call(session, call, office, now=NOON + 4 * DAY)

    assert (invitation.standing, refused.decision) == (Standing.LEAVE_REFUSED, Decision.REFUSED)

    _, call = await logged(session, activity, office, deputy, CallResult.WILL_ATTEND)
    invitation.answer(Reply.ATTENDING, now=NOON + 5 * DAY)  # now they say so themselves
    undo_call(session, call, office, now=NOON + 5 * DAY)

    assert invitation.standing is Standing.ATTENDING


async def test_leave_by_phone_is_decided_like_any_other(
    session: AsyncSession, activity: Activity, office: Person, leader: Person, deputy: Person
) -> None:
    invitation, call = await logged(session, activity, office, deputy, CallResult.ASKS_LEAVE)
    assert invitation.standing is Standing.SILENT, "until category and reason are filled in"

    request = ask_leave_by_phone(session, call, office, LeaveCategory.ILLNESS, "住院", cutoff=3 * DAY, now=NOON + 4 * DAY)
    await session.flush()
    assert invitation.standing is Standing.LEAVE_PENDING
    with pytest.raises(AnsweredAlready):
        await logged(session, activity, office, deputy, CallResult.WILL_ATTEND)

    await decide_leave(session, request, leader, approve=True, now=NOON + 4 * DAY)
    with pytest.raises(TooLateToUndo):
        undo_call(session, call, office, now=NOON + 4 * DAY)


async def test_only_the_office_logs_calls(session: AsyncSession, activity: Activity, leader: Person, deputy: Person) -> None:
    for other in (leader, deputy):
        with pytest.raises(NotAllowed):
            await logged(session, activity, other, deputy, CallResult.NO_ANSWER)


async def test_the_final_account_stays_but_for_late_decisions(
    session: AsyncSession, activity: Activity, leader: Person, deputy: Person
) -> None:
    await somebody(session, "李秀英", telegram_id=11)
    await goes_out(session, activity, NOON + 3 * DAY)
    request = ask_leave(await invitation_for(session, activity.id, deputy), LeaveCategory.OTHER, "", cutoff=3 * DAY, now=NOON)
    await session.flush()
    start = activity.starts_at
    await advance_states(session, now=start)
    await take_final_account(session, activity, now=start)

    [_, other] = await invitations_of(session, activity)
    other.person.active, other.delivery = False, Delivery.FAILED
    await decide_leave(session, request, leader, approve=True, now=start + HOUR)
    await session.flush()

    account = await account_of(session, activity, now=start + HOUR)
    assert account.final
    assert (account.figures.called, account.figures.reached, account.figures.silent) == (2, 2, 1)
    assert (account.figures.leave_pending, account.figures.leave_approved) == (0, 1)


async def test_an_audience_of_one_is_on_the_sheet_once(session: AsyncSession, office: Person, deputy: Person) -> None:
    audience = Audience(everyone=True).plus(Part.PERSON, [deputy.id])
    activity = await called(session, office, starts_at=NOON + DAY, now=NOON, audience=audience)

    assert len((await sheet_of(session, activity, now=NOON)).lines) == 1


async def test_a_yes_by_phone_beyond_the_places_waits_like_any_other(
    session: AsyncSession, activity: Activity, office: Person, deputy: Person
) -> None:
    other = await somebody(session, "李秀英", telegram_id=11)
    await goes_out(session, activity, NOON + 3 * DAY)
    activity.capacity = 1
    (await invitation_for(session, activity.id, other)).answer(Reply.ATTENDING, now=NOON)
    await session.flush()

    invitation, _ = await logged(session, activity, office, deputy, CallResult.WILL_ATTEND)

    assert invitation.standing is Standing.WAITING
    assert (await sheet_of(session, activity, now=NOON + 4 * DAY)).lines == []
