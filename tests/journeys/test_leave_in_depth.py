"""Leave in depth: proofs, questions, many at once, delegates, leave from a session; and who reads why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.people import Role
from tests.journeys.test_activities import MESSAGE, SOON, publish
from tests.journeys.test_leave import DAY, asks_leave, village_with_leader
from tests.village import Phone, Village, labels_of, shown

SESSION = "活动：区人代会\n类型：会议\n时间：3月25日上午9点到下午5点\n地点：大礼堂\n对象：全体代表"


async def proofs_seen(person: Phone) -> int:
    files = [message for message in await person.messages() if "photo" in message or "document" in message]
    return sum(not message.get("document", {}).get("file_name", "").endswith(".ics") for message in files)


async def test_several_proofs_forwarded_ones_too_go_out_with_the_reason(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    secretary = await home.stranger("医院")
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("生病")

    await deputy.sends("photo")
    group = await home.request("POST", "/sandbox/groups", json={"title": "家人群", "owner": secretary.id, "members": [deputy.id]})
    slip = await secretary.sends("document", chat=group["id"])
    await deputy.forwards(slip["message_id"], source=group["id"])
    assert "已收到证明材料 2 份" in (await deputy.sees("请假尚未提交"))["text"]
    await leader.sees_nothing_of("请假申请")
    await deputy.says("住院")

    assert "📎 附有证明材料 2 份" in (await leader.sees("事由：住院"))["text"]
    assert await proofs_seen(leader) == 2
    await deputy.sees_nothing_of("提交请假")


async def test_an_album_is_one_proof_after_the_other_and_never_an_issue(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("生病")

    await deputy.sends_album({"kind": "photo", "caption": "住院证明"}, {"kind": "photo"}, {"kind": "photo"})

    assert "📎 附有证明材料 3 份" in (await leader.sees("事由：住院证明"))["text"]
    assert await proofs_seen(leader) == 3
    await deputy.sees_nothing_of("草稿")


async def test_a_leader_asks_back_and_the_deputy_just_writes(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)

    await leader.presses("问一下")
    await leader.says("哪天出院？")
    await deputy.sees("郑主任问：哪天出院？")
    assert "已问本人，待答复" in (await leader.sees("请假申请"))["text"]
    await deputy.says("3月20日")
    await deputy.sees("已作为请假材料转给审批人")
    assert "💬 本人答：3月20日" in (await leader.sees("请假申请"))["text"]

    await home.passes(3 * DAY)  # it has begun; nothing of it is lost
    await leader.presses("问一下")
    await leader.says("有证明吗？")
    await deputy.sends("photo", caption="出院证明")
    card = (await leader.sees("请假申请"))["text"]
    for words in ("哪天出院？", "3月20日", "有证明吗？", "出院证明", "附有证明材料 1 份", "活动已开始"):
        assert words in card
    await leader.presses("✅ 批准", on="请假申请")
    await deputy.sees("您的请假已获批准")
    await deputy.sees_nothing_of("草稿")


async def test_after_a_day_only_a_reply_or_the_button_answers(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office, MESSAGE)
    await home.passes(12 * DAY)
    await asks_leave(deputy)
    await leader.presses("问一下")
    await leader.says("哪天出院？")
    question = await deputy.sees("哪天出院？")
    await home.passes(DAY + timedelta(minutes=1))

    await deputy.says("小区门口下水道堵了")
    assert "下水道" not in (await leader.sees("请假申请"))["text"]
    await deputy.says("3月20日", reply_to=question["message_id"])
    assert "💬 本人答：3月20日" in (await leader.sees("请假申请"))["text"]
    await deputy.presses("💬 答复", on="哪天出院？")
    await deputy.says("也可能是21日")
    assert "也可能是21日" in (await leader.sees("请假申请"))["text"]


async def test_what_a_constituent_said_is_never_taken_for_an_answer(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    citizen = await home.stranger("群众")
    await publish(home, office)
    await asks_leave(deputy)
    await leader.presses("问一下")
    await leader.says("哪天出院？")
    group = await home.request("POST", "/sandbox/groups", json={"title": "小区群", "owner": citizen.id, "members": [deputy.id]})
    said = await citizen.says("下水道堵了", chat=group["id"])

    await deputy.forwards(said["message_id"], source=group["id"])
    await deputy.says("他住三号楼")

    card = (await leader.sees("请假申请"))["text"]
    assert "下水道" not in card
    assert "三号楼" not in card
    assert "已问本人，待答复" in card


async def test_only_the_asker_adds_and_only_who_decides_asks(home: Village) -> None:
    office, _, deputy = await village_with_leader(home)
    other = await home.person("李秀英")
    await publish(home, office)
    await asks_leave(deputy)
    notice = await other.sees("活动正式通知")

    assert "没有这项权限" in await other.presses_data(notice["message_id"], "lvm:1:add")
    assert "没有这项权限" in await other.presses_data(notice["message_id"], "ld:1:ask")
    assert "没有这项权限" in await other.presses_data(notice["message_id"], "lvb:all:0:0:0:")
    await other.says("/leave")
    await other.sees("没有这项权限")


async def test_many_are_approved_at_once_and_only_those_that_were_seen(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    others = [await home.person(name) for name in ("李秀英", "陈明", "赵强", "孙丽")]
    await publish(home, office)
    for person in (deputy, *others[:3]):
        await asks_leave(person, reason=f"{person.name}住院")

    await leader.says("/leave")
    await leader.presses("视察城区污水处理厂 · 4 件")
    seen = await leader.sees("待审批请假")
    assert all(f"{person.name}住院" in seen["text"] for person in (deputy, *others[:3]))
    await leader.presses("☑️ 2 李秀英")
    await asks_leave(others[3], reason="孙丽住院")
    assert "名单有变化" in await leader.presses("批准所选 3 件")
    await others[2].sees_nothing_of("已获批准")

    await leader.presses("☑️ 2 李秀英")
    await leader.presses("批准所选 4 件")

    await leader.sees("已批准 4 件")
    await others[0].sees_nothing_of("已获批准")
    for person in (deputy, *others[1:]):
        await person.sees("您的请假已获批准")
    await leader.presses("继续")
    await leader.presses("逐件审批")
    assert "李秀英住院" in (await leader.sees("请假申请"))["text"]


async def test_a_delegate_has_the_cards_while_it_lasts_and_no_longer(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    stand_in, third = await home.person("何建平", area="平岗街道"), await home.person("李秀英")
    await publish(home, office, MESSAGE)
    await home.passes(8 * DAY)
    await deputy.presses("请假", on="活动预通知")
    await deputy.presses("生病")
    await deputy.sends("photo", caption="住院手术")

    await leader.says("/delegate")
    await leader.presses("选择受托人")
    await leader.says("何")
    await leader.presses("何建平 · 平岗街道")
    await leader.says("今天到后天")
    assert "2026年3月18日(周三)至2026年3月20日(周五)" in (await leader.sees("请核对后确认"))["text"]
    await leader.presses("确认委托")
    await stand_in.sees("郑主任委托您代为审批请假")
    assert "事由：住院手术" in (await stand_in.sees("请假申请"))["text"]
    assert await proofs_seen(stand_in) == 1

    await stand_in.says("/leave")
    await stand_in.sees("有 1 件请假待您审批")
    await stand_in.presses("✅ 批准", on="请假申请")
    await deputy.sees("您的请假已获批准")
    await office.sees("何建平（受郑主任委托）批准了王建国的请假")
    assert "✅ 已批准 何建平（受郑主任委托）" in (await leader.sees("请假申请"))["text"]

    await home.passes(2 * DAY)
    await third.presses("请假", on="活动预通知")
    await third.presses("其他")
    await third.sends("photo", caption="家中有事")
    waiting = await stand_in.sees("家中有事")
    before = await proofs_seen(stand_in)
    await home.passes(DAY)  # it has ended by itself
    await stand_in.sees("这份请假不再由您审批")
    await stand_in.sees_nothing_of("家中有事")
    assert await proofs_seen(stand_in) == before - 1, "the proof of what they did not decide is gone"
    assert "没有这项权限" in await stand_in.presses_data(waiting["message_id"], "ld:2:approve")
    await stand_in.says("/leave")
    await stand_in.sees("没有这项权限")
    assert "请您审批" in (await leader.sees("家中有事"))["text"]


async def test_a_delegation_to_come_begins_in_the_morning_and_can_be_ended_early(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    stand_in = await home.person("何建平")
    await publish(home, office, MESSAGE)
    await leader.says("/delegate")
    await leader.presses("选择受托人")
    await leader.says("何建平")
    await leader.presses("何建平")
    await leader.says("3月20日到3月22日")
    await leader.presses("确认委托")
    await stand_in.sees("郑主任委托您代为审批请假")
    await home.passes(9 * DAY + timedelta(hours=5))
    await deputy.presses("请假", on="活动预通知")
    await deputy.presses("生病")
    await deputy.says("住院")
    await stand_in.sees_nothing_of("请假申请")

    await home.passes(timedelta(hours=16))  # 20 March, nine o'clock
    await stand_in.sees("事由：住院")
    await leader.says("/delegate")
    await leader.presses("提前结束委托")

    await stand_in.sees("郑主任已提前结束委托")
    await stand_in.sees_nothing_of("住院")


async def test_the_office_cannot_delegate(home: Village) -> None:
    office, _, _ = await village_with_leader(home)
    await office.says("/delegate")
    message = await office.sees("没有这项权限")

    assert "没有这项权限" in await office.presses_data(message["message_id"], "dlg:g:3:739685:739690")


async def test_whoever_comes_after_all_takes_approved_leave_back_and_all_hear_of_it(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)
    await leader.presses("✅ 批准")

    await deputy.presses("改为参加", on="您的请假已获批准")

    for person in (leader, office):
        await person.sees("王建国撤回了已批准的请假，将参加：视察城区污水处理厂")
    assert "本人此后已更改答复" in (await leader.sees("请假申请"))["text"]


async def test_the_fifth_leave_without_special_cause_raises_a_flag_once(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    for number in range(6):
        await publish(home, office, SOON.replace("活动：视察", f"活动：第{number}次视察"))
        await deputy.presses("请假", on=f"第{number}次视察")
        await deputy.presses("生病")
        await deputy.presses("无补充")
        await leader.sees(f"第{number}次视察")
        await leader.presses("✅ 批准", on=f"第{number}次视察")
        if number == 3:
            await office.sees_nothing_of("🚩")
            assert "已批非公务请假 4 次，满 5 次将提示联络室（还有 1 次）" in (await leader.sees("第3次视察"))["text"]

    flags = [message for message in await office.messages() if "🚩 王建国本年度已批非公务请假 5 次" in shown(message)]
    assert len(flags) == 1
    assert "⚠️ 已批非公务请假 6 次，已满 5 次" in (await leader.sees("第5次视察"))["text"]


async def test_leave_from_a_session_goes_up_its_own_ladder(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    member = await home.person("陈明", group="第一代表小组")
    head, general = await home.person("刘团长", group="第一代表小组"), await home.person("秦秘书长")
    await publish(home, office, SESSION)
    await home.passes(12 * DAY)
    for button, name in (("第一代表小组", "刘团长"), ("大会秘书长", "秦秘书长")):
        await office.says("/session_posts")
        await office.presses(button, on="会议请假审批人")
        await office.says(name)
        await office.presses(name, on="请选择")
    await head.sees("您已被设为第一代表小组代表团团长")
    assert "大会秘书长：秦秘书长" in (await office.sees("第一代表小组代表团团长：刘团长"))["text"]

    await member.presses("请假")
    await member.presses("生病")
    await member.presses("3月25日(周三)下午")
    await member.presses("完成（1 个半天）")
    await member.says("门诊")
    await member.sees("待代表团团长或大会秘书长批准")
    assert "时段：3月25日(周三)下午" in (await head.sees("请假申请"))["text"]
    await head.presses("✅ 批准")
    assert "其余时段请您按时参加" in (await member.sees("您的请假已获批准"))["text"]
    await office.sees("刘团长批准了陈明的请假")

    await deputy.presses("请假", on="人代会")
    await deputy.presses("其他")
    await deputy.presses("整个会期")
    await deputy.says("出国")
    await general.sees("事由：出国")
    await general.says("/menu")
    await general.presses("请假审批")
    await general.sees("有 1 件请假待您审批")
    for person in (leader, head):
        await person.sees_nothing_of("出国")

    await office.says("/session_posts")
    await office.presses("大会秘书长", on="会议请假审批人")
    await office.presses("清空")
    await general.sees_nothing_of("出国")
    assert "请您审批" in (await leader.sees("事由：出国"))["text"], "where nobody holds the post, the main leader decides"


async def test_the_leader_is_reminded_once_before_the_start(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)  # on 12 March, nine o'clock
    await asks_leave(deputy)

    await home.passes(timedelta(hours=20))
    await leader.sees_nothing_of("活动即将开始")
    await home.passes(timedelta(hours=2))
    await leader.sees("还有 1 件请假待您审批，活动即将开始")
    await home.passes(timedelta(hours=1))

    reminders = [message for message in await leader.messages() if "活动即将开始" in shown(message)]
    assert len(reminders) == 1
    await leader.presses("查看待审批的请假")
    await leader.sees("视察城区污水处理厂 · 1 件")


@pytest.mark.parametrize("decision", ["✅ 批准", "不批准", None])
async def test_only_the_leader_and_the_office_read_why(home: Village, decision: str | None) -> None:
    office, leader, deputy = await village_with_leader(home)
    colleague = await home.person("李秀英", area="史河街道")
    group_leader = await home.person("孙组长", Role.GROUP_LEADER, Role.DEPUTY, area="史河街道")
    staff = await home.person("吴干事", Role.AREA_STAFF, area="史河街道")
    await publish(home, office)
    await asks_leave(deputy, reason="化疗")
    await leader.presses("问一下")
    await leader.says("住哪家医院？")
    await deputy.says("肿瘤医院")
    if decision is not None:
        await leader.presses(decision, on="请假申请")
    else:
        await deputy.presses("改为参加")

    for person in (staff, group_leader, colleague):
        await person.says("/activities")
        await person.presses("视察城区污水处理厂")
        if "名单" in "".join(labels_of(message) for message in await person.messages()):
            await person.presses("名单")
        for secret in ("化疗", "肿瘤", "住哪家", "生病"):
            await person.sees_nothing_of(secret)
    assert any("王建国" in shown(message) for message in await staff.messages()), "the area's own people are listed"
    assert "化疗" in (await leader.sees("请假申请"))["text"]
