"""Whom an activity is for, as the roster lives on; few places; what speaks against a day; changes; one's own calendar."""

from __future__ import annotations

from datetime import timedelta

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus
from sqlalchemy import select

from models.forms import open_form
from models.people import Person, Role
from tests.journeys.test_activities import MESSAGE, SOON, TITLE, card_of, publish
from tests.village import Phone, Village

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def calendar_in(home: Village, message: dict[str, object]) -> Calendar:
    """The calendar file of a message, read by a library that did not write it."""
    file_id = message["document"]["file_id"]  # type: ignore[index]  # a message with a file
    async with home.http.get(f"{home.address}/sandbox/files/{file_id}") as response:
        return IcsCalendarStream.calendar_from_ics((await response.read()).decode())


async def change(office: Phone, *steps: tuple[str, str]) -> None:
    """Change several things at once: each a button and what is typed then."""
    for number, (button, text) in enumerate(steps):
        await office.presses("再改一项" if number else "改时间/地点等")
        await office.presses(button, on="要改什么")
        await office.says(text)


async def test_an_audience_is_put_together_and_people_left_out_before_anything_is_sent(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    called, left_out = await home.person("王建国", group="第一小组"), await home.person("李秀英", group="第二小组")
    await home.person("郑主任", Role.LEADER)

    await office.says(MESSAGE)
    await office.presses("修改")
    await office.presses("对象", on="请核对")
    await office.presses("角色")
    await office.presses("常委会主要领导")
    await office.presses("不参加")
    await office.presses("小组")
    await office.presses("☐ 第二小组")

    form = await office.sees("☒ 第二小组")
    assert "对象（2 人）：全体代表、常委会主要领导（第二小组除外）" in form["text"]
    assert "名单：王建国、郑主任" in form["text"]
    await office.presses("完成（共 2 人）")
    await office.presses("全部名单（2 人）")
    assert "1. 王建国" in (await office.sees("参加对象（2 人）"))["text"]
    await office.presses("确认发布")
    await home.passes(8 * DAY)
    await called.sees("活动预通知")
    await left_out.sees_nothing_of(TITLE)


async def test_all_the_names_of_a_large_audience_are_paged(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    for number in range(130):
        await home.person(f"代表{number:03}", linked=False)

    await office.says(MESSAGE)

    assert "代表000、代表001" in (await office.sees("请核对，确认后发布"))["text"]
    await office.presses("全部名单（130 人）")
    assert "60. 代表059" in (await office.sees("参加对象（130 人）"))["text"]
    await office.presses("下一页")
    await office.presses("下一页")
    page = await office.sees("参加对象（130 人）")
    assert "130. 代表129" in page["text"]
    assert "下一页" not in str(page["reply_markup"])


async def test_what_is_left_out_may_be_written(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国"), await home.person("李秀英"), await home.person("陈明"), await home.person("陈明")

    await office.says(SOON.replace("全体代表", "全体代表，除李秀英、陈明外"))

    await office.sees("有重名：陈明")
    assert "☐ 陈明" in str((await office.sees("▾ 不参加"))["reply_markup"])
    await office.presses("☐ 陈明")
    form = await office.sees("☒ 陈明")
    assert "对象（2 人）：全体代表（李秀英、陈明除外）" in form["text"]

    await office.says(SOON.replace("全体代表", "除李秀英外"))
    assert "对象（3 人）：全体代表（李秀英除外）" in (await office.sees("请核对，确认后发布"))["text"]


async def test_who_joins_the_roster_after_the_notice_gets_it_and_who_leaves_is_told(home: Village) -> None:
    office, stays = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    goes = await home.person("李秀英")
    await publish(home, office)
    await goes.presses("参加")
    old = await goes.sees("改为请假")

    newcomer = await home.person("赵丽")
    await office.says("/roster")
    await office.presses("查找")
    await office.says("李秀英")
    await office.presses("移出名册")
    await office.presses("确认移出")
    await home.passes(MINUTE)

    await newcomer.presses("参加", on="活动正式通知")
    told = await goes.sees("无需参加以下活动")
    event = (await calendar_in(home, told)).events[0]
    assert event.status is EventStatus.CANCELLED
    assert "参加 1" in await card_of(home, office)
    assert "对象（2 人）" in await card_of(home, office)
    await goes.presses_data(old["message_id"], "at:1:0")
    assert "参加 1" in await card_of(home, office)
    await home.passes(DAY - 2 * HOUR)
    await stays.sees("活动提醒")
    await goes.sees_nothing_of("活动提醒")
    await office.presses("名单", on="未回复")
    assert "不再参加（已调整） · 1\n李秀英" in (await office.sees("名单：视察"))["text"]


async def test_who_joins_between_the_cancelling_and_its_notice_hears_nothing(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    await office.presses("取消活动")
    await office.presses("确认取消活动")
    newcomer = await home.person("赵丽")

    await home.passes(MINUTE)

    await deputy.sees("活动取消通知")
    await newcomer.sees_nothing_of(TITLE)


async def test_whom_a_published_activity_calls_may_be_changed(home: Village) -> None:
    office, stays = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    goes, comes = await home.person("李秀英"), await home.person("赵丽")
    await publish(home, office, SOON.replace("全体代表", "王建国、李秀英"))
    notice = await goes.sees("活动正式通知")

    await change(office, ("改对象", "赵丽，除李秀英外"))

    preview = (await office.sees("对象改为"))["text"]
    assert "新增 1 人：赵丽" in preview
    assert "不再参加 1 人：李秀英" in preview
    await office.presses("确认变更")
    await home.tick()
    await comes.sees("活动正式通知")
    await goes.sees("无需参加以下活动")
    await stays.sees_nothing_of("变更通知")
    assert "无需参加" in await goes.presses_data(notice["message_id"], "at:1:0")


async def test_a_waiting_list_moves_up_by_itself(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    first, second, third = [await home.person(name) for name in ("王建国", "李秀英", "赵丽")]
    await publish(home, office, f"{SOON}\n名额：1")

    assert "名额 1 人" in (await first.sees("活动正式通知"))["caption"]
    await first.presses("参加")
    assert "候补名单" in await second.presses("参加", on="活动正式通知")
    await home.passes(timedelta(seconds=1))
    await third.presses("参加", on="活动正式通知")
    assert "候补第 1 位" in (await second.sees("退出候补"))["caption"]
    assert "候补第 2 位" in (await third.sees("退出候补"))["caption"]
    card = await card_of(home, office)
    for text in ("名额 1/1，候补 2", "未回复 0"):
        assert text in card

    await first.presses("取消报名")
    await home.tick()
    await second.sees("候补递补成功")
    await second.presses("改为请假", on="候补递补成功")
    await second.presses("生病")
    await second.says("住院")
    await home.settle()
    await home.tick()
    await third.sees("候补递补成功")
    assert "名额 1/1" in await card_of(home, office)


async def test_more_places_move_several_up_and_tell_nobody_else(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    people = [await home.person(f"代表{number}") for number in range(4)]
    await publish(home, office, f"{SOON}\n名额：1")
    for person in people[:3]:
        await person.presses("参加", on="活动正式通知")
        await home.passes(timedelta(seconds=1))

    await change(office, ("改名额", "三个"))
    assert "名额由 1 改为 3" in (await office.sees("只通知有变动的人员"))["text"]
    await office.presses("确认变更")
    await home.tick()

    for person in people[1:3]:
        await person.sees("候补递补成功")
    await people[0].sees_nothing_of("递补")
    await people[3].sees_nothing_of("变更通知")
    assert "名额 3/3" in await card_of(home, office)


async def test_whoever_waited_in_vain_is_told_at_the_start(home: Village) -> None:
    office, first, second = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await publish(home, office, f"{SOON}\n名额：1")
    await first.presses("参加")
    await second.presses("参加")

    await home.passes(2 * DAY - 3 * HOUR)

    await second.sees("未能递补")
    await first.sees_nothing_of("未能递补")


async def test_places_are_chosen_by_button_and_a_wrong_number_is_explained(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says(MESSAGE)

    await office.presses("名额", on="请核对")
    await office.says("零")
    await office.sees("名额请写")
    await office.presses("30")

    preview = await office.sees("请核对，确认后发布")
    assert "名额：30 人" in preview["text"]
    token = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]
    for forged in ("places:-1", "places:x", "side:x", "toggle:role-x", "toggle:role-", "toggle:specialty-0", "names:x"):
        await office.presses_data(preview["message_id"], f"af:{token}:{forged}")
    assert "名额：30 人" in (await office.sees("请核对，确认后发布"))["text"]


async def test_a_clash_and_a_holiday_are_shown_before_it_is_published(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国"), await home.person("李秀英")
    await publish(home, office, SOON.replace("全体代表", "王建国").replace("3月12日", "10月1日"))

    await office.says(SOON.replace("视察城区污水处理厂", "国庆座谈会").replace("3月12日上午9点", "10月1日上午10点"))

    preview = (await office.sees("请核对，确认后发布"))["text"]
    assert "⚠️ 10月1日是国庆节假期" in preview
    assert f"⚠️ 时间冲突：10月1日(周四) 09:00“{TITLE}”，涉及 1 人：王建国" in preview


async def test_a_clash_and_a_made_up_day_are_shown_before_it_is_moved(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office, SOON.replace("3月12日", "10月10日"))
    await publish(home, office, SOON.replace("视察城区污水处理厂", "季度座谈会"))

    await office.presses("改时间/地点等", on="季度座谈会")
    await office.presses("改时间", on="要改什么")
    await office.says("10月10日 8:30-9:30")

    preview = (await office.sees("改为 2026年10月10日"))["text"]
    assert "10月10日是国庆节调休上班日" in preview
    assert f"“{TITLE}”，涉及 1 人：王建国" in preview
    assert "季度座谈会”，涉及" not in preview, "it does not clash with itself"
    await office.says("2027年2月3日 8:30")
    assert "2027年的放假安排尚未公布" in (await office.sees("改为 2027年2月3日"))["text"]


async def test_all_changes_come_on_one_card_with_a_calendar_file_that_replaces_the_old(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    first = (await calendar_in(home, await deputy.sees("活动正式通知"))).events[0]
    await deputy.presses("参加")

    await change(
        office, ("改时间", "3月20日下午2点半"), ("改地点", "政务中心"), ("改名称", "春季视察"), ("改时长", "90分钟"), ("改说明", "请着正装")
    )
    preview = (await office.sees("原通知作废"))["text"]
    for text in ("3月20日(周五) 14:30", "改为 政务中心", "改为 春季视察", "改为 90分钟（16:00 结束）", "改为 请着正装"):
        assert text in preview
    await office.presses("确认变更")
    await home.tick()

    notice = await deputy.sees("活动变更通知")
    for text in (
        "时间由 3月12日(周四) 09:00 改为 3月20日(周五) 14:30",
        "时长由 2小时 改为 90分钟",
        "地点由 区政府东门 改为 政务中心",
        f"名称由 {TITLE} 改为 春季视察",
        "说明有更新",
        "请着正装",
        "请您重新答复",
    ):
        assert text in notice["caption"]
    second = (await calendar_in(home, notice)).events[0]
    assert (first.uid, first.sequence, second.sequence) == (second.uid, 0, 1)
    assert (second.summary, second.location, second.description) == ("春季视察", "政务中心", "请着正装")
    assert second.end - second.start == timedelta(minutes=90)
    assert len([m for m in await deputy.messages() if "变更通知" in m.get("caption", "")]) == 1

    await office.presses("取消活动")
    await office.presses("确认取消活动")
    await home.tick()
    calendar = await calendar_in(home, await deputy.sees("活动取消通知"))
    assert (calendar.method, calendar.events[0].uid, calendar.events[0].sequence) == ("CANCEL", first.uid, 2)
    assert calendar.events[0].status is EventStatus.CANCELLED


async def test_a_group_leader_changes_everything_but_whom_it_is_for(home: Village) -> None:
    leader = await home.person("孙组长", Role.DEPUTY, Role.GROUP_LEADER, group="第一小组")
    await home.person("王建国", group="第一小组")
    other = await home.person("李秀英", group="第二小组")
    await publish(home, leader)

    await leader.presses("改时间/地点等")
    menu = await leader.sees("要改什么")
    assert "改名称" in str(menu["reply_markup"])
    assert "改对象" not in str(menu["reply_markup"])
    assert "没有这项权限" in await leader.presses_data(menu["message_id"], "ac:1:whom")
    async with home.session() as session:  # as if the question had stood open since they were of the office
        chief = await session.scalar(select(Person).where(Person.name == "孙组长"))
        assert chief is not None
        await open_form(session, chief.id, "move", "whom", now=home.clock.now(), activity=1, changes={})
    await leader.says("李秀英")
    assert "没有这项权限" in await leader.presses("确认变更")
    await home.passes(MINUTE)
    await other.sees_nothing_of(TITLE)


async def test_another_title_or_length_is_told_but_not_asked_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    await deputy.presses("参加")

    await change(office, ("改时长", "11:30"), ("改说明", "无"))
    await office.presses("确认变更")
    await home.tick()

    notice = (await deputy.sees("活动变更通知"))["caption"]
    assert "时长由 2小时 改为 150分钟" in notice
    assert "您的答复：✅ 参加" in notice
    assert "参加 1" in await card_of(home, office)


async def test_what_changes_nothing_or_is_not_understood_is_said(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)

    await change(office, ("改时长", "很久"))
    await office.sees("没有看懂")
    await office.says("100天")
    await office.sees("没有看懂时长")
    await office.says("2小时")
    assert "没有需要变更" in await office.presses("确认变更")
    await home.tick()
    await deputy.sees_nothing_of("变更通知")


async def test_somebody_called_after_a_change_hears_of_the_activity_as_it_is(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office)
    await change(office, ("改地点", "政务中心"))
    await office.presses("确认变更")
    await home.tick()

    newcomer = await home.person("赵丽")
    await home.passes(MINUTE)

    notice = (await newcomer.sees("活动通知"))["caption"]
    assert "政务中心" in notice
    assert "地点由" not in notice


async def test_ones_own_activities_month_by_month_and_as_one_calendar_file(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    for day in range(1, 11):
        await publish(home, office, MESSAGE.replace("3月25日", f"4月{day}日").replace(TITLE, f"四月活动{day}"))
    await publish(home, office, MESSAGE.replace("3月25日", "6月5日").replace(TITLE, "别人的活动").replace("全体代表", "周主任"))
    await publish(home, office, MESSAGE.replace("3月25日", "7月5日").replace(TITLE, "七月活动"))
    await deputy.presses("参加", on="活动正式通知")
    await change(office, ("改地点", "政务中心"))
    await office.presses("确认变更")
    await office.presses("取消活动", on="四月活动1 ·")
    await office.presses("确认取消活动")
    await home.tick()

    await deputy.says("/activities")
    march = (await deputy.sees("我的活动 · 2026年3月"))["text"]
    assert TITLE in march
    assert "您的答复：✅ 参加" in march
    await deputy.presses("4月 ›")
    page = await deputy.sees("我的活动 · 2026年4月")
    assert "四月活动1\n4月1日(周三) 09:00 · 区政府东门\n已取消" in page["text"]
    assert "四月活动9" not in page["text"]
    await deputy.presses("下一页")
    assert "四月活动10" in (await deputy.sees("我的活动 · 2026年4月"))["text"]
    await deputy.presses("7月 ›")
    assert "七月活动" in (await deputy.sees("我的活动 · 2026年7月"))["text"]
    await deputy.sees_nothing_of("别人的活动")

    await deputy.presses("导出我的日历")
    calendar = await calendar_in(home, await deputy.sees("王建国-活动日历.ics"))
    events = {event.summary: event for event in calendar.events}
    assert len(events) == len(calendar.events) == 12
    assert events["四月活动1"].status is EventStatus.CANCELLED
    assert events["七月活动"].location == "政务中心"
    assert events["七月活动"].sequence == 1
    single = (await calendar_in(home, await deputy.sees(f"{TITLE}.ics"))).events[0]
    assert events[TITLE].uid == single.uid
    for forged in ("om:202613:0", "om:99999999:0", "om:0:99999", "om:x:0"):
        await deputy.presses_data(page["message_id"], forged)
