"""The office imports the roster by the bot, and lets in those who have not come yet."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select

from models.audit import AuditEntry
from models.circles import Circle, CircleMember
from models.people import Person, Role, person_by_phone
from tests.journeys.roster_file import roster_file
from tests.village import Phone, Village, both_ways

WANG = ("王建国", "13956780001", "史河街道", "第一代表小组", "城建环保", "城建环保", "代表", "区规划院")
ZHAO = ("赵敏", 13956780002.0, "平岗街道", "第二代表小组", "法治监察、社会建设", "", "组长", "")


async def count_people(home: Village) -> int:
    async with home.session() as session:
        return await session.scalar(select(func.count()).select_from(Person)) or 0


async def last_link(office: Phone) -> str:
    message = await office.sees("?start=p_")
    found = re.search(r"\?start=(p_\S+)", message["text"])
    assert found is not None
    return found[1]


@both_ways
async def test_the_office_imports_a_roster_after_a_preview_by_one_tap(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    file = roster_file(WANG, ZHAO, ("无号码", ""), above=[("某区第五届人大代表名册",), ()])

    await office.uploads("名册.xlsx", file)
    preview = await office.sees("名册导入预览")
    before = await count_people(home)
    await office.presses("确认导入")

    assert "新增 2 人，变更 0 人，不变 0 人，不导入 1 行" in preview["text"]
    assert "⛔ 第6行 无号码：没有手机号" in preview["text"]
    assert "➕ 第4行 王建国：归属地 史河街道；代表小组 第一代表小组；专长 城建环保" in preview["text"]
    assert "新建归属地：史河街道、平岗街道" in preview["text"]
    assert before == 1
    await office.sees("导入完成：新增 2 人")
    async with home.session() as session:
        zhao = await person_by_phone(session, "13956780002")
        assert zhao is not None
        assert zhao.roles == {Role.DEPUTY, Role.GROUP_LEADER}
        assert await session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "roster.added")) == 2


async def test_the_same_file_twice_changes_nothing(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    file = roster_file(WANG, ZHAO)
    await office.uploads("名册.xlsx", file)
    await office.presses("确认导入")

    await office.uploads("名册.xlsx", file)

    again = await office.sees("无需导入")
    assert "新增 0 人，变更 0 人，不变 2 人" in again["text"]
    assert "确认导入" not in str(again.get("reply_markup"))


async def test_confirming_twice_is_politely_refused(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await office.uploads("名册.xlsx", roster_file(WANG))
    preview = await office.sees("名册导入预览")
    [confirm, _] = preview["reply_markup"]["inline_keyboard"][0]
    await office.presses("确认导入")

    toast = await office.presses_data(preview["message_id"], confirm["callback_data"])

    assert "已失效" in toast
    assert await count_people(home) == 2


async def test_cancelling_leaves_the_roster_as_it_was(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await office.uploads("名册.xlsx", roster_file(WANG))

    await office.presses("取消", on="名册导入预览")

    await office.sees("名册没有变动")
    assert await count_people(home) == 1


async def test_a_roster_that_changed_after_the_preview_is_shown_again(home: Village) -> None:
    office, colleague = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.OFFICE)
    await office.uploads("名册.xlsx", roster_file(WANG))
    await office.sees("名册导入预览")
    await colleague.uploads("名册.xlsx", roster_file((*WANG[:7], "另一单位")))
    await colleague.presses("确认导入")

    await office.presses("确认导入")

    again = await office.sees("预览之后名册有变动")
    assert "工作单位 另一单位 → 区规划院" in again["text"]
    await office.presses("确认导入")
    await office.sees("变更 1 人")


async def test_somebody_whose_roles_change_is_told_and_gets_another_menu(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    deputy = await home.person("王建国", phone="13956780001")
    file = roster_file(("王建国", "13956780001", "代表、联络室"), headings=("姓名", "手机号", "角色"))

    await office.uploads("名册.xlsx", file)
    await office.presses("确认导入")

    await deputy.sees("角色已更新")
    commands = [call["params"] for call in await home.calls("setMyCommands") if str(deputy.id) in str(call["params"].get("scope"))]
    assert "名册" in str(commands[-1])


async def test_the_importer_does_not_lock_the_office_out(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE, phone="13900000001")

    await office.uploads("名册.xlsx", roster_file(("周主任", "13900000001", "代表"), headings=("姓名", "手机", "职务角色")))
    await office.presses("确认导入")

    await office.sees("导入完成")
    async with home.session() as session:
        me = await person_by_phone(session, "13900000001")
        assert me is not None
        assert me.roles == {Role.DEPUTY, Role.OFFICE}


async def test_a_long_preview_is_cut_and_comes_whole_as_a_file(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    rows = [(f"代表{number}", f"139{number:08d}", "史河街道", "第一代表小组", "城建环保", "", "代表", "某单位") for number in range(200)]

    await office.uploads("名册.xlsx", roster_file(*rows))

    await office.sees("名册导入预览.xlsx")
    preview = await office.sees("行见上面的附件")
    assert len(preview["text"]) <= 4096
    await office.presses("确认导入")
    await office.sees("新增 200 人")


async def test_files_that_are_no_roster_are_answered_with_what_is_needed(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.uploads("名册.xlsx", b"not a spreadsheet")
    await office.sees("打不开这个文件")
    await office.uploads("名册.xlsx", roster_file(("a", "b"), headings=("姓名", "性别")))
    await office.sees("缺少：手机号")
    await office.uploads("名册.xls", b"old")
    await office.sees("另存为 xlsx")
    await office.sees("代表名册模板.xlsx")

    assert await count_people(home) == 1


async def test_a_deputys_spreadsheet_is_not_taken_for_the_roster(home: Village) -> None:
    deputy = await home.person("王建国")

    await deputy.uploads("名册.xlsx", roster_file(WANG))

    await deputy.sees_nothing_of("名册导入预览")


async def test_a_forged_confirmation_by_somebody_else_does_nothing(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await office.uploads("名册.xlsx", roster_file(WANG))
    preview = await office.sees("名册导入预览")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    menu = await deputy.sees("请选择")

    toast = await deputy.presses_data(menu["message_id"], data)

    assert "没有这项权限" in toast
    assert await count_people(home) == 2


async def test_the_office_lets_somebody_in_by_a_one_time_link(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    deputy = await home.person("王建国", linked=False)
    thief = await home.stranger()

    await office.says("/roster")
    await office.presses("未进入的人员（1）")
    await office.presses("王建国")
    await office.presses("生成一次性链接")
    link = await last_link(office)
    await deputy.starts(link)
    await thief.starts(link)

    await deputy.sees("王建国，您好！")
    await thief.sees("已用过或已过期")
    await office.says("/roster")
    await office.sees("在册 2 人，已进入 2 人，未进入 0 人")


async def test_the_office_finds_somebody_by_name_or_number(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", phone="13956780001", linked=False)
    await home.person("王建军", phone="13956780002", linked=False)

    await office.says("/roster")
    await office.presses("查找人员")
    await office.says("李")
    await office.sees("没有找到“李”")
    await office.says("王建")
    both = await office.sees("请选择：")
    await office.says("/roster")
    await office.presses("查找人员")
    await office.says("0002")

    assert "王建国" in str(both["reply_markup"])
    await office.sees("13956780002")


async def test_a_roster_sent_while_looking_for_somebody_is_taken(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await office.says("/roster")
    await office.presses("查找人员")

    await office.uploads("名册.xlsx", roster_file(WANG))

    await office.sees("名册导入预览")


async def test_a_lost_account_is_untied_and_the_person_comes_in_anew(home: Village) -> None:
    office, old = await home.person("周主任", Role.OFFICE), await home.person("王建国", phone="13956780001")
    new = await home.stranger("王建国（新号）", phone="13956780001")

    await office.says("/roster")
    await office.presses("查找人员")
    await office.says("王建国")
    await office.presses("解除账号绑定")
    await office.presses("确认解除")
    await old.says("/menu")
    await new.starts()
    await new.shares_phone()

    await old.sees("仅限名册内人员")
    await new.sees("王建国，您好！")


async def test_specialists_without_circles_of_their_own_join_those_of_their_specialties(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.uploads("名册.xlsx", roster_file(ZHAO))
    await office.presses("确认导入")

    async with home.session() as session:
        names: Any = await session.scalars(select(Circle.name).join(CircleMember, CircleMember.circle_id == Circle.id).order_by(Circle.id))
        assert list(names) == ["法治监察", "社会建设"]
