"""Records: what joins them, who keeps and confirms them, and what they write into duty files."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, ActivityState, Offsets
from models.attendance import Attendance, CheckIn, CheckInWay
from models.audience import Audience, Part
from models.audit import AuditEntry
from models.duty import ITEMS, DutyEntry, DutyItem, duty_counts_of, duty_entries_of, entry_for
from models.final_attendance import (
    AttendanceUnchanged,
    NotFinal,
    confirm_record,
    correct_attendance,
    turnout_of,
    undecided_leaves,
)
from models.half_days import HalfDay, half_days_between
from models.invitations import call_activity, invitation_for
from models.issue_pieces import PieceKind
from models.leave import LeaveCategory, ask_leave, decide_leave
from models.people import DeputyGroup, Person, Role
from models.policy import Policy
from models.record_chasing import next_chase_at, records_overdue, records_to_chase
from models.records import (
    PIECES_LIMIT,
    SECTION_LIMIT,
    ActivityRecord,
    NotBegun,
    NotOver,
    RecordChanged,
    RecordClosed,
    RecordEmpty,
    RecordFull,
    RecordPiece,
    RecordState,
    Section,
    SectionTooLong,
    begun_record,
    may_keep,
    name_keeper,
    records_waiting,
    send_back_record,
    submit_record,
)
from models.rules import NotAllowed
from models.turnout import advance_states

POLICY = Policy()
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


async def somebody(session: AsyncSession, name: str, *roles: Role, **more: object) -> Person:
    person = Person(name=name, role_rows=[], specialties=[], **more)
    for role in roles or (Role.DEPUTY,):
        person.give(role)
    session.add(person)
    await session.flush()
    return person


class Group:
    """A deputies' group with an activity of its own, an hour from now and two hours long."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now = session, now
        self.count = 0

    async def gather(self, kind: ActivityKind = ActivityKind.INSPECTION) -> Group:
        group = DeputyGroup(name="第一代表小组")
        self.session.add(group)
        await self.session.flush()
        self.office = await somebody(self.session, "周主任", Role.OFFICE, telegram_id=1)
        self.leader = await somebody(self.session, "郑主任", Role.LEADER, telegram_id=2)
        self.head = await somebody(self.session, "孙组长", Role.DEPUTY, Role.GROUP_LEADER, group_id=group.id, telegram_id=3)
        names = ("王建国", "李秀英", "陈明", "赵丽")
        self.deputies = [await somebody(self.session, name, group_id=group.id) for name in names]
        self.activity = await call_activity(
            self.session,
            self.head,
            kind=kind,
            title="视察污水处理厂",
            starts_at=self.now + HOUR,
            ends_at=None,
            place="区政府东门",
            notes="先听汇报，再看现场",
            audience=Audience().plus(Part.GROUP, [group.id]),
            offsets=Offsets.of(POLICY),
            now=self.now,
        )
        self.start, self.end = self.activity.starts_at, self.activity.ends_at
        return self

    async def comes(self, person: Person, after: timedelta = timedelta(0)) -> None:
        self.session.add(CheckIn(activity_id=self.activity.id, person_id=person.id, at=self.start + after, way=CheckInWay.SCAN))
        await self.session.flush()

    @property
    def half_days(self) -> list[HalfDay]:
        is_session = self.activity.kind is ActivityKind.SESSION
        return half_days_between(self.start, self.end, POLICY.timezone) if is_session else []

    async def on_leave(self, person: Person, half_days: list[HalfDay], *, partial: bool = False) -> None:
        invitation = await invitation_for(self.session, self.activity.id, person)
        request = ask_leave(invitation, LeaveCategory.ILLNESS, "", cutoff=DAY, now=self.now, half_days=half_days, partial=partial)
        await self.session.flush()
        await decide_leave(self.session, request, self.leader, approve=True, now=self.now)

    async def over(self) -> ActivityRecord:
        """One came, one came late, one had leave, one stayed away; the activity is over, and something is written."""
        present, late, excused, _ = self.deputies
        await self.on_leave(excused, self.half_days)
        await self.comes(present)
        await self.comes(late, 16 * MINUTE)
        await advance_states(self.session, now=self.end)
        await advance_states(self.session, now=self.end)
        kept = await begun_record(self.session, self.activity, now=self.end)
        kept.add(self.piece("看了三处现场"))
        await self.session.flush()
        return kept

    async def submitted(self) -> ActivityRecord:
        kept = await self.over()
        submit_record(self.session, kept, self.head, now=self.end)
        await self.session.flush()
        return kept

    async def confirmed(self) -> ActivityRecord:
        kept = await self.submitted()
        await confirm_record(self.session, kept, self.office, POLICY, seen=kept.version, now=self.end + HOUR)
        return kept

    def piece(self, text: str = "", kind: PieceKind = PieceKind.TEXT) -> RecordPiece:
        self.count += 1
        return RecordPiece(
            author=self.head,
            said_by=None,
            kind=kind,
            is_photo=kind is PieceKind.PHOTO,
            text=text,
            chat_id=3,
            message_id=self.count,
            attachment=None,
            dropped=False,
            received_at=self.now,
        )


