"""Issues as others look at them: lists, the board, search, the spreadsheet, the weekly figures."""

from __future__ import annotations

import io
from datetime import timedelta

from openpyxl import load_workbook

from handlers.issue_presses import BoardDo, BoardPress, IssueDo, IssuePress, IssuesPress, ListDo, SearchPress
from models.issue_reading import Scope, Standing
from models.people import Role
from tests.journeys.issue_people import DRAIN, circle_group, gathered, share, texts, the_issue
from tests.village import Village, labels_of, shown


async def test_the_office_goes_from_the_board_to_an_issue_and_takes_the_list_along(home: Village) -> None:
    deputy, office = await home.person("王秀兰", area="云溪街道"), await home.person("刘敏", Role.OFFICE)
    await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)

    await office.says("/board")
    await office.sees("云溪街道 1")
    await office.presses("图表", on="问题总览")
    picture = await office.sees("群众反映问题总览 · 3月10日(周二) 12:00")
    await office.presses("图表", on="按专长")
    await office.presses("按专长", on="图表")
    await office.presses("城建环保 1")
    await office.presses("2026-0001", on="在办 · 城建环保 · 共1件")
    await office.sees("提出时间：3月10日(周二) 12:00")
    await office.presses("返回列表")
    await office.presses("导出表格", on="在办 · 城建环保 · 共1件")
    await office.sees("群众反映问题-2026-03-10.xlsx")

    assert picture["photo"]
    assert len([message for message in await office.messages() if "photo" in message]) == 1
    file_id = (await office.sees(".xlsx"))["document"]["file_id"]
    async with home.http.get(f"{home.address}/sandbox/files/{file_id}") as answer:
        rows = list(load_workbook(io.BytesIO(await answer.read()))["问题"].iter_rows(values_only=True))
    assert [rows[1][0], rows[1][7]] == ["2026-0001", "陈志强"]
    assert "13655550123" not in f"{rows}{texts(await office.messages())}"


async def test_neighbours_and_the_circle_read_an_issue_and_may_come_forward(home: Village) -> None:
    deputy, neighbour = await home.person("王秀兰", area="云溪街道"), await home.person("孙丽", area="云溪街道")
    staff, outsider = await home.person("乡镇干部", Role.AREA_STAFF, area="云溪街道"), await home.person("周明", area="石桥镇")
    await home.person("陈志强", specialties=("城建环保",))
    member = await home.person("黄建平", specialties=("城建环保",))
    group = await circle_group(home, member, deputy)
    await share(home, deputy)

    await neighbour.says("/issues")
    await neighbour.presses("本地区", on="我的问题")
    await neighbour.presses("2026-0001", on="本地区的问题")
    assert "我来提意见" not in shown(await neighbour.sees("还没有专业意见"))
    await staff.says("/issues")
    await staff.sees("本地区的问题 · 云溪街道")
    await member.says("/circle", chat=group)
    await member.presses("在私聊中查看", on="城建环保 · 在办问题", chat=group)
    await member.presses("2026-0001", on="工作圈的问题")
    await member.presses("我来提意见", on="还没有专业意见")
    await member.sees("您已接受")
    await outsider.says("/search 下水道")
    await outsider.sees("没有找到")

    for reader in (neighbour, staff, member, outsider):
        assert "13655550123" not in texts(await reader.messages())


async def test_one_searches_with_the_command_or_is_asked_for_words(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    await share(home, deputy)
    await share(home, deputy, "工地半夜施工，噪音扰民")

    await deputy.says("/search 下水道 3月")
    await deputy.sees("翠竹小区门口的下水道堵了")
    await deputy.presses("2026-0001", on="查找：下水道 3月")
    await deputy.says("/issues")
    await deputy.presses("查找", on="我的问题")
    await deputy.sees("请发关键词")
    await deputy.says("小区下水道积水")
    await deputy.sees("以下是最接近的")
    await deputy.presses("重新查找")
    await deputy.sends("photo", caption="这条路也坏了")
    await deputy.sees("已退出查找")
    await deputy.says("这条路也坏了，请帮忙反映")

    await gathered(home)
    await deputy.sees("草稿")


async def test_the_weekly_figures_come_on_monday_once_and_as_a_picture(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    office, leader = await home.person("刘敏", Role.OFFICE), await home.person("Zhao", Role.LEADER, language="en")
    await home.tick()
    await share(home, deputy)
    await specialist.presses("接受", on="请您提专业意见")
    await home.passes(timedelta(hours=5))
    await specialist.says("建议清淤", reply_to=(await specialist.sees("2026-0001"))["message_id"])

    await deputy.sees("建议清淤")
    await home.passes(timedelta(days=5, hours=15, minutes=31))
    await home.passes(timedelta(hours=1))

    figures = shown(await office.sees("每周数据"))
    assert "新增 1 件（上一周 0），办结 0 件（上一周 0）" in figures
    assert "首次答复用时（中位数）：5.0小时" in figures
    assert "48小时内答复：100%（1/1）" in figures
    assert "陈志强：在手1件，当周提意见1件" in figures
    assert texts(await office.messages()).count("每周数据") == 1
    await leader.sees("Median time to first answer: 5.0 h")
    await leader.presses("Chart of 8 weeks")
    assert (await leader.sees("by the clock"))["photo"]


async def test_forged_and_foreign_presses_open_nothing(home: Village) -> None:
    deputy, outsider = await home.person("王秀兰", area="云溪街道"), await home.person("周明")
    await share(home, deputy, DRAIN)
    issue = await the_issue(home)
    message = (await outsider.messages())[-1]["message_id"]
    everyone = IssuesPress(ListDo.LIST, Scope.EVERYONE, Standing.ANY)
    forged = (
        everyone.pack(),
        IssuesPress(ListDo.EXPORT, Scope.EVERYONE).pack(),
        IssuesPress(ListDo.EXPORT, Scope.CIRCLE).pack(),
        IssuesPress(ListDo.VIEW, Scope.OWN, issue_id=issue.id).pack(),
        IssuesPress.whole_of(issue.id).pack(),
        IssuePress(issue.id, IssueDo.OPEN).pack(),
        IssuesPress(ListDo.VIEW, Scope.OWN, issue_id=2**31 - 1).pack(),
        IssuesPress(ListDo.LIST, Scope.AREA).pack(),
        BoardPress(BoardDo.PICTURE).pack(),
        SearchPress(999, 0).pack(),
        everyone.pack().replace("il:l:e:*", "il:l:e:x"),
        IssuesPress(ListDo.BY_STATE, Scope.OWN).pack().replace("il:s", "il:z"),
    )

    answers = [await outsider.presses_data(message, data) for data in forged]

    assert all(answers), "each is answered with a reason"
    await outsider.sees_nothing_of("下水道")
    assert "2026-0001" not in labels_of((await outsider.messages())[-1])
    shown_page = await outsider.presses_data(message, IssuesPress(ListDo.LIST, Scope.OWN, page=10**6).pack())
    assert shown_page == ""
    await outsider.sees("还没有问题")
