"""Terms: closing one by pieces, what is frozen by it, what is carried over, and how the next begins."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity, ActivityKind, ActivityState, Offsets, TermOver
from models.activity_figures import Reach, View, whole
from models.attendance import Attendance, CheckIn, CheckInWay
from models.audience import Audience
from models.budgets import MoneyKind, add_entry
from models.checkin_desk import desk_of
from models.circles import Circle, CircleMember
from models.handovers import left_behind
from models.invitations import call_activity, invitations_of
from models.leave import LeaveCategory, ask_leave, decide_leave, undecided
from models.leave_terms import span_at
from models.mandates import EndReason, Mandate, keep_mandates, mandate_counts
from models.next_term import ask_start, carried_counts, hand_on_draft, last_mandates, mark_again, return_some, start
from models.people import Person, Role
from models.periods import ALL_TIME
from models.policy import Policy
from models.records import begun_record
from models.referrals import Referral, ReferralState, lapsed
from models.roster import RosterRow, plan_import
from models.roster_import import apply_import
from models.suggestion_drafts import begin_suggestion
from models.term_closing import begin_closing, closing_numbers, end_some, finish_closing, freeze_some
from models.terms import Term, TermClosing, TermDayBad, TermExists, TermState, begin_first_term, seed_term, term_in
from tests.rules.district import District

POLICY = Policy()
TODAY = date(2026, 3, 10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Congress:
    """A term with its deputies, and the steps of closing it."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.district = session, now, District(session, now)
        self.session.add(self.district.building)

    async def begin(self) -> None:
        self.office = await self.person("刘敏", Role.OFFICE)
        self.leader = await self.person("徐正华", Role.LEADER)
        self.term: Term = await begin_first_term(self.session, self.office, "第八届", date(2025, 1, 8), today=TODAY, now=self.now)

    async def person(self, name: str, *roles: Role) -> Person:
        person = await self.district.deputy(name)
        if roles:
            person.role_rows.clear()
            for role in roles:
                person.give(role)
        await self.session.flush()
        return person

    async def keep(self) -> None:
        await self.session.flush()
        await keep_mandates(self.session, today=TODAY, now=self.now)

    async def activity(self, title: str, starts_at: datetime) -> Activity:
        """An activity for everyone, called long before and over two hours after its start."""
        activity = await call_activity(
            self.session,
            self.office,
            kind=ActivityKind.RESEARCH,
            title=title,
            starts_at=starts_at,
            ends_at=starts_at + 2 * HOUR,
            place="区政府",
            notes="",
            audience=Audience(everyone=True),
            offsets=Offsets.of(POLICY),
            now=starts_at - 10 * DAY,
        )
        if starts_at < self.now:
            activity.state = ActivityState.ENDED
        return activity

    async def close(self, *, pieces: int = 100) -> None:
        """Begin closing unless it is begun, and do so many pieces."""
        if self.term.state is TermState.RUNNING:
            await self.keep()
            await begin_closing(self.session, self.term, self.office, next_name="第九届", starts_on=TODAY, today=TODAY, now=self.now)
        for _ in range(pieces):
            if await freeze_some(self.session, self.term, POLICY, now=self.now):
                continue
            if not await end_some(self.session, self.term, today=TODAY, now=self.now):
                finish_closing(self.session, self.term, now=self.now)
                await self.session.flush()
                return


@pytest.fixture
async def congress(session: AsyncSession, now: datetime) -> Congress:
    congress = Congress(session, now)
    await congress.begin()
    return congress


async def test_closing_ends_every_mandate_in_pieces_and_goes_on_where_it_was(congress: Congress, session: AsyncSession) -> None:
    for number in range(45):
        await congress.person(f"代表{number}")
    staying = await congress.person("高翔", Role.DEPUTY, Role.AREA_STAFF)

    await congress.close(pieces=1)
    held, ended, _ = await mandate_counts(session, congress.term)
    assert (held, ended) == (26, 20)
    await congress.close()

    assert await mandate_counts(session, congress.term) == (0, 46, 0)
    assert congress.term.state is TermState.CLOSED
    assert staying.roles == {Role.AREA_STAFF}
    assert await session.scalar(select(func.count()).select_from(Person).where(Person.active)) == 3
    assert set(await session.scalars(select(Mandate.reason))) == {EndReason.TERM_ENDED}


