"""Like issues: found, judged, and put together when three come within a month."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.alike import (
    AlreadyDecided,
    Decision,
    JointBegun,
    alike_by_id,
    begun_of,
    decide_alike,
    inspection_topics,
    join_alike,
    joint_draft,
    joint_with,
    take_back_decision,
)
from models.issues import Issue, IssueState
from models.like_links import IssueLink, Verdict, find_likes, judge, link_for
from models.likeness import WORTH_SHOWING, nearest, not_remembered, remember
from models.people import Person, Role
from models.policy import Policy
from models.rules import Gone, NotAllowed
from models.suggestion_drafts import begin_suggestion, offer_to_cosign

POLICY = Policy()
DRAINS = (
    "翠竹小区门口的下水道堵了快一个月，一下雨就积水，物业和社区互相推",
    "我们翠竹小区大门口下水道一直堵着，下雨天积水没过脚面，物业说归社区管",
    "反映翠竹小区门口下水道堵塞、雨天积水的问题，希望尽快疏通",
)
OTHERS = (
    "平桥镇中心小学放学时门前道路拥堵，接送的车乱停，孩子过马路很危险",
    "村里的灌溉渠年久失修，今年春旱，三百亩水稻浇不上水",
    "退休人员医保异地报销手续太繁琐，老人来回跑了三趟还没办好",
    "锦绣花园小区的电梯经常停运，老人上下楼不方便，物业收费不修",
    "云溪河边的养殖场夜里偷排污水，气味刺鼻，周边居民不敢开窗",
)
_numbers = itertools.count(1)


async def person(session: AsyncSession, name: str, role: Role) -> Person:
    somebody = Person(name=name, role_rows=[], specialties=[], employer="", active=True)
    somebody.give(role)
    session.add(somebody)
    await session.flush()
    return somebody


@pytest.fixture
async def deputy(session: AsyncSession) -> Person:
    return await person(session, "王秀兰", Role.DEPUTY)


async def shared(session: AsyncSession, deputy: Person, text: str, now: datetime) -> Issue:
    issue = Issue(
        deputy=deputy, area=None, specialty=None, pieces=[], version=0, state=IssueState.OPEN, number=f"2026-{next(_numbers)}",
        created_at=now, shared_text=text, confirmed_at=now,
    )  # fmt: skip
    session.add(issue)
    await session.flush()
    await find_likes(session, issue, text, now=now)
    await remember(session, issue)
    return issue


async def test_the_nearest_come_first_and_what_is_unlike_does_not_come(session: AsyncSession, deputy: Person, now: datetime) -> None:
    first, second = [await shared(session, deputy, text, now) for text in DRAINS[:2]]
    others = [await shared(session, deputy, text, now) for text in OTHERS]

    likes = await nearest(session, DRAINS[2], besides=0, limit=5)

    assert {like.issue.id for like in likes} == {first.id, second.id}
    assert likes[0].score >= likes[1].score > WORTH_SHOWING
    for other in others:
        assert await nearest(session, other.shared_text, besides=other.id, limit=5) == []
    first.state = IssueState.WITHDRAWN
    await session.flush()
    assert [like.issue for like in await nearest(session, DRAINS[2], besides=0, limit=5)] == [second]
    assert await nearest(session, "", besides=0, limit=5) == []


async def test_what_came_before_there_was_a_search_is_remembered_once(session: AsyncSession, deputy: Person, now: datetime) -> None:
    issue = await shared(session, deputy, DRAINS[0], now)
    assert await not_remembered(session) == []
    await remember(session, issue)

    old = Issue(deputy=deputy, area=None, specialty=None, pieces=[], version=0, state=IssueState.CLOSED, number="2025-0001", created_at=now)
    old.shared_text = OTHERS[0]
    session.add(old)
    await session.flush()

    assert await not_remembered(session) == [old]


async def test_a_rejected_link_is_not_shown_again_and_only_the_deputy_may_follow_one(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    await shared(session, deputy, DRAINS[0], now)
    issue = await shared(session, deputy, DRAINS[1], now)
    [link] = await find_likes(session, issue, issue.shared_text, now=now)
    with pytest.raises(NotAllowed):
        await link_for(session, link.id, await person(session, "陈志强", Role.DEPUTY))

    judge(session, await link_for(session, link.id, deputy), deputy, Verdict.NOT_ALIKE, now=now)

    assert await find_likes(session, issue, issue.shared_text, now=now) == []
    assert (link.decided_by_id, link.decided_at) == (deputy.id, now)


async def test_three_alike_in_a_month_make_a_group_that_grows_and_is_decided_once(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    office, issues = await person(session, "刘敏", Role.OFFICE), []
    for days, text in enumerate((*DRAINS[:2], OTHERS[0])):
        issues.append(await shared(session, deputy, text, now + timedelta(days=days)))
        assert await join_alike(session, issues[-1], POLICY, now=now + timedelta(days=days)) is None
    third = await shared(session, deputy, DRAINS[2], now + timedelta(days=9))
    group = await join_alike(session, third, POLICY, now=now + timedelta(days=9))
    assert group is not None
    assert group.issues == [issues[0], issues[1], third]
    with pytest.raises(NotAllowed):
        await decide_alike(session, group, deputy, Decision.JOINT, now=now)

    await decide_alike(session, group, office, Decision.JOINT, now=now)

    with pytest.raises(AlreadyDecided):
        await decide_alike(session, await alike_by_id(session, group.id), office, Decision.NOT_ALIKE, now=now)
    links = (await session.scalars(select(IssueLink).where(IssueLink.issue_id == third.id))).all()
    assert {link.verdict for link in links} == {Verdict.ALIKE}
    fourth = await shared(session, deputy, DRAINS[0], now + timedelta(days=12))
    assert await join_alike(session, fourth, POLICY, now=now + timedelta(days=12)) is group
    assert await joint_with(session, fourth) == [issues[0], issues[1], third]


async def test_what_was_found_not_alike_is_not_asked_again(session: AsyncSession, deputy: Person, now: datetime) -> None:
    office = await person(session, "刘敏", Role.OFFICE)
    for text in DRAINS:
        group = await join_alike(session, await shared(session, deputy, text, now), POLICY, now=now)
    assert group is not None
    await decide_alike(session, group, office, Decision.NOT_ALIKE, now=now)

    again = await join_alike(session, await shared(session, deputy, DRAINS[0], now), POLICY, now=now)

    assert again is None


async def test_alike_but_months_apart_make_no_group_and_a_topic_is_kept(session: AsyncSession, deputy: Person, now: datetime) -> None:
    office = await person(session, "刘敏", Role.OFFICE)
    for weeks in range(3):
        at = now + timedelta(weeks=weeks * 5)
        assert await join_alike(session, await shared(session, deputy, DRAINS[weeks], at), POLICY, now=at) is None
    await join_alike(session, await shared(session, deputy, DRAINS[0], at), POLICY, now=at)
    group = await join_alike(session, await shared(session, deputy, DRAINS[1], at), POLICY, now=at)
    assert group is not None

    await decide_alike(session, group, office, Decision.INSPECTION, now=at)

    [topic] = await inspection_topics(session)
    assert topic.title == "翠竹小区门口下水道堵塞、雨天积水"
    assert await joint_with(session, group.issues[0]) == []


async def test_what_the_office_decided_can_be_taken_back_until_somebody_builds_on_it(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    office, issues = await person(session, "刘敏", Role.OFFICE), [await shared(session, deputy, text, now) for text in DRAINS]
    group = await join_alike(session, issues[-1], POLICY, now=now)
    assert group is not None
    with pytest.raises(Gone):
        await take_back_decision(session, group, office, now=now)

    for decision in (Decision.NOT_ALIKE, Decision.INSPECTION, Decision.JOINT):
        await decide_alike(session, group, office, decision, now=now)
        with pytest.raises(NotAllowed):
            await take_back_decision(session, group, deputy, now=now)
        assert await take_back_decision(session, group, office, now=now) is decision

    assert (group.decision, group.decided_by, group.decided_at) == (Decision.OPEN, None, None)
    assert {link.verdict for link in await session.scalars(select(IssueLink))} == {Verdict.FOUND}
    assert await inspection_topics(session) == []
    assert await joint_with(session, issues[0]) == []
    await decide_alike(session, group, office, Decision.JOINT, now=now)
    draft = await begin_suggestion(session, issues[0], deputy, [], "关于疏通下水道的建议", now=now)
    assert await begun_of(session, group) is draft
    with pytest.raises(JointBegun):
        await take_back_decision(session, group, office, now=now)


async def test_a_withdrawn_issue_is_named_to_nobody_in_a_group(session: AsyncSession, deputy: Person, now: datetime) -> None:
    office, issues = await person(session, "刘敏", Role.OFFICE), [await shared(session, deputy, text, now) for text in DRAINS]
    group = await join_alike(session, issues[-1], POLICY, now=now)
    assert group is not None
    issues[0].withdraw(now=now)

    await decide_alike(session, group, office, Decision.JOINT, now=now)

    assert await joint_with(session, issues[1]) == [issues[2]]
    assert await joint_with(session, issues[0]) == []


async def test_one_joint_suggestion_is_begun_once_and_others_come_forward_to_co_sign_it(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    office, other = await person(session, "刘敏", Role.OFFICE), await person(session, "何燕", Role.DEPUTY)
    first, second = await shared(session, deputy, DRAINS[0], now), await shared(session, other, DRAINS[1], now)
    group = await join_alike(session, await shared(session, deputy, DRAINS[2], now), POLICY, now=now)
    assert group is not None
    with pytest.raises(Gone):
        await joint_draft(session, first, deputy)
    await decide_alike(session, group, office, Decision.JOINT, now=now)
    assert await joint_draft(session, first, deputy) is None

    draft = await begin_suggestion(session, first, deputy, [], "关于疏通下水道的建议", now=now)

    assert await joint_draft(session, group.issues[2], deputy) is draft
    assert await joint_draft(session, second, other) is draft
    row = offer_to_cosign(session, draft, other, now=now)
    assert offer_to_cosign(session, draft, other, now=now) is row
    assert draft.cosigners == [row]
    deputy.active = False
    assert await joint_draft(session, second, other) is None


async def test_a_draft_that_says_something_else_by_now_is_linked_to_nothing_it_was_like(
    session: AsyncSession, deputy: Person, now: datetime
) -> None:
    await shared(session, deputy, DRAINS[0], now)
    changed = await shared(session, deputy, DRAINS[1], now)
    assert await find_likes(session, changed, DRAINS[1], now=now) != []

    await find_likes(session, changed, OTHERS[0], now=now)

    assert (await session.scalars(select(IssueLink).where(IssueLink.issue_id == changed.id))).all() == []
