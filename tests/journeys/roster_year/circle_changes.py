"""Circles are made, get people, specialties and a topic, change their name, and one is retired."""

from __future__ import annotations

from tests.journeys.roster_year.cast import WOMEN, RosterYear
from tests.journeys.roster_year.groups import BUILDING, FARMING, FORUM, ask_in, give_topic, title_of
from tests.journeys.roster_year.matters import share_one
from tests.journeys.test_circle_upkeep import open_circle
from tests.journeys.test_circle_upkeep import title_of as shown_title
from tests.village import shown

OLD_HOUSES = "老旧小区改造"


async def a_second_circle_for_one_specialty_is_made(year: RosterYear) -> None:
    """With two people named by the office, one of whom is in the forum group already."""
    office, book = year.office, year.book
    await office.says("/circles")
    await office.presses("新建工作圈")
    await office.says(OLD_HOUSES)
    await office.presses("对应专长", on=f"“{OLD_HOUSES}”工作圈")
    await office.presses("城建环保", on="对应的专长")
    await office.presses("保存")
    book.circles[OLD_HOUSES] = {"name": OLD_HOUSES, "specialties": {"城建环保"}, "group": None, "topic": False, "retired": False}
    book.log["circle.made"] += 1
    book.log["circle.specialties"] += 1
    people = year.said["old houses"] = [year.pick("教科文卫", joined=True), year.pick("法治监察")]
    await office.presses("圈内名册", on=f"“{OLD_HOUSES}”工作圈")
    await office.presses("添加人员")
    await office.presses("输入姓名")
    await office.says("、".join([*people, "查无此人"]))
    await office.sees("名册中没有：查无此人")
    for person in people:
        book.put_on(OLD_HOUSES, person, year.now)
        book.log["circle.person_added"] += 1
        await year.phone(person).sees(f"您已列入“{OLD_HOUSES}”工作圈")


async def it_gets_a_topic(year: RosterYear) -> None:
    inside, outside = year.said["old houses"]
    await give_topic(year, OLD_HOUSES)
    assert OLD_HOUSES in shown(await year.phone(inside).sees(f"您已加入群“{title_of(year, FORUM)}”"))
    year.book.log["circle.joined"] += 1
    await ask_in(year, outside, FORUM)


async def a_circle_is_renamed_with_its_group(year: RosterYear) -> None:
    office, book = year.office, year.book
    await open_circle(office, "农业农村")
    await office.presses("改名")
    await office.says("乡村振兴")
    await office.presses("一并改群名", on="群名是否一并改为")
    await office.sees("工作圈“农业农村”已改名为“乡村振兴”")
    await year.home.settle()
    book.count_all_reminders(year.now, FARMING)  # under the old title
    book.circles["农业农村"]["name"] = "乡村振兴"
    book.groups[FARMING]["title"] = await shown_title(year.home, book.groups[FARMING]["id"])
    assert "乡村振兴" in title_of(year, FARMING)
    book.log["circle.renamed"] += 1


async def a_topic_is_renamed(year: RosterYear) -> None:
    office = year.office
    await open_circle(office, "社会建设")
    await office.presses("改名")
    await office.says("社会民生")
    await office.sees("工作圈“社会建设”已改名为“社会民生”")
    year.book.circles["社会建设"]["name"] = "社会民生"
    year.book.log["circle.renamed"] += 1


async def a_circle_gets_another_specialty(year: RosterYear) -> None:
    """An open issue of it follows into the circle's group."""
    office, book = year.office, year.book
    number = year.said["social"] = await share_one(year, year.asker, "社会建设")
    await open_circle(office, WOMEN)
    await office.presses("对应专长")
    await office.presses("社会建设", on="对应的专长")
    await office.sees("1 件未办结的问题会发到本圈")
    await office.presses("保存")
    book.circles[WOMEN]["specialties"] |= {"社会建设"}
    book.log["circle.specialties"] += 1
    await office.sees(number, book.groups["ladies"]["id"])


async def somebody_is_taken_off_a_circles_roster(year: RosterYear) -> None:
    person = year.pick("城建环保", joined=True)
    office = year.office
    await open_circle(office)
    await office.presses("圈内名册")
    await _turn_to(year, person)
    await office.presses(f"✅ {person}", on="工作圈名册")
    await office.presses("确认移出", on=f"将{person}移出“城建环保”工作圈名册？")
    await year.phone(person).sees("您已不在“城建环保”工作圈")
    year.book.take_off("城建环保", person, year.now)
    year.book.log["circle.person_taken_off"] += 1


async def _turn_to(year: RosterYear, person: str) -> None:
    """Page by page, until the name is seen."""
    while person not in str((await year.office.sees("工作圈名册"))["reply_markup"]):
        await year.office.presses("下一页", on="工作圈名册")


async def a_leaked_link_is_renewed(year: RosterYear) -> None:
    """The old one leads nowhere; who has not come in gets the new one."""
    office, book = year.office, year.book
    leaked = next(call["answer"]["result"]["invite_link"] for call in await year.home.calls("createChatInviteLink") if call["ok"])
    await open_circle(office)
    assert "旧链接已作废" in await office.presses("链接已泄露")
    await year.home.settle()
    book.log["circle.link_renewed"] += 1
    book.renew(BUILDING, year.now)
    stranger = await year.home.stranger("路过的人")
    try:
        await stranger.joins(leaked)
    except AssertionError as refused:
        assert "expired" in str(refused)  # noqa: PT017 - the village speaks by assertions
    else:
        raise AssertionError("the leaked link still works")


async def a_circle_is_retired(year: RosterYear) -> None:
    """Its specialty has another circle; its topic is closed, and who has no other circle there leaves the group."""
    office, book, now = year.office, year.book, year.now
    await open_circle(office, OLD_HOUSES)
    await office.presses("停用")
    await office.presses("确认停用", on=f"停用“{OLD_HOUSES}”工作圈？")
    await office.sees(f"“{OLD_HOUSES}”工作圈已停用")
    await year.home.settle()
    for person in [person for circle, person in book.members if circle == OLD_HOUSES]:
        book.take_off(OLD_HOUSES, person, now)
    book.circles[OLD_HOUSES].update(name=f"{OLD_HOUSES}（{now:%Y-%m-%d}）", group=None, topic=False, retired=True, specialties=set())
    book.log["circle.retired"] += 1
