"""The office keeps the circles in order: made, renamed, retired, who belongs to them, links, rights, and who is in their groups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.circle_presence import ChatPresence
from models.circles import Chat, Circle, CircleMember
from models.people import Person, Role, Specialty
from tests.journeys.issue_people import share, the_issue
from tests.journeys.test_circles import RIGHTS, bound, group_of, link_of, members_in, put_in_circle
from tests.village import Phone, Village, shown

ALL_RIGHTS = {**RIGHTS, "can_change_info": True, "can_pin_messages": True}
WEEK = timedelta(days=7)


async def open_circle(office: Phone, name: str = "城建环保") -> None:
    await office.says("/circles")
    await office.presses(name, on="全部工作圈")


async def circle_named(home: Village, name: str) -> Circle:
    async with home.session() as session:
        found = await session.scalar(select(Circle).where(Circle.name == name))
        assert found is not None
        return found


async def promote(home: Village, group: int, by: Phone, admin: Any) -> None:
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": by.id, "bot": True, "admin": admin})
    await home.settle()


async def title_of(home: Village, group: int) -> str:
    state = await home.request("GET", "/sandbox/state")
    return str(next(entry["title"] for entry in state["groups"] if entry["id"] == group))


async def add_by(home: Village, owner: Phone, group: int, phone: Phone) -> None:
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": owner.id, "user": phone.id})
    await home.settle()


async def forum(home: Village, office: Phone) -> int:
    """A forum group in which every circle has a topic; thirty calls into one group, one after another."""
    home.patience = 60.0
    group = await group_of(home, office, "云溪区代表之家", type="supergroup", is_forum=True, admin=ALL_RIGHTS)
    await office.presses("为每个工作圈建一个话题")
    await office.presses("确认", on="将在群“云溪区代表之家”中新建")
    await home.settle()
    return group


async def test_a_circle_is_made_given_specialties_people_and_a_group_by_buttons(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", specialties=("城建环保",))
    namesakes = [await home.person("李四", area=area) for area in ("云溪街道", "柳河镇")]

    await office.says("/circles")
    await office.presses("新建工作圈")
    await office.says("老旧小区改造")
    await office.presses("对应专长", on="“老旧小区改造”工作圈")
    await office.presses("城建环保", on="对应的专长")
    await office.presses("保存")
    await office.presses("圈内名册", on="对应专长：城建环保")
    await office.presses("全部对应专长的代表（1）")
    await office.presses("确认添加")
    await office.presses("添加人员")
    await office.presses("输入姓名")
    await office.says("李四、查无此人")
    await office.sees("名册中没有：查无此人")
    await office.presses("李四 · 柳河镇", on="有同名人员")
    await group_of(home, office, "改造群", type="supergroup", admin=ALL_RIGHTS)
    await open_circle(office, "老旧小区改造")
    await office.presses("绑定群", on="“老旧小区改造”工作圈")
    await office.presses("整个群：改造群")
    await office.presses("确认", on="绑定为")

    for phone in (deputy, namesakes[1]):
        await phone.sees("您已列入“老旧小区改造”工作圈")
        await phone.sees("请加入群“改造群”")
    await namesakes[0].sees_nothing_of("改造群")


async def test_a_name_that_is_taken_is_refused_and_asked_again(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await office.says("/circles")
    await office.presses("新建工作圈")

    await office.says("妇女")
    await office.sees("已有名为“妇女”的工作圈")
    await office.sends("voice")
    await office.sees("须为一行")
    await office.says("巾帼")

    await office.sees("已新建“巾帼”工作圈")


async def test_renaming_a_circle_renames_its_group_where_wanted(home: Village) -> None:
    office, group = await bound(home)
    await promote(home, group, office, ALL_RIGHTS)

    await open_circle(office)
    await office.presses("改名")
    await office.says("城市建设")
    await office.presses("一并改群名", on="群名是否一并改为“城市建设交流群”")

    await office.sees("工作圈“城建环保”已改名为“城市建设”")
    await home.settle()
    assert await title_of(home, group) == "城市建设交流群"
    assert (await circle_named(home, "城市建设")).chat_id == group


async def test_without_the_right_the_circle_alone_is_renamed_and_the_office_knows(home: Village) -> None:
    office, group = await bound(home)

    await open_circle(office)
    await office.presses("改名")
    await office.says("城市建设")

    await office.sees("机器人没有“更改群组信息”权限，群名未改")
    assert await title_of(home, group) == "城建环保交流群"
    assert not await home.calls("setChatTitle")


async def test_renaming_a_circle_renames_its_topic(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await forum(home, office)

    await open_circle(office, "妇女")
    await office.presses("改名")
    await office.says("巾帼")

    await office.sees("工作圈“妇女”已改名为“巾帼”")
    await home.settle()
    [call] = await home.calls("editForumTopic")
    assert (call["ok"], call["params"]["name"]) == (True, "巾帼")


async def test_an_issue_is_shown_in_every_circle_of_its_specialty(home: Village) -> None:
    office, group = await bound(home)
    second = await group_of(home, office, "第二个群", type="supergroup", admin=ALL_RIGHTS)
    async with home.session() as session:
        specialty = await session.scalar(select(Specialty).where(Specialty.name == "城建环保"))
        assert specialty is not None
        session.add(Circle(name="老旧小区改造", specialties=[specialty], chat_id=second))
    deputy = await home.person("王建国")

    await share(home, deputy)

    number = (await the_issue(home)).number or ""
    for chat in (group, second):
        assert len([m for m in await office.messages(chat) if number in shown(m)]) == 1
    await deputy.sees(number)


async def test_open_issues_follow_when_a_circle_gets_or_loses_a_specialty(home: Village) -> None:
    office, group = await bound(home)
    second = await group_of(home, office, "妇女群", type="supergroup", admin=ALL_RIGHTS)
    async with home.session() as session:
        circle = await session.scalar(select(Circle).where(Circle.name == "妇女"))
        assert circle is not None
        circle.chat_id = second
    deputy = await home.person("王建国")
    await share(home, deputy)
    number = (await the_issue(home)).number or ""

    await open_circle(office, "妇女")
    await office.presses("对应专长")
    await office.presses("城建环保", on="对应的专长")
    await office.sees("1 件未办结的问题会发到本圈")
    await office.presses("保存")
    await office.sees(number, chat=second)
    await open_circle(office)
    await office.presses("对应专长")
    await office.presses("城建环保", on="对应的专长")
    await office.presses("保存")

    await home.settle()
    assert not [m for m in await office.messages(group) if number in shown(m)]


async def test_a_leaked_link_ends_with_one_tap_and_the_unjoined_get_another(home: Village) -> None:
    inside, outside = await home.person("王建国"), await home.person("李四")
    office, group = await bound(home, inside, outside)
    leaked = await link_of(outside)
    await inside.joins(leaked)
    await home.settle()

    await open_circle(office)
    toast = await office.presses("链接已泄露")

    assert "旧链接已作废" in toast
    new = await link_of(outside)
    assert new != leaked
    assert len([m for m in await outside.messages() if "请加入群" in shown(m)]) == 1
    await inside.sees_nothing_of("请加入群")
    with pytest.raises(AssertionError, match="expired"):
        await outside.joins(leaked)
    assert await outside.joins(new) == "requested"
    await home.settle()
    assert outside.id in await members_in(home, group)


async def test_two_of_the_office_who_renew_a_link_at_once_make_one(home: Village) -> None:
    other = await home.person("吴干事", Role.OFFICE)
    office, _ = await bound(home)
    for phone in (office, other):
        await open_circle(phone)

    await home.request("POST", "/sandbox/faults", json={"method": "createChatInviteLink", "count": 1, "kind": "429", "retry_after": 3600})
    first = await office.presses("链接已泄露")
    second = await other.presses("链接已泄露")

    assert "旧链接已作废" in first
    assert "新链接正在生成" in second
    assert len(await home.calls("revokeChatInviteLink")) == 1


async def test_each_circle_of_a_forum_group_has_its_own_link_and_one_request_is_enough(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    for name in ("城建环保", "妇女"):
        await put_in_circle(home, name, deputy)
    group = await forum(home, office)
    link = await link_of(deputy)

    await open_circle(office, "妇女")
    await office.presses("链接已泄露")

    await home.settle()
    assert await link_of(deputy) == link
    async with home.session() as session:
        links = (await session.scalars(select(Circle.invite_link))).all()
    assert len(set(links)) == 10
    await deputy.joins(link)
    await home.settle()
    assert deputy.id in await members_in(home, group)
    async with home.session() as session:
        assert None not in (await session.scalars(select(CircleMember.joined_at))).all()


async def test_lost_rights_are_told_to_the_office_with_the_way_to_give_them_back(home: Village) -> None:
    colleague = await home.person("吴干事", Role.OFFICE)
    office, group = await bound(home)

    await promote(home, group, office, {"can_invite_users": True})

    for phone in (office, colleague):
        told = await phone.sees("的权限被取消")
        assert "· 封禁用户" in told["text"]
        assert "通过链接邀请用户" not in told["text"]
        assert "点 @village_bot" in told["text"]
    await promote(home, group, office, ALL_RIGHTS)
    for phone in (office, colleague):
        await phone.sees("机器人在群“城建环保交流群”的权限已齐全")
        await phone.sees_nothing_of("的权限被取消")


async def test_binding_reads_the_rights_from_telegram_itself(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    group = await group_of(home, office, type="supergroup", admin=ALL_RIGHTS)
    async with home.session() as session:  # as if the news of the rights had been lost
        chat = await session.get(Chat, group)
        assert chat is not None
        chat.can_invite = chat.can_restrict = False

    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")

    card = await office.sees("入群链接已发给圈内代表")
    assert "缺少权限" not in card["text"]


async def test_who_was_in_the_group_before_it_was_bound_needs_no_link(home: Village) -> None:
    office, inside, outside = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李四")
    await put_in_circle(home, "城建环保", inside, outside)
    await group_of(home, office, type="supergroup", members=[inside.id])

    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")

    await outside.sees("请加入群")
    await inside.sees("您已加入群")
    await inside.sees_nothing_of("申请加入")
    await office.sees("城建环保：2 人，已加入 1 人")


async def test_people_added_and_taken_off_by_buttons_come_and_go(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home)
    await open_circle(office)
    await office.presses("圈内名册")
    await office.presses("添加人员")
    await office.presses("王建国")
    await deputy.joins(await link_of(deputy))
    await home.settle()

    await open_circle(office)
    await office.presses("圈内名册（1）")
    await office.presses("✅ 王建国")
    await office.presses("确认移出", on="将王建国移出“城建环保”工作圈名册？")

    await deputy.sees("您已不在“城建环保”工作圈")
    assert deputy.id not in await members_in(home, group)
    async with home.session() as session:
        assert list(await session.scalars(select(CircleMember))) == []
        actions = (await session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("circle.person")))).all()
    assert actions == ["circle.person_added", "circle.person_taken_off"]


async def test_who_was_invited_and_is_taken_off_loses_the_link(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    link = await link_of(deputy)
    await open_circle(office)
    await office.presses("圈内名册")
    await office.presses("· 王建国")
    await office.presses("确认移出")

    await deputy.sees("入群链接已失效")
    await deputy.joins(link)

    await deputy.sees("您不在群“城建环保交流群”的工作圈名册中")
    assert deputy.id not in await members_in(home, group)


async def test_an_administrator_cannot_be_taken_out_by_the_bot_and_the_office_is_asked_to(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "user": deputy.id, "admin": True})
    await home.settle()

    await open_circle(office)
    await office.presses("圈内名册")
    await office.presses("✅ 王建国")
    await office.presses("确认移出")

    await office.sees("请手动移出")
    await open_circle(office)
    await office.presses("群内名册外人员（1）")
    card = await office.sees("王建国（代表之家人员，不在本群工作圈）（群管理员，机器人不能移出）")
    assert "移出王建国" not in shown(card)


async def test_who_comes_in_by_an_open_link_is_reported_and_can_be_removed(home: Village) -> None:
    office, group = await bound(home)
    stranger = await home.stranger("路人")
    opened = await home.home.bot.create_chat_invite_link(group)

    assert await stranger.joins(opened.invite_link) == "joined"
    await office.presses("移出该成员", on="名册以外的人员“路人”进入了群")

    await home.settle()
    assert stranger.id not in await members_in(home, group)


async def test_who_was_removed_and_is_put_back_on_the_roster_can_come_in_again(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()
    await open_circle(office)
    await office.presses("圈内名册")
    await office.presses("✅ 王建国")
    await office.presses("确认移出")
    await home.settle()

    await office.presses("添加人员")
    await office.presses("王建国")
    await deputy.joins(await link_of(deputy))

    await home.settle()
    assert deputy.id in await members_in(home, group)


async def test_who_leaves_the_roster_leaves_every_group_they_are_in(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()

    await office.says("/roster")
    await office.presses("查找")
    await office.says("王建国")
    await office.presses("移出名册")
    await office.presses("确认")

    await home.settle()
    assert deputy.id not in await members_in(home, group)
    async with home.session() as session:
        assert deputy.id not in (await session.scalars(select(ChatPresence.telegram_id))).all()


async def test_strangers_who_speak_in_the_group_are_reported_once_and_can_be_removed(home: Village) -> None:
    colleague = await home.person("吴干事", Role.OFFICE)
    office, group = await bound(home)
    stranger = await home.stranger("路人")
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "user": stranger.id})
    await home.settle()
    for words in ("大家好", "有人吗"):
        await stranger.says(words, chat=group)
    await home.settle()

    assert len([m for m in await office.messages() if "“路人”进入了群" in shown(m)]) == 1
    await open_circle(office)
    await office.presses("群内名册外人员（1）")
    await office.presses("移出路人")

    await colleague.sees("已从群“城建环保交流群”移出")
    assert stranger.id not in await members_in(home, group)
    async with home.session() as session:
        assert stranger.id not in (await session.scalars(select(ChatPresence.telegram_id))).all()


async def test_somebody_of_the_home_found_in_the_group_is_put_on_its_roster_with_one_tap(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home)
    await add_by(home, office, group, deputy)
    await office.sees("王建国不属于群“城建环保交流群”的工作圈")

    await open_circle(office)
    await office.presses("群内名册外人员（1）")
    await office.presses("列入本圈：王建国")

    await office.sees("已将王建国列入“城建环保”工作圈")
    await deputy.sees("您已列入“城建环保”工作圈")
    await deputy.sees_nothing_of("请加入群")
    async with home.session() as session:
        [membership] = await session.scalars(select(CircleMember))
        assert membership.joined_at is not None


async def test_the_unjoined_are_reminded_weekly_three_times_and_no_more_once_in(home: Village) -> None:
    slow, quick = await home.person("王建国"), await home.person("李四")
    office, _ = await bound(home, slow, quick)

    await home.passes(WEEK + timedelta(minutes=1))
    for phone in (slow, quick):
        await phone.sees("提醒：您还没有加入群“城建环保交流群”")
    await quick.joins(await link_of(quick))
    await home.settle()
    for _ in range(4):
        await home.passes(WEEK)

    async with home.session() as session:
        rows = await session.execute(select(Person.name, CircleMember.reminders, CircleMember.remind_at).join(CircleMember))
        assert {name: (reminders, at) for name, reminders, at in rows} == {"王建国": (3, None), "李四": (1, None)}
    await quick.sees_nothing_of("提醒：您还没有加入群")
    await open_circle(office)
    await office.sees("王建国（已提醒 3 次）")


async def test_nobody_is_reminded_at_night(home: Village) -> None:
    deputy = await home.person("王建国")
    await bound(home, deputy)

    await home.passes(WEEK + timedelta(hours=11))
    await deputy.sees_nothing_of("提醒：您还没有加入群")
    await home.passes(timedelta(hours=9))

    await deputy.sees("提醒：您还没有加入群")


async def test_a_group_renamed_by_people_is_known_by_its_new_name(home: Village) -> None:
    office, group = await bound(home)

    await home.request("POST", f"/sandbox/groups/{group}/title", json={"by": office.id, "title": "城建代表之家"})

    await office.sees("群“城建代表之家”已绑定工作圈")
    assert (await circle_named(home, "城建环保")).chat_id == group


async def test_when_whoever_looked_after_a_group_leaves_the_office_another_does(home: Village) -> None:
    colleague = await home.person("吴干事", Role.OFFICE)
    office, group = await bound(home)
    async with home.session() as session:
        person = await session.scalar(select(Person).where(Person.name == "周主任"))
        assert person is not None
        person.take(Role.OFFICE)

    await home.request("POST", f"/sandbox/groups/{group}/title", json={"by": office.id, "title": "新群名"})

    await colleague.sees("群“新群名”已绑定工作圈")
    await office.sees_nothing_of("新群名")


async def test_retiring_a_circle_hands_its_open_issues_on_and_tells_everybody(home: Village) -> None:
    deputy, member = await home.person("王建国"), await home.person("李四")
    office = await home.person("周主任", Role.OFFICE)
    for name, phone in (("城建环保", member), ("妇女", deputy), ("城建环保", deputy)):
        await put_in_circle(home, name, phone)
    group = await forum(home, office)
    for phone in (deputy, member):
        await phone.joins(await link_of(phone))
    await home.settle()
    await share(home, deputy)
    issue = await the_issue(home)
    number = issue.number or ""
    before, other = await circle_named(home, "城建环保"), await circle_named(home, "妇女")

    await open_circle(office)
    await office.presses("停用")
    asked = await office.sees("停用“城建环保”工作圈？")
    assert number in asked["text"]
    await office.presses("转到：妇女")

    done = await office.sees("“城建环保”工作圈已停用，已通知 2 人")
    assert f"“妇女”工作圈：{number}" in done["text"]
    await office.sees(number, chat=group, thread=other.thread_id)
    await office.sees("未办结的问题转到“妇女”工作圈", chat=group, thread=before.thread_id)
    left = [m for m in await office.messages(group, before.thread_id) if number in shown(m)]
    assert len(left) == 1
    assert "reply_markup" not in left[0]
    await deputy.sees(f"“妇女”工作圈：{number}")
    await deputy.sees("“城建环保”工作圈已停用")
    await member.sees("将退出该群")
    inside = await members_in(home, group)
    assert (deputy.id in inside, member.id in inside) == (True, False)
    [closed] = await home.calls("closeForumTopic")
    assert (closed["ok"], closed["params"]["message_thread_id"]) == (True, before.thread_id)
    assert before.invite_link in [call["params"]["invite_link"] for call in await home.calls("revokeChatInviteLink")]


async def test_a_retired_circle_stays_readable_and_its_group_stays_for_people(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home, deputy)
    await deputy.joins(await link_of(deputy))
    await home.settle()

    await open_circle(office)
    await office.presses("停用")
    await office.presses("确认停用", on="停用“城建环保”工作圈？")

    await office.sees("群“城建环保交流群”仍保留")
    assert deputy.id in await members_in(home, group)
    await office.says("/circles")
    await office.presses("已停用的工作圈（1）")
    await office.presses("城建环保（2026-03-10）")
    card = await office.sees("停用前所在群：城建环保交流群")
    assert "王建国" in card["text"]


async def test_without_another_circle_open_issues_go_on_with_the_specialists(home: Village) -> None:
    deputy, specialist = await home.person("王建国"), await home.person("李四", specialties=("城建环保",))
    office, _ = await bound(home)
    await share(home, deputy)
    number = (await the_issue(home)).number or ""

    await open_circle(office)
    await office.presses("停用")
    await office.presses("只由专业代表办理")

    await office.sees(f"由专业代表单独办理：{number}")
    await deputy.sees(f"由专业代表单独办理：{number}")
    await specialist.sees(number)


async def test_withdrawing_an_issue_blanks_it_where_its_circle_was_retired(home: Village) -> None:
    deputy = await home.person("王建国")
    office, group = await bound(home)
    await share(home, deputy)
    await open_circle(office)
    await office.presses("停用")
    await office.presses("只由专业代表办理")
    await office.sees("翠竹小区", chat=group)

    await deputy.presses("撤回")
    await deputy.presses("确认撤回")

    await office.sees("该问题已由提出代表撤回", chat=group)
    await office.sees_nothing_of("翠竹小区", chat=group)


async def test_a_topic_made_for_a_circle_that_was_retired_meanwhile_is_closed(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await group_of(home, office, "代表之家", type="supergroup", is_forum=True, admin=ALL_RIGHTS)
    await home.request("POST", "/sandbox/faults", json={"method": "createForumTopic", "count": 1, "kind": "429", "retry_after": 60})
    await open_circle(office, "妇女")
    await office.presses("绑定群", on="“妇女”工作圈")
    await office.presses("建话题：代表之家")
    await office.presses("确认", on="将在群“代表之家”中新建 1 个话题")
    await open_circle(office, "妇女")
    await office.presses("停用")
    await office.presses("确认停用")

    await home.passes(timedelta(minutes=2))

    assert len(await home.calls("closeForumTopic")) == 1


async def test_a_forged_press_changes_no_circle(home: Village) -> None:
    office, _ = await bound(home)
    deputy = await home.person("王建国")
    menu = await deputy.sees("请选择")
    circle = await circle_named(home, "城建环保")

    toasts = [
        await deputy.presses_data(menu["message_id"], data)
        for data in (
            f"cir:n:{circle.id}",
            "cie:m:0:0",
            f"cie:r:{circle.id}:0",
            f"cro:{circle.id}:a:1:0",
            f"cro:{circle.id}:x:1:0",
            f"cre:{circle.id}:1:0",
            f"grp:{circle.chat_id}:k:0",
        )
    ]

    assert all("没有这项权限" in toast for toast in toasts)
    assert (await circle_named(home, "城建环保")).invite_link == circle.invite_link
    await office.sees_nothing_of("停用前")
