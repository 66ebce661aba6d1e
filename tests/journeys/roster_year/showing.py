"""Profiles that the office approves, and what everybody may see of the data held about them."""

from __future__ import annotations

from tests.journeys.roster_year.cast import RosterYear
from tests.journeys.test_profiles import BIOGRAPHY, handed_in


async def a_profile_is_returned_edited_and_approved(year: RosterYear) -> None:
    person = year.said["shown"] = year.pick("教科文卫")
    deputy, book = year.phone(person), year.book
    await handed_in(year.home, deputy, "从教二十年，关注校车")
    await year.colleague.presses("退回修改", on="从教二十年")
    await year.colleague.says("请补充近三年的履职情况")
    await deputy.sees("请补充近三年的履职情况")
    await deputy.says("/profiles")
    await deputy.presses("我的风采")
    await deputy.presses("改简介")
    await deputy.says(BIOGRAPHY)
    await deputy.presses("提交审核", on=BIOGRAPHY[:10])
    await year.office.presses("同意展示", on="代表风采待审核")
    await deputy.sees("已通过审核")
    book.profiles.append({"person": person, "state": "shown", "words": BIOGRAPHY})
    for action, times in (("submitted", 2), ("returned", 1), ("approved", 1)):
        book.log[f"profile.{action}"] += times


async def a_constituent_reads_it(year: RosterYear) -> None:
    """At the deputies' mailbox, and no number with it."""
    other = year.phone(year.anybody())
    row = year.book.people[year.said["shown"]]
    await other.says("/profiles")
    await other.presses(row["area"])
    await other.presses(row["name"])
    await other.sees("校车")
    await other.sees_nothing_of(row["phone"])


async def somebody_asks_for_all_that_is_held_about_them(year: RosterYear) -> None:
    deputy = year.phone(year.anybody())
    await deputy.says("/my_data")
    await deputy.sees("我的资料-")
    year.book.log["own_data.exported"] += 1


async def the_office_exports_the_log(year: RosterYear) -> None:
    await year.office.says("/audit")
    await year.office.presses("全部")
    await year.office.presses("导出表格")
    await year.office.sees("操作记录-")
    year.book.log["audit.exported"] += 1
