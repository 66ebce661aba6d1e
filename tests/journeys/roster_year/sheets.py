"""The roster as a spreadsheet: out, edited, and in again without a loss; and lists of the year's newcomers."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from tests.journeys.roster_file import roster_file
from tests.journeys.roster_year.cast import RosterYear
from tests.journeys.roster_year.desk import begins_as_deputy
from tests.journeys.roster_year.groups import ask_in
from tests.journeys.roster_year.opening import by_phone, on_paper, write_down


async def the_roster_goes_out_is_edited_and_comes_back(year: RosterYear) -> None:
    """As it went out it changes nothing; three edited rows change three people, confirmed by a double tap."""
    office, book = year.office, year.book
    await office.says("/roster")
    await office.presses("导出名册")
    content = await _file(year, "代表名册-")
    book.log["roster.exported"] += 1
    await office.uploads("名册.xlsx", content)
    await office.sees("与现有名册一致，无需导入")
    book_of_cells = load_workbook(io.BytesIO(content))
    page = book_of_cells.worksheets[0]
    heads = next(row for row in page.iter_rows() if any(cell.value == "手机号" for cell in row))
    column = {str(cell.value): cell.column for cell in heads}
    places = {str(page.cell(line, column["手机号"]).value): line for line in range(heads[0].row + 1, page.max_row + 1)}
    edits = (("工作单位", "employer", "区供销社"), ("代表小组", "group", "第二代表小组"), ("归属地", "area", "洪集镇"))
    for heading, field, value in edits:
        person = next(name for name in (year.anybody() for _ in range(9)) if book.people[name][field] != value)
        page.cell(places[book.people[person]["phone"]], column[heading]).value = value
        book.change(person, **{field: value})
    edited = io.BytesIO()
    book_of_cells.save(edited)
    await office.uploads("名册.xlsx", edited.getvalue())
    preview = await office.sees("新增 0 人，变更 3 人")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await office.presses("确认导入")
    assert "已失效" in await office.presses_data(preview["message_id"], data)
    await office.sees("导入完成")


async def _file(year: RosterYear, name: str) -> bytes:
    message = await year.office.sees(name)
    async with year.home.http.get(f"{year.home.address}/sandbox/files/{message['document']['file_id']}") as response:
        return await response.read()


async def a_role_comes_by_a_spreadsheet(year: RosterYear) -> None:
    person = year.anybody()
    row = year.book.people[person]
    words = "组长" if "group_leader" in row["roles"] else "代表"
    file = roster_file((row["name"], row["phone"], f"{words}、乡镇人大"), headings=("姓名", "手机号", "角色"))
    await year.office.uploads("任命.xlsx", file)
    await year.office.presses("确认导入")
    await year.phone(person).sees("角色已更新")
    year.book.change(person, roles=row["roles"] | {"area_staff"})


async def two_newcomers_come_by_a_spreadsheet(year: RosterYear) -> None:
    """They come in at once, and into the groups of their circles."""
    rows = [
        {"name": name, "phone": phone, "area": "姚李镇", "group": "第三代表小组", "employer": "区医院"}
        | {"specialties": [specialty], "circles": [], "roles": {"deputy"}}
        for name, phone, specialty in (("唐若兰", "13907770005", "教科文卫"), ("冯立群", "13907770006", "城建环保"))
    ]
    await year.office.uploads("新增.xlsx", roster_file(*(on_paper(row) for row in rows)))
    await year.office.presses("确认导入")
    await year.office.sees("导入完成：新增 2 人")
    for row in rows:
        write_down(year, row)
    names = [str(row["name"]) for row in rows]
    await begins_as_deputy(year, *names)
    await by_phone(year, names)
    for name in names:
        for group in dict.fromkeys(year.book.circles[circle]["group"] for circle in year.book.circles_of(name)):
            await ask_in(year, name, group)


async def codes_are_printed_for_an_area(year: RosterYear) -> None:
    """For whoever of it is still outside; a link of before is void by it."""
    office, book = year.office, year.book
    outside = [name for name, row in book.people.items() if row["active"] and row["account"] is None]
    await office.says("/roster")
    await office.presses("打印进入二维码")
    await office.presses(f"全部未进入者（{len(outside)}）")
    await office.presses("生成", on=f"为 {len(outside)} 人生成二维码")
    await office.sees("代表进入二维码.pdf")
    for name in outside:
        book.links[name] = ["void" if link == "open" else link for link in book.links[name]] + ["open"]
        book.log["link.issued"] += 1


async def printed_codes_expire(year: RosterYear) -> None:
    """Two weeks later nobody comes in by them."""
    for name, made in year.book.links.items():
        year.book.links[name] = ["void" if link == "open" else link for link in made]
