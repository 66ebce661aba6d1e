"""An activity's money: planned and spent by a few words, receipts as photos, corrections, a warning, the year."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

from openpyxl import load_workbook
from sqlalchemy import select

from models.budgets import Receipt
from models.people import Role
from tests.journeys.test_activities import SOON, TITLE, publish
from tests.journeys.test_activity_numbers import document
from tests.village import Phone, Village


async def with_activity(home: Village) -> Phone:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office)
    await office.presses("💰 经费")
    await office.sees(f"经费：{TITLE}")
    return office


async def test_a_plan_is_typed_line_by_line_or_item_by_item(home: Village) -> None:
    office = await with_activity(home)

    await office.presses("列预算")
    await office.says("餐费 1,200元\n场地费：0.3万")
    await office.sees("已登记 2 项预算")
    await office.presses("交通费", on="请输入预算项目和金额")
    await office.sees("交通费：请输入金额")
    await office.says("八百")
    await office.sees("没有看懂金额")
    await office.says("800.5")
    await office.sees("已登记：交通费 800.50 元")
    await office.presses("完成")

    card = (await office.sees("列预算"))["text"]
    for line in ("餐费：预算 1,200.00，支出 0.00", "场地费：预算 3,000.00", "交通费：预算 800.50", "预算合计：5,000.50 元"):
        assert line in card


async def test_a_receipt_comes_before_with_or_after_its_amount(home: Village) -> None:
    office = await with_activity(home)

    await office.presses("记支出")
    await office.sends("photo")
    await office.sees("票据已收到（1 张）")
    await office.says("餐费 980")
    await office.sees("已登记：餐费 980.00 元")
    await office.sends("photo", caption="交通费 300元")
    await office.sees("已登记：交通费 300.00 元")
    await office.sends("photo", caption="租车发票")
    await office.uploads("发票.pdf", b"%PDF-1.4")
    await home.passes(timedelta(seconds=1))
    await office.sees("交通费 300.00 元：已收票据 3 张")
    await office.says("资料费 60")
    await office.sees("请发送票据照片或文件；没有票据")
    await office.presses("完成")

    await office.sees("票据：4 张，1 笔支出没有票据")
    await office.presses("明细与更正")
    await office.presses("支出｜交通费 300.00")
    await office.presses("看票据")
    shown = await office.sees("票据 3/3：交通费 300.00 元")
    assert shown["document"]
    async with home.session() as session:
        assert [receipt.file_name for receipt in await session.scalars(select(Receipt).order_by(Receipt.id))][-1] == "发票.pdf"


async def test_an_amount_is_corrected_or_struck_out_and_the_old_one_stays_to_be_seen(home: Village) -> None:
    office = await with_activity(home)
    await office.presses("记支出")
    await office.says("餐费 1800")
    await office.says("资料费 60")
    await office.presses("完成")

    await office.presses("明细与更正")
    await office.presses("支出｜餐费")
    await office.presses("更正")
    await office.says("1080")
    await office.sees("已更正为：餐费 1,080.00 元")
    await office.presses("明细与更正")
    await office.presses("支出｜资料费")
    await office.presses("划去")
    sure = await office.sees("确定划去吗")
    assert await office.presses("确认划去") == "已划去，留痕备查"

    entries = await office.sees("经费明细")
    assert "支出｜餐费 1,800.00 元\n  周主任 3月10日(周二) 12:00 划去" in entries["text"]
    again = sure["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert "已失效" in await office.presses_data(entries["message_id"], again)
    await office.presses("返回")
    assert "支出合计：1,080.00 元" in (await office.sees("已划去 2 笔"))["text"]


async def test_the_office_and_the_maker_are_warned_once_at_eighty_per_cent_and_once_at_the_end(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    maker = await home.person("李组长", Role.GROUP_LEADER, Role.DEPUTY, group="第一代表小组")
    await publish(home, maker, SOON.replace("全体代表", "第一代表小组"))
    await maker.presses("💰 经费")
    await maker.presses("列预算")
    await maker.says("餐费 1000")
    await maker.presses("完成")
    await maker.presses("记支出")

    for amount in ("餐费 700", "餐费 100", "餐费 50", "餐费 150", "餐费 10"):
        await maker.says(amount)
        await home.settle()

    for person in (office, maker):
        told = [message["text"] for message in await person.messages() if "经费提醒" in message.get("text", "")]
        assert [line.splitlines()[0] for line in told] == ["🟠 经费提醒：支出已达预算的 80%", "🔴 经费提醒：预算已用完"]
    assert "超支：10.00 元" in (await maker.sees("餐费：预算"))["text"]


async def test_nobody_else_reads_or_writes_a_budget(home: Village) -> None:
    office, leader = await with_activity(home), await home.person("郑主任", Role.LEADER)
    deputy, other = await home.person("陈明"), await home.person("赵组长", Role.GROUP_LEADER, group="第二代表小组")
    await office.presses("记支出")
    await office.says("餐费 100")
    await office.presses("完成")
    greeting = {phone.name: await phone.sees("请选择") for phone in (leader, deputy, other)}

    for data in ("bu:1:open:0", "bu:1:entry:1", "bu:1:receipts:1", "bu:1:spend:0", "bu:1:strike2:1"):
        for phone in (deputy, other):
            assert "没有这项权限" in await phone.presses_data(greeting[phone.name]["message_id"], data)
    assert "没有这项权限" in await leader.presses_data(greeting["郑主任"]["message_id"], "bu:1:strike2:1")
    await leader.presses_data(greeting["郑主任"]["message_id"], "bu:1:open:0")
    await leader.sees("支出合计：100.00 元")
    await leader.sees_nothing_of("记支出")


async def test_what_is_no_receipt_is_answered_and_the_form_goes_on(home: Village) -> None:
    office = await with_activity(home)

    await office.presses("记支出")
    await office.sends("voice")
    await office.sees("票据请以照片或文件发送")
    await office.says("餐费 300\n交通费 20")
    await office.sees("一次请只写一笔")
    await office.says("300")
    await office.sees("300.00 元：请输入项目名称")
    await office.says("餐费<b>&")

    await office.sees("已登记：餐费<b>& 300.00 元")


async def test_the_year_is_told_by_group_and_as_a_spreadsheet(home: Village) -> None:
    office = await with_activity(home)
    await office.presses("列预算")
    await office.says("餐费 1000")
    await office.presses("完成")
    await office.presses("记支出")
    await office.sends("photo", caption="=餐费 850.50")
    await office.presses("完成")

    await office.says("/budget")
    year = await office.sees("2026年活动经费")
    assert "代表联络室 · 1 场活动\n预算 1,000.00，支出 850.50（85%）" in year["text"]
    await office.presses("导出表格")
    file = await office.sees("2026年活动经费.xlsx")

    content = await document(home, file)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["汇总", "收支明细", "票据清单"]
    assert [cell.value for cell in book["汇总"][4]][:4] == ["合计", 1, 1000, 850.5]
    assert [cell.value for cell in book["票据清单"][3]][:6] == [1, book["收支明细"]["A3"].value, TITLE, "餐费", 850.5, "照片"]
    assert Decimal(str(book["收支明细"]["F4"].value)) == Decimal("850.5")
    assert book["收支明细"]["F4"].number_format == "#,##0.00"