async def test_the_preview_counts_what_closing_does(congress: Congress, session: AsyncSession, now: datetime) -> None:
    wang, li = await congress.person("王建国"), await congress.person("李国栋", Role.DEPUTY, Role.LEADER)
    circle = Circle(name="城建环保")
    session.add(circle)
    await session.flush()
    session.add(CircleMember(circle_id=circle.id, person_id=wang.id, joined_at=now))
    await congress.activity("调研", now - 30 * DAY)
    await congress.activity("座谈", now + 2 * DAY)
    issue = await congress.district.issue(wang)
    session.add(Referral(issue=issue, person=li, state=ReferralState.OFFERED, offered_at=now))
    await begin_suggestion(session, issue, wang, [], "清理下水道", now=now)
    await congress.keep()

    numbers = await closing_numbers(session, congress.term, TODAY, POLICY)

    assert (numbers.deputies, numbers.stay, numbers.circles, numbers.joined) == (2, 1, 1, 1)
    assert (numbers.activities, numbers.unconfirmed, numbers.coming) == (1, 1, 1)
    assert (numbers.issues, numbers.referrals, numbers.suggestions) == (1, 1, 1)


async def test_what_belongs_to_a_closed_term_can_be_read_and_not_changed(congress: Congress, session: AsyncSession, now: datetime) -> None:
    deputy = await congress.person("王建国")
    over, coming = await congress.activity("调研", now - DAY), await congress.activity("座谈", now + DAY)
    over.state = ActivityState.NOTICED
    [invitation] = [found for found in await invitations_of(session, over) if found.person_id == deputy.id]
    request = ask_leave(invitation, LeaveCategory.ILLNESS, "", cutoff=DAY, now=now - 2 * DAY)
    over.state = ActivityState.ENDED
    await session.flush()

    await congress.close()

    assert over.frozen
    assert not coming.frozen
    assert await undecided(session) == []
    with pytest.raises(TermOver):
        await decide_leave(session, request, congress.leader, approve=True, now=now)
    with pytest.raises(TermOver):
        await begun_record(session, over, now=now)
    with pytest.raises(TermOver):
        (await desk_of(session, over)).require_correctable(POLICY, now=now)
    with pytest.raises(TermOver):
        await add_entry(session, over, congress.office, MoneyKind.SPENT, "车费", Decimal(100), now=now)
    with pytest.raises(TermOver):
        over.require_changeable(now=now)


async def test_figures_are_the_same_after_closing_as_before(congress: Congress, session: AsyncSession, now: datetime) -> None:
    came, stayed_away = await congress.person("王建国"), await congress.person("李国栋")
    activity = await congress.activity("调研", now - 5 * DAY)
    session.add(CheckIn(activity_id=activity.id, person_id=came.id, at=activity.starts_at, way=CheckInWay.TAP, left_at=None))
    await session.flush()
    view = View(congress.office, Reach.ALL, ALL_TIME, POLICY, now)
    before = await whole(session, view)

    await congress.close()

    assert not came.active
    assert await whole(session, view) == before
    attendance = {found.person_id: found.attendance for found in await invitations_of(session, activity)}
    assert attendance == {came.id: Attendance.PRESENT, stayed_away.id: Attendance.ABSENT}


async def test_leave_is_counted_by_the_term_its_day_belongs_to(congress: Congress, session: AsyncSession, now: datetime) -> None:
    await congress.close()

    last, this = await span_at(session, now - DAY, POLICY), await span_at(session, now, POLICY)

    assert last.is_term
    assert this.is_term
    assert last.ends_at == this.starts_at


async def test_between_two_terms_nothing_goes_on_to_others_and_the_office_is_not_flooded(
    congress: Congress, session: AsyncSession, now: datetime
) -> None:
    deputy, other = await congress.person("王建国"), await congress.person("李国栋")
    issue = await congress.district.issue(deputy)
    session.add(Referral(issue=issue, person=other, state=ReferralState.OFFERED, offered_at=now, lapses_at=now - HOUR))
    await session.flush()

    await congress.close()

    assert await lapsed(session, now=now) == []
    assert await left_behind(session) == []
    assert await carried_counts(session) == (1, 0)
    assert issue.live


