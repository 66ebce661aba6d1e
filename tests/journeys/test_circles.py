"""Groups become circles, and only those on a circle's list get in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.circles import Chat, Circle, CircleMember, circle_at, circles_of_specialty
from models.people import Person, Role, Specialty
from tests.journeys.roster_file import roster_file
from tests.village import NotSeen, Phone, Village, both_ways

RIGHTS = {"can_invite_users": True, "can_manage_topics": True, "can_restrict_members": True}


async def group_of(home: Village, owner: Phone, title: str = "城建环保交流群", *, admin: Any = RIGHTS, **more: Any) -> int:
    """A group of this person's, to which they add the bot."""
    group = await home.request("POST", "/sandbox/groups", json={"title": title, "owner": owner.id, **more})
    await home.request("POST", f"/sandbox/groups/{group['id']}/members", json={"by": owner.id, "bot": True, "admin": admin})
    await home.settle()
    return int(group["id"])


async def put_in_circle(home: Village, circle: str, *people: Phone) -> None:
    async with home.session() as session:
        found = await session.scalar(select(Circle).where(Circle.name == circle))
        assert found is not None
        for phone in people:
            person = await session.scalar(select(Person).where(Person.name == phone.name))
            assert person is not None
            session.add(CircleMember(circle_id=found.id, person_id=person.id))


async def link_of(phone: Phone) -> str:
    message = await phone.sees("申请加入")
    return str(message["reply_markup"]["inline_keyboard"][0][0]["url"])


async def bound(home: Village, *members: Phone) -> tuple[Phone, int]:
    """An office person, and their group that is the circle 城建环保 of these people."""
    office = await home.person("周主任", Role.OFFICE)
    await put_in_circle(home, "城建环保", *members)
    group = await group_of(home, office, type="supergroup")
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")
    await home.settle()
    return office, group


async def members_in(home: Village, group: int) -> set[int]:
    state = await home.request("GET", "/sandbox/state")
    [found] = [entry for entry in state["groups"] if entry["id"] == group]
    return {member["user"]["id"] for member in found["members"] if member["status"] not in ("left", "kicked")}


async def test_two_taps_bind_a_group_and_its_people_get_the_link(home: Village) -> None:
    deputy, other = await home.person("王建国"), await home.person("李四")

    office, group = await bound(home, deputy)

    card = await office.sees("群“城建环保交流群”已绑定工作圈")
    assert "城建环保：1 人，已加入 0 人" in card["text"]
    assert "入群链接已发给圈内代表" in card["text"]
    await deputy.sees("请加入群“城建环保交流群”")
    await other.sees_nothing_of("请加入群")
    await office.sees("这里是“城建环保”工作圈", chat=group)
    async with home.session() as session:
        circle = await circle_at(session, group, None)
        specialty = await session.scalar(select(Specialty).where(Specialty.name == "城建环保"))
        assert circle is not None
        assert specialty is not None
        assert list(await circles_of_specialty(session, specialty)) == [circle]


@both_ways
async def test_a_request_to_join_is_approved_for_the_circles_people_only(home: Village) -> None:
    deputy, other, stranger = await home.person("王建国"), await home.person("李四"), await home.stranger()
    office, group = await bound(home, deputy)
    link = await link_of(deputy)

    for phone in (deputy, other, stranger):
        assert await phone.joins(link) == "requested"
    await home.settle()

    assert await members_in(home, group) & {deputy.id, other.id, stranger.id} == {deputy.id}
    await deputy.sees("您已加入群“城建环保交流群”")
    await other.sees("您不在群“城建环保交流群”的工作圈名册中")
    await stranger.sees("仅限名册内人员")
    await office.sees("城建环保：1 人，已加入 1 人")
    assert len(await home.calls("declineChatJoinRequest")) == 2