@pytest.fixture
async def group(session: AsyncSession, now: datetime) -> Group:
    return await Group(session, now).gather()


async def entries(session: AsyncSession) -> dict[str, Attendance]:
    current = await session.scalars(select(DutyEntry).where(DutyEntry.corrected_at.is_(None)))
    return {entry.person.name: entry.attendance for entry in current}


async def test_nothing_is_recorded_before_the_start(session: AsyncSession, group: Group, now: datetime) -> None:
    with pytest.raises(NotBegun):
        await begun_record(session, group.activity, now=now)

    assert await begun_record(session, group.activity, now=group.start)


async def test_the_draft_is_laid_out_from_notes_and_texts(group: Group) -> None:
    kept = await group.over()
    dropped = group.piece("无关的话")
    kept.add(dropped)
    kept.add(group.piece("合影", PieceKind.PHOTO))
    kept.turn_dropped(dropped)

    assert kept.written(Section.AGENDA) == "先听汇报，再看现场"
    assert kept.written(Section.CONTENT) == "看了三处现场"
    assert kept.written(Section.NEXT) == ""


async def test_words_sent_later_follow_what_was_written_by_hand(group: Group) -> None:
    kept = await group.over()

    kept.write(Section.CONTENT, "一、听取汇报")
    later = group.piece("王代表建议加密检测")
    kept.add(later)
    kept.reword(later, "王代表建议每月检测")

    assert kept.written(Section.CONTENT) == "一、听取汇报\n王代表建议每月检测"


async def test_a_record_has_its_limits(group: Group) -> None:
    kept = await group.over()

    with pytest.raises(SectionTooLong):
        kept.write(Section.NEXT, "字" * (SECTION_LIMIT + 1))
    for _ in range(PIECES_LIMIT - 1):
        kept.add(group.piece("", PieceKind.PHOTO))
    with pytest.raises(RecordFull):
        kept.add(group.piece("", PieceKind.PHOTO))
    kept.turn_dropped(kept.photos[0])
    kept.add(group.piece("", PieceKind.PHOTO))


async def test_maker_office_and_whoever_is_named_keep_it_and_nobody_else(session: AsyncSession, group: Group) -> None:
    kept = await group.over()
    named, other = group.deputies[:2]
    with pytest.raises(NotAllowed):
        name_keeper(session, kept, other, named, now=group.end)

    name_keeper(session, kept, named, group.head, now=group.end)

    assert [may_keep(person, group.activity, kept) for person in (group.office, group.head, named)] == [True] * 3
    assert not any(may_keep(person, group.activity, kept) for person in (other, group.leader))
    with pytest.raises(NotAllowed):
        name_keeper(session, kept, other, named, now=group.end)
    named.active = False
    assert not may_keep(named, group.activity, kept)


