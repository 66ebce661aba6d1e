"""The opening day: the office imports the roster, says which term runs, and people come in, by their number or by a personal link."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date

from models.people import Role
from tests.journeys.phones import together
from tests.journeys.roster_file import roster_file
from tests.journeys.roster_year.book import Book, Row
from tests.journeys.roster_year.cast import MANNERS, ROLE_WORDS, Manner, RosterYear, rows_on_paper
from tests.journeys.test_mandates import term_set
from tests.village import Phone, Village

FIRST_TERM = date(2022, 1, 8)
AT_ONCE = 40
_accounts = itertools.count(700_001)


async def open_home(home: Village, count: int) -> RosterYear:
    """The first of the office sends the roster; then the term is set, and every deputy has a mandate."""
    office = await home.person("周主任", Role.OFFICE, phone="13805569999")
    year = RosterYear(home, Book(), office, office, phones={office.id: office})
    book, rows = year.book, rows_on_paper(count)
    book.people["周主任"] = {"name": "周主任", "phone": "13805569999", "account": office.id, "area": "", "group": "", "employer": ""}
    book.people["周主任"] |= {"specialties": set(), "roles": {"office"}, "language": "zh_CN", "active": True, "blocked": False}
    book.links["周主任"] = []
    for circle in ("法治监察", "财政经济", "城建环保", "农业农村", "教科文卫", "社会建设", "民族宗教侨务", "企业", "一线工人农民", "妇女"):
        own = set() if circle in ("企业", "一线工人农民", "妇女") else {circle}
        book.circles[circle] = {"name": circle, "specialties": own, "group": None, "topic": False, "retired": False}
    await office.uploads("代表名册.xlsx", roster_file(*(on_paper(row) for row in rows), above=[("云溪区第八届人大代表名册",)]))
    await office.presses("确认导入")
    await office.sees(f"导入完成：新增 {len(rows)} 人")
    for number, row in enumerate(rows):
        write_down(year, row)
        year.manners[row["name"]] = MANNERS[number % len(MANNERS)] if "deputy" in row["roles"] else Manner.QUICK
    await term_set(home, office, "2022年1月8日")
    for _ in range(count // 100):
        await home.tick()
    book.terms["第八届"] = {"name": "第八届", "starts": FIRST_TERM, "ends": None, "state": "running"}
    book.log["term.begun"] += 1
    year.said["term"] = "第八届"
    for name in list(book.serving()):
        book.begin_mandate(name, "第八届", FIRST_TERM)
    return year


def on_paper(row: Row) -> tuple[str, ...]:
    """A line of the spreadsheet."""
    roles = "、".join(ROLE_WORDS[role] for role in ROLE_WORDS if role in row["roles"])
    several = ("、".join(row["specialties"]), "、".join(row["circles"]))
    return (row["name"], row["phone"], row["area"], row["group"], *several, roles, row["employer"])


def write_down(year: RosterYear, row: Row) -> None:
    """Somebody new on the roster: without circles of their own they belong to those of their specialties."""
    fields = {key: row[key] for key in ("phone", "area", "group", "employer")}
    year.book.add(row["name"], **fields, specialties=set(row["specialties"]), roles=set(row["roles"]))
    by_specialty = [circle for circle, each in year.book.circles.items() if each["specialties"] & {*row["specialties"]}]
    for circle in row["circles"] or by_specialty:
        year.book.put_on(circle, row["name"], year.now)


async def everybody_comes_in(year: RosterYear) -> None:
    """All but those who stay outside: most share their number, some of them were sent a link, and a few block the bot afterwards."""
    coming = [name for name in year.manners if year.manners[name] is not Manner.OUTSIDE]
    invited = [name for place, name in enumerate(coming) if place % 25 == 7]
    for name in invited:
        await by_link(year, name)
    await by_phone(year, [name for name in coming if name not in invited])
    for name in coming:
        if year.manners[name] is Manner.BLOCKS:
            await year.phone(name).blocks()
            year.book.people[name]["blocked"] = True
    year.colleague = year.phone("吴干事")


async def new_phone(year: RosterYear, name: str, number: str = "") -> Phone:
    """A phone with Telegram on it, whoever's it is."""
    account = next(_accounts)
    body = {"id": account, "first_name": name, "phone": number, "language_code": "zh-hans"}
    await year.home.request("POST", "/sandbox/users", json=body)
    year.phones[account] = Phone(year.home, account, name)
    return year.phones[account]


async def by_phone(year: RosterYear, names: Iterable[str]) -> None:
    """They open the bot and share their number, several at once."""

    async def come(name: str) -> None:
        phone = await new_phone(year, name, year.book.people[name]["phone"])
        await phone.starts()
        await phone.shares_phone()
        year.book.enter(name, phone.id, year.now)

    for some in _batches(list(names)):
        await together(come(name) for name in some)
        await year.home.settle()


def _batches(names: list[str]) -> Iterable[list[str]]:
    return (names[place : place + AT_ONCE] for place in range(0, len(names), AT_ONCE))


async def by_link(year: RosterYear, name: str) -> None:
    """The office makes a one-time link and passes it on; a second try with it is nobody's way in."""
    office, book = year.office, year.book
    await open_card(year, name)
    await office.presses("生成一次性链接")
    book.log["link.issued"] += 1
    message = await office.sees("?start=p_")
    found = re.search(r"\?start=(p_\S+)", message["text"])
    assert found is not None, message
    phone = await new_phone(year, name, book.people[name]["phone"])
    await phone.starts(found[1])
    await phone.sees("您好！")
    book.links[name].append("used")
    book.log["link.used"] += 1
    book.enter(name, phone.id, year.now)


async def open_card(year: RosterYear, person: str, *, by: Phone | None = None) -> None:
    """Somebody's card, found by their number: it is nobody else's."""
    desk, row = by or year.office, year.book.people[person]
    await desk.says("/roster")
    await desk.presses("查找人员")
    await desk.says(row["phone"])
    await desk.sees(f"{row['name']}\n手机号：{row['phone']}")
