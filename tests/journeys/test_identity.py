"""A new account, a new number: asked with one tap, decided with one tap."""

from __future__ import annotations

from models.people import Role, person_by_phone
from tests.village import Village


async def test_a_deputy_with_a_new_account_on_the_old_number_asks_with_one_tap(home: Village) -> None:
    office, old = await home.person("刘敏", Role.OFFICE), await home.person("王建国", phone="13956780001")
    colleague = await home.person("杨帆", Role.OFFICE)
    new = await home.stranger("王建国", phone="13956780001")

    await new.starts()
    await new.shares_phone()
    await new.presses("申请改绑到此账号")
    await new.sees("已转代表联络室核对")
    await office.presses("确认为 王建国")

    await new.sees("您可以用本账号使用")
    await old.sees("本账号不能再使用")
    await colleague.sees("刘敏已确认：王建国")
    await old.says("/menu")
    await old.sees("仅限名册内人员")
    await new.says("/menu")
    await new.sees("王建国，请选择")
    deleted = [call["params"]["scope"]["chat_id"] for call in await home.calls("deleteMyCommands")]
    assert deleted == [old.id]


async def test_the_buttons_of_the_old_account_are_dead(home: Village) -> None:
    office, old = await home.person("刘敏", Role.OFFICE), await home.person("王建国", phone="13956780001")
    menu = await old.sees("请选择")
    data = menu["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    new = await home.stranger("王建国", phone="13956780001")
    await new.starts()
    await new.shares_phone()
    await new.presses("申请改绑到此账号")
    await office.presses("确认为 王建国")

    toast = await old.presses_data(menu["message_id"], data)

    assert "仅限名册内人员" in toast


async def test_a_stranger_says_name_and_old_number_and_hears_the_same_whoever_they_are(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    await home.person("王建国", phone="13956780001", area="史河街道")
    true, false = await home.stranger("小王", phone="13700000001"), await home.stranger("骗子", phone="13700000002")
    heard = []

    for phone, words in ((true, "王建国 13956780001"), (false, "张三 13911112222")):
        await phone.starts()
        await phone.shares_phone()
        await phone.presses("我是代表，换了账号或手机号")
        await phone.says("你好")
        await phone.sees("请同时写明姓名和原登记的手机号")
        await phone.says(words)
        heard.append((await phone.sees("已转代表联络室核对"))["text"])

    assert heard[0] == heard[1]
    doubtful = await office.sees("自称：张三")
    assert "名册中没有相符的人" in doubtful["text"]
    assert "确认" not in str(doubtful["reply_markup"]["inline_keyboard"][0][0]["text"])
    await office.presses("不予办理", on="自称：张三")
    await false.sees("您的申请未获通过")
    await office.presses("确认为 王建国 · 史河街道")
    await true.sees("您登记的手机号已改为 13700000001")
    async with home.session() as session:
        moved = await person_by_phone(session, "13700000001")
        assert moved is not None
        assert moved.telegram_id == true.id


async def test_a_stranger_who_asks_again_and_again_is_stopped(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    stranger = await home.stranger("骗子", phone="13700000002")

    for number in range(3):
        await stranger.says("在吗")
        await stranger.presses("我是代表，换了账号或手机号")
        await stranger.says(f"张三 1391111000{number}")
    await stranger.says("在吗")
    toast = await stranger.presses("我是代表，换了账号或手机号")

    assert "今天申请的次数已满" in toast
    cards = [message for message in await office.messages() if "自称：张三" in message.get("text", "")]
    assert len(cards) == 3
    assert sum("不予办理" in str(card.get("reply_markup")) for card in cards) == 1


async def test_a_new_number_is_shared_with_one_tap_or_typed(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国", phone="13956780001")

    await deputy.says("/account")
    await deputy.presses("我的手机号变了")
    await deputy.says("一三九")
    await deputy.sees("请输入 11 位手机号")
    await deputy.says("13700000009")
    await deputy.sees("已转代表联络室核对")
    card = await office.sees("申请更换手机号")
    await office.presses("确认为 王建国")

    assert "（本人填写，未核实）" in card["text"]
    await deputy.sees("您登记的手机号已改为 13700000009")
    await deputy.shares_phone()
    card = await office.sees("13956780001（Telegram 已核实）")
    await office.presses("不予办理", on="13956780001（Telegram 已核实）")
    await deputy.sees("您的申请未获通过")


async def test_a_forged_decision_by_a_deputy_changes_nothing(home: Village) -> None:
    office, old = await home.person("刘敏", Role.OFFICE), await home.person("王建国", phone="13956780001")
    thief = await home.person("李国栋")
    new = await home.stranger("骗子", phone="13956780001")
    await new.starts()
    await new.shares_phone()
    await new.presses("申请改绑到此账号")
    card = await office.sees("申请更换 Telegram 账号")
    data = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    menu = await thief.sees("请选择")

    assert "没有这项权限" in await thief.presses_data(menu["message_id"], data)
    await old.says("/menu")
    await old.sees("王建国，请选择")
