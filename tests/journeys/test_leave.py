"""Leave: asked with a category and a reason, decided by a main leader with one tap, told to the deputy and the office."""

from __future__ import annotations

from datetime import timedelta

from models.people import Role
from tests.journeys.test_activities import MESSAGE, SOON, card_of, publish
from tests.village import Phone, Village, both_ways

DAY = timedelta(days=1)


async def village_with_leader(home: Village) -> tuple[Phone, Phone, Phone]:
    return (
        await home.person("周主任", Role.OFFICE),
        await home.person("郑主任", Role.LEADER),
        await home.person("王建国", area="史河街道"),
    )


async def asks_leave(deputy: Phone, category: str = "生病", reason: str = "住院手术，预计一周") -> None:
    await deputy.presses("请假", on="活动正式通知")
    await deputy.presses(category)
    await deputy.says(reason)
    await deputy.village.settle()


@both_ways
async def test_the_leader_decides_with_one_tap_and_deputy_and_office_hear_of_it(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)
    await deputy.sees("请假已提交")
    assert "您的答复：请假，待批准" in (await deputy.sees("改为参加"))["caption"]

    request = (await leader.sees("请假申请"))["text"]
    for text in ("王建国 · 史河街道", "视察城区污水处理厂", "3月12日(周四) 09:00", "类别：生病", "事由：住院手术", "本年度首次请假"):
        assert text in request
    assert await leader.presses("✅ 批准") == "已批准"

    await deputy.sees("您的请假已获批准")
    await office.sees("郑主任批准了王建国的请假")
    assert "请假 1（待批 0，批准 1，未批准 0）" in await card_of(home, office)
    assert "✅ 已批准 郑主任" in (await leader.sees("请假申请"))["text"]


async def test_a_refused_deputy_is_expected(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)

    await leader.presses("不批准")

    assert "请您按时参加" in (await deputy.sees("您的请假未获批准"))["text"]
    await office.sees("郑主任未批准王建国的请假")
    await deputy.presses("✅ 参加")
    assert "参加 1" in await card_of(home, office)


async def test_of_two_leaders_the_first_decides_and_the_other_hears_who(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    second = await home.person("何主任", Role.LEADER)
    await publish(home, office)
    await asks_leave(deputy)
    card = await second.sees("请假申请")

    await leader.presses("✅ 批准")

    assert "郑主任已作出决定" in await second.presses_data(card["message_id"], "ld:1:refuse")
    assert "郑主任已作出决定" in await leader.presses_data((await leader.sees("请假申请"))["message_id"], "ld:1:approve")
    assert "✅ 已批准 郑主任" in (await second.sees("请假申请"))["text"]


async def test_only_a_main_leader_decides(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)

    for person in (office, deputy):
        message = await person.sees("视察城区污水处理厂")
        assert "没有这项权限" in await person.presses_data(message["message_id"], "ld:1:approve")
    assert "请您审批" in (await leader.sees("请假申请"))["text"]


async def test_attending_after_all_takes_the_request_back(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)

    await deputy.presses("改为参加")

    request = await leader.sees("请假申请")
    assert "已撤回" in request["text"]
    assert "王建国已撤回请假" in await leader.presses_data(request["message_id"], "ld:1:approve")
    assert "参加 1" in await card_of(home, office)


async def test_after_the_cut_off_it_is_emergency_leave(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office, MESSAGE)
    await home.passes(13 * DAY)

    await deputy.presses("请假", on="活动正式通知")
    await deputy.sees("按紧急请假处理")
    await deputy.presses("抢险救灾")
    await deputy.presses("无补充")

    await leader.sees("紧急请假申请")


async def test_before_the_cut_off_it_is_ordinary_leave(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office, MESSAGE)
    await home.passes(8 * DAY)

    await deputy.presses("请假", on="活动预通知")
    await deputy.presses("公务出差")
    await deputy.presses("无补充")

    await leader.sees("请假申请")
    await leader.sees_nothing_of("紧急")


async def test_the_leader_sees_how_often_leave_was_asked_before(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)
    await publish(home, office, SOON.replace("活动：视察", "活动：再次视察"))

    await deputy.presses("请假", on="再次视察")
    await deputy.presses("公务出差")
    await deputy.presses("无补充")

    assert "本年度此前请假 1 次" in (await leader.sees("再次视察"))["text"]


async def test_a_decision_may_be_made_after_the_start(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)
    await home.passes(3 * DAY)
    await office.presses("名单")
    await office.sees("未批视为缺席")

    await leader.says("/leave")
    await leader.presses("✅ 批准")

    await deputy.sees("您的请假已获批准")
    await office.presses("名单")
    assert "请假获批 · 1\n王建国：生病 · 住院手术" in (await office.sees("名单：视察"))["text"]


async def test_somebody_on_approved_leave_gets_no_reminder(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    silent = await home.person("李秀英")
    await publish(home, office)
    await asks_leave(deputy)
    await leader.presses("✅ 批准")

    await home.passes(DAY)

    await silent.sees("尚未收到您的答复")
    await deputy.sees_nothing_of("活动提醒")


async def test_a_photo_as_proof_reaches_the_leader(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("生病")

    await deputy.sends("photo", caption="住院证明")

    assert "附有证明材料" in (await leader.sees("事由：住院证明"))["text"]
    assert any("photo" in message for message in await leader.messages())


async def test_a_reason_too_long_is_answered_politely_and_the_form_stays_open(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)

    await asks_leave(deputy, reason="病" * 201)
    await deputy.sees("事由最多 200 字")
    await deputy.says("住院")

    await leader.sees("事由：住院")


async def test_back_leaves_everything_as_it_was(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)

    await deputy.presses("请假")
    await deputy.presses("生病")
    await deputy.presses("返回")

    await deputy.presses("✅ 参加")
    await leader.sees_nothing_of("请假申请")


async def test_nobody_decides_their_own_leave_while_another_can(home: Village) -> None:
    office, leader, _ = await village_with_leader(home)
    second = await home.person("何主任", Role.LEADER, Role.DEPUTY)
    await publish(home, office)
    await asks_leave(second)

    assert "不能审批自己的请假" in await second.presses_data((await second.sees("请假申请"))["message_id"], "ld:1:approve")
    await leader.presses("✅ 批准")
    await second.sees("您的请假已获批准")


async def test_a_request_for_an_activity_called_off_needs_no_decision(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)

    await office.presses("取消活动")
    await office.presses("确认取消活动")

    assert "无需审批" in (await leader.sees("请假申请"))["text"]


async def test_leave_asked_again_replaces_the_refused_request(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy, category="其他", reason="有事")
    await leader.presses("不批准")

    await deputy.presses("重新请假", on="您的请假未获批准")
    await deputy.presses("生病")
    await deputy.sends("voice")
    await deputy.sees("请输入请假事由")
    await deputy.says("突发急病")

    card = (await leader.sees("事由：突发急病"))["text"]
    assert "请您审批" in card
    assert f"{leader.name}于 3月10日(周二) 12:00 未批准" in card
    assert "请假 1（待批 1，批准 0，未批准 0）" in await card_of(home, office)


async def test_a_yes_after_the_category_closes_the_question(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    notice = await deputy.sees("活动正式通知")
    await deputy.presses("请假")
    await deputy.presses("生病")

    await deputy.presses_data(notice["message_id"], "at:1:0")
    await deputy.presses_data(notice["message_id"], "lv:1:no_reason")

    await deputy.sees("您的答复：✅ 参加")
    await leader.sees_nothing_of("请假申请")
