"""Constituents' issues, as far as the roster has to do with them: shared, advised on, closed, handed on, looked at and erased."""

from __future__ import annotations

from datetime import timedelta

from handlers.outcome_presses import NewHomePress
from tests.journeys.issue_people import DRAIN, share, the_issue
from tests.journeys.phones import buttons
from tests.journeys.roster_year.cast import RosterYear
from tests.village import Phone, labels_of, shown

TEXTS = {
    "城建环保": DRAIN,
    "农业农村": "我们村的水渠年久失修，农田灌溉用水困难，今年水稻和小麦减产，农业补贴也没有发到农户手里",
    "教科文卫": "小学门口没有斑马线，学校食堂卫生差，学生家长很担心，老师也反映教室漏雨",
    "社会建设": "工地拖欠农民工工资半年，劳动监察没有答复，养老院的老人低保和社保也没有落实",
}


async def share_one(year: RosterYear, deputy: str, specialty: str) -> str:
    """A deputy shares an issue; gives its number."""
    await share(year.home, year.phone(deputy), TEXTS[specialty], specialty)
    await year.home.settle()
    number = (await the_issue(year.home)).number
    assert number is not None
    year.book.issues[number] = {"deputy": deputy, "specialty": specialty, "live": True, "forgotten": False}
    year.book.log["issue.confirmed"] += 1
    year.book.note(specialty, year.now)
    return number


async def advise_in_circle(year: RosterYear, number: str) -> None:
    """Somebody of the circle who knows the matter answers the card."""
    row = year.book.issues[number]
    circle = next(c for c, r in year.book.circles.items() if row["specialty"] in r["specialties"] and r["group"] is not None)
    group = year.book.groups[year.book.circles[circle]["group"]]["id"]
    knows = next(
        name
        for name in year.book.serving()
        if row["specialty"] in year.book.people[name]["specialties"]
        and name != row["deputy"]
        and (circle, name) in year.book.members
        and year.book.members[circle, name]["joined"]
    )
    expert = year.phone(knows)
    card = await expert.sees(number, group)
    await expert.says(f"建议由主管部门核查（{number}）", chat=group, reply_to=card["message_id"])
    await year.phone(row["deputy"]).sees(f"建议由主管部门核查（{number}）")
    year.book.note(row["specialty"], year.now)


async def close(year: RosterYear, number: str) -> None:
    row = year.book.issues[number]
    deputy = year.phone(row["deputy"])
    await deputy.presses("办结", on=number)
    await deputy.presses("已答复群众")
    await year.home.settle()
    row["live"] = False
    year.book.log["issue.closed"] += 1
    year.book.note(row["specialty"], year.now)


async def an_issue_in_the_village_is_answered_and_closed(year: RosterYear) -> None:
    number = await share_one(year, year.asker, "农业农村")
    await advise_in_circle(year, number)
    await close(year, number)


async def an_issue_in_town_is_answered(year: RosterYear) -> None:
    """It stays open, and goes with the term."""
    person = year.said["carried"] = year.pick("城建环保", joined=True)
    year.said["open"] = await share_one(year, person, "城建环保")
    await advise_in_circle(year, year.said["open"])


async def a_protected_identity_is_looked_at(year: RosterYear) -> None:
    """And every look is in the log, for the office to read."""
    number = year.said["open"]
    deputy = year.phone(year.book.issues[number]["deputy"])
    await deputy.presses("原文", on=number)
    await deputy.presses("核实情况")
    await deputy.sees("13655550123")
    year.book.log["issue.identity_revealed"] += 1
    await year.office.says("/audit")
    await year.office.presses("查看群众身份的记录")
    log = shown(await year.office.sees("只看查看群众身份"))
    assert f"{deputy.name}：查看了群众原文和身份 — 问题 {number}" in log


async def a_constituents_data_is_erased(year: RosterYear) -> None:
    """The issue goes on; who told it is forgotten."""
    number, office = year.said["open"], year.office
    await office.says("/erase")
    await office.says(number)
    await office.presses("确认删除", on="将删除以下内容")
    await office.sees("已删除")
    await year.home.passes(timedelta(minutes=2))  # what stands in chats goes a piece at a time
    year.book.issues[number]["forgotten"] = True
    year.book.log["issue.erased"] += 1
    deputy = year.phone(year.book.issues[number]["deputy"])
    assert "13655550123" not in "".join(shown(message) for message in await deputy.messages() if not message.get("out"))


async def hand_over(year: RosterYear, number: str) -> None:
    """The office gives an issue that was left behind to the first deputy it is offered."""
    office = year.office
    await office.says("/terms")
    await office.presses("待移交事项")
    await office.presses(number, on="待移交事项")
    await office.presses("转给其他代表", on=number)
    message_id, choice = (await buttons(office, NewHomePress))[0]
    name = await _label(office, message_id, choice)
    await office.presses_data(message_id, choice.pack())
    person = next(key for key, row in year.book.people.items() if row["name"] == name)
    await year.phone(person).sees(number)
    year.book.issues[number]["deputy"] = person
    year.book.log["issue.taken_over"] += 1


async def _label(office: Phone, message_id: int, choice: NewHomePress) -> str:
    message = next(each for each in await office.messages() if each["message_id"] == message_id)
    assert labels_of(message)
    rows = message["reply_markup"]["inline_keyboard"]
    return str(next(b["text"] for row in rows for b in row if b.get("callback_data") == choice.pack()))
