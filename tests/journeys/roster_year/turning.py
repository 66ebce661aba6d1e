"""One term ends and the next begins: everybody out, those elected again and some new ones in, and what was open goes on."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.roster_file import roster_file
from tests.journeys.roster_year.cast import Manner, RosterYear
from tests.journeys.roster_year.groups import join
from tests.journeys.roster_year.matters import hand_over
from tests.journeys.roster_year.opening import by_phone, on_paper, write_down
from tests.village import NotSeen, shown

OVER, NEXT = "第八届", "第九届"


async def the_term_is_closed(year: RosterYear) -> None:
    """After the numbers and the term's name typed; a wrong word closes nothing."""
    office, book, now = year.office, year.book, year.now
    deputies = list(book.serving())
    await office.says("/terms")
    await office.presses("换届", on=OVER)
    await office.says(NEXT)
    await office.says("今天")
    preview = await office.sees("换届预览")
    assert f"{len(deputies)} 名代表的资格终止" in shown(preview)
    await office.presses("已核对，继续")
    await office.says("好的")
    await office.sees("没有换届")
    await office.says(OVER)
    await office.sees("开始换届")
    await _ticks_until(year, f"{OVER}已结束")
    last_day = year.today - timedelta(days=1)
    for person in deputies:
        book.end_mandate(person, last_day, "term_ended", now)
    book.terms[OVER].update(state="closed", ends=last_day)
    book.terms[NEXT] = {"name": NEXT, "starts": year.today, "ends": None, "state": "prepared"}
    book.log.update({"term.closing": 1, "term.closed": 1})
    gone = year.phone(next(name for name in deputies if year.manners.get(name) is Manner.QUICK and not book.people[name]["active"]))
    await gone.says("/menu")
    await gone.sees("仅限名册内人员")


async def _ticks_until(year: RosterYear, words: str) -> None:
    for _ in range(60):
        await year.home.tick()
        if any(words in shown(message) for message in await year.office.messages()):
            return
    raise NotSeen(words)


async def those_elected_again_are_marked(year: RosterYear) -> None:
    """Page by page, and then the names of those who are not taken back."""
    office, book = year.office, year.book
    last = [row["person"] for row in book.mandates if row["reason"] == "term_ended"]
    gone = year.said["gone"] = [name for name in last if year.manners.get(name) is Manner.OUTSIDE or name == year.said["carried"]]
    await office.presses("标记连任代表", on=f"{OVER}已结束")
    for page in range(0, len(last), 20):
        await office.presses("本页全部标记", on="连任代表")
        for person in [name for name in last[page : page + 20] if name in gone]:
            await office.presses(f"☑️ {book.people[person]['name']}", on="连任代表")
        if page + 20 < len(last):
            await office.presses("下一页", on="连任代表")
    await office.sees(f"已标记 {len(last) - len(gone)} 人")
    await office.presses("返回届次")
    book.log.update({"mandate.again": len(last), "mandate.not_again": len(gone)})


async def new_deputies_come_by_a_spreadsheet(year: RosterYear) -> None:
    rows = [
        {"name": name, "phone": f"1390888000{number}", "area": "洪集镇", "group": "第八代表小组", "employer": "区农技站"}
        | {"specialties": [specialty], "circles": [], "roles": {"deputy"}}
        for number, (name, specialty) in enumerate((("邓小满", "农业农村"), ("曹雨晴", "城建环保"), ("彭启航", "教科文卫")))
    ]
    await year.office.uploads("第九届新代表.xlsx", roster_file(*(on_paper(row) for row in rows)))
    await year.office.presses("确认导入")
    await year.office.sees("导入完成：新增 3 人")
    for row in rows:
        write_down(year, row)
    await year.home.tick()
    for row in rows:
        year.book.begin_mandate(str(row["name"]), NEXT, year.book.terms[NEXT]["starts"])
        year.manners[str(row["name"])] = Manner.QUICK
    await by_phone(year, [str(row["name"]) for row in rows])


async def the_next_term_begins(year: RosterYear) -> None:
    """Those elected again have their seats and circles back, and are invited anew."""
    office, book, now = year.office, year.book, year.now
    await office.presses("新一届开始")
    await office.presses("确认开始")
    await _ticks_until(year, f"{NEXT}已开始")
    year.said["term"] = NEXT
    book.terms[NEXT]["state"] = "running"
    book.log.update({"term.start": 1, "term.begun": 1})
    for row in [row for row in book.mandates if row["reason"] == "term_ended" and row["person"] not in year.said["gone"]]:
        person = row["person"]
        book.people[person].update(active=True, roles=book.people[person]["roles"] | {"deputy"})
        book.begin_mandate(person, NEXT, book.terms[NEXT]["starts"], area=row["area"])
        for circle in row["circles"]:
            book.members[circle, person] = {"joined": False, "invited": None, "reminders": 0}
        book.invite(person, now)


async def what_was_open_is_handed_on(year: RosterYear) -> None:
    """The deputy it belonged to was not elected again."""
    open_ones = [number for number, row in year.book.issues.items() if row["live"] and row["deputy"] in year.said["gone"]]
    assert open_ones
    for number in open_ones:
        await hand_over(year, number)


async def the_quick_join_again(year: RosterYear) -> None:
    await join(year, Manner.QUICK)


async def some_join_after_a_reminder(year: RosterYear) -> None:
    await join(year, Manner.AFTER_ONE)


async def others_join_after_two(year: RosterYear) -> None:
    await join(year, Manner.AFTER_TWO)
