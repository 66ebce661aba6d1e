"""Mandates: who holds a seat, how it ends, who follows; and that they follow the roster."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audience import Audience, Part, called_people
from models.circles import Circle, CircleMember
from models.handovers import left_behind
from models.links import LinkUnusable, issue_link, redeem_link
from models.mandates import (
    DeputyAlready,
    EndDayBad,
    EndReason,
    Mandate,
    MandateOver,
    Parting,
    SeatFilled,
    add_person,
    deputies_on,
    elect,
    end_mandate,
    keep_mandates,
    mandate_counts,
    open_mandate_of,
    vacancies,
)
from models.people import Area, DeputyGroup, Person, Role, named
from models.referrals import Referral, ReferralState, lapsed
from models.roster_card import return_to_roster
from models.rules import NotAllowed
from models.terms import Term, begin_first_term
from tests.rules.district import District

TODAY = date(2026, 3, 10)
TERM_BEGAN = date(2025, 1, 8)


class Seats:
    """An office, a term, and deputies as a test needs them."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.district = session, now, District(session, now)

    async def begin(self) -> None:
        self.office = await self.district.deputy("刘敏")
        self.office.role_rows.clear()
        self.office.give(Role.OFFICE)
        await self.session.flush()
        self.term: Term = await begin_first_term(self.session, self.office, "第八届", TERM_BEGAN, today=TODAY, now=self.now)

    async def keep(self) -> list[Parting]:
        await self.session.flush()
        return await keep_mandates(self.session, today=TODAY, now=self.now)

    async def end(self, person: Person, reason: EndReason = EndReason.RESIGNED, on: date = TODAY) -> Parting:
        mandate = await open_mandate_of(self.session, person)
        assert mandate is not None
        return await end_mandate(self.session, mandate, self.office, reason, on=on, today=TODAY, now=self.now)


@pytest.fixture
async def seats(session: AsyncSession, now: datetime) -> Seats:
    seats = Seats(session, now)
    await seats.begin()
    return seats


async def test_every_deputy_has_a_mandate_from_the_terms_first_day_and_later_ones_from_theirs(seats: Seats, session: AsyncSession) -> None:
    first = await seats.district.deputy("王建国")
    await seats.keep()
    later = await seats.district.deputy("李国栋")

    await seats.keep()
    await seats.keep()

    rows = {mandate.person_id: mandate.began_on for mandate in await session.scalars(select(Mandate))}
    assert rows == {first.id: TERM_BEGAN, later.id: TODAY}


