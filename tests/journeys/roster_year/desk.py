"""The office changes what a card says: every field by buttons or in writing, people added and let go, roles given and taken."""

from __future__ import annotations

from handlers.roster_card_presses import FieldPress
from tests.journeys.phones import buttons
from tests.journeys.roster_year.cast import AREAS, RosterYear
from tests.journeys.roster_year.groups import BUILDING, FARMING, ask_in
from tests.journeys.roster_year.opening import by_phone, open_card, write_down
from tests.journeys.test_roles import commands_of
from tests.village import Phone


async def edit(year: RosterYear, person: str, field: str, *, by: Phone | None = None) -> Phone:
    """The card of somebody with one field asked for."""
    desk = by or year.office
    await open_card(year, person, by=desk)
    await desk.presses("修改资料")
    await desk.presses(field, on="返回人员卡片")
    return desk


async def an_employer_is_written(year: RosterYear) -> None:
    person = year.anybody()
    desk = await edit(year, person, "工作单位")
    await desk.says("区规划设计院")
    await desk.sees("工作单位已修改")
    year.book.change(person, employer="区规划设计院")


async def an_employer_is_emptied(year: RosterYear) -> None:
    person = year.anybody()
    desk = await edit(year, person, "工作单位")
    await desk.presses("清空")
    year.book.change(person, employer="")


async def a_number_is_changed_after_one_that_is_taken(year: RosterYear) -> None:
    person, other = year.anybody(), year.anybody()
    desk = await edit(year, person, "手机号")
    await desk.says(year.book.people[other]["phone"])
    await desk.sees(f"这个号码已登记在{other}名下")
    await desk.says("139 0777 0001")
    await desk.sees("手机号已修改")
    year.book.change(person, phone="13907770001")


async def an_area_is_chosen(year: RosterYear) -> None:
    """The seat stays where they were elected."""
    person = year.anybody()
    area = next(area for area in AREAS if area != year.book.people[person]["area"])
    desk = await edit(year, person, "归属地")
    await desk.presses(area, on="请点选")
    await desk.sees("归属地已修改")
    year.book.change(person, area=area)


async def a_group_is_made_for_somebody(year: RosterYear) -> None:
    person = year.anybody()
    desk = await edit(year, person, "代表小组")
    await desk.says("第九代表小组")
    await desk.presses("新建", on="还没有代表小组“第九代表小组”")
    await desk.sees("代表小组已修改")
    year.book.change(person, group="第九代表小组")
    year.book.log["roster.named"] += 1


async def a_specialty_is_given_with_a_double_tap(year: RosterYear) -> None:
    person = year.anybody()
    desk = await edit(year, person, "专长")
    [(message_id, tap)] = [
        each for each in await buttons(desk, FieldPress, looks_at=1) if each[1].item == await _item(desk, "民族宗教侨务")
    ]
    for _ in range(2):
        await desk.presses_data(message_id, tap.pack())
    await desk.sees("✅ 民族宗教侨务")
    year.book.change(person, specialties=year.book.people[person]["specialties"] | {"民族宗教侨务"})


async def _item(desk: Phone, label: str) -> str:
    message = await desk.sees(label)
    data = next(b["callback_data"] for row in message["reply_markup"]["inline_keyboard"] for b in row if b["text"].endswith(label))
    return str(FieldPress.unpack(data).item)


async def a_name_is_put_right(year: RosterYear) -> None:
    person = year.pick()
    desk = await edit(year, person, "姓名")
    await desk.says(f"{person}甲")
    await desk.sees("姓名已修改")
    year.book.change(person, name=f"{person}甲")


async def a_language_is_changed(year: RosterYear) -> None:
    person = year.pick("法治监察")
    desk = await edit(year, person, "语言")
    await desk.presses("English")
    year.book.change(person, language="en")


async def two_of_the_office_write_one_field_at_once(year: RosterYear) -> None:
    """Whoever is second is shown what the first wrote."""
    person = year.anybody()
    for by in (year.office, year.colleague):
        await edit(year, person, "工作单位", by=by)
    await year.colleague.says("区水务局")
    await year.colleague.sees("工作单位已修改")
    await year.office.says("区财政局")
    await year.office.sees("刚刚由其他同事改过")
    year.book.change(person, employer="区水务局")


