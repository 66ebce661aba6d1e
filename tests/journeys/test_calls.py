"""Notice in writing and by phone: the times of notices, the call sheet, the record, and the office's card to the end."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
from docx import Document

from models.people import Role, person_by_telegram_id
from tests.journeys.test_activities import MESSAGE, TITLE, publish
from tests.journeys.test_activity_numbers import document
from tests.village import Phone, Village, labels_of

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def card_of(home: Village, office: Phone) -> str:
    """The office's card of the activity, after the three seconds that it may take to follow."""
    await home.passes(timedelta(seconds=3))
    return str((await office.sees("已答复"))["text"])


async def test_notice_times_are_typed_in_the_preview(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")

    await office.says(MESSAGE)
    await office.sees("通知时间可以直接输入")
    await office.says("提前10天、4天、1天、3小时")

    preview = (await office.sees("请核对，确认后发布"))["text"]
    assert "预通知：3月15日(周日) 09:00（提前10天）" in preview
    assert "正式通知：3月21日(周六) 09:00（提前4天）" in preview
    assert "提醒：3月25日(周三) 07:30（提前3小时，已避开夜间）" in preview, "at six in the morning nobody is woken"
    await office.says("提前" + "、".join(f"{hours}小时" for hours in range(1, 12)))
    await office.sees("最多安排 8 次通知")


async def test_notice_times_are_changed_after_publication(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, MESSAGE)

    await office.presses("通知时间", on="未回复")
    await office.sees("预通知：3月18日(周三) 09:00（提前7天）")
    await office.says("等一等")
    await office.sees("没有看懂通知时间")
    await office.says("提前10天、4天、1天、3小时")
    await office.sees("预通知：3月15日(周日) 09:00（提前10天）")
    await office.presses("✅ 确认", on="将改为")
    await office.sees("已更改通知时间")

    await home.passes(5 * DAY)
    await deputy.sees("活动预通知")
    assert "下一次：正式通知，3月21日(周六) 09:00" in await card_of(home, office)


async def test_the_sheet_comes_by_itself_and_each_call_is_one_tap(home: Village) -> None:
    office, colleague = await home.person("周主任", Role.OFFICE), await home.person("吴干事", Role.OFFICE)
    await home.person("王建国", area="史河街道", phone="13900000001"), await home.person("李秀英", phone="13900000002")
    reached, absent = await home.person("陈明"), await home.person("赵丽", linked=False, phone="13900000003")
    await publish(home, office, MESSAGE)
    await home.passes(8 * DAY)  # the pre-notice
    await reached.presses("参加")
    await office.sees_nothing_of("电话通知单")

    await home.passes(3 * DAY)  # Saturday; the sheet waits for Monday morning
    await home.passes(DAY)
    await office.sees_nothing_of("电话通知单")
    await home.passes(DAY)

    sheet = (await office.sees("待通知 3 人"))["text"]
    assert "王建国 13900000001 史河街道 · 未回复" in sheet
    await office.presses("开始拨打：王建国")
    person = (await office.sees("请点一下结果"))["text"]
    for text in ("王建国　+8613900000001", "史河街道", "答复：未回复", "书面通知：已送达", "地点：区政府东门"):
        assert text in person
    await colleague.sees("周主任正在拨打")
    assert "周主任正在拨打王建国的电话" in await colleague.presses("王建国", on="电话通知单")
    await colleague.presses("开始拨打：李秀英")

    assert await office.presses("能参加") == "已登记：王建国 能参加"
    await office.sees("赵丽　+8613900000003")
    await office.presses("没接通")
    assert "没接通" in (await office.sees("撤销：赵丽"))["text"]
    await colleague.presses("号码不对")
    for phone in (office, colleague):
        await phone.sees("李秀英的号码不对：13900000002")
    card = await card_of(home, office)
    for text in ("☎ 电话通知 1 人", "参加 2", "已答复 2/4", "未进入 1"):
        assert text in card
    await absent.sees_nothing_of(TITLE)


async def at_the_phone(home: Village) -> tuple[Phone, Phone]:
    """The office with one silent deputy on the line."""
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", phone="13900000001")
    await publish(home, office)
    await office.presses("电话通知", on="未回复")
    await office.presses("开始拨打")
    return office, deputy


async def test_leave_asked_by_phone_goes_to_the_leader_in_the_persons_name(home: Village) -> None:
    leader = await home.person("郑主任", Role.LEADER)
    office, deputy = await at_the_phone(home)

    await office.presses("要请假")
    await office.says("住院手术")
    await office.sees("请先点选请假类别")
    await office.presses("生病")
    await office.says("住院手术")

    request = (await leader.sees("请假申请"))["text"]
    for text in ("代表：王建国", "类别：生病", "事由：住院手术"):
        assert text in request
    await office.sees("没有需要电话通知的人")
    await leader.presses("✅ 批准")
    await deputy.sees("您的请假已获批准")
    await office.presses("撤销：王建国 要请假")
    await home.settle()
    assert "请假 1" in await card_of(home, office), "a decision is not undone by a tap"


async def test_a_wrong_tap_is_undone_and_a_second_tap_logs_nothing(home: Village) -> None:
    office, _ = await at_the_phone(home)
    card = await office.sees("请点一下结果")
    attend = next(b["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for b in row if "能参加" in b["text"])

    await office.presses("能参加")
    assert "已登记" in await office.presses_data(card["message_id"], attend)
    assert "参加 1" in await card_of(home, office)
    await office.presses("撤销：王建国 能参加")

    await office.sees("请点一下结果")
    assert "参加 0" in await card_of(home, office)
    await office.presses("号码不对")
    await office.presses("撤销：王建国 号码不对")
    await office.sees("误点已撤销")


async def test_whoever_asked_leave_meanwhile_is_not_overwritten(home: Village) -> None:
    office, deputy = await at_the_phone(home)

    await deputy.presses("请假")
    await deputy.presses("公务出差")
    await deputy.presses("无补充")

    card = await office.sees("请点一下结果")
    attend = next(b["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for b in row if "能参加" in b["text"])
    assert "本人已提出请假" in await office.presses_data(card["message_id"], attend)
    await deputy.sees("待主要领导批准")


async def test_nobody_but_the_office_reads_numbers_or_logs_calls(home: Village) -> None:
    office, deputy = await at_the_phone(home)
    menu = await deputy.sees("请选择")

    for data in ("cs:s:1:0", "cs:n:1:0", "cs:e:1:0", "cs:a:1:0", "cs:p:1:0", "cs:u:1:0", "cl:1:0", "nr:1:0:0", "nt:1:o", "nt:1:c"):
        assert "没有这项权限" in await deputy.presses_data(menu["message_id"], data), data
    for data in ("cs:p:99:0", "cs:a:99:0", "cs:u:99:0", "cs:s:99:0", "cs:z:1:0", "cl:1:99", "cs:r:1:0", "nr:1:99:0", "nt:1:c"):
        assert "已失效" in await office.presses_data((await office.sees("请点一下结果"))["message_id"], data), data


async def test_once_it_has_begun_nothing_is_logged_any_more(home: Village) -> None:
    office, _ = await at_the_phone(home)
    card = await office.sees("请点一下结果")

    await home.passes(3 * DAY)

    assert "已经开始" in await office.presses_data(card["message_id"], "cs:a:1:0")
    await office.presses("返回名单")
    await office.sees("不再登记电话通知")


async def test_the_sheet_as_a_spreadsheet_and_on_paper(home: Village) -> None:
    office, _ = await at_the_phone(home)
    await office.presses("没接通")

    await office.presses("表格", on="电话通知单")
    table = openpyxl.load_workbook(io.BytesIO(await document(home, await office.sees("电话通知单.xlsx")))).active
    assert table is not None
    headings, row = ([str(cell or "") for cell in row] for row in table.iter_rows(values_only=True))
    assert headings[:4] == ["序号", "姓名", "电话", "归属地"]
    assert row[1:3] == ["王建国", "13900000001"]
    assert "周主任拨打：没接通" in row[headings.index("已拨打")]

    await office.presses("打印稿", on="电话通知单")
    paper = Document(io.BytesIO(await document(home, await office.sees("电话通知单.docx"))))
    assert [paragraph.text for paragraph in paper.paragraphs][:2] == ["电话通知单", f"活动：{TITLE}"]
    cells = [cell.text for cell in paper.tables[0].rows[1].cells]
    assert cells[1:3] == ["王建国", "13900000001"]
    assert "□ 能参加\n□ 要请假\n□ 没接通\n□ 号码不对" in cells


async def test_the_record_says_how_and_when_each_was_notified(home: Village) -> None:
    office, away = await home.person("周主任", Role.OFFICE), await home.person("李秀英", phone="13900000002")
    deputy = await home.person("王建国")
    await away.blocks()
    await publish(home, office)
    await deputy.presses("参加")
    await office.presses("电话通知", on="未回复")
    await office.presses("开始拨打：李秀英")
    await office.presses("能参加")

    await office.presses("通知记录", on="未回复")
    record = (await office.sees("点姓名查看"))["text"]
    assert "共 2 人：书面送达 1，电话通知 1，均未通知到 0" in record
    assert "未送达（已停用机器人，无法送达）" in record
    await office.presses("李秀英", on="点姓名查看")
    one = (await office.sees("周主任电话登记"))["text"]
    assert "正式通知：已停用机器人，未送达" in one
    assert "周主任拨打：能参加" in one
    await office.presses("返回", on="周主任电话登记")
    await office.sees("点姓名查看")

    await office.presses("导出表格")
    book = openpyxl.load_workbook(io.BytesIO(await document(home, await office.sees("答复名单：视察"))))
    assert book.sheetnames == ["答复名单", "通知记录"]
    rows = [[str(cell or "") for cell in row] for row in book["通知记录"].iter_rows(min_row=3, values_only=True)]
    assert [row[:2] for row in rows] == [["李秀英", "正式通知"], ["李秀英", "电话"], ["王建国", "正式通知"]]
    assert rows[1][4:] == ["能参加", "", "周主任", "13900000002"]
    assert "电话（周主任）" in [cell.value for cell in book["答复名单"][3]]


async def test_the_card_becomes_the_final_account_at_the_start(home: Village) -> None:
    leader = await home.person("郑主任", Role.LEADER)
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    other = await home.person("李秀英")
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("生病")
    await deputy.presses("无补充")
    await home.passes(2 * DAY - 2 * HOUR)  # an hour after the start
    assert "最终情况" in await card_of(home, office)

    await other.blocks()
    async with home.session() as session:
        person = await person_by_telegram_id(session, other.id)
        assert person is not None
        person.active = False
    await home.passes(MINUTE)
    edits = len(await home.calls("editMessageText"))
    await home.passes(MINUTE)
    assert len(await home.calls("editMessageText")) == edits, "what happens later does not change it"
    await leader.presses("✅ 批准")

    card = await card_of(home, office)
    for text in ("最终情况", "待批 0，批准 1", "未回复 1", "送达 2/2"):
        assert text in card
    assert "改时间" not in labels_of(await office.sees("最终情况"))
