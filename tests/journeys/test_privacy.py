"""The audit log in the chat, and everybody's own data as one file."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select

from models.audit import AuditEntry
from models.outbox import Attachment
from models.people import Role
from tests.journeys.issue_people import share, the_issue
from tests.journeys.test_activities import publish
from tests.journeys.test_leave import asks_leave, village_with_leader
from tests.journeys.test_mailbox import write
from tests.village import Phone, Village, shown


async def file_of(home: Village, message: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    """The sheets of a spreadsheet that somebody was sent, by title."""
    async with home.http.get(f"{home.address}/sandbox/files/{message['document']['file_id']}") as response:
        book = load_workbook(io.BytesIO(await response.read()))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


async def looked_at(home: Village) -> tuple[Phone, Phone]:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    await share(home, deputy)
    await deputy.presses("原文")
    await deputy.presses("核实情况")
    return deputy, office


async def test_the_office_reads_the_log_by_person_by_object_and_by_date(home: Village) -> None:
    deputy, office = await looked_at(home)
    issue = await the_issue(home)
    await office.says("/audit")

    await office.presses("按人员")
    await office.says("王秀")
    by_person = shown(await office.sees("人员：王秀兰"))
    await office.presses("返回")
    await office.presses("按事项")
    await office.says(str(issue.number))
    by_object = shown(await office.sees(f"事项：问题 {issue.number}"))
    await office.presses("返回")
    await office.presses("按日期")
    await office.says("2025年")
    by_date = shown(await office.sees("日期："))

    assert f"王秀兰：确认推送问题 — 问题 {issue.number}" in by_person
    assert "查看了群众原文和身份" in by_object
    assert "理由：核实情况" in by_object
    assert "没有符合的记录" in by_date
    await deputy.says("/audit")
    await deputy.sees("没有这项权限")


async def test_looks_at_identities_are_found_by_one_tap_a_letter_opened_among_them(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    code = await write(home, await home.stranger("李长根"))
    await deputy.says("/letters")
    await deputy.presses(code)
    await office.says("/audit")

    await office.presses("查看群众身份的记录")

    assert f"王秀兰：查看了来信原文 — 来信 {code}" in shown(await office.sees("只看查看群众身份"))


async def test_the_log_turns_pages_and_goes_out_as_a_spreadsheet(home: Village) -> None:
    _, office = await looked_at(home)
    async with home.session() as session:
        session.add_all(
            AuditEntry(at=home.clock.now() + timedelta(seconds=n), action="plan.added", subject=f"plan_item:{n}", details={})
            for n in range(30)
        )
    await office.says("/audit")
    await office.presses("全部")
    await office.presses("较早")

    assert "第2页" in shown(await office.sees("第2页"))
    await office.presses("导出表格")
    sheets = await file_of(home, await office.sees("操作记录-2026-03-10.xlsx"))
    rows = sheets["操作记录"]
    assert rows[1] == ("时间", "操作人", "操作", "事项", "说明")
    assert any(row[2] == "查看了群众原文和身份" for row in rows)
    async with home.session() as session:
        assert await session.scalar(select(func.count()).where(AuditEntry.action == "audit.exported")) == 1


async def test_a_deputys_own_data_is_one_file_without_anybody_elses_secrets(home: Village) -> None:
    deputy, _ = await looked_at(home)
    await deputy.says("/my_data")

    message = await deputy.sees("我的资料-王秀兰-2026-03-10.xlsx")

    sheets = await file_of(home, message)
    assert sheets["基本信息"][2][0] == "王秀兰"
    assert "反映的问题" in sheets
    assert any("查看了群众原文和身份" in str(row) for row in sheets["操作记录"])
    assert any("他人的受保护信息" in str(row) for row in sheets["未列入的内容"])
    everything = str(sheets)
    assert "李长根" not in everything
    assert "13655550123" not in everything
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(Attachment)) == 0


async def test_why_somebody_asked_leave_stands_in_their_own_file_and_in_no_other(home: Village) -> None:
    office, leader, deputy = await village_with_leader(home)
    await publish(home, office)
    await asks_leave(deputy)
    await leader.presses("✅ 批准")

    files = {}
    for phone in (office, leader, deputy):
        await phone.says("/my_data")
        files[phone.name] = str(await file_of(home, await phone.sees(f"我的资料-{phone.name}")))

    assert {name for name, said in files.items() if "住院手术" in said} == {deputy.name}
    assert "因病" in files[deputy.name]
    assert deputy.name not in files[leader.name].partition("操作记录")[0]
