"""Mandates, by-elections and terms in the chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.mandates import Mandate
from models.people import Person, Role, Specialty, person_by_phone
from tests.journeys.test_circles import bound, link_of, members_in
from tests.rules.district import District
from tests.village import Phone, Village


async def term_set(home: Village, office: Phone, first_day: str = "2025年1月8日") -> None:
    """The office says which term runs; mandates follow at the next look."""
    await office.says("/terms")
    await office.presses("设定本届")
    await office.says("第八届")
    await office.says(first_day)
    await office.sees("届次 · 第八届")
    await home.tick()


async def open_card(office: Phone, name: str) -> None:
    await office.says("/roster")
    await office.presses("查找人员")
    await office.says(name)
    await office.sees(f"{name}\n角色")


async def test_the_office_ends_a_mandate_by_buttons_and_the_deputy_is_out_at_once(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国", area="史河街道")
    await term_set(home, office)

    await open_card(office, "王建国")
    await office.presses("终止代表资格")
    await office.presses("辞职")
    await office.presses("另选日期")
    await office.says("3月5日")
    preview = await office.sees("确认终止王建国的代表资格？")
    await office.presses("确认终止")

    assert "终止日期：2026年3月5日" in preview["text"]
    assert "移出名册" in preview["text"]
    await office.sees("王建国的代表资格已终止（辞职，2026年3月5日(周四)）")
    await deputy.sees("您的人大代表资格已于2026年3月5日(周四)终止")
    await deputy.says("/menu")
    await deputy.sees("仅限名册内人员")
    deleted = [call for call in await home.calls("deleteMyCommands") if call["params"]["scope"]["chat_id"] == deputy.id]
    assert deleted
    async with home.session() as session:
        [mandate] = await session.scalars(select(Mandate))
        assert (mandate.reason, str(mandate.ended_on)) == ("resigned", "2026-03-05")


async def test_tapping_twice_ends_it_once_and_the_family_of_the_dead_gets_no_message(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国")
    await term_set(home, office)
    await open_card(office, "王建国")
    await office.presses("终止代表资格")
    await office.presses("去世")
    await office.presses("今天")
    preview = await office.sees("确认终止王建国")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    await office.presses("确认终止")
    toast = await office.presses_data(preview["message_id"], data)

    assert toast
    await deputy.sees_nothing_of("终止")


async def test_another_reason_is_typed_and_a_forged_press_of_a_deputy_does_nothing(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国")
    await term_set(home, office)
    await open_card(office, "王建国")
    await office.presses("终止代表资格")
    why = await office.sees("因何终止")
    forged = why["reply_markup"]["inline_keyboard"][0][0]["callback_data"].replace(":d:", ":y:")
    menu = await deputy.sees("请选择")
    toast = await deputy.presses_data(menu["message_id"], forged)
    assert "没有这项权限" in toast

    await office.presses("其他原因")
    await office.sends("photo")
    await office.says("工作调动")
    await office.presses("昨天")
    preview = await office.sees("确认终止王建国")
    await office.presses("确认终止")

    assert "其他原因（工作调动）" in preview["text"]
    await office.sees("代表资格已终止")


async def test_a_deputy_of_the_office_keeps_the_office(home: Village) -> None:
    office, both = await home.person("刘敏", Role.OFFICE), await home.person("高翔", Role.DEPUTY, Role.AREA_STAFF, area="柳河镇")
    await term_set(home, office)

    await open_card(office, "高翔")
    await office.presses("终止代表资格")
    await office.presses("辞职")
    await office.presses("今天")
    assert "仍保留角色：乡镇" in (await office.sees("确认终止高翔"))["text"]
    await office.presses("确认终止")

    await both.sees("您的其他角色不变")
    await both.says("/menu")
    menu = await both.sees("请选择")
    assert "专业咨询" not in str(menu["reply_markup"])
    last = [call["params"] for call in await home.calls("setMyCommands") if str(both.id) in str(call["params"].get("scope"))][-1]
    assert "referrals" not in str(last)


async def test_a_by_election_brings_in_somebody_new_by_name_and_number(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    await home.person("王建国", area="史河街道")
    await term_set(home, office)
    await open_card(office, "王建国")
    await office.presses("终止代表资格")
    await office.presses("迁出")
    await office.presses("今天")
    await office.presses("确认终止")

    await office.says("/terms")
    await office.presses("缺额与补选（1）")
    await office.presses("史河街道 · 原王建国")
    await office.says("赵海峰")
    await office.sees("请写姓名和 11 位手机号")
    await office.says("赵海峰 13912345678")
    await office.sees("确认赵海峰当选史河街道代表？")
    await office.presses("确认当选")

    await office.sees("赵海峰已登记为史河街道代表，接续王建国的席位")
    new = await home.stranger("赵海峰", phone="13912345678")
    await new.starts()
    await new.shares_phone()
    await new.sees("赵海峰，您好！")
    async with home.session() as session:
        person = await person_by_phone(session, "13912345678")
        assert person is not None
        assert person.roles == {Role.DEPUTY}
        mandate = (await session.scalars(select(Mandate).where(Mandate.person_id == person.id))).one()
        assert mandate.fills is not None
    await office.says("/terms")
    await office.sees("在任 1 人，已终止 1 人，缺额 0 席")


async def test_a_term_is_closed_after_two_confirmations_and_the_next_begins_with_those_elected_again(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    phones = {name: await home.person(name, area="史河街道") for name in ("王建国", "李国栋", "张美玲")}
    await term_set(home, office)

    await office.says("/terms")
    await office.presses("换届")
    await office.says("第九届")
    await office.says("今天")
    preview = await office.sees("换届预览")
    assert "3 名代表的资格终止" in preview["text"]
    await office.presses("已核对，继续")
    await office.says("是的")
    await office.sees("没有换届")
    await office.says("第八届")
    await office.sees("开始换届")
    for _ in range(4):
        await home.tick()

    await office.sees("第八届已结束")
    await phones["李国栋"].sees("任期已届满")
    await phones["李国栋"].says("/menu")
    await phones["李国栋"].sees("仅限名册内人员")
    await office.presses("标记连任代表", on="第八届已结束")
    await office.presses("王建国")
    await office.sees("☑️ 王建国")
    await office.presses("返回届次")
    await office.presses("新一届开始")
    await office.presses("确认开始")
    for _ in range(3):
        await home.tick()
    await office.sees("第九届已开始")
    await phones["王建国"].sees("祝贺您连任")
    await phones["王建国"].says("/menu")
    await phones["王建国"].sees("请选择")
    async with home.session() as session:
        serving = [person.name for person in await session.scalars(select(Person)) if person.serves]
        assert serving == ["王建国"]


async def test_closing_goes_on_after_a_restart_of_nothing_but_looks(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    for number in range(25):
        await home.person(f"代表{number:02}", linked=False)
    await term_set(home, office)
    await office.says("/terms")
    await office.presses("换届")
    await office.says("第九届")
    await office.says("昨天")
    await office.presses("已核对，继续")
    await office.says("第八届")

    await home.tick()
    await office.sees("已终止 20 人，还有 5 人")
    await office.says("/terms")
    await office.sees("正在换届")
    await home.passes(timedelta(days=1))
    await home.tick()

    await office.sees("第八届已结束")


async def test_what_nobody_carries_on_is_listed_and_opened_from_the_list(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国", area="史河街道")
    await home.person("李国栋", area="史河街道")
    await term_set(home, office)
    async with home.session() as session:
        person = (await session.scalars(select(Person).where(Person.name == "王建国"))).one()
        building = (await session.scalars(select(Specialty).where(Specialty.name == "城建环保"))).one()
        await District(session, home.clock.now()).issue(person, specialty=building)
    await open_card(office, "王建国")
    await office.presses("终止代表资格")
    await office.presses("辞职")
    await office.presses("今天")
    assert "1 件未办结的问题由您移交或办结" in (await office.sees("确认终止王建国"))["text"]
    await office.presses("确认终止")
    await home.tick()

    await office.says("/terms")
    await office.presses("待移交事项（1）")
    await office.presses("2026-0001 · 王建国")
    card: dict[str, Any] = await office.sees("2026-0001")

    assert "转给其他代表" in str(card["reply_markup"])
    await deputy.sees_nothing_of("2026-0001")


async def test_the_group_of_a_circle_is_left_and_who_is_elected_again_is_invited_anew(home: Village) -> None:
    again, gone = await home.person("王建国", area="史河街道"), await home.person("李国栋", area="史河街道")
    office, group = await bound(home, again, gone)
    for phone in (again, gone):
        await phone.joins(await link_of(phone))
    await home.settle()
    assert await members_in(home, group) >= {again.id, gone.id}
    await term_set(home, office)
    await office.says("/terms")
    await office.presses("换届")
    await office.says("第九届")
    await office.says("今天")
    assert "1 个工作圈清空，2 人移出群组" in (await office.sees("换届预览"))["text"]
    await office.presses("已核对，继续")
    await office.says("第八届")
    for _ in range(3):
        await home.tick()
    assert not await members_in(home, group) & {again.id, gone.id}

    await office.presses("标记连任代表", on="第八届已结束")
    await office.presses("王建国")
    await office.presses("返回届次")
    await office.presses("新一届开始")
    await office.presses("确认开始")
    await home.tick()
    await again.joins(await link_of(again))
    await home.settle()

    assert await members_in(home, group) & {again.id, gone.id} == {again.id}