async def test_a_first_roster_of_just_as_many_as_are_taken_at_once_is_complete_too(
    seats: Seats, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.mandates.AT_ONCE", 2)
    await seats.keep()
    for name in ("王建国", "李国栋"):
        await seats.district.deputy(name)
    await seats.keep()
    await seats.keep()
    later = await seats.district.deputy("张美玲")

    await seats.keep()

    assert await session.scalar(select(Mandate.began_on).where(Mandate.person_id == later.id)) == TODAY


async def test_ending_a_mandate_takes_the_deputys_rights_circles_and_links_at_once(
    seats: Seats, session: AsyncSession, now: datetime
) -> None:
    deputy = await seats.district.deputy("王建国", linked=False)
    deputy.give(Role.GROUP_LEADER)
    circle = Circle(name="城建环保")
    session.add(circle)
    await session.flush()
    session.add(CircleMember(circle_id=circle.id, person_id=deputy.id, joined_at=now))
    secret = await issue_link(session, deputy, lifetime=timedelta(days=14), now=now)
    await seats.keep()

    parting = await seats.end(deputy, EndReason.RECALLED)

    assert (deputy.active, deputy.roles, parting.stays) == (False, frozenset(), False)
    assert [left.name for _, left in parting.out_of] == ["城建环保"]
    assert parting.mandate.circles_left == [circle.id]
    assert await session.scalar(select(CircleMember.person_id)) is None
    with pytest.raises(LinkUnusable):
        await redeem_link(session, secret, 77, name="王建国", language="zh_CN", now=now)
    with pytest.raises(MandateOver):
        await end_mandate(session, parting.mandate, seats.office, EndReason.RESIGNED, on=TODAY, today=TODAY, now=now)


async def test_who_holds_another_role_stays_by_it_and_is_called_as_a_deputy_no_more(seats: Seats, session: AsyncSession) -> None:
    deputy = await seats.district.deputy("王建国")
    deputy.give(Role.LEADER)
    deputy.group = await named(session, DeputyGroup, "第一代表小组")
    await seats.keep()

    parting = await seats.end(deputy)

    assert parting.stays
    assert deputy.active
    assert deputy.roles == {Role.LEADER}
    assert deputy.group is not None
    for audience in (Audience(everyone=True), Audience().plus(Part.GROUP, [deputy.group.id])):
        assert await called_people(session, audience) == []


async def test_own_issues_and_open_referrals_of_a_leader_who_is_deputy_no_more_go_to_others(
    seats: Seats, session: AsyncSession, now: datetime
) -> None:
    deputy, other = await seats.district.deputy("王建国"), await seats.district.deputy("李国栋")
    deputy.give(Role.LEADER)
    own, asked = await seats.district.issue(deputy), await seats.district.issue(other, "路灯坏了")
    referral = Referral(issue=asked, person=deputy, state=ReferralState.OFFERED, offered_at=now, lapses_at=now + timedelta(days=2))
    session.add(referral)
    await seats.keep()
    assert await lapsed(session, now=now) == []

    await seats.end(deputy)

    assert [issue.id for issue in await left_behind(session)] == [own.id]
    assert [found.id for found in await lapsed(session, now=now)] == [referral.id]
    with pytest.raises(NotAllowed):
        own.require_home(deputy)


@pytest.mark.parametrize("on", [TERM_BEGAN - timedelta(days=1), TODAY + timedelta(days=1)])
async def test_a_mandate_ends_neither_before_it_began_nor_in_the_future(seats: Seats, on: date) -> None:
    deputy = await seats.district.deputy("王建国")
    await seats.keep()

    with pytest.raises(EndDayBad):
        await seats.end(deputy, on=on)


async def test_only_the_office_ends_a_mandate(seats: Seats, session: AsyncSession, now: datetime) -> None:
    deputy, other = await seats.district.deputy("王建国"), await seats.district.deputy("李国栋")
    await seats.keep()
    mandate = await open_mandate_of(session, deputy)
    assert mandate is not None

    with pytest.raises(NotAllowed):
        await end_mandate(session, mandate, other, EndReason.RESIGNED, on=TODAY, today=TODAY, now=now)


async def test_a_by_election_fills_the_seat_and_notes_whose_it_was(seats: Seats, session: AsyncSession, now: datetime) -> None:
    deputy = await seats.district.deputy("王建国")
    deputy.area = await named(session, Area, "史河街道")
    await seats.keep()
    vacant = (await seats.end(deputy)).mandate
    new = await add_person(session, "赵海峰", "13900000009", seats.office, now=now)

    mandate = await elect(session, vacant, new, seats.office, on=TODAY, today=TODAY, now=now)

    assert (mandate.fills, mandate.where, new.area) == (vacant, "史河街道", deputy.area)
    assert new.serves
    assert await vacancies(session, seats.term) == []
    assert await mandate_counts(session, seats.term) == (1, 1, 0)
    assert await seats.keep() == []
    with pytest.raises(SeatFilled):
        await elect(session, vacant, await seats.district.deputy("张三"), seats.office, on=TODAY, today=TODAY, now=now)


async def test_a_deputy_fills_no_second_seat(seats: Seats, session: AsyncSession, now: datetime) -> None:
    deputy, other = await seats.district.deputy("王建国"), await seats.district.deputy("李国栋")
    await seats.keep()
    vacant = (await seats.end(deputy)).mandate

    with pytest.raises(DeputyAlready):
        await elect(session, vacant, other, seats.office, on=TODAY, today=TODAY, now=now)
    other.phone = "13900000001"
    with pytest.raises(DeputyAlready):
        await add_person(session, "某人", "13900000001", seats.office, now=now)


async def test_a_role_taken_by_mistake_and_given_back_leaves_no_vacant_seat(seats: Seats, session: AsyncSession) -> None:
    deputy = await seats.district.deputy("王建国")
    deputy.give(Role.LEADER)
    await seats.keep()
    deputy.take(Role.DEPUTY)
    [parting] = await seats.keep()
    assert parting.mandate.reason is EndReason.OTHER

    deputy.give(Role.DEPUTY)
    await seats.keep()

    assert await vacancies(session, seats.term) == []
    assert await open_mandate_of(session, deputy) == parting.mandate


async def test_whoever_was_taken_off_by_mistake_comes_back_with_seat_roles_and_circles(seats: Seats, session: AsyncSession) -> None:
    leader = await seats.district.deputy("王建国")
    leader.give(Role.GROUP_LEADER)
    circle = Circle(name="教育圈")
    session.add(circle)
    await seats.keep()
    session.add(CircleMember(circle_id=circle.id, person_id=leader.id))
    leader.active = False
    [parting] = await seats.keep()
    assert not leader.roles

    await return_to_roster(session, leader, seats.office, now=seats.now)

    assert leader.roles == {Role.DEPUTY, Role.GROUP_LEADER}
    assert await open_mandate_of(session, leader) == parting.mandate
    assert parting.mandate.circles_left == []
    assert list(await session.scalars(select(CircleMember.circle_id).where(CircleMember.person_id == leader.id))) == [circle.id]
    assert await seats.keep() == []


async def test_whoever_comes_back_after_their_seat_was_filled_is_no_deputy(seats: Seats, session: AsyncSession) -> None:
    former, follower = await seats.district.deputy("王建国"), await seats.district.deputy("李国栋")
    await seats.keep()
    follower.take(Role.DEPUTY)
    former.active = False
    partings = {parting.person.id: parting.mandate for parting in await seats.keep()}
    await elect(session, partings[former.id], follower, seats.office, on=TODAY, today=TODAY, now=seats.now)

    await return_to_roster(session, former, seats.office, now=seats.now)

    assert former.active
    assert not former.roles
    assert await open_mandate_of(session, former) is None


async def test_who_was_a_deputy_on_a_day_is_known_afterwards(seats: Seats, session: AsyncSession) -> None:
    deputy, other = await seats.district.deputy("王建国"), await seats.district.deputy("李国栋")
    await seats.keep()

    await seats.end(deputy, on=date(2026, 3, 1))

    assert await deputies_on(session, date(2026, 3, 1)) == {deputy.id, other.id}
    assert await deputies_on(session, date(2026, 3, 2)) == {other.id}
