"""The activities' figures in the chat: for the office, a group leader, area staff, a deputy; as a card, a picture, a spreadsheet."""

from __future__ import annotations

import io
from datetime import timedelta

from openpyxl import load_workbook
from sqlalchemy import select

from models.activities import Activity
from models.attendance import CheckIn, CheckInWay
from models.invitations import Invitation
from models.people import Person, Role
from tests.journeys.test_activities import MESSAGE, TITLE, publish
from tests.journeys.test_activity_numbers import document
from tests.village import Phone, Village


async def with_an_activity_over(home: Village) -> Phone:
    """Three deputies of two groups: one answers in time and comes, one comes late, one stays away."""
    office = await home.person("周主任", Role.OFFICE)
    first = await home.person("王建国", group="第一代表小组", area="史河街道")
    await home.person("李秀英", group="第一代表小组", area="平岗街道")
    await home.person("陈明", group="第二代表小组", area="史河街道")
    await publish(home, office, MESSAGE)
    await home.passes(timedelta(days=8))
    await first.presses("参加", on="活动预通知")
    await home.passes(timedelta(days=4))
    async with home.session() as session:
        activity = (await session.scalars(select(Activity))).one()
        for name, late in (("王建国", 0), ("李秀英", 20)):
            person = (await session.scalars(select(Person).where(Person.name == name))).one()
            at = activity.starts_at + timedelta(minutes=late)
            session.add(CheckIn(activity_id=activity.id, person_id=person.id, at=at, way=CheckInWay.CODE))
    await home.passes(timedelta(days=5))
    return office


async def test_the_office_reads_the_year_by_group_and_by_person_and_takes_it_along(home: Village) -> None:
    office = await with_an_activity_over(home)

    await office.says("/figures")
    card = (await office.sees("活动 1 场，应到 3 人次"))["text"]
    for line in (
        "2026年1月1日—2026年12月31日",
        "到会 2（其中迟到 1），请假 0，缺席 1",
        "出勤率：66.7%",
        "按时答复：33.3%（1/3）",
        "正式通知 1 次",
    ):
        assert line in card
    assert "纪实尚未确认，为暂计" in card
    await office.presses("按小组")
    assert "第一代表小组 100%" in (await office.sees("第二代表小组 0%"))["text"]
    await office.presses("返回")
    await office.presses("按人员")
    by_person = (await office.sees("王建国 100%"))["text"]
    assert by_person.index("陈明 0%") < by_person.index("王建国")
    await office.presses("返回")
    await office.presses("图表")
    assert (await office.sees("活动统计 · 全体"))["photo"]
    await office.presses("导出表格")
    book = load_workbook(io.BytesIO(await document(home, await office.sees("活动统计-2026-03-27.xlsx"))))
    assert book.sheetnames == ["人员", "小组", "地区", "类型", "活动"]
    assert book["活动"]["A3"].value == TITLE
    assert [cell.value for cell in book["小组"][5]][:4] == ["合计", 1, 3, 2]


async def test_a_period_is_tapped_or_typed(home: Village) -> None:
    office = await with_an_activity_over(home)
    await office.says("/figures")

    await office.presses("自定时段")
    await office.says("反正最近")
    await office.sees("没有看懂这个时段")
    await office.says("2月")
    await office.sees("没有已结束的活动")
    await office.presses("本季度")

    await office.sees("2026年1月1日—2026年3月31日")
    await office.says("你好")
    await office.sees("请选择")


async def test_a_group_leader_and_area_staff_see_their_own_people_alone(home: Village) -> None:
    await with_an_activity_over(home)
    leader = await home.person("赵组长", Role.GROUP_LEADER, group="第一代表小组")
    staff = await home.person("街道干部", Role.AREA_STAFF, area="史河街道")

    for person, own, others in ((leader, ("王建国", "李秀英"), "陈明"), (staff, ("王建国", "陈明"), "李秀英")):
        await person.says("/figures")
        await person.sees("应到 2 人次")
        await person.presses("按人员")
        for name in own:
            await person.sees(name)
        await person.sees_nothing_of(others)


async def test_a_deputy_sees_the_own_line_and_cannot_forge_a_way_to_others(home: Village) -> None:
    await with_an_activity_over(home)
    deputy = await home.person("孙丽", group="第一代表小组", area="史河街道")
    async with home.session() as session:
        activity = (await session.scalars(select(Activity))).one()
        person = (await session.scalars(select(Person).where(Person.name == "孙丽"))).one()
        session.add(Invitation(activity=activity, person=person, leave_requests=[]))

    await deputy.says("/figures")
    card = await deputy.sees("通知您参加的活动 1 场")
    await deputy.sees_nothing_of("按人员")
    await deputy.sees_nothing_of("按小组")
    await deputy.presses("按活动")
    assert "缺席（暂计）" in (await deputy.sees(TITLE))["text"]
    for data in ("fg:whole:all:0:0:0", "fg:person:group:0:0:0", "fg:sheet:area:0:0:0", "fg:person:own:0:0:0", "fg:group:own:0:0:0"):
        assert "没有这项权限" in await deputy.presses_data(card["message_id"], data)
    for data in ("fg:whole:own:20261399:0:0", "fg:whole:nobody:0:0:0", "fg:whole:own:0:1:0"):
        assert "已失效" in await deputy.presses_data(card["message_id"], data)
    await deputy.sees_nothing_of("李秀英")
