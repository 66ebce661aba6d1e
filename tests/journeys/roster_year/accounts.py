"""New accounts and new numbers: asked for with one tap, decided with another; nobody else gets in by it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.journeys.roster_year.cast import Manner, RosterYear
from tests.journeys.roster_year.groups import BUILDING, FORUM, ask_in
from tests.journeys.roster_year.opening import by_link, by_phone, new_phone, open_card
from tests.village import Phone


def ask(year: RosterYear, change: str, phone: Phone, person: str | None, **more: Any) -> dict[str, Any]:
    row = {"change": change, "state": "open", "account": phone.id, "person": person, "new_phone": "", "by": None} | more
    year.book.requests.append(row)
    year.book.log["identity.asked"] += 1
    return row


def decide(year: RosterYear, row: dict[str, Any], by: str, state: str = "confirmed") -> None:
    row.update(state=state, by=by)
    year.book.log[f"identity.{state}"] += 1


async def a_new_account_takes_the_old_ones_place(year: RosterYear) -> None:
    """The old one is out of the Home and of its group at once; the new one asks its way in."""
    person = year.pick("城建环保", joined=True)
    old, book = year.phone(person), year.book
    new = await new_phone(year, person, book.people[person]["phone"])
    await new.starts()
    await new.shares_phone()
    await new.presses("申请改绑到此账号")
    row = ask(year, "account", new, person, new_phone="")
    await year.office.presses(f"确认为 {person}")
    await new.sees("您可以用本账号使用")
    decide(year, row, "周主任")
    await old.sees("本账号不能再使用")
    await old.says("/menu")
    await old.sees("仅限名册内人员")
    book.out_everywhere(person, year.now)
    book.enter(person, new.id, year.now)
    await ask_in(year, person, BUILDING)


async def a_thief_asks_for_somebodys_account_in_vain(year: RosterYear) -> None:
    person = year.anybody()
    thief = await new_phone(year, "好心人", "13700000002")
    await thief.starts()
    await thief.shares_phone()
    await thief.presses("我是代表，换了账号或手机号")
    await thief.says(f"{person} {year.book.people[person]['phone']}")
    await thief.sees("已转代表联络室核对")
    row = ask(year, "account", thief, person, new_phone="13700000002")
    await year.office.presses("不予办理", on=f"自称：{person}")
    await thief.sees("您的申请未获通过")
    decide(year, row, "周主任", "refused")
    await thief.says("/menu")
    await thief.sees("仅限名册内人员")


async def a_new_number_is_confirmed_by_two_of_the_office_at_once(year: RosterYear) -> None:
    person = year.anybody()
    phone = year.phone(person)
    await phone.says("/account")
    await phone.presses("我的手机号变了")
    await phone.says("13907770003")
    await phone.sees("已转代表联络室核对")
    row = ask(year, "phone", phone, person, new_phone="13907770003")
    desks = (year.office, year.colleague)
    taps = []
    for desk in desks:
        card = await desk.sees(f"确认为 {person}")
        data = next(b["callback_data"] for r in card["reply_markup"]["inline_keyboard"] for b in r if f"确认为 {person}" in b["text"])
        taps.append(desk.presses_data(card["message_id"], data))
    toasts = await asyncio.gather(*taps)
    late = [desk for desk, toast in zip(desks, toasts, strict=True) if "已" in toast and toast]
    assert len(late) == 1, toasts
    decide(year, row, "吴干事" if late == [year.office] else "周主任")
    await phone.sees("您登记的手机号已改为 13907770003")
    year.book.people[person]["phone"] = "13907770003"


async def an_account_is_cut_off_and_another_comes_in(year: RosterYear) -> None:
    person = year.pick("社会建设", joined=True)
    old = year.phone(person)
    await open_card(year, person)
    await year.office.presses("解除账号绑定")
    await year.office.presses("确认解除")
    year.book.log["account.cut_off"] += 1
    year.book.out_everywhere(person, year.now)
    await old.says("/menu")
    await old.sees("仅限名册内人员")
    await by_phone(year, [person])
    await ask_in(year, person, FORUM)


async def whoever_had_blocked_the_bot_is_back(year: RosterYear) -> None:
    """From then on reminders count again."""
    blocked = [name for name, row in year.book.people.items() if row["blocked"] and row["active"] and year.book.circles_of(name)]
    for person in blocked[:2]:
        for circle in year.book.circles_of(person):
            year.book.count_reminders(circle, person, year.now)
        await year.phone(person).blocks(False)
        await year.phone(person).says("/menu")
        await year.phone(person).sees("请选择")
        year.book.people[person]["blocked"] = False


async def somebody_late_comes_in_by_a_second_link(year: RosterYear) -> None:
    """Of two links made one after the other the first is void."""
    person = year.pick(manner=Manner.OUTSIDE)
    await open_card(year, person)
    await year.office.presses("生成一次性链接")
    year.book.log["link.issued"] += 1
    year.book.links[person].append("void")
    await by_link(year, person)
