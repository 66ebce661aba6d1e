"""The four chats: two circles with groups of their own, a forum with topics for two more, and a group that is not super yet."""

from __future__ import annotations

from typing import Any

from tests.journeys.phones import together
from tests.journeys.roster_year.cast import WOMEN, Manner, RosterYear
from tests.journeys.test_circle_upkeep import ALL_RIGHTS, open_circle
from tests.journeys.test_circles import group_of
from tests.village import Phone, shown

BUILDING, FARMING, FORUM, LADIES = "building", "farming", "forum", "ladies"
TITLES = {BUILDING: "城建环保交流群", FARMING: "三农交流群", FORUM: "云溪区代表之家", LADIES: "巾帼群"}
OWN = {BUILDING: "城建环保", FARMING: "农业农村", LADIES: WOMEN}
TOPICS = ("教科文卫", "社会建设")


async def make_groups(year: RosterYear) -> None:
    """The office makes the groups, adds the bot, binds the circles; the links go out."""
    for group, circle in OWN.items():
        kind = "group" if group == LADIES else "supergroup"
        await make_group(year, group, type=kind)
        await year.office.presses(circle, on=f"已进入群“{TITLES[group]}”")
        await year.office.presses("确认", on=f"绑定为“{circle}”工作圈")
        bind(year, circle, group)
    await make_group(year, FORUM, type="supergroup", is_forum=True)
    for circle in TOPICS:
        await give_topic(year, circle)
    await year.home.settle()


async def make_group(year: RosterYear, group: str, **kind: Any) -> None:
    id = await group_of(year.home, year.office, TITLES[group], admin=ALL_RIGHTS, **kind)
    year.book.groups[group] = {"id": id, "title": TITLES[group], "inside": {year.office.id}, "lost": False}


async def give_topic(year: RosterYear, circle: str) -> None:
    """A circle gets a topic of the forum group, made by the bot."""
    await open_circle(year.office, year.book.circles[circle]["name"])
    await year.office.presses("绑定群", on="工作圈")
    await year.office.presses(f"建话题：{TITLES[FORUM]}")
    await year.office.presses("确认", on=f"将在群“{TITLES[FORUM]}”中新建 1 个话题")
    await year.home.settle()
    year.book.log["circle.topic_asked"] += 1
    bind(year, circle, FORUM)


def bind(year: RosterYear, circle: str, group: str) -> None:
    year.book.circles[circle].update(group=group, topic=group == FORUM)
    year.book.log["circle.bound"] += 1
    year.book.renew(group, year.now)


def title_of(year: RosterYear, group: str) -> str:
    return str(year.book.groups[group]["title"])


async def link_to(year: RosterYear, phone: Phone, group: str) -> str:
    """The link this person was sent, on the newest message that leads into the group."""
    title = title_of(year, group)
    for message in reversed(await phone.messages()):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            if f"群“{title}”" in shown(message) and row[0]["text"] == "申请加入":
                return str(row[0]["url"])
    raise AssertionError(f"{phone.name} has no link into {title}")


def expected_in(year: RosterYear, *manners: Manner) -> list[tuple[str, str]]:
    """Who of these has a link and has not used it: person and group."""
    found = []
    for circle, person in year.book.members:
        group = year.book.circles[circle]["group"]
        row = year.book.people[person]
        open_way = group is not None and row["account"] is not None and row["active"] and year.manners.get(person) in manners
        if open_way and row["account"] not in year.book.groups[group]["inside"] and (person, group) not in found:
            found.append((person, group))
    return found


async def join(year: RosterYear, *manners: Manner) -> None:
    """Those of these manners ask to come in, and the bot lets them in by the roster."""
    wanted = expected_in(year, *manners)

    async def ask(person: str, group: str) -> None:
        phone = year.phone(person)
        assert await phone.joins(await link_to(year, phone, group)) == "requested"

    for place in range(0, len(wanted), 40):
        await together(ask(*each) for each in wanted[place : place + 40])
        await year.home.settle()
    for person, group in wanted:
        year.book.joined(person, group, year.now)


async def ask_in(year: RosterYear, person: str, group: str) -> None:
    """One person asks, and is in."""
    phone = year.phone(person)
    await phone.joins(await link_to(year, phone, group))
    await phone.sees(f"您已加入群“{title_of(year, group)}”")
    year.book.joined(person, group, year.now)
