"""Referrals: who is asked, in which order, and what becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.post import Post
from handlers.referrals import chase
from handlers.texts import Texts
from models.absence import go_away
from models.choosing import candidates
from models.issues import ClosedAs, Issue, IssueOver, IssueState, issue_by_id
from models.offering import needs_somebody, offer, offer_next
from models.people import Role
from models.policy import Policy
from models.referrals import (
    NotOfCircle,
    OwnIssue,
    ReasonToDecline,
    Referral,
    ReferralState,
    accept,
    asked_of,
    decline,
    end_offers,
    expected_after,
    is_broken,
    lapsed,
    leave,
    next_referral_due,
    renew_promises,
    to_remind,
    volunteer,
)
from models.remarks import advise, advisers_of, answer, reopen
from models.working_days import in_working_hours
from tests.rules.district import District

POLICY = Policy()


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


async def names(session: AsyncSession, issue: Issue) -> list[str]:
    return [candidate.person.name for candidate in await candidates(session, issue, now=issue.created_at)]


async def test_only_reachable_deputies_of_the_specialty_are_asked_and_never_the_asker(session: AsyncSession, district: District) -> None:
    asker = await district.deputy("王秀兰", district.building)
    await district.deputy("陈志强", district.building)
    await district.deputy("张美玲", district.schools)
    await district.deputy("何志远", district.building, linked=False)
    blocked = await district.deputy("吴大勇", district.building)
    blocked.unreachable_since = district.now
    gone = await district.deputy("赵海峰", district.building)
    gone.active = False
    staff = await district.deputy("刘敏", district.building)
    staff.take(Role.DEPUTY)
    await session.flush()

    assert await names(session, await district.issue(asker)) == ["陈志强"]


async def test_nobody_is_asked_about_their_own_employer(session: AsyncSession, district: District) -> None:
    asker = await district.deputy("王秀兰")
    await district.deputy("吴大勇", district.building, employer="区自来水公司")
    await district.deputy("陈志强", district.building, employer="区医院")

    issue = await district.issue(asker, "自来水公司停水不通知")

    assert await names(session, issue) == ["陈志强"]


async def test_least_open_referrals_first_then_longest_not_asked(session: AsyncSession, district: District) -> None:
    now = district.now
    asker = await district.deputy("王秀兰")
    busy, recent, early, fresh = [await district.deputy(name, district.building) for name in ("忙", "近", "早", "新")]
    first, second, third = [await district.issue(asker) for _ in range(3)]
    done = [
        await offer(session, first, early, POLICY, now=now - timedelta(days=2)),
        await offer(session, second, recent, POLICY, now=now - timedelta(days=1)),
    ]
    for referral in done:
        leave(session, referral, ReferralState.DECLINED, now=now)
    await offer(session, third, busy, POLICY, now=now)
    await session.flush()

    assert await names(session, await district.issue(asker)) == ["新", "早", "近", "忙"]
    assert fresh.name == "新"


async def test_referrals_of_closed_issues_are_no_burden(session: AsyncSession, district: District) -> None:
    asker = await district.deputy("王秀兰")
    busy = await district.deputy("忙", district.building)
    done = await district.deputy("毕", district.building)
    closed, open_one = await district.issue(asker), await district.issue(asker)
    await accept(session, await offer(session, closed, done, POLICY, now=district.now), POLICY, now=district.now)
    await offer(session, open_one, busy, POLICY, now=district.now)
    closed.close(ClosedAs.ANSWERED, now=district.now)
    await session.flush()

    assert await names(session, await district.issue(asker)) == ["毕", "忙"]


async def test_after_three_tries_nobody_more_is_asked(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    for name in "甲乙丙丁":
        await district.deputy(name, district.building)
    asked = []
    while (referral := await offer_next(session, issue, POLICY, now=district.now)) is not None:
        asked.append(referral.person.name)
        decline(session, referral, ReasonToDecline.BUSY, now=district.now)
        await session.flush()

    assert asked == ["甲", "乙", "丙"]
    assert issue.state is IssueState.OPEN


async def test_another_specialty_begins_a_new_round(session: AsyncSession, district: District) -> None:
    later = district.now + timedelta(days=3)
    issue = await district.issue(await district.deputy("王秀兰"))
    for name in "甲乙丙":
        await district.deputy(name, district.building)
    teacher = await district.deputy("张美玲", district.schools)
    while (referral := await offer_next(session, issue, POLICY, now=district.now)) is not None:
        decline(session, referral, ReasonToDecline.BUSY, now=district.now)
        await session.flush()

    issue.redirect(district.schools, now=later)
    await session.flush()
    following = await offer_next(session, issue, POLICY, now=later)

    assert following is not None
    assert following.person is teacher


async def test_the_one_the_deputy_was_shown_is_asked(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    await district.deputy("甲", district.building)
    shown = await district.deputy("乙", district.building)

    referral = await offer_next(session, issue, POLICY, now=district.now, preferred=shown.id)

    assert referral is not None
    assert referral.person is shown


async def test_an_offer_waits_two_working_days_and_is_reminded_of_after_one(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)

    assert referral.remind_at == district.now + timedelta(days=1)
    assert referral.lapses_at == district.now + timedelta(days=2)
    assert await next_referral_due(session) == referral.remind_at
    assert list(await to_remind(session, now=district.now + timedelta(days=1))) == [referral]
    assert list(await lapsed(session, now=district.now + timedelta(days=1))) == []
    assert list(await lapsed(session, now=district.now + timedelta(days=2))) == [referral]


async def test_whoever_leaves_the_roster_is_not_waited_for(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    await accept(session, referral, POLICY, now=district.now)
    assert list(await lapsed(session, now=district.now)) == []

    referral.person.active = False
    await session.flush()

    assert list(await lapsed(session, now=district.now)) == [referral]
    assert list(await to_remind(session, now=district.now + timedelta(days=30))) == []


async def test_an_offer_accepted_in_the_moment_it_lapses_stays_accepted(
    session: AsyncSession, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    referral.remind_at = None
    await session.flush()
    accepted = update(Referral).values(state=ReferralState.ACCEPTED, remind_at=None).execution_options(synchronize_session=False)

    async def after_another_did(session: AsyncSession, id: int, **more: bool) -> Issue:
        await session.execute(accepted)
        return await issue_by_id(session, id, **more)

    for module in ("handlers.referrals", "models.referrals"):
        monkeypatch.setattr(f"{module}.issue_by_id", after_another_did)
    texts = Texts(POLICY.languages, POLICY.timezone)
    await chase(Post(session, district.now + timedelta(days=30), texts, POLICY, "village_bot"))

    await session.refresh(referral)
    assert referral.state is ReferralState.ACCEPTED


async def test_a_change_of_mind_is_welcome_while_the_issue_lives(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    leave(session, referral, ReferralState.LAPSED, now=district.now)

    await accept(session, referral, POLICY, now=district.now)
    assert referral.state is ReferralState.ACCEPTED
    assert not await needs_somebody(session, issue)

    issue.withdraw(now=district.now)
    with pytest.raises(IssueOver):
        await accept(session, referral, POLICY, now=district.now)


async def test_what_is_expected_of_somebody_is_listed_before_what_they_have_advised_on(session: AsyncSession, district: District) -> None:
    home, person = await district.deputy("王秀兰"), await district.deputy("甲", district.building)
    first, advised, accepted, declined, over = [
        await offer(session, await district.issue(home), person, POLICY, now=district.now) for _ in range(5)
    ]
    await advise(session, district.remark(advised.issue, person), POLICY, now=district.now)
    await accept(session, accepted, POLICY, now=district.now)
    decline(session, declined, ReasonToDecline.BUSY, now=district.now)
    over.issue.close(ClosedAs.ANSWERED, now=district.now)
    await session.flush()

    assert await asked_of(session, person, offset=0, limit=9) == [accepted, first, advised]
    assert await asked_of(session, person, offset=1, limit=1) == [first]


async def test_only_deputies_of_the_circle_come_forward_and_not_the_asker(session: AsyncSession, district: District) -> None:
    asker = await district.deputy("王秀兰", district.building)
    issue = await district.issue(asker)
    outsider = await district.deputy("张美玲", district.schools)

    with pytest.raises(OwnIssue):
        await volunteer(session, issue, asker, POLICY, now=district.now)
    with pytest.raises(NotOfCircle):
        await volunteer(session, issue, outsider, POLICY, now=district.now)


async def test_two_volunteers_may_both_advise(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    both = [await district.deputy(name, district.building) for name in "甲乙"]

    for person in both:
        await volunteer(session, issue, person, POLICY, now=district.now)

    assert await advisers_of(session, issue) == both


async def test_an_opinion_accepts_the_offer_and_the_issue_is_advised(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)

    await advise(session, district.remark(issue, referral.person), POLICY, now=district.now)

    assert (referral.state, referral.advised_at) == (ReferralState.ACCEPTED, district.now)
    assert issue.state is IssueState.ADVISED
    assert list(await to_remind(session, now=district.now + timedelta(days=30))) == []
    assert not decline(session, referral, ReasonToDecline.BUSY, now=district.now)


async def test_a_promise_is_reminded_of_once_and_then_broken_but_being_away_puts_it_off(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    await accept(session, referral, POLICY, now=district.now)
    assert referral.remind_at == district.now + timedelta(days=2)
    assert not await is_broken(session, referral, POLICY)

    away = await go_away(session, referral.person, district.now.date() + timedelta(days=8), timezone=POLICY.timezone, now=district.now)
    referral.remind_at = in_working_hours(away.until, POLICY.work_starts, POLICY.work_ends, POLICY.timezone)
    assert not await is_broken(session, referral, POLICY)

    referral.remind_at = expected_after(referral.remind_at, POLICY)
    assert await is_broken(session, referral, POLICY)


async def test_a_promise_is_expected_anew_when_the_issue_lives_again(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    await accept(session, referral, POLICY, now=district.now)
    issue.close(ClosedAs.ANSWERED, now=district.now)
    await end_offers(session, issue, now=district.now)
    assert referral.remind_at is None

    await reopen(session, issue, issue.deputy, now=district.now)
    await renew_promises(session, issue, POLICY, now=district.now)

    assert referral.remind_at == district.now + timedelta(days=2)


async def test_an_opinion_on_a_closed_issue_is_kept_and_opens_nothing(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    adviser = await district.deputy("甲", district.building)
    issue.close(ClosedAs.ANSWERED, now=district.now)

    await advise(session, district.remark(issue, adviser), POLICY, now=district.now)

    assert issue.state is IssueState.CLOSED
    assert await advisers_of(session, issue) == [adviser]
    with pytest.raises(IssueOver):
        await answer(session, district.remark(issue, issue.deputy), now=district.now)


async def test_whoever_advised_before_and_is_asked_anew_may_say_no(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    adviser = await district.deputy("甲", district.building)
    await offer(session, issue, adviser, POLICY, now=district.now)
    issue.close(ClosedAs.ANSWERED, now=district.now)
    await end_offers(session, issue, now=district.now)
    await advise(session, district.remark(issue, adviser), POLICY, now=district.now)
    await reopen(session, issue, issue.deputy, now=district.now)

    again = await offer(session, issue, adviser, POLICY, now=district.now)

    assert decline(session, again, ReasonToDecline.BUSY, now=district.now)


async def test_closing_ends_the_open_offers_and_reopening_looks_anew(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    referral = await offer(session, issue, await district.deputy("甲", district.building), POLICY, now=district.now)
    issue.close(ClosedAs.OUT_OF_SCOPE, now=district.now)

    assert await end_offers(session, issue, now=district.now) == [referral]
    assert await next_referral_due(session) is None
    await reopen(session, issue, issue.deputy, now=district.now)

    assert issue.state is IssueState.OPEN
    assert await needs_somebody(session, issue)


async def test_a_referral_is_one_row_for_each_issue_and_person(session: AsyncSession, district: District) -> None:
    issue = await district.issue(await district.deputy("王秀兰"))
    person = await district.deputy("甲", district.building)
    offered = await offer(session, issue, person, POLICY, now=district.now)

    volunteered: Referral = await volunteer(session, issue, person, POLICY, now=district.now)

    assert volunteered is offered
    assert volunteered.state is ReferralState.ACCEPTED
