"""The activity journey: made by form or message, noticed in time, and followed on one card."""

from __future__ import annotations

from datetime import timedelta

from models.people import Role
from tests.village import Phone, Village, both_ways

WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
MESSAGE = "活动：视察城区污水处理厂\n类型：视察\n时间：3月25日上午9点\n地点：区政府东门\n对象：全体代表\n说明：请带笔记本"
SOON = MESSAGE.replace("3月25日", "3月12日")
TITLE = "视察城区污水处理厂"


async def publish(home: Village, office: Phone, message: str = SOON, button: str = "确认发布") -> None:
    """An activity made by one message, and the notices that are due at once."""
    await office.says(message)
    await office.presses(button)
    await home.tick()


async def card_of(home: Village, office: Phone) -> str:
    """The office's card, after the three seconds that it may take to follow."""
    await home.passes(timedelta(seconds=3))
    card = await office.sees("未回复", chat="bot")
    return str(card["text"])


@both_ways
async def test_the_office_makes_an_activity_by_the_guided_form(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", area="史河街道")
    await home.person("李秀英", area="平岗街道")

    await office.says("/new_activity")
    await office.presses("视察")
    await office.says(TITLE)
    await office.presses("下周三 14:30")
    await office.says("区政府东门")
    await office.presses("归属地")
    await office.presses("史河街道")
    await office.presses("完成（共 1 人）")
    await office.presses("跳过")

    preview = await office.sees("请核对，确认后发布")
    for text in ("类型：视察", "2026年3月18日(周三) 14:30", "区政府东门", "史河街道", "预通知：3月11日(周三) 14:30"):
        assert text in preview["text"]
    await office.presses("确认发布")
    await office.sees("已发布：视察城区污水处理厂")
    await home.passes(2 * DAY)
    await deputy.sees("活动预通知")


async def test_one_message_of_labelled_lines_goes_straight_to_the_preview(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says(MESSAGE)

    preview = await office.sees("请核对，确认后发布")
    for text in ("类型：视察", TITLE, "2026年3月25日(周三) 09:00", "区政府东门", "全体代表", "请带笔记本", "对象（1 人）"):
        assert text in preview["text"]


async def test_labelled_lines_are_read_in_english_too(home: Village) -> None:
    office = await home.person("Zhou", Role.OFFICE, language="en")
    await home.person("王建国")

    lines = ("Activity: Visit to the sewage works", "Kind: Inspection tour", "When: 25 March 9:00-11:30", "Where: East gate", "For: all")
    await office.says("\n".join(lines))

    preview = await office.sees("Please check, then publish")
    assert "Wed 25 March 2026 09:00–11:30" in preview["text"]


async def test_what_a_message_lacks_is_asked_for_by_the_form(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says("活动：春季座谈会\n时间：3月25日\n对象：全体代表、赵无名\n提前通知：5天, 2天, 3小时")

    await office.sees("请写明几点")
    await office.sees("名册中没有找到：赵无名")
    await office.presses("座谈会")
    await office.says("3月25日下午3点")
    await office.says("三楼会议室")
    await office.presses("完成（共 1 人）")
    await office.presses("跳过")
    preview = await office.sees("请核对，确认后发布")
    assert "预通知：3月20日(周五) 15:00（提前5天）" in preview["text"]
    assert "提醒：3月25日(周三) 12:00（提前3小时）" in preview["text"]


async def test_a_time_that_cannot_be_read_is_answered_with_examples(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.says("/new_activity")
    await office.presses("培训")
    await office.says("代表培训")
    answers = {"过几天": "没有看懂", "昨天9点": "已经过去", "2029年3月1日9点": "一年以后", "明天3点": "上午还是下午"}
    for written, answer in answers.items():
        await office.says(written)
        await office.sees(answer)

    await office.says("明天下午三点半")
    shown = await office.sees("请选择或输入活动地点")
    assert "2026年3月11日(周三) 15:30" in shown["text"]


async def test_back_and_change_keep_what_was_told(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says(MESSAGE)
    await office.presses("修改")
    await office.presses("地点", on="请核对")
    await office.says("政务中心")
    shown = await office.sees("请核对，确认后发布")
    await office.presses("返回")
    await office.presses("保留不变")

    assert "政务中心" in shown["text"]
    assert "政务中心" in (await office.sees("请核对，确认后发布"))["text"]


async def test_people_are_called_by_typing_their_names(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    for name in ("王建国", "李秀英", "陈明", "陈明"):
        await home.person(name)

    await office.says(SOON.replace("全体代表", "王建国"))
    await office.presses("修改")
    await office.presses("对象", on="请核对")
    await office.says("李秀英、陈明")

    await office.sees("有重名：陈明")
    await office.presses("☐ 陈明")
    await office.presses("完成（共 3 人）")
    assert "王建国、李秀英、陈明" in (await office.sees("请核对，确认后发布"))["text"]


async def test_a_button_of_an_earlier_form_does_nothing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says(MESSAGE)
    old = await office.sees("请核对，确认后发布")
    publish_old = old["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    await home.passes(HOUR)
    await office.says("/new_activity")

    assert "已失效" in await office.presses_data(old["message_id"], publish_old)
    await office.sees_nothing_of("已发布")


async def test_a_discarded_form_publishes_nothing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.says("/new_activity")
    await office.presses("取消")

    await office.sees("没有发布活动")


@both_ways
async def test_pre_notice_formal_notice_and_reminders_come_in_their_time(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)  # 25 March, 9:00: fifteen days ahead

    await deputy.sees_nothing_of(TITLE)
    for days, heading in ((8, "活动预通知"), (4, "活动正式通知"), (2, "活动提醒")):
        await home.passes(days * DAY)
        notice = await deputy.sees(heading)
        assert notice["document"]["file_name"] == f"{TITLE}.ics"
    await deputy.presses("参加")
    await home.passes(20 * HOUR)

    assert "请准时到场" in (await deputy.sees("活动提醒"))["caption"]
    await home.passes(DAY)
    reminders = [message for message in await deputy.messages() if "活动提醒" in message.get("caption", "")]
    assert len(reminders) == 1, "the reminder that was answered has become the answer; the second came before the start, none after"


async def test_the_answer_stands_on_the_notice_and_on_the_office_card(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await home.person("李秀英"), await home.person("赵丽", linked=False)
    await publish(home, office)

    toast = await deputy.presses("参加", on="活动正式通知")

    assert toast == "已登记：参加"
    assert "您的答复：✅ 参加" in (await deputy.sees("改为请假"))["caption"]
    card = await card_of(home, office)
    for text in ("▓▓▓▓▓▓▓▓▓▓ 已发 2/2", "送达 2/3", "未送达 1 人", "参加 1", "未回复 2"):
        assert text in card


async def test_the_list_says_who_answered_what_and_whom_it_did_not_reach(home: Village) -> None:
    office, deputy, away = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await home.person("赵丽", linked=False)
    await away.blocks()
    await publish(home, office)
    await deputy.presses("参加")

    await office.presses("名单")

    names = (await office.sees("名单：视察"))["text"]
    assert "参加 · 1\n王建国" in names
    assert "李秀英：已停用机器人，无法送达" in names
    assert "赵丽：尚未进入代表之家" in names


async def test_whoever_comes_in_late_gets_the_notice_then(home: Village) -> None:
    office, away = await home.person("周主任", Role.OFFICE), await home.person("李秀英")
    newcomer = await home.person("赵丽", linked=False)
    await away.blocks()
    await publish(home, office)

    await newcomer.starts()
    await newcomer.shares_phone()
    await away.starts()
    await home.tick()
    await home.tick()

    for person in (newcomer, away):
        await person.sees("活动正式通知")
        assert len([m for m in await person.messages() if "活动正式通知" in m.get("caption", "")]) == 1
    assert "送达 2/2" in await card_of(home, office)


async def test_a_moved_activity_tells_everybody_and_asks_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    await deputy.presses("参加")
    old = await deputy.sees("改为请假")

    await office.presses("改时间/地点")
    await office.presses("改时间")
    await office.says("3月20日下午2点半")
    assert "改为 2026年3月20日(周五) 14:30" in (await office.sees("原通知作废"))["text"]
    await office.presses("确认变更")
    await home.tick()

    change = await deputy.sees("活动变更通知")
    assert "时间由 3月12日(周四) 09:00 改为 3月20日(周五) 14:30" in change["caption"]
    assert "请您重新答复" in change["caption"]
    assert "参加 0" in await card_of(home, office)
    await home.passes(DAY)  # the reminder for the old time
    await deputy.sees_nothing_of("活动提醒")
    assert "有变更" in await deputy.presses_data(old["message_id"], "at:1:0")
    await deputy.presses("参加", on="活动变更通知")
    assert "参加 1" in await card_of(home, office)


async def test_another_place_is_told_and_asked_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    await deputy.presses("参加")

    await office.presses("改时间/地点")
    await office.presses("改地点")
    await office.says("政务中心")
    await office.presses("确认变更")
    await home.tick()

    change = (await deputy.sees("活动变更通知"))["caption"]
    assert "地点由 区政府东门 改为 政务中心" in change
    assert "请您重新答复" in change
    assert "参加 0" in await card_of(home, office)


async def test_a_postponed_activity_takes_no_answers_until_it_has_a_new_time(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    notice = await deputy.sees("活动正式通知")

    await office.presses("改时间/地点")
    await office.presses("延期")
    await office.presses("确认延期")
    await home.tick()
    await deputy.sees("活动延期通知")
    assert "已取消或延期" in await deputy.presses_data(notice["message_id"], "at:1:0")

    await office.presses("改时间/地点")
    await office.presses("改时间")
    await office.says("3月30日上午9点")
    await office.presses("确认变更")
    await home.tick()
    await deputy.presses("参加", on="活动变更通知")


async def test_a_cancelled_activity_is_called_off_for_everybody(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)

    await office.presses("取消活动")
    await office.presses("确认取消活动")
    await home.tick()

    assert "请勿前往" in (await deputy.sees("活动取消通知"))["caption"]
    await home.passes(2 * DAY)
    await deputy.sees_nothing_of("活动提醒")


async def test_answers_are_closed_once_it_has_begun(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    notice = await deputy.sees("活动正式通知")

    await home.passes(3 * DAY)

    assert "已经开始" in await deputy.presses_data(notice["message_id"], "at:1:0")
    assert "已经开始" in await deputy.presses_data(notice["message_id"], "lv:1:begin")
    await office.says("/activities")
    await office.sees("已结束")


async def test_forged_and_foreign_presses_do_nothing(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await publish(home, office, SOON.replace("全体代表", "王建国"))
    menu = await other.sees("请选择")

    for data in ("at:1:0", "lv:1:begin", "iv:1", "at:99:0", "at:99999999999:0", "at:x:0"):
        assert "已失效" in await other.presses_data(menu["message_id"], data)
    for data in (
        "ac:1:cancel2",
        "ac:1:names",
        "ac:1:sheet",
        "ac:1:change",
        "ac:1:open",
        "ac:1:move",
        "ac:1:leave_it",
        "ac:99:names",
        "af:1:publish:",
    ):
        assert "没有这项权限" in await other.presses_data(menu["message_id"], data)
    await home.tick()
    await deputy.sees_nothing_of("活动取消通知")


async def test_a_deputy_finds_the_activities_and_answers_from_the_list(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)

    await deputy.says("/activities")
    await deputy.presses(TITLE)
    await deputy.presses("参加")

    await deputy.sees("您的答复：✅ 参加")
    assert "参加 1" in await card_of(home, office)


async def test_a_group_leader_calls_only_the_own_group(home: Village) -> None:
    leader = await home.person("孙组长", Role.DEPUTY, Role.GROUP_LEADER, group="第一代表小组")
    await home.person("王建国", group="第一代表小组"), await home.person("李秀英", group="第二代表小组")

    await leader.says(SOON)
    await leader.presses("确认发布")
    await home.tick()

    card = await leader.sees("未回复")
    assert "对象（2 人）：第一代表小组" in card["text"]


async def test_area_staff_see_their_own_areas_people_and_no_reasons(home: Village) -> None:
    office, staff = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.AREA_STAFF, area="史河街道")
    deputy = await home.person("王建国", area="史河街道")
    await home.person("李秀英", area="平岗街道")
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("生病")
    await deputy.says("住院手术")

    await staff.says("/activities")
    await staff.presses(TITLE)
    await staff.presses("名单")

    await staff.sees("王建国")
    await staff.sees_nothing_of("李秀英")
    await staff.sees_nothing_of("住院")


async def test_somebody_of_the_office_who_is_called_too_answers_below_the_card(home: Village) -> None:
    both = await home.person("周主任", Role.OFFICE, Role.DEPUTY)
    await publish(home, both)

    await both.says("/activities")
    await both.presses(TITLE, on="📅 活动")
    await both.presses("我的答复")
    await both.presses("参加", on="活动通知")

    assert "参加 1" in await card_of(home, both)


async def test_the_card_shows_how_far_the_notice_has_gone_out(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国"), await home.person("李秀英")
    await home.request("POST", "/sandbox/faults", json={"method": "sendDocument", "count": 1, "kind": "429", "retry_after": 30})
    await publish(home, office)

    assert "▓▓▓▓▓░░░░░ 已发 1/2" in await card_of(home, office)
    await home.passes(timedelta(seconds=40))
    assert "▓▓▓▓▓▓▓▓▓▓ 已发 2/2" in await card_of(home, office)


async def test_the_longest_texts_still_fit_into_one_notice(home: Village) -> None:
    office, deputy = await home.person("Zhou", Role.OFFICE, language="en"), await home.person("Wang", language="en")
    title, place, notes = "T" * 80, "P" * 80, "N" * 500
    lines = (f"Activity: {title}", "Kind: other", "Time: 12 March 9:00", f"Place: {place}", "For: all", f"Notes: {notes}")
    await publish(home, office, "\n".join(lines), "Publish")
    await deputy.sees(notes)

    await office.presses("Time or place")
    await office.presses("New place")
    await office.says("Q" * 80)
    await office.presses("Confirm the change")
    await office.presses("Time or place")
    await office.presses("New time")
    await office.says("20 March 9:00")
    await office.presses("Change more")
    await office.presses("New title")
    await office.says("S" * 80)
    await office.presses("Change more")
    await office.presses("New length")
    await office.says("100 minutes")
    await office.presses("Confirm the change")
    await home.tick()

    change = (await deputy.sees("This activity has changed"))["caption"]
    assert place in change
    assert "Q" * 80 in change


async def test_what_is_too_long_is_sent_back_politely(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await office.says("/new_activity")
    await office.presses("学习")

    await office.says("长" * 81)
    await office.sees("最多 80 字，现在是 81 字")
    await office.says("🎉" * 41)

    await office.sees("最多 80 字，现在是 82 字")
    await office.sees("请输入活动名称")


async def test_the_notice_times_change_with_one_button(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says(MESSAGE)

    await office.presses("通知时间")
    await office.sees("提前14天")
    await office.presses("通知时间")

    preview = (await office.sees("请核对，确认后发布"))["text"]
    assert "预通知" not in preview
    assert "正式通知：3月23日(周一) 09:00（提前2天）" in preview


async def test_the_list_of_very_many_names_fits_into_a_message(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    for number in range(40):
        await home.person(f"名字很长的代表{number:02}号" * 3, linked=False)
    await publish(home, office)

    await office.presses("名单")

    names = (await office.sees("名单：视察"))["text"]
    assert "未回复 · 40" in names
    assert "完整名单请导出表格" in names


async def test_the_preview_warns_when_nobody_could_decide_on_leave(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says(MESSAGE)
    await office.sees("请假将无人审批")
    await home.person("郑主任", Role.LEADER)
    await office.presses("通知时间")

    assert "请假将无人审批" not in (await office.sees("请核对，确认后发布"))["text"]


async def test_a_kind_may_be_typed_and_places_are_remembered(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office)

    await office.says("/new_activity")
    await office.says("钓鱼")
    await office.sees("没有“钓鱼”这一活动类型")
    await office.says("座谈会")
    await office.says("春季座谈会")
    await office.presses("下周一 09:00")
    await office.presses("区政府东门")

    assert "地点：区政府东门" in (await office.sees("请选择参加对象"))["text"]


async def test_what_cannot_be_used_of_a_message_is_named_and_the_rest_kept(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says(f"活动：座谈\n类型：钓鱼\n时间：3月25日上午9点\n结束：11:30\n地点：{'远' * 81}\n对象：全体\n提前通知：早一点")

    for trouble in ("没有“钓鱼”", "最多 80 字", "没有看懂通知时间"):
        await office.sees(trouble)
    await office.presses("座谈会")
    assert "时间：2026年3月25日(周三) 09:00–11:30" in (await office.sees("请选择或输入活动地点"))["text"]


async def test_the_preview_waits_for_a_button_and_the_form_for_text(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says(MESSAGE)

    await office.says("好的")
    await office.sees("请核对上面的内容")
    await office.sends("voice")
    await office.sees("请输入文字")

    await office.presses("确认发布")
    await office.sees("已发布")


async def test_forged_presses_on_the_form_do_nothing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says(MESSAGE)
    card = await office.sees("请核对，确认后发布")
    token = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]

    for forged in (
        "kind:x",
        "when:soon",
        "place:99",
        "toggle:person-x",
        "toggle:1",
        "toggle:person-99999999999",
        "tab:x",
        "goto:x",
        "goto:preview",
        "what:x",
    ):
        assert "已失效" in await office.presses_data(card["message_id"], f"af:{token}:{forged}")
    for time, answer in (("202603010900", "已经过去"), ("203003010900", "一年以后")):
        assert answer in await office.presses_data(card["message_id"], f"af:{token}:when:{time}")

    await office.presses("确认发布")
    await office.sees("已发布：视察城区污水处理厂")


async def test_nothing_changes_when_the_office_thinks_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)

    await office.presses("改时间/地点")
    await office.presses("改地点")
    await office.sends("voice")
    await office.says("政务中心")
    await office.presses("不改了", on="改为")
    stale = await office.sees("未作改动")

    assert "已失效" in await office.presses_data(stale["message_id"], "ac:1:move")
    await home.tick()
    await deputy.sees_nothing_of("活动变更通知")


async def test_a_group_leader_without_a_group_is_told_so(home: Village) -> None:
    head = await home.person("孙组长", Role.GROUP_LEADER)

    await head.says("/new_activity")

    await head.sees("还没有所属代表小组")