async def test_who_is_marked_is_back_in_seat_and_circles_once_the_term_begins_and_others_time_begins_anew(
    congress: Congress, session: AsyncSession, now: datetime
) -> None:
    again, gone = await congress.person("王建国"), await congress.person("李国栋")
    circle = Circle(name="城建环保")
    session.add(circle)
    await session.flush()
    session.add_all(CircleMember(circle_id=circle.id, person_id=person.id, joined_at=now) for person in (again, gone))
    issue = await congress.district.issue(gone)
    referral = Referral(issue=issue, person=again, state=ReferralState.OFFERED, offered_at=now, lapses_at=now - HOUR)
    session.add(referral)
    await congress.close()
    for mandate in await last_mandates(session):
        await mark_again(session, mandate, congress.office, again=mandate.person_id == again.id, now=now)
    assert await return_some(session, now=now) == []

    await ask_start(session, congress.office, now=now)
    assert [person.id for person in await return_some(session, now=now)] == [again.id]
    assert await return_some(session, now=now) == []
    term = await start(session, POLICY, now=now)

    assert term is not None
    assert (term.name, term.state) == ("第九届", TermState.RUNNING)
    assert (again.serves, gone.serves) == (True, False)
    assert list(await session.scalars(select(CircleMember.person_id))) == [again.id]
    await session.refresh(referral)
    assert referral.lapses_at is not None
    assert referral.lapses_at > now
    assert await carried_counts(session) == (1, 0)
    assert await start(session, POLICY, now=now) is None


async def test_the_new_roster_brings_back_who_is_on_it_and_a_closing_one_takes_none(
    congress: Congress, session: AsyncSession, now: datetime
) -> None:
    deputy = await congress.person("王建国")
    deputy.phone = "13956780001"
    rows = [RosterRow(line=2, name="王建国", phone="13956780001"), RosterRow(line=3, name="赵丽", phone="13956780003")]
    await congress.close(pieces=0)
    with pytest.raises(TermClosing):
        await apply_import(session, await plan_import(session, rows), congress.office, now=now)
    await congress.close()

    await apply_import(session, await plan_import(session, rows), congress.office, now=now)
    await congress.keep()

    coming = await term_in(session, TermState.PREPARED)
    assert coming is not None
    assert deputy.serves
    held = {mandate.person.name: mandate.began_on for mandate in await session.scalars(select(Mandate).where(Mandate.term_id == coming.id))}
    assert held == {"王建国": TODAY, "赵丽": TODAY}


async def test_a_suggestion_draft_left_by_somebody_goes_to_another_deputy(congress: Congress, session: AsyncSession, now: datetime) -> None:
    deputy, other = await congress.person("王建国"), await congress.person("李国栋")
    draft = await begin_suggestion(session, await congress.district.issue(deputy), deputy, [], "清理下水道", now=now)
    deputy.take(Role.DEPUTY)
    await session.flush()
    assert await carried_counts(session) == (1, 1)

    await hand_on_draft(session, draft, other, congress.office, now=now)

    assert draft.lead == other
    assert await carried_counts(session) == (1, 0)


@pytest.mark.parametrize("starts_on", [date(2025, 1, 8), TODAY + DAY])
async def test_the_next_term_begins_after_this_one_and_not_later_than_today(
    congress: Congress, session: AsyncSession, starts_on: date
) -> None:
    with pytest.raises(TermDayBad):
        await begin_closing(session, congress.term, congress.office, next_name="第九届", starts_on=starts_on, today=TODAY, now=congress.now)


async def test_a_second_first_term_is_refused_and_the_configs_day_counts_only_for_a_home_without_any(
    congress: Congress, session: AsyncSession, now: datetime
) -> None:
    await seed_term(session, POLICY.model_copy(update={"term_started": date(2024, 1, 1)}), now=now)

    assert await session.scalar(select(func.count()).select_from(Term)) == 1
    with pytest.raises(TermExists):
        await begin_first_term(session, congress.office, "第九届", TODAY, today=TODAY, now=now)
