"""Many at once, whole again after a restart, and out as a spreadsheet."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import openpyxl
from icalendar import Calendar
from sqlalchemy import func, select

from bot.home import Home
from models.outbox import OutboxMessage, OutboxState
from models.people import Person, Role
from tests.journeys.test_activities import SOON, publish
from tests.village import Village


async def many_deputies(home: Village, count: int) -> list[int]:
    """Deputies straight into both databases: asking each over HTTP would take longer than the test."""
    ids = list(range(700_001, 700_001 + count))
    for id in ids:
        await home.request("POST", "/sandbox/users", json={"id": id, "first_name": f"代表{id}", "language_code": "zh-hans"})
        home.sandbox.world.users[id].started = True
    async with home.session() as session:
        for id in ids:
            person = Person(name=f"代表{id}", telegram_id=id, phone=f"1380{id}", role_rows=[], specialties=[])
            person.give(Role.DEPUTY)
            session.add(person)
    return ids


async def all_sent(home: Village) -> None:
    """Wait for everything to be sent: three hundred on a busy machine take longer than the village's patience."""
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING)))
    async with asyncio.timeout(60):
        while True:
            async with home.session() as session:
                if not await session.scalar(waiting):
                    return
            await asyncio.sleep(0.05)


async def document(home: Village, message: dict[str, object]) -> bytes:
    file_id = message["document"]["file_id"]  # type: ignore[index]  # a message with a file
    async with home.http.get(f"{home.address}/sandbox/files/{file_id}") as response:
        return await response.read()


async def test_three_hundred_people_get_exactly_one_notice_each(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    ids = await many_deputies(home, 300)
    await office.says(SOON)
    await office.presses("确认发布")

    await home.home.schedule.tick()
    await all_sent(home)

    sent = [call["params"] for call in await home.calls("sendDocument")]
    assert sorted(int(params["chat_id"]) for params in sent) == ids
    await home.passes(timedelta(seconds=3))
    card = await office.sees("已发 300/300")
    assert "送达 300/300" in card["text"]


async def test_a_half_finished_form_survives_a_restart(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await office.says("/new_activity")
    await office.presses("视察")
    await office.says("视察城区污水处理厂")
    await home.settle()

    async with restarted(home):
        await office.presses("下周三 14:30")
        await office.says("区政府东门")
        await office.presses("全体代表")
        await office.presses("完成（共 1 人）")
        await office.presses("跳过")
        await office.presses("确认发布")

        await office.sees("已发布：视察城区污水处理厂")


async def test_the_spreadsheet_holds_every_answer_and_no_formula(home: Village) -> None:
    office, leader = await home.person("周主任", Role.OFFICE), await home.person("郑主任", Role.LEADER)
    deputy = await home.person("王建国", area="史河街道", group="第一代表小组", phone="13956780001")
    await home.person("李秀英"), await home.person("赵丽", linked=False)
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("公务出差")
    await deputy.says("=HYPERLINK(“http://example.org”)")
    await leader.presses("✅ 批准")

    await office.presses("导出表格")

    message = await office.sees("答复名单：视察")
    assert message["document"]["file_name"] == "视察城区污水处理厂-答复名单.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(await document(home, message))).active
    assert sheet is not None
    rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    header, first, second, third = rows
    assert sheet["I3"].data_type == "s"  # their words, not a formula
    assert header[:5] == ["姓名", "电话", "归属地", "代表小组", "答复"]
    assert first[:5] == ["王建国", "13956780001", "史河街道", "第一代表小组", "请假获批"]
    assert first[7:] == ["公务出差", "=HYPERLINK(“http://example.org”)", "批准", "郑主任", "已送达"]
    assert (second[4], third[0], third[-1]) == ("未回复", "赵丽", "尚未进入代表之家")


async def test_the_calendar_file_keeps_its_uid_and_counts_changes(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office)
    [first] = Calendar.from_ical(await document(home, await deputy.sees("活动正式通知"))).walk("VEVENT")
    await office.presses("改时间/地点")
    await office.presses("改时间")
    await office.says("3月20日下午2点半")
    await office.presses("确认变更")
    await home.tick()

    [second] = Calendar.from_ical(await document(home, await deputy.sees("活动变更通知"))).walk("VEVENT")

    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
    assert second["dtstart"].dt.isoformat() == "2026-03-20T06:30:00+00:00"
    assert second["location"] == "区政府东门"


@contextlib.asynccontextmanager
async def restarted(home: Village) -> AsyncIterator[None]:
    """The Home stops, and another takes over the same database, as a new process would."""
    old = home.home
    old.stop()
    assert home.running is not None
    await home.running
    home.home = Home(old.config, now=home.clock.now)
    task = asyncio.create_task(home.home.run(home.announced.append))
    await home.home.ready.wait()
    yield
    home.home.stop()
    await task
