"""The office keeps the roster without a spreadsheet: finds, changes and adds people by buttons; or with one that comes back."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select

from handlers.roster_card_presses import AddDo, AddPress, FieldDo, FieldPress, FindDo, FindPress, SheetDo, SheetPress
from models.audit import AuditEntry
from models.circles import Circle, CircleMember
from models.outbox import Attachment
from models.people import Person, Role, person_by_phone
from models.roster_rows import Field
from tests.village import Phone, Village, both_ways, labels_of, shown


async def open_card(office: Phone, words: str) -> None:
    await office.says("/roster")
    await office.presses("查找人员")
    await office.says(words)
    await office.sees("修改资料")


async def who_has(home: Village, phone: str) -> Person:
    async with home.session() as session:
        person = await person_by_phone(session, phone)
        assert person is not None
        return person


async def how_many(home: Village) -> int:
    async with home.session() as session:
        return await session.scalar(select(func.count()).select_from(Person)) or 0


async def changes(home: Village) -> list[dict[str, Any]]:
    async with home.session() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.action == "roster.changed").order_by(AuditEntry.id))
        return [entry.details for entry in entries]


async def commands_of(home: Village, phone: Phone) -> str:
    calls = [call["params"] for call in await home.calls("setMyCommands") if str(phone.id) in str(call["params"].get("scope"))]
    return str(calls[-1])


async def test_somebody_is_found_by_initials_number_area_and_specialty(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001", area="史河街道", specialties=("城建环保",), linked=False)
    await home.person("曾庆林", phone="13956780002", area="史河街道", linked=False)

    for words in ("wjg", "0001", "城建", "史河 建国"):
        await open_card(office, words)
        card = await office.sees("修改资料")
        assert "王建国" in card["text"], words
    await office.presses("查找人员")
    await office.says("史河")
    both = await office.sees("共 2 人，请选择：")
    await office.presses("曾庆林")

    assert {"王建国", "曾庆林"} <= {label.split(" ")[0] for label in labels_of(both).split("\n")}
    await office.sees("手机号：13956780002")


async def test_the_office_looks_through_an_area_by_buttons_a_page_at_a_time(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    for number in range(23):
        await home.person(f"代表{number:02}", area="史河街道", linked=False, phone=f"139000001{number:02}")

    await office.says("/roster")
    await office.presses("查找人员")
    await office.presses("按归属地")
    await office.presses("史河街道（23）")
    await office.presses("代表00")
    await office.presses("查找人员")
    await office.says("代表")
    await office.presses("下一页")
    second = await office.sees("代表22")

    assert "代表00" not in labels_of(second)


@both_ways
async def test_every_field_is_changed_by_buttons_or_by_writing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001", linked=False)
    await home.person("某人", area="史河街道", group="第一代表小组", linked=False)

    await open_card(office, "王建国")
    await office.presses("修改资料")
    for button, words in (("姓名", "王建军"), ("手机号", "139 5678 0009"), ("工作单位", "区规划院"), ("代表小组", "第九代表小组")):
        await office.presses(button, on="返回人员卡片")
        await office.says(words)
        if button == "代表小组":
            await office.presses("新建", on="还没有代表小组“第九代表小组”")
    await office.presses("归属地", on="返回人员卡片")
    await office.presses("史河街道")
    await office.presses("语言", on="返回人员卡片")
    await office.presses("English")
    for button, option in (("专长", "城建环保"), ("工作圈", "企业"), ("角色", "代表小组组长")):
        await office.presses(button, on="返回人员卡片")
        await office.presses(option)
        await office.sees(f"✅ {option}")
        await office.presses("返回")
    await office.presses("返回人员卡片")

    card = await office.sees("修改资料")
    for line in ("王建军", "手机号：13956780009", "归属地：史河街道", "代表小组：第九代表小组", "专长：城建环保", "工作圈：企业"):
        assert line in card["text"]
    for line in ("角色：代表、代表小组组长", "工作单位：区规划院", "语言：English"):
        assert line in card["text"]
    person = await who_has(home, "13956780009")
    assert (person.initials, person.language, person.roles) == ("wjj", "en", {Role.DEPUTY, Role.GROUP_LEADER})
    assert len(await changes(home)) == 9


async def test_a_field_is_emptied_with_one_tap(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001", area="史河街道", employer="甲单位", linked=False)

    await open_card(office, "王建国")
    await office.presses("修改资料")
    for button in ("归属地", "工作单位"):
        await office.presses(button, on="返回人员卡片")
        await office.presses("清空")

    person = await who_has(home, "13956780001")
    assert (person.area, person.employer) == (None, "")


async def test_a_number_that_is_wrong_or_taken_is_asked_for_again(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001", linked=False)
    await home.person("李四", phone="13956780002", linked=False)

    await open_card(office, "王建国")
    await office.presses("修改资料")
    await office.presses("手机号", on="返回人员卡片")
    await office.says("1395678")
    await office.sees("不像是手机号")
    await office.says("13956780002")
    taken = await office.sees("这个号码已登记在李四名下")
    await office.sends("voice")
    await office.sees("请用文字输入新的手机号")
    await office.says("13956780003")
    await office.sees("手机号已修改：13956780001 → 13956780003")

    assert "李四" in labels_of(taken)
    assert (await who_has(home, "13956780003")).name == "王建国"


async def test_a_role_given_is_told_in_plain_words_and_opens_the_menu_at_once(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", phone="13956780001")

    await open_card(office, "王建国")
    await office.presses("修改资料")
    await office.presses("角色")
    await office.presses("代表联络室")
    await deputy.sees("➕ 代表联络室")
    given = await commands_of(home, deputy)
    await deputy.says("/roster")
    await deputy.sees("在册 2 人")
    await deputy.presses("查找人员")
    await office.presses("✅ 代表联络室")
    told = await deputy.sees("➖ 代表联络室")
    await deputy.says("周主任")

    assert "名册" in given
    assert "名册" not in await commands_of(home, deputy)
    assert "现有角色：代表\n" in told["text"]
    await deputy.sees_nothing_of("修改资料")


async def test_nobody_takes_the_offices_role_from_themselves(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE, Role.DEPUTY, phone="13956780001")

    await open_card(office, "周主任")
    await office.presses("修改资料")
    await office.presses("角色")
    toast = await office.presses("✅ 代表联络室")

    assert "不能取消自己的联络室角色" in toast
    assert (await who_has(home, "13956780001")).has(Role.OFFICE)


async def test_a_stale_card_does_not_overwrite_what_a_colleague_wrote(home: Village) -> None:
    office, colleague = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.OFFICE)
    await home.person("王建国", phone="13956780001", area="史河街道", linked=False)
    await home.person("某人", area="平岗街道", linked=False)
    for each in (office, colleague):
        await open_card(each, "王建国")
        await each.presses("修改资料")
    await office.presses("工作单位", on="返回人员卡片")
    await colleague.presses("工作单位", on="返回人员卡片")
    await colleague.says("甲单位")

    await office.says("乙单位")

    stale = await office.sees("刚刚由其他同事改过")
    assert "工作单位：甲单位" in stale["text"]
    await office.presses("归属地", on="返回人员卡片")
    await colleague.presses("归属地", on="返回人员卡片")
    await colleague.presses("平岗街道")
    await office.presses("✅ 史河街道")
    await office.sees("刚刚由其他同事改过")
    person = await who_has(home, "13956780001")
    assert person.area is not None
    assert (person.employer, person.area.name) == ("甲单位", "平岗街道")


async def test_of_several_a_second_tap_and_a_colleagues_tap_undo_nothing(home: Village) -> None:
    office, colleague = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.OFFICE)
    await home.person("王建国", phone="13956780001", linked=False)
    for each in (office, colleague):
        await open_card(each, "王建国")
        await each.presses("修改资料")
        await each.presses("专长")
    message = await office.sees("城建环保")
    data = next(b["callback_data"] for row in message["reply_markup"]["inline_keyboard"] for b in row if b["text"] == "城建环保")

    await office.presses_data(message["message_id"], data)
    await colleague.presses("教科文卫")
    await office.presses_data(message["message_id"], data)

    assert {specialty.name for specialty in (await who_has(home, "13956780001")).specialties} == {"城建环保", "教科文卫"}


async def test_whoever_is_put_on_a_circle_gets_the_way_in_and_leaves_when_taken_off(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001")

    await open_card(office, "王建国")
    await office.presses("修改资料")
    await office.presses("工作圈")
    await office.presses("企业")
    async with home.session() as session:
        members = list(await session.scalars(select(Circle.name).join(CircleMember, CircleMember.circle_id == Circle.id)))
    await office.presses("✅ 企业")

    async with home.session() as session:
        left = await session.scalar(select(func.count()).select_from(CircleMember))
    assert (members, left) == (["企业"], 0)


@both_ways
async def test_one_person_is_added_step_by_step_after_a_preview(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("某人", area="史河街道", linked=False)
    deputy = await home.stranger("王建国", phone="13956780001")

    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("王建国")
    await office.says("139-5678-0001")
    await office.presses("史河街道")
    await office.says("第九代表小组")
    await office.presses("城建环保")
    await office.presses("下一步", on="✅ 城建环保")
    await office.presses("下一步", on="✅ 代表")
    preview = await office.sees("请核对，确认后列入名册")
    before = await how_many(home)
    await office.presses("确认新增")
    await office.sees("已列入名册")
    await deputy.starts()
    await deputy.shares_phone()

    for line in (
        "王建国",
        "手机号：13956780001",
        "归属地：史河街道",
        "代表小组：第九代表小组",
        "（新建代表小组：第九代表小组）",
        "工作圈：城建环保",
    ):
        assert line in preview["text"]
    assert (before, await how_many(home)) == (2, 3)
    await deputy.sees("王建国，您好！")


async def test_name_and_number_in_one_message_and_a_tap_twice_add_one_person(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("王建国 13956780001")
    for _ in range(3):
        await office.presses("跳过")
    await office.presses("下一步")
    preview = await office.sees("确认新增")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await office.presses_data(preview["message_id"], data)
    toast = await office.presses_data(preview["message_id"], data)

    assert "已失效" in toast
    assert await how_many(home) == 2


async def test_a_name_that_is_there_already_or_sounds_so_is_asked_about(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("张伟", phone="13956780001", linked=False)

    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("章伟")
    asked = await office.sees("名册中已有与“章伟”同名或同音的人员")
    await office.presses("不是同一人，继续新增")
    await office.sees("请输入手机号")
    await office.says("13956780001")
    taken = await office.sees("已登记在张伟名下")
    await office.presses("取消", on="已登记在张伟名下")

    assert "张伟 13956780001" in asked["text"]
    assert "张伟" in labels_of(asked)
    assert "张伟" in labels_of(taken)
    assert await how_many(home) == 2


async def test_whoever_had_left_comes_back_instead_of_being_added_again(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", phone="13956780001")
    await open_card(office, "王建国")
    await office.presses("移出名册")
    await office.presses("确认移出")

    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("王建国 13956780001")
    await office.presses("恢复王建国")

    await office.sees("已恢复，重新列入名册")
    assert await how_many(home) == 2
    assert (await who_has(home, "13956780001")).telegram_id == deputy.id


async def test_a_number_of_somebody_who_left_can_be_a_new_persons(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("李四", phone="13956780001", linked=False)
    await open_card(office, "李四")
    await office.presses("移出名册")
    await office.presses("确认移出")

    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("王建国 13956780001")
    await office.presses("不是同一人，号码转给新增人员")
    for _ in range(3):
        await office.presses("跳过")
    await office.presses("下一步")
    await office.presses("确认新增")

    assert (await who_has(home, "13956780001")).name == "王建国"


async def test_somebody_a_colleague_added_meanwhile_is_not_added_twice(home: Village) -> None:
    office, colleague = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.OFFICE)
    for each in (office, colleague):
        await each.says("/roster")
        await each.presses("新增人员")
        await each.says("王建国 13956780001")
        for _ in range(3):
            await each.presses("跳过")
        await each.presses("下一步")
    await colleague.presses("确认新增")

    await office.presses("确认新增")

    await office.sees("这个号码已登记在王建国名下")
    assert await how_many(home) == 3


async def test_the_roster_goes_out_as_a_spreadsheet_and_what_was_edited_comes_back(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE, phone="13956780000")
    await home.person("王建国", phone="13956780001", area="史河街道", specialties=("城建环保",), linked=False)

    await office.says("/roster")
    await office.presses("导出名册")
    sent = await office.sees("代表名册-20260310.xlsx")
    content = await download(home, sent)
    await office.uploads("名册.xlsx", content)
    await office.sees("与现有名册一致，无需导入")
    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    page["A3"].value, page["H3"].value = "王建军", "区规划院"
    edited = io.BytesIO()
    book.save(edited)
    await office.uploads("名册.xlsx", edited.getvalue())
    preview = await office.sees("新增 0 人，变更 1 人")
    await office.presses("确认导入")
    await office.sees("导入完成")

    assert "姓名 王建国 → 王建军；工作单位 （空） → 区规划院" in preview["text"]
    person = await who_has(home, "13956780001")
    assert (person.name, person.initials, person.employer) == ("王建军", "wjj", "区规划院")
    assert await how_many(home) == 2
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "roster.exported")) == 1


async def test_the_template_has_drop_downs_of_what_the_home_has(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("某人", area="史河街道", linked=False)

    await office.says("/roster")
    await office.presses("名册模板")
    book = load_workbook(io.BytesIO(await download(home, await office.sees("代表名册模板.xlsx"))))

    lists = [[cell.value for cell in column if cell.value] for column in book["选项"].iter_cols()]
    assert ["史河街道"] in lists
    assert len(book["名册"].data_validations.dataValidation) >= 5


async def test_forged_buttons_of_the_office_do_nothing_for_a_deputy(home: Village) -> None:
    deputy = await home.person("王建国", phone="13956780001")
    message = await deputy.sees("请选择")
    me = await who_has(home, "13956780001")
    pressed = [
        FieldPress(FieldDo.ON, me.id, Field.ROLES, "office"),
        FieldPress(FieldDo.SET, me.id, Field.EMPLOYER, "", "000000"),
        FieldPress(FieldDo.CARD, me.id),
        FindPress(FindDo.IN, Field.AREA, 1),
        FindPress(FindDo.ASK),
        AddPress(AddDo.BEGIN),
        SheetPress(SheetDo.EXPORT),
    ]

    toasts = [await deputy.presses_data(message["message_id"], press.pack()) for press in pressed]

    assert all("没有这项权限" in toast for toast in toasts)
    assert (await who_has(home, "13956780001")).roles == {Role.DEPUTY}
    await deputy.sees_nothing_of("代表名册-")


async def test_forged_buttons_of_the_office_itself_break_nothing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE, phone="13956780001")
    message = await office.sees("请选择")
    me = await who_has(home, "13956780001")
    pressed = [
        FieldPress(FieldDo.ON, me.id, Field.ROLES, "emperor"),
        FieldPress(FieldDo.ON, me.id, Field.NAME, "x"),
        FieldPress(FieldDo.ASK, me.id, Field.ACTIVE),
        FieldPress(FieldDo.SET, me.id, Field.AREA, "77", "000000"),
        FieldPress(FieldDo.SET, me.id, Field.LANGUAGE, "tlh", "000000"),
        FieldPress(FieldDo.MAKE, me.id, Field.AREA),
        FieldPress(FieldDo.CARD, 999),
        FindPress(FindDo.FOUND),
        FindPress(FindDo.BROWSE, Field.NAME),
        FindPress(FindDo.IN, Field.AREA, 77),
        AddPress(AddDo.CONFIRM, "confirm", "12345678"),
        AddPress(AddDo.RETURN, "alike", "x"),
    ]

    toasts = [await office.presses_data(message["message_id"], press.pack()) for press in pressed]

    assert all("已失效" in toast for toast in toasts), toasts
    assert await changes(home) == []


async def download(home: Village, message: dict[str, Any]) -> bytes:
    """The file of a message the bot sent."""
    assert "document" in message, shown(message)
    async with home.session() as session:
        content = await session.scalar(select(Attachment.content).order_by(Attachment.id.desc()).limit(1))
        assert content is not None
        return content