async def test_a_request_to_join_a_group_that_is_no_circle_is_left_alone(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    group = await group_of(home, office, type="supergroup")
    made = await home.home.bot.create_chat_invite_link(group, creates_join_request=True)

    await deputy.joins(made.invite_link)
    await home.settle()

    assert not await home.calls("declineChatJoinRequest")
    assert not await home.calls("approveChatJoinRequest")


async def test_every_circle_gets_a_topic_of_a_forum_group_and_a_link_of_its_own(home: Village) -> None:
    home.patience = 60.0  # thirty calls into one group, one after another
    deputy = await home.person("王建国")
    await put_in_circle(home, "城建环保", deputy)
    await put_in_circle(home, "妇女", deputy)
    office = await home.person("周主任", Role.OFFICE)
    group = await group_of(home, office, "代表之家", type="supergroup", is_forum=True)

    await office.presses("为每个工作圈建一个话题")
    await office.presses("确认", on="将在群“代表之家”中新建 10 个话题")

    await office.sees("入群链接已发给圈内代表")
    assert len(await home.calls("createForumTopic")) == 10
    assert len(await home.calls("createChatInviteLink")) == 10
    invitation = await deputy.sees("请加入群“代表之家”")
    assert "· 城建环保" in invitation["text"]
    assert "· 妇女" in invitation["text"]
    async with home.session() as session:
        [circle] = await session.scalars(select(Circle).where(Circle.name == "妇女"))
        assert circle.thread_id is not None
        thread = circle.thread_id
        assert await circle_at(session, group, thread) is circle
    await office.sees("这里是“妇女”工作圈", chat=group, thread=thread)


async def test_pressing_for_topics_twice_makes_them_once(home: Village) -> None:
    home.patience = 60.0  # thirty calls into one group, one after another
    office = await home.person("周主任", Role.OFFICE)
    await group_of(home, office, "代表之家", type="supergroup", is_forum=True)
    await office.presses("为每个工作圈建一个话题")
    card = await office.sees("将在群“代表之家”中新建")
    data = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    for _ in range(2):
        await office.presses_data(card["message_id"], data)

    assert len(await home.calls("createForumTopic")) == 10


async def test_a_topic_that_cannot_be_made_leaves_the_circle_without_a_group(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    group = await group_of(home, office, "代表之家", type="supergroup", is_forum=True)
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": {"can_invite_users": True}})
    await office.presses("为每个工作圈建一个话题")
    refused = await office.presses("确认", on="将在群“代表之家”中新建")
    async with home.session() as session:  # as if the loss of the right had not been heard of yet
        chat = await session.get(Chat, group)
        assert chat is not None
        chat.can_manage_topics = True
    await office.presses("确认", on="将在群“代表之家”中新建")

    assert "还不能建话题" in refused
    await office.sees("的话题没有建成")
    async with home.session() as session:
        assert list(await session.scalars(select(Circle).where(Circle.chat_id.is_not(None)))) == []


async def test_missing_rights_are_named_and_the_link_is_made_once_they_are_given(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await put_in_circle(home, "城建环保", deputy)
    group = await group_of(home, office, admin=False, type="supergroup")
    await office.sees("· 通过链接邀请用户")
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")
    await office.sees("机器人还缺少权限")
    await deputy.sees_nothing_of("请加入群")

    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": RIGHTS})

    await deputy.sees("请加入群")
    card = await office.sees("入群链接已发给圈内代表")
    assert "机器人还缺少权限" not in card["text"]


async def test_a_stranger_who_adds_the_bot_is_reported_and_the_group_hears_nothing(home: Village) -> None:
    office, stranger = await home.person("周主任", Role.OFFICE), await home.stranger("路人")

    group = await group_of(home, stranger, "闲聊群")

    await office.sees("名册以外的人员“路人”将机器人拉入了群“闲聊群”")
    assert not [call for call in await home.calls("sendMessage") if call["params"]["chat_id"] == group]
    await office.presses("退出此群")
    await office.sees("已退出群“闲聊群”")
    assert len(await home.calls("leaveChat")) == 1


async def test_a_deputys_group_can_be_made_a_circle_by_the_office(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await put_in_circle(home, "妇女", deputy)
    await group_of(home, deputy, "巾帼群", type="supergroup")

    await office.presses("绑定到工作圈", on="王建国将机器人拉入了群")
    await office.presses("妇女", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")

    await office.sees("群“巾帼群”已绑定工作圈")


async def test_somebody_on_the_list_gets_the_link_when_they_come_in(home: Village) -> None:
    later = await home.person("王建国", phone="13956780001", linked=False)
    await bound(home, later)

    await later.starts()
    await later.shares_phone()

    await later.sees("请加入群“城建环保交流群”")


async def test_a_group_that_becomes_a_supergroup_stays_a_circle_with_a_new_link(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await put_in_circle(home, "城建环保", deputy)
    group = await group_of(home, office)
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")
    old = await link_of(deputy)

    moved = await home.request("POST", f"/sandbox/groups/{group}/migrate", json={"by": office.id})
    await home.settle()

    new = await link_of(deputy)
    assert new != old
    assert await deputy.joins(new) == "requested"
    await deputy.sees("您已加入群")
    async with home.session() as session:
        circle = await circle_at(session, moved["id"], None)
        assert circle is not None
        assert circle.invite_link == new


async def test_who_leaves_the_group_is_invited_again_by_their_list(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()
    await deputy.says("/circles")
    await deputy.sees("城建环保：已加入")

    await deputy.leaves(group)
    await home.settle()
    await deputy.says("/circles")

    await deputy.sees("城建环保：未加入")
    await office.sees("城建环保：1 人，已加入 0 人")


async def test_somebody_who_came_in_past_the_list_is_reported_and_can_be_removed(home: Village) -> None:
    office, group = await bound(home)
    outsider = await home.stranger("路人")
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "user": outsider.id})

    await office.presses("移出该成员", on="名册以外的人员“路人”进入了群")

    await office.sees("已从群“城建环保交流群”移出")
    assert outsider.id not in await members_in(home, group)


async def test_unbinding_ends_the_link_and_the_circle_can_be_bound_anew(home: Village) -> None:
    deputy = await home.person("王建国")
    office, _ = await bound(home, deputy)
    link = await link_of(deputy)

    await office.says("/circles")
    await office.presses("城建环保", on="全部工作圈")
    await office.presses("解除绑定")
    await office.presses("确认解除")

    await office.sees("尚未绑定群")
    await deputy.sees("入群链接已失效")
    try:
        await deputy.joins(link)
    except AssertionError as refused:
        assert "expired" in str(refused)  # noqa: PT017 - the village speaks by assertions
    else:
        raise NotSeen("the link still works")
    await office.says("/circles")
    await office.presses("绑定群：城建环保交流群")
    await office.sees("请选择要绑定到哪个工作圈")
    assert len(await home.calls("revokeChatInviteLink")) == 1


async def test_a_removed_bot_is_reported_and_the_circle_revives_when_it_returns(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)

    await home.request("POST", f"/sandbox/groups/{group}/remove", json={"by": office.id, "bot": True})
    await office.sees("机器人已被移出群“城建环保交流群”")
    async with home.session() as session:
        assert await circle_at(session, group, None) is None
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True, "admin": RIGHTS})
    await home.settle()

    async with home.session() as session:
        assert await circle_at(session, group, None) is not None


async def test_a_forged_press_by_a_deputy_binds_nothing(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    group = await group_of(home, office)
    menu = await deputy.sees("请选择")

    toast = await deputy.presses_data(menu["message_id"], f"grp:{group}:b:1")

    assert "没有这项权限" in toast
    async with home.session() as session:
        assert list(await session.scalars(select(Circle).where(Circle.chat_id.is_not(None)))) == []


async def test_who_loses_a_circle_by_an_import_leaves_its_group(home: Village) -> None:
    deputy = await home.person("王建国", phone="13956780001")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()

    await office.uploads("名册.xlsx", roster_file(("王建国", "13956780001", "妇女"), headings=("姓名", "手机号", "工作圈")))
    await office.presses("确认导入")

    await deputy.sees("您已不在“城建环保”工作圈")
    await home.settle()
    assert deputy.id not in await members_in(home, group)


async def test_who_is_added_to_a_living_circle_by_an_import_gets_the_link(home: Village) -> None:
    deputy = await home.person("王建国", phone="13956780001")
    office, _ = await bound(home)

    await office.uploads("名册.xlsx", roster_file(("王建国", "13956780001", "城建环保"), headings=("姓名", "手机号", "工作圈")))
    await office.presses("确认导入")

    await deputy.sees("请加入群“城建环保交流群”")
    assert await deputy.joins(await link_of(deputy)) == "requested"
    await deputy.sees("您已加入群")