async def test_it_is_submitted_after_the_end_with_something_in_it(session: AsyncSession, group: Group) -> None:
    kept = await group.over()

    with pytest.raises(NotOver):
        submit_record(session, kept, group.head, now=group.end - MINUTE)
    with pytest.raises(NotAllowed):
        submit_record(session, kept, group.deputies[0], now=group.end)
    kept.turn_dropped(kept.pieces[0])
    with pytest.raises(RecordEmpty):
        submit_record(session, kept, group.head, now=group.end)
    kept.turn_dropped(kept.pieces[0])
    submit_record(session, kept, group.head, now=group.end)

    assert group.activity.state is ActivityState.RECORD_DRAFTED
    for change in (lambda: kept.write(Section.NEXT, "x"), lambda: kept.turn_dropped(kept.pieces[0]), lambda: kept.add(group.piece("x"))):
        with pytest.raises(RecordClosed):
            change()


async def test_only_the_office_confirms_and_only_what_it_saw(session: AsyncSession, group: Group) -> None:
    kept = await group.submitted()

    for person in (group.head, group.leader, group.deputies[0]):
        with pytest.raises(NotAllowed):
            await confirm_record(session, kept, person, POLICY, seen=kept.version, now=group.end)
    with pytest.raises(RecordChanged):
        await confirm_record(session, kept, group.office, POLICY, seen=kept.version - 1, now=group.end)

    assert await entries(session) == {}


async def test_a_record_sent_back_is_a_draft_again_and_writes_nothing(session: AsyncSession, group: Group) -> None:
    kept = await group.submitted()
    seen = kept.version

    send_back_record(session, kept, group.office, "请补充发言", seen=seen, now=group.end + HOUR)
    await session.flush()

    assert (kept.state, kept.return_reason, group.activity.state) == (RecordState.DRAFT, "请补充发言", ActivityState.ENDED)
    with pytest.raises(RecordChanged):
        await confirm_record(session, kept, group.office, POLICY, seen=seen, now=group.end + HOUR)
    assert await entries(session) == {}
    assert (await invitation_for(session, group.activity.id, group.deputies[0])).attendance is None


async def test_confirmed_attendance_is_final_and_stands_in_the_duty_files(session: AsyncSession, group: Group) -> None:
    kept = await group.submitted()

    await confirm_record(session, kept, group.office, POLICY, seen=kept.version, now=group.end + HOUR)

    expected = {
        "孙组长": Attendance.PRESENT,  # led it, without checking in
        "王建国": Attendance.PRESENT,
        "李秀英": Attendance.LATE,
        "陈明": Attendance.EXCUSED,
        "赵丽": Attendance.ABSENT,
    }
    assert await entries(session) == expected
    for person in (group.head, *group.deputies):
        assert (await invitation_for(session, group.activity.id, person)).attendance is expected[person.name]
    [entry] = await duty_entries_of(session, group.deputies[0])
    assert (entry.item, entry.day, entry.evidence) == (DutyItem.INSPECTION, date(2026, 3, 10), f"record:{kept.id}")
    assert (entry.half_days, entry.written_at) == (0, group.end + HOUR)
    assert (kept.number, group.activity.state) == ("2026-001", ActivityState.RECORD_CONFIRMED)


async def test_what_happens_after_the_confirmation_changes_nothing(session: AsyncSession, group: Group) -> None:
    kept = await group.confirmed()
    absent = group.deputies[3]

    await group.comes(absent)

    turnout = await turnout_of(session, group.activity, POLICY, now=group.end + DAY)
    assert [attended.person for attended in turnout.of(Attendance.ABSENT)] == [absent]
    with pytest.raises(RecordChanged):
        await confirm_record(session, kept, group.office, POLICY, seen=kept.version, now=group.end + DAY)


async def test_only_deputies_have_a_duty_file(session: AsyncSession, group: Group) -> None:
    group.deputies[0].take(Role.DEPUTY)
    group.deputies[0].give(Role.AREA_STAFF)

    await group.confirmed()

    assert "王建国" not in await entries(session)
    assert (await invitation_for(session, group.activity.id, group.deputies[0])).attendance is Attendance.PRESENT