async def a_circle_is_given_on_the_card(year: RosterYear) -> None:
    person = year.pick("法治监察")
    desk = await edit(year, person, "工作圈")
    await desk.presses("农业农村")
    await desk.sees("✅ 农业农村")
    year.book.change(person)
    year.book.put_on("农业农村", person, year.now)
    await ask_in(year, person, FARMING)


async def a_circle_is_taken_on_the_card(year: RosterYear) -> None:
    person = year.pick("农业农村", joined=True)
    desk = await edit(year, person, "工作圈")
    await desk.presses("✅ 农业农村")
    await year.phone(person).sees("您已不在“农业农村”工作圈")
    year.book.change(person)
    year.book.take_off("农业农村", person, year.now)


async def somebody_leads_a_group(year: RosterYear) -> None:
    person = year.anybody(lambda row: "group_leader" in row["roles"])
    await _tap_role(year, person, "代表小组组长")
    await year.phone(person).sees("➕ 代表小组组长")
    year.book.change(person, roles=year.book.people[person]["roles"] | {"group_leader"})


async def somebody_gets_the_offices_role(year: RosterYear) -> None:
    person = year.said["officer"] = year.pick()
    await _tap_role(year, person, "代表联络室")
    await year.phone(person).sees("➕ 代表联络室")
    assert "roster" in await commands_of(year.home, year.phone(person))
    year.book.change(person, roles={"deputy", "office"} | year.book.people[person]["roles"])


async def the_offices_role_is_taken_again(year: RosterYear) -> None:
    person = year.said["officer"]
    await _tap_role(year, person, "✅ 代表联络室")
    await year.phone(person).sees("➖ 代表联络室")
    assert "roster" not in await commands_of(year.home, year.phone(person))
    year.book.change(person, roles=year.book.people[person]["roles"] - {"office"})


async def _tap_role(year: RosterYear, person: str, label: str) -> None:
    desk = await edit(year, person, "角色")
    await desk.presses(label)


async def somebody_is_added_step_by_step(year: RosterYear) -> None:
    """And comes in, and joins."""
    office = year.office
    await office.says("/roster")
    await office.presses("新增人员")
    await office.says("沈佳音")
    await office.says("139-0777-0002")
    await office.presses("史河街道", on="请选择归属地")
    await office.presses("第一代表小组", on="请选择代表小组")
    await office.presses("城建环保", on="请选择专长")
    await office.presses("下一步", on="✅ 城建环保")
    await office.presses("下一步", on="✅ 代表")
    await office.presses("确认新增")
    await office.sees("已列入名册")
    new = {"name": "沈佳音", "phone": "13907770002", "area": "史河街道", "group": "第一代表小组", "employer": ""}
    write_down(year, new | {"specialties": ["城建环保"], "circles": [], "roles": {"deputy"}})
    await begins_as_deputy(year, "沈佳音")
    await by_phone(year, ["沈佳音"])
    await ask_in(year, "沈佳音", BUILDING)


async def begins_as_deputy(year: RosterYear, *names: str) -> None:
    """Whoever comes on the roster in the middle of a term has a mandate from that day on."""
    await year.home.tick()
    for name in names:
        year.book.begin_mandate(name, year.said["term"], year.today)


async def somebody_is_taken_off_the_roster_by_mistake(year: RosterYear) -> None:
    person = year.said["left"] = year.pick("教科文卫", joined=True)
    await open_card(year, person)
    await year.office.presses("移出名册")
    await year.office.presses("确认移出")
    await year.home.tick()
    book, now = year.book, year.now
    book.log["roster.left"] += 1
    book.out_everywhere(person, now)
    book.people[person]["active"] = False
    book.end_mandate(person, year.today, "other", now)
    await year.phone(person).says("/menu")
    await year.phone(person).sees("仅限名册内人员")


async def whoever_was_taken_off_by_mistake_comes_back(year: RosterYear) -> None:
    """To the mandate they had, which nobody filled, and to their circles."""
    person, office, book = year.said["left"], year.office, year.book
    await office.says("/roster")
    await office.presses("新增人员")
    await office.says(f"{person} {book.people[person]['phone']}")
    await office.presses(f"恢复{person}")
    await office.sees("已恢复，重新列入名册")
    book.change(person, active=True, roles={"deputy"})
    book.restore_mandate(person, year.now)
