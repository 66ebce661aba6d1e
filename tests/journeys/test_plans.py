"""Annual plans in the chat: items, activities that grow out of them, spreadsheets in and out, reminders of quarters with nothing held."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from models.people import Role
from models.plans import PlanItem
from tests.village import Phone, Village

ZONE = ZoneInfo("Asia/Shanghai")
GROUP = "第一代表小组"


async def adds(phone: Phone, month: str, kind: str, topic: str, responsible: str = "") -> None:
    await phone.presses("➕ 添加", on="年度活动计划")
    await phone.presses(month, on="请选择计划月份")
    await phone.presses(kind, on="请选择活动类型")
    await phone.says(topic)
    await phone.sees("请输入责任人")
    if responsible:
        await phone.says(responsible)
    else:
        await phone.presses("暂不指定")
    await phone.sees("已写入计划")


async def exported(phone: Phone) -> bytes:
    """The newest file that came into the chat."""
    await phone.village.settle()
    file = next(message["document"] for message in reversed(await phone.messages()) if "document" in message and not message.get("out"))
    async with phone.village.http.get(f"{phone.village.address}/sandbox/files/{file['file_id']}") as response:
        assert response.status == 200
        return await response.read()


def book_of(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]


async def count_items(home: Village) -> int:
    async with home.session() as session:
        return await session.scalar(select(func.count()).select_from(PlanItem)) or 0


async def test_a_group_leader_writes_the_plan_and_calls_an_activity_out_of_it(home: Village) -> None:
    chief = await home.person("刘组长", Role.GROUP_LEADER, Role.DEPUTY, group=GROUP)
    await home.person("王建国", group=GROUP)
    await home.person("李秀英")

    await chief.says("/plan")
    await chief.sees("还没有计划事项")
    await adds(chief, "3月", "调研", "养老服务调研", "刘组长、王建国")
    await chief.presses("查看该事项")
    await chief.sees("本月应办")
    await chief.presses("发起活动")
    await chief.sees("请选择时间")
    await chief.presses("下周三 14:30")
    await chief.says("区福利院")
    await chief.presses("跳过")
    preview = await chief.sees("请核对，确认后发布")
    assert "类型：调研" in preview["text"]
    assert "养老服务调研" in preview["text"]
    assert "对象（2 人）" in preview["text"]
    await chief.presses("确认发布")

    await chief.says("/plan")
    shown = await chief.sees("已安排 1")
    assert "📌 3月 养老服务调研" in shown["text"]
    await home.passes(timedelta(days=9))
    await chief.says("/plan")
    await chief.sees("已完成 1")


async def test_items_are_changed_and_removed_and_wrong_answers_are_asked_again(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)

    await office.says("/plan")
    await office.presses("代表联络室")
    await office.presses("➕ 添加")
    await office.says("下个月吧")
    await office.sees("没有看懂月份")
    await office.says("十一月")
    await office.says("春游")
    await office.sees("没有这一活动类型")
    await office.says("学习")
    await office.says("长" * 81)
    await office.sees("最多 80 个字")
    await office.says("<b>学习</b> & 条例")
    await office.presses("暂不指定")
    await office.presses("查看该事项")
    await office.presses("改责任人")
    await office.says("周主任")
    await office.presses("查看该事项")
    shown = await office.sees("责任人：周主任")
    assert "<b>学习</b> & 条例" in shown["text"]
    await office.presses("🗑 删除")
    await office.presses("确认删除")
    await office.sees("还没有计划事项")
    assert await count_items(home) == 0


async def test_only_the_office_and_the_groups_own_leader_change_a_plan(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    leader = await home.person("郑主任", Role.LEADER)
    other = await home.person("张组长", Role.GROUP_LEADER, Role.DEPUTY, group="第二代表小组")
    deputy = await home.person("王建国", group=GROUP)
    await office.says("/plan")
    await office.presses(GROUP)
    await adds(office, "5月", "视察", "视察学校")
    async with home.session() as session:
        item = await session.scalar(select(PlanItem))
        assert item is not None
        item_id, group_id = item.id, item.group_id

    await leader.says("/plan")
    await leader.presses(GROUP)
    seen = await leader.sees("视察学校")
    await leader.presses("5月 视察学校")
    await leader.sees_nothing_of("发起活动")
    await deputy.says("/plan")
    await deputy.sees_nothing_of("年度活动计划")
    await other.says("/plan")
    shown = await other.sees("年度活动计划")
    for phone, message in ((leader, seen), (other, shown)):
        for data in (f"pi:remove2:{item_id}", f"pl:add:{group_id}:2026:0", f"pl:import:{group_id}:2026:0", f"pi:call:{item_id}"):
            await phone.presses_data(message["message_id"], data)
    for data in (f"pl:open:{group_id}:2026:0", f"pl:export:{group_id}:2026:0", "pl:all:0:2026:0", "pl:open:0:2026:0"):
        await other.presses_data(shown["message_id"], data)
    await other.presses_data(shown["message_id"], "pl:open:0:2099:0")
    await other.sees_nothing_of("视察学校")
    assert await count_items(home) == 1


async def test_what_is_exported_comes_back_unchanged_and_makes_the_same_plan_elsewhere(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国", group=GROUP)
    await office.says("/plan")
    await office.presses(GROUP)
    await adds(office, "3月", "调研", "=1+1 养老  服务", "刘组长、区民政局")
    await office.presses("返回计划")
    await adds(office, "12月", "接待选民", "接待选民 ２０２６")

    await office.says("/plan")
    await office.presses(GROUP)
    await office.presses("📤 导出")
    await office.sees("2026年度活动计划_第一代表小组.xlsx")
    content = await exported(office)
    rows = rows_of(content)
    assert rows[0] == ("编号", "月份", "主题", "类型", "责任人", "完成情况", "已发起的活动")
    assert [row[1:6] for row in rows[1:]] == [
        (3, "=1+1 养老 服务", "调研", "刘组长、区民政局", "本月应办"),
        (12, "接待选民 ２０２６", "接待选民", None, "未到期"),
    ]

    await office.presses("📥 导入", on=GROUP)
    await office.uploads("计划.xlsx", content)
    await office.sees("新增 0 项，变更 0 项，不变 2 项，不导入 0 行")
    await office.sees("没有需要导入的内容")
    await office.presses("取消导入", on="导入预览")

    await office.says("/plan")
    await office.presses("代表联络室")
    await office.presses("📥 导入", on="代表联络室")
    await office.uploads("计划.xlsx", content)
    await office.sees("新增 2 项")
    await office.presses("确认导入")
    await office.sees("计划已导入")
    async with home.session() as session:
        said = [(item.group_id is None, item.said) for item in await session.scalars(select(PlanItem).order_by(PlanItem.id))]
    assert [one for offices, one in said if offices] == [one for offices, one in said if not offices]


async def test_an_import_names_its_faults_by_row_and_waits_for_a_tap(home: Village) -> None:
    chief = await home.person("刘组长", Role.GROUP_LEADER, Role.DEPUTY, group=GROUP)
    await chief.says("/plan")
    await chief.presses("📥 导入")
    await chief.says("在这里吗")
    await chief.sees("正在等待计划表格")
    await chief.uploads("计划.xlsx", b"no spreadsheet")
    await chief.sees("打不开这个文件")
    await chief.uploads("计划.xlsx", book_of(("月份", "责任人"), (3, "刘组长")))
    await chief.sees("缺少：主题")

    book = book_of(
        ("第一代表小组计划",),
        ("计划时间", "活动内容", "活动形式", "负责人", "备注"),
        ("3月", "视察养老服务", "视察", "刘组长", "x"),
        ("十三月", "月份不对", "视察", "", ""),
        (5, "", "视察", "", ""),
        (6, "春游", "春游", "", ""),
        (date(2026, 9, 1), "学习条例", "", "", ""),
    )
    await chief.uploads("计划.xlsx", book)
    preview = await chief.sees("导入预览")
    for text in (
        "新增 2 项，变更 0 项，不变 0 项，不导入 3 行",
        "⛔ 第4行 月份不对：看不懂月份“十三月”",
        "⛔ 第5行 （无主题）：没有写主题",
        "⛔ 第6行 春游：没有“春游”这一活动类型",
        "➕ 第7行 学习条例：9月；其他",
        "未使用的列：备注",
    ):
        assert text in preview["text"], text
    assert await count_items(home) == 0
    await chief.presses("确认导入")
    await chief.sees("计划已导入")
    assert await count_items(home) == 2


async def test_a_plan_changed_meanwhile_is_shown_again_before_it_is_taken_over(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    chief = await home.person("刘组长", Role.GROUP_LEADER, Role.DEPUTY, group=GROUP)
    await chief.says("/plan")
    await chief.presses("📥 导入")
    await chief.uploads("计划.xlsx", book_of(("月份", "主题", "类型"), (3, "视察养老服务", "视察")))
    await chief.sees("新增 1 项")

    await office.says("/plan")
    await office.presses(GROUP)
    await adds(office, "3月", "视察", "视察养老服务")
    await chief.presses("确认导入")

    await chief.sees("计划刚才有变动")
    await chief.sees("新增 0 项")
    assert await count_items(home) == 1


async def test_a_quarter_with_nothing_held_is_told_once_to_its_leader_or_to_the_office(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    chief = await home.person("刘组长", Role.GROUP_LEADER, Role.DEPUTY, group=GROUP)
    await home.person("王建国", group="无组长小组")
    await home.tick()

    await home.until(datetime(2026, 4, 1, 8, 0, tzinfo=ZONE))
    await chief.sees_nothing_of("没有开展活动")
    await home.until(datetime(2026, 4, 1, 8, 31, tzinfo=ZONE))
    await chief.sees("2026年1—3月，本组没有开展活动的记录")
    told = await office.sees("没有可以通知的组长")
    assert "无组长小组" in told["text"]
    assert GROUP not in told["text"]

    await home.passes(timedelta(days=2))
    messages = [message for message in await chief.messages() if "本组没有开展活动" in message.get("text", "")]
    assert len(messages) == 1
    await chief.presses("打开年度计划")
    await chief.sees("还没有计划事项")