async def test_a_leader_on_leave_is_excused_like_everybody(session: AsyncSession, group: Group, now: datetime) -> None:
    request = ask_leave(await invitation_for(session, group.activity.id, group.head), LeaveCategory.ILLNESS, "", cutoff=DAY, now=now)
    await session.flush()
    await decide_leave(session, request, group.leader, approve=True, now=now)

    await group.confirmed()

    assert (await entries(session))["孙组长"] is Attendance.EXCUSED


async def test_leave_nobody_decided_is_counted_for_the_office_and_makes_absent(session: AsyncSession, group: Group, now: datetime) -> None:
    ask_leave(await invitation_for(session, group.activity.id, group.deputies[3]), LeaveCategory.ILLNESS, "", cutoff=DAY, now=now)
    await session.flush()

    kept = await group.submitted()

    assert await undecided_leaves(session, group.activity) == 1
    await confirm_record(session, kept, group.office, POLICY, seen=kept.version, now=group.end)
    assert (await entries(session))["赵丽"] is Attendance.ABSENT


async def test_a_correction_leaves_the_old_entry_with_its_reason(session: AsyncSession, group: Group) -> None:
    kept = await group.confirmed()
    absent, later = group.deputies[3], group.end + DAY

    await correct_attendance(session, kept, absent, Attendance.PRESENT, group.office, "签到漏记", POLICY, now=later)

    both = (await session.scalars(select(DutyEntry).where(DutyEntry.person_id == absent.id).order_by(DutyEntry.id))).all()
    assert [(entry.attendance, entry.corrected_at, entry.correction_reason) for entry in both] == [
        (Attendance.ABSENT, later, "签到漏记"),
        (Attendance.PRESENT, None, ""),
    ]
    assert list(await duty_entries_of(session, absent)) == [both[1]]
    assert await duty_counts_of(session, absent, since=date(2026, 1, 1), until=date(2026, 12, 31)) == {
        (DutyItem.INSPECTION, Attendance.PRESENT): 1
    }
    assert (await invitation_for(session, group.activity.id, absent)).attendance is Attendance.PRESENT
    trace = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "attendance.corrected"))).one()
    assert trace.details == {"person": absent.id, "was": "absent", "is": "present", "reason": "签到漏记"}
    with pytest.raises(AttendanceUnchanged):
        await correct_attendance(session, kept, absent, Attendance.PRESENT, group.office, "再来", POLICY, now=later)


async def test_only_the_office_corrects_and_only_what_is_final(session: AsyncSession, group: Group) -> None:
    kept = await group.submitted()
    person = group.deputies[3]

    with pytest.raises(NotFinal):
        await correct_attendance(session, kept, person, Attendance.PRESENT, group.office, "x", POLICY, now=group.end)
    await confirm_record(session, kept, group.office, POLICY, seen=kept.version, now=group.end)
    with pytest.raises(NotAllowed):
        await correct_attendance(session, kept, person, Attendance.PRESENT, group.head, "x", POLICY, now=group.end)


async def test_of_a_person_and_an_activity_one_entry_counts(session: AsyncSession, group: Group) -> None:
    kept = await group.confirmed()

    session.add(
        entry_for(
            group.deputies[0],
            group.activity,
            Attendance.LATE,
            left_early=False,
            half_days_granted=0,
            evidence=f"record:{kept.id}",
            timezone=SHANGHAI,
            now=group.end,
        )
    )
    with pytest.raises(IntegrityError):
        await session.flush()


def test_every_kind_of_activity_has_its_item() -> None:
    assert set(ITEMS) == set(ActivityKind)
    assert ITEMS[ActivityKind.LAW_INSPECTION] is ITEMS[ActivityKind.INSPECTION] is DutyItem.INSPECTION
    assert ITEMS[ActivityKind.STUDY] is DutyItem.TRAINING


async def test_a_session_counts_half_days_and_those_missed(session: AsyncSession, now: datetime) -> None:
    group = await Group(session, now).gather(ActivityKind.SESSION)
    group.activity.ends_at = group.end = group.start + DAY  # from 13:00 to 13:00: an afternoon, and half an afternoon with its morning

    await group.confirmed()

    found = {entry.person.name: (entry.half_days, entry.half_days_missed) for entry in await session.scalars(select(DutyEntry))}
    assert found == {"孙组长": (3, 0), "王建国": (3, 0), "李秀英": (3, 0), "陈明": (3, 3), "赵丽": (3, 3)}


