"""Whom the Home asks to advise, and how the work is spread."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.absence import AwayPast, AwayTooLong, absence_of, absences_of, come_back, go_away, next_return, over
from models.choosing import REMEMBERED, Facts, NotToBeAsked, candidates, choose_specialist, wish, with_facts
from models.consultations import ConsultedAlready, ask_second_opinion, consulted
from models.issues import ClosedAs, Issue, IssueState
from models.offering import NotAColleague, NothingToHandOn, hand_on, name_specialist, needs_somebody, offer, offer_next
from models.people import Person, Role
from models.policy import Policy
from models.previews import COUNTS_FOR, note_preview
from models.referrals import ReasonToDecline, Referral, ReferralState, accept, decline, leave, referrals_of, volunteer
from models.remarks import advise
from models.rules import NotAllowed
from tests.rules.district import District

POLICY = Policy()
ZONE = POLICY.timezone


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


async def names(session: AsyncSession, issue: Issue, now: datetime) -> list[str]:
    return [candidate.person.name for candidate in await candidates(session, issue, now=now)]


async def asked_before(session: AsyncSession, district: District, person: Person, *, answered: int, lapsed: int) -> None:
    """Give somebody a past: offers answered in time, and offers that lapsed."""
    asker = await district.deputy("提出者")
    for number in range(answered + lapsed):
        at = district.now - timedelta(days=60 - number)
        referral = await offer(session, await district.issue(asker), person, POLICY, now=at)
        if number < answered:
            decline(session, referral, ReasonToDecline.BUSY, now=at + timedelta(hours=3))
        else:
            leave(session, referral, ReferralState.LAPSED, now=at + timedelta(days=2))
    await session.flush()


async def test_whoever_answers_comes_before_whoever_does_not_and_newcomers_are_not_last(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    silent, good, new = [await district.deputy(name, district.building) for name in ("默", "勤", "新")]
    await asked_before(session, district, silent, answered=1, lapsed=9)
    await asked_before(session, district, good, answered=10, lapsed=0)

    assert await names(session, issue, district.now) == [new.name, good.name, silent.name]
    facts = {
        candidate.person.name: (candidate.in_time, candidate.offers) for candidate in await candidates(session, issue, now=district.now)
    }
    assert facts == {"默": (1, 10), "勤": (10, 10), "新": (0, 0)}


async def test_a_late_yes_is_welcome_and_still_late(session: AsyncSession, district: District) -> None:
    issue, person = await district.issue(await district.deputy("王秀兰")), await district.deputy("甲", district.building)
    earlier = await district.issue(issue.deputy)
    referral = await offer(session, earlier, person, POLICY, now=district.now)
    leave(session, referral, ReferralState.LAPSED, now=district.now + timedelta(days=2))
    await accept(session, referral, POLICY, now=district.now + timedelta(days=3))
    await session.flush()

    [candidate] = await candidates(session, issue, now=district.now + timedelta(days=3))

    assert (candidate.in_time, candidate.offers, candidate.open_now) == (0, 1, 1)


@pytest.mark.parametrize("seed", range(5))
async def test_a_record_is_made_of_the_latest_twenty_offers_nobody_volunteered_for(
    session: AsyncSession, district: District, seed: int
) -> None:
    chance, people = random.Random(seed), [await district.deputy(name, district.building) for name in ("甲", "乙", "丙")]
    asker = await district.deputy("提出者")
    for person, number in zip(people, (REMEMBERED + 15, REMEMBERED, 3), strict=True):
        for hours in chance.sample(range(24, 2000), number):
            referral = await offer(session, await district.issue(asker), person, POLICY, now=district.now - timedelta(hours=hours))
            referral.state, referral.volunteered = chance.choice(list(ReferralState)), chance.random() < 0.2
            referral.answered_at = chance.choice([None, referral.offered_at + timedelta(days=chance.choice([0, 30]))])
            referral.lapses_at = chance.choice([None, referral.offered_at + timedelta(days=2)])
    await session.flush()

    found = {each.person.id: each for each in await with_facts(session, people)}

    for person in people:
        asked = [each for each in await session.scalars(select(Referral).where(Referral.person_id == person.id)) if not each.volunteered]
        latest = sorted(asked, key=lambda each: each.offered_at)[-REMEMBERED:]
        owed = [each for each in latest if each.state not in (ReferralState.OFFERED, ReferralState.UNREACHABLE, ReferralState.ENDED)]
        in_time = [
            each
            for each in owed
            if each.state is not ReferralState.LAPSED
            and not (each.answered_at is not None and each.lapses_at is not None and each.answered_at > each.lapses_at)
        ]
        own = found[person.id]
        assert (own.offers, own.in_time, own.asked_at) == (len(owed), len(in_time), max(each.offered_at for each in asked))
        assert own.open_now == sum(
            1
            for each in await session.scalars(select(Referral).where(Referral.person_id == person.id))
            if each.state in (ReferralState.OFFERED, ReferralState.ACCEPTED)
        )


def test_records_close_to_each_other_count_as_equal() -> None:
    def with_record(in_time: int, offers: int) -> int:
        return Facts(1, 0, offers, in_time, None).record

    assert with_record(10, 10) == with_record(9, 10) == with_record(0, 0) == 2
    assert with_record(5, 10) == with_record(0, 1) == 1
    assert with_record(0, 10) == 0


async def test_drafts_previewed_side_by_side_name_different_people(session: AsyncSession, district: District) -> None:
    asker = await district.deputy("王秀兰")
    equals = [await district.deputy(name, district.building) for name in ("甲", "乙", "丙")]
    drafts = [await district.issue(asker) for _ in equals]
    for draft in drafts:
        draft.state = IssueState.DRAFT

    shown = []
    for draft in drafts * 2:  # the second look at the same draft names the same person
        chosen = await choose_specialist(session, draft, now=district.now)
        assert chosen is not None
        await note_preview(session, draft, chosen.person, now=district.now)
        shown.append(chosen.person.name)

    assert shown == ["甲", "乙", "丙"] * 2


async def test_a_preview_left_lying_keeps_nobody_from_being_asked(session: AsyncSession, district: District) -> None:
    first, _ = [await district.deputy(name, district.building) for name in ("甲", "乙")]
    lying, issue = [await district.issue(await district.deputy("王秀兰")) for _ in range(2)]
    lying.state = IssueState.DRAFT
    await note_preview(session, lying, first, now=district.now - COUNTS_FOR)

    assert await names(session, issue, district.now) == ["甲", "乙"]


async def test_over_a_month_nobody_gets_twice_the_work_of_an_equal(session: AsyncSession, district: District) -> None:
    chance, now = random.Random(3), district.now
    asker = await district.deputy("王秀兰")
    equals = [await district.deputy(f"专业代表{number}", district.building) for number in range(8)]
    under_way: list[tuple[datetime, Issue]] = []
    for hour in range(0, 30 * 24, 6):
        now = district.now + timedelta(hours=hour)
        for done, issue in list(under_way):
            if done <= now:
                issue.close(ClosedAs.ANSWERED, now=now)
                under_way.remove((done, issue))
        issue = await district.issue(asker)
        referral = await offer_next(session, issue, POLICY, now=now)
        assert referral is not None
        if chance.random() < 0.2:
            decline(session, referral, ReasonToDecline.BUSY, now=now)
            await session.flush()
            assert await offer_next(session, issue, POLICY, now=now)
        under_way.append((now + timedelta(hours=chance.randrange(2, 200)), issue))
        await session.flush()

    rows = await session.execute(select(Referral.person_id, func.count()).group_by(Referral.person_id))
    asked = {row[0]: row[1] for row in rows}
    assert len(asked) == len(equals)
    assert max(asked.values()) <= 2 * min(asked.values()), asked


async def test_the_one_the_deputy_picked_is_asked_while_that_is_allowed(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    first, picked = [await district.deputy(name, district.building) for name in "甲乙"]
    await wish(session, issue, picked)
    chosen = await choose_specialist(session, issue, now=district.now)
    assert chosen is not None
    assert chosen.person is picked

    await go_away(session, picked, district.now.date(), timezone=ZONE, now=district.now)
    chosen = await choose_specialist(session, issue, now=district.now)

    assert chosen is not None
    assert chosen.person is first


async def test_nobody_is_asked_while_away_and_everybody_again_after(session: AsyncSession, district: District) -> None:
    now, issue = district.now, await district.issue(await district.deputy("王秀兰"))
    person = await district.deputy("甲", district.building)
    absence = await go_away(session, person, (now + timedelta(days=2)).astimezone(ZONE).date(), timezone=ZONE, now=now)
    assert await names(session, issue, now) == []
    assert await absences_of(session, [person], now=now) == {person.id: absence}

    morning = absence.until + timedelta(hours=8, minutes=30)
    assert list(await over(session, POLICY, now=absence.until)) == [], "nobody is woken at midnight"
    assert list(await over(session, POLICY, now=morning)) == [absence]
    assert await next_return(session) == morning
    assert await names(session, issue, absence.until) == ["甲"]
    assert await come_back(session, person, now=now)
    assert not await come_back(session, person, now=now)
    assert await names(session, issue, now) == ["甲"]


async def test_away_is_from_now_to_a_day_to_come(session: AsyncSession, district: District) -> None:
    now, person = district.now, await district.deputy("甲")
    today = now.astimezone(ZONE).date()
    with pytest.raises(AwayPast):
        await go_away(session, person, today - timedelta(days=1), timezone=ZONE, now=now)
    with pytest.raises(AwayTooLong):
        await go_away(session, person, today + timedelta(days=400), timezone=ZONE, now=now)

    first = await go_away(session, person, today, timezone=ZONE, now=now)
    second = await go_away(session, person, today + timedelta(days=6), timezone=ZONE, now=now)

    assert second is first
    assert second.last_moment.astimezone(ZONE).date() == today + timedelta(days=6)
    assert await absence_of(session, person, now=second.until) is None


async def test_an_offer_is_handed_to_a_colleague_and_counts_as_a_try(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    first, colleague, third, _ = [await district.deputy(name, district.building) for name in "甲乙丙丁"]
    stranger = await district.deputy("张美玲", district.schools)
    referral = await offer(session, issue, first, POLICY, now=district.now)
    with pytest.raises(NotAColleague):
        await hand_on(session, referral, stranger, POLICY, now=district.now)
    with pytest.raises(NotToBeAsked):
        await hand_on(session, referral, first, POLICY, now=district.now)

    handed = await hand_on(session, referral, colleague, POLICY, now=district.now)

    assert (referral.state, handed.state, handed.person) == (ReferralState.HANDED_ON, ReferralState.OFFERED, colleague)
    with pytest.raises(NothingToHandOn):
        await hand_on(session, referral, third, POLICY, now=district.now)
    decline(session, handed, ReasonToDecline.BUSY, now=district.now)
    await session.flush()
    last = await offer_next(session, issue, POLICY, now=district.now)
    assert last is not None
    decline(session, last, ReasonToDecline.BUSY, now=district.now)
    await session.flush()
    assert await offer_next(session, issue, POLICY, now=district.now) is None


async def test_the_office_may_name_any_deputy_the_rules_allow_also_one_who_let_it_lapse(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰", district.building), "区住建局不回复")
    officer, teacher = await district.deputy("刘敏"), await district.deputy("张美玲", district.schools)
    concerned = await district.deputy("赵", employer="云溪区住房和城乡建设局")
    with pytest.raises(NotAllowed):
        await name_specialist(session, issue, teacher, officer, POLICY, now=district.now)
    officer.give(Role.OFFICE)
    for person in (issue.deputy, concerned):
        with pytest.raises(NotToBeAsked):
            await name_specialist(session, issue, person, officer, POLICY, now=district.now)

    first = await name_specialist(session, issue, teacher, officer, POLICY, now=district.now)
    leave(session, first, ReferralState.LAPSED, now=district.now)
    await session.flush()
    again = await name_specialist(session, issue, teacher, officer, POLICY, now=district.now)

    assert again is first
    assert again.state is ReferralState.OFFERED


async def test_a_second_opinion_is_sought_beside_the_first(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    builder = await district.deputy("甲", district.building)
    teachers = [await district.deputy(name, district.schools) for name in "乙丙丁戊"]
    first = await offer(session, issue, builder, POLICY, now=district.now)
    await advise(session, district.remark(issue, builder), POLICY, now=district.now)

    await ask_second_opinion(session, issue, district.schools, issue.deputy, now=district.now)
    with pytest.raises(ConsultedAlready):
        await ask_second_opinion(session, issue, district.building, issue.deputy, now=district.now)
    assert await consulted(session, issue) == [district.building, district.schools]
    assert await needs_somebody(session, issue, district.schools.id)
    assert not await needs_somebody(session, issue)
    tries = 0
    while (referral := await offer_next(session, issue, POLICY, now=district.now, specialty_id=district.schools.id)) is not None:
        tries += 1
        assert referral.person in teachers
        decline(session, referral, ReasonToDecline.BUSY, now=district.now)
        await session.flush()

    assert tries == 3
    assert issue.state is IssueState.ADVISED
    assert first.state is ReferralState.ACCEPTED


async def test_an_opinion_of_the_second_specialty_leaves_the_first_to_be_answered(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    builder, teacher = await district.deputy("甲", district.building), await district.deputy("乙", district.schools)
    await ask_second_opinion(session, issue, district.schools, issue.deputy, now=district.now)
    referral = await offer(session, issue, builder, POLICY, now=district.now)
    await volunteer(session, issue, teacher, POLICY, now=district.now)
    await advise(session, district.remark(issue, teacher), POLICY, now=district.now)

    decline(session, referral, ReasonToDecline.BUSY, now=district.now)
    await session.flush()

    assert await needs_somebody(session, issue)
    assert not await needs_somebody(session, issue, district.schools.id)
    assert [each.specialty_id for each in await referrals_of(session, issue)] == [district.building.id, district.schools.id]
