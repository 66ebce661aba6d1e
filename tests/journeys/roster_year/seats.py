"""Mandates that end, for every reason there is, and seats filled by by-elections."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.roster_year.cast import RosterYear
from tests.journeys.roster_year.matters import hand_over, share_one
from tests.journeys.roster_year.opening import by_phone, open_card


async def end(year: RosterYear, person: str, reason: str, label: str, *, words: str = "", days_ago: int = 0) -> None:
    """By buttons; a second tap on the confirmation changes nothing."""
    office = year.office
    await open_card(year, person)
    await office.presses("终止代表资格")
    await office.presses(label, on="因何终止")
    if words:
        await office.says(words)
    on = year.today - timedelta(days=days_ago)
    if days_ago > 1:
        await office.presses("另选日期")
        await office.says(f"{on.month}月{on.day}日")
    else:
        await office.presses("昨天" if days_ago else "今天", on="自哪一天终止")
    preview = await office.sees(f"确认终止{person}的代表资格？")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await office.presses("确认终止")
    await office.sees(f"{person}的代表资格已终止")
    assert await office.presses_data(preview["message_id"], data)
    year.book.end_mandate(person, on, reason, year.now, words=words)


async def somebody_resigns_and_leaves_an_issue_behind(year: RosterYear) -> None:
    person = year.said["resigned"] = year.pick("城建环保", joined=True)
    number = await share_one(year, person, "城建环保")
    await end(year, person, "resigned", "辞职", days_ago=3)
    await year.phone(person).sees("您的人大代表资格已于")
    await year.phone(person).says("/menu")
    await year.phone(person).sees("仅限名册内人员")
    await year.home.tick()
    await hand_over(year, number)


async def somebody_moves_away(year: RosterYear) -> None:
    person = year.said["moved"] = year.pick("农业农村", joined=True)
    await end(year, person, "moved_away", "迁出本行政区域")


async def somebody_dies(year: RosterYear) -> None:
    """Nothing is sent to the family."""
    person = year.pick()
    await end(year, person, "died", "去世", days_ago=1)
    await year.phone(person).sees_nothing_of("终止")


async def somebody_is_recalled(year: RosterYear) -> None:
    await end(year, year.pick(), "recalled", "罢免")


async def somebody_is_transferred(year: RosterYear) -> None:
    person = year.said["transferred"] = year.pick()
    await end(year, person, "other", "其他原因", words="工作调动")


async def somebody_new_is_elected(year: RosterYear) -> None:
    office, book, before = year.office, year.book, year.said["resigned"]
    await _seat(year, before)
    await office.says("韩冬青")
    await office.sees("请写姓名和 11 位手机号")
    await office.says("韩冬青 13907770004")
    await office.presses("确认当选", on="确认韩冬青当选")
    await office.sees("韩冬青已登记为")
    book.add(
        "韩冬青",
        area=book.area_of_seat(before),
        group=book.people[before]["group"],
        phone="13907770004",
        employer="",
        specialties=set(),
        roles={"deputy"},
    )
    book.begin_mandate("韩冬青", year.said["term"], year.today, fills=before)
    await by_phone(year, ["韩冬青"])


async def somebody_known_is_elected(year: RosterYear) -> None:
    """Whoever was a deputy before is one again, in another's seat."""
    office, book, before, person = year.office, year.book, year.said["moved"], year.said["transferred"]
    await _seat(year, before)
    await office.says(person)
    await office.presses(person, on="是哪一位？")
    await office.presses("确认当选", on=f"确认{person}当选")
    await office.sees(f"{person}已登记为")
    book.people[person].update(active=True, roles={"deputy"}, area=book.area_of_seat(before))
    book.begin_mandate(person, year.said["term"], year.today, fills=before)
    await year.phone(person).says("/menu")
    await year.phone(person).sees("请选择")


async def _seat(year: RosterYear, before: str) -> None:
    await year.office.says("/terms")
    await year.office.presses("缺额与补选")
    await year.office.presses(f"原{before}", on="请选择补选的席位")