async def test_leave_from_the_first_half_day_excuses_from_coming_in_time_and_counts_as_missed(session: AsyncSession, now: datetime) -> None:
    group = await Group(session, now).gather(ActivityKind.SESSION)
    group.activity.ends_at = group.end = group.start + DAY
    late, away = group.deputies[1], group.deputies[3]
    for deputy in (late, away):
        await group.on_leave(deputy, group.half_days[:1], partial=True)

    await group.confirmed()

    found = {entry.person.name: (entry.attendance, entry.half_days_missed) for entry in await session.scalars(select(DutyEntry))}
    assert found[late.name] == (Attendance.PRESENT, 1)
    assert found[away.name] == (Attendance.ABSENT, 3)


async def test_the_numbers_of_a_year_follow_each_other(session: AsyncSession, group: Group, now: datetime) -> None:
    first = await group.confirmed()
    another = Group(session, now)
    another.office, another.head, another.deputies = group.office, group.head, group.deputies
    activity = Activity(
        kind=ActivityKind.SESSION,
        title="全会",
        starts_at=now + DAY,
        ends_at=now + 2 * DAY,
        place="礼堂",
        notes="",
        audience_json=Audience(everyone=True).as_json(),
        offsets_json=Offsets.of(POLICY).as_json(),
        state=ActivityState.ENDED,
        created_by=group.office,
        created_at=now,
        notices=[],
    )
    session.add(activity)
    await session.flush()
    kept = await begun_record(session, activity, now=now + 2 * DAY)
    kept.write(Section.CONTENT, "大会")
    submit_record(session, kept, group.office, now=now + 2 * DAY)
    await confirm_record(session, kept, group.office, POLICY, seen=kept.version, now=now + 2 * DAY)

    assert (first.number, kept.number) == ("2026-001", "2026-002")


async def test_a_missing_record_is_chased_after_three_days_and_told_the_office_after_seven(session: AsyncSession, group: Group) -> None:
    kept = await group.over()  # ends on Tuesday, 15:00 in Shanghai

    assert list(await records_to_chase(session, POLICY, now=group.end + 3 * DAY - MINUTE)) == []
    assert list(await records_to_chase(session, POLICY, now=group.end + 3 * DAY)) == [group.activity]
    assert list(await records_to_chase(session, POLICY, now=group.end + 4 * DAY)) == [], "a Saturday"
    assert list(await records_overdue(session, POLICY, now=group.end + 3 * DAY)) == []
    assert list(await records_overdue(session, POLICY, now=group.end + 7 * DAY)) == [group.activity]
    assert await next_chase_at(session) == group.end + 3 * DAY

    kept.chased_at = kept.office_told_at = group.end + 7 * DAY
    await session.flush()
    assert list(await records_to_chase(session, POLICY, now=group.end + 8 * DAY)) == []
    assert await next_chase_at(session) is None


async def test_what_was_submitted_is_not_chased_and_what_was_sent_back_is_anew(session: AsyncSession, group: Group) -> None:
    kept = await group.submitted()
    kept.chased_at = group.end
    await session.flush()
    assert list(await records_to_chase(session, POLICY, now=group.end + 3 * DAY)) == []

    back = group.end + 6 * DAY  # Monday
    send_back_record(session, kept, group.office, "请补充", seen=kept.version, now=back)
    await session.flush()

    assert list(await records_to_chase(session, POLICY, now=back + 2 * DAY)) == []
    assert list(await records_to_chase(session, POLICY, now=back + 3 * DAY)) == [group.activity]


async def test_each_sees_the_records_that_wait_for_them(session: AsyncSession, group: Group) -> None:
    kept = await group.over()
    named, other = group.deputies[:2]
    name_keeper(session, kept, named, group.office, now=group.end)
    await session.flush()

    for person in (group.office, group.head, named):
        assert list(await records_waiting(session, person, now=group.end)) == [(group.activity, kept)]
    assert list(await records_waiting(session, other, now=group.end)) == []
