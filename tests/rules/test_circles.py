"""Circles: where they live, who may come in."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circle_groups import (
    CircleBound,
    GroupTaken,
    NoTopicRight,
    ask_for_topics,
    bind,
    circles_in,
    head_counts,
    memberships_in,
    move_group_row,
    not_joined,
    unbind,
    unbound_circles,
)
from models.circle_rights import Standing, note_standing
from models.circles import Chat, Circle, CircleMember, circle_at, circles_of_specialty, members_of
from models.defaults import seed_defaults
from models.people import Person, Role, Specialty
from models.rules import NotAllowed

FULL = Standing(True, can_invite=True, can_manage_topics=True, can_restrict=True)
GROUP, MOVED = -500, -100500


async def person(session: AsyncSession, name: str = "王建国", role: Role = Role.DEPUTY, telegram_id: int | None = 42) -> Person:
    made = Person(name=name, telegram_id=telegram_id, role_rows=[], specialties=[])
    made.give(role)
    session.add(made)
    await session.flush()
    return made


async def circle(session: AsyncSession, name: str = "城建环保") -> Circle:
    if await session.scalar(select(Circle.id).limit(1)) is None:
        await seed_defaults(session)
    return (await session.scalars(select(Circle).where(Circle.name == name))).one()


async def group(session: AsyncSession, *, forum: bool = False, standing: Standing = FULL, id: int = GROUP) -> Chat:
    chat, _ = await note_standing(session, id, "一个群", forum, standing)
    return chat


async def office(session: AsyncSession) -> Person:
    return await person(session, "周主任", Role.OFFICE, 7)


async def test_a_specialtys_circle_is_found_once_a_group_is_bound(session: AsyncSession, now: datetime) -> None:
    wanted = await circle(session)
    [specialty] = await session.scalars(select(Specialty).where(Specialty.name == "城建环保"))
    before = list(await circles_of_specialty(session, specialty))

    await bind(session, wanted, await group(session), await office(session), now=now)

    assert before == []
    assert list(await circles_of_specialty(session, specialty)) == [wanted]
    assert await circle_at(session, GROUP, None) is wanted


async def test_a_group_is_one_circles_own_and_a_circle_has_one_group(session: AsyncSession, now: datetime) -> None:
    actor, chat = await office(session), await group(session)
    await bind(session, await circle(session), chat, actor, now=now)

    with pytest.raises(GroupTaken):
        await bind(session, await circle(session, "妇女"), chat, actor, now=now)
    with pytest.raises(CircleBound):
        await bind(session, await circle(session), await group(session, id=-501), actor, now=now)


async def test_only_the_office_binds(session: AsyncSession, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        await bind(session, await circle(session), await group(session), await person(session), now=now)


@pytest.mark.parametrize(("forum", "standing"), [(False, FULL), (True, Standing(True, can_invite=True)), (True, Standing(False))])
async def test_topics_need_a_forum_and_the_right(session: AsyncSession, now: datetime, forum: bool, standing: Standing) -> None:
    await circle(session)

    with pytest.raises(NoTopicRight):
        await ask_for_topics(session, await group(session, forum=forum, standing=standing), await office(session), now=now)


async def test_a_circle_whose_topic_is_being_made_lives_nowhere_yet(session: AsyncSession, now: datetime) -> None:
    await circle(session)

    circles = await ask_for_topics(session, await group(session, forum=True), await office(session), now=now)

    assert len(circles) == 10
    assert await unbound_circles(session) == []
    assert await circle_at(session, GROUP, None) is None
    assert not circles[0].lives


async def test_a_topic_belongs_to_its_circle_and_a_whole_forum_to_the_one_it_was_bound_to(session: AsyncSession, now: datetime) -> None:
    actor, whole = await office(session), await circle(session)
    await bind(session, whole, await group(session, forum=True, id=-501), actor, now=now)
    for number, each in enumerate(await ask_for_topics(session, await group(session, forum=True), actor, now=now), 10):
        each.thread_id, each.awaits_topic = number, False
    await session.flush()

    assert (await circle_at(session, GROUP, 10)) is (await circles_in(session, GROUP))[0]
    assert await circle_at(session, GROUP, 99) is None
    assert await circle_at(session, -501, 99) is whole


async def test_a_group_without_the_bot_is_no_place(session: AsyncSession, now: datetime) -> None:
    wanted = await circle(session)
    await bind(session, wanted, await group(session), await office(session), now=now)

    await note_standing(session, GROUP, "一个群", False, Standing(False))

    assert await circle_at(session, GROUP, None) is None
    assert wanted.chat_id == GROUP


async def test_coming_in_is_told_from_getting_rights(session: AsyncSession) -> None:
    _, first = await note_standing(session, GROUP, "一个群", False, Standing(True))
    _, rights = await note_standing(session, GROUP, "一个群", False, FULL)
    _, left = await note_standing(session, GROUP, "一个群", False, Standing(False))
    _, back = await note_standing(session, GROUP, "一个群", False, Standing(True))

    assert (first, rights, left, back) == (True, False, False, True)


async def test_members_are_counted_and_those_not_in_the_group_are_known(session: AsyncSession, now: datetime) -> None:
    wanted = await circle(session)
    inside, invited, outside = [await person(session, name, telegram_id=id) for name, id in (("甲", 1), ("乙", 2), ("丙", None))]
    for one, joined in ((inside, now), (invited, None), (outside, None)):
        session.add(CircleMember(circle_id=wanted.id, person_id=one.id, joined_at=joined))
    await bind(session, wanted, await group(session), await office(session), now=now)

    assert (await head_counts(session))[wanted.id] == (3, 1)
    assert list(await not_joined(session, [wanted])) == [invited]
    assert list(await members_of(session, wanted)) == [inside, invited, outside]
    assert len(await memberships_in(session, invited, GROUP)) == 1


async def test_who_is_no_longer_active_is_no_member(session: AsyncSession) -> None:
    wanted, gone = await circle(session), await person(session)
    session.add(CircleMember(circle_id=wanted.id, person_id=gone.id))
    gone.active = False
    await session.flush()

    assert await members_of(session, wanted) == []
    assert await head_counts(session) == {}


async def test_unbinding_forgets_who_had_joined(session: AsyncSession, now: datetime) -> None:
    wanted, member, actor = await circle(session), await person(session), await office(session)
    session.add(CircleMember(circle_id=wanted.id, person_id=member.id, joined_at=now))
    await bind(session, wanted, await group(session), actor, now=now)

    await unbind(session, wanted, actor, now=now)

    await session.refresh(wanted)
    assert (wanted.chat_id, wanted.invite_link) == (None, None)
    assert (await head_counts(session))[wanted.id] == (1, 0)


@pytest.mark.parametrize("heard_of_first", [False, True])
async def test_a_moved_group_keeps_its_circles_and_loses_its_link(session: AsyncSession, now: datetime, heard_of_first: bool) -> None:
    wanted = await circle(session)
    await bind(session, wanted, await group(session), await office(session), now=now)
    wanted.invite_link = "https://t.me/+old"
    if heard_of_first:
        await group(session, id=MOVED)
    await session.flush()

    moved = await move_group_row(session, GROUP, MOVED)
    again = await move_group_row(session, GROUP, MOVED)

    assert moved is not None
    assert again is None
    found = await circle_at(session, MOVED, None)
    assert found is not None
    assert found.invite_link is None
