"""What goes wrong in the groups: people where they do not belong, a topic deleted, rights taken, the bot thrown out, the Home down."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.dying import away
from tests.journeys.issue_people import referrals
from tests.journeys.roster_year.cast import Manner, RosterYear
from tests.journeys.roster_year.groups import BUILDING, FARMING, FORUM, LADIES, title_of
from tests.journeys.roster_year.matters import advise_in_circle, close, share_one
from tests.journeys.test_circle_upkeep import ALL_RIGHTS
from tests.journeys.test_lost_circles import lost, times, waiting


async def strangers_ask_to_come_in(year: RosterYear) -> None:
    """By a link that was passed on: a stranger, and a deputy of another circle, are declined with a word."""
    link, other = await _link_made(year), year.asker
    stranger = await year.home.stranger("路人甲")
    for phone in (stranger, year.phone(other)):
        assert await phone.joins(link) == "requested"
    await stranger.sees("仅限名册内人员")
    await year.phone(other).sees("您不在群“城建环保交流群”的工作圈名册中")


async def _link_made(year: RosterYear) -> str:
    """The circle's link as it was made: it is gone from the chat of whoever is in."""
    circle = year.book.circles["城建环保"]["name"]
    made = [call for call in await year.home.calls("createChatInviteLink") if call["ok"] and call["params"].get("name") == circle]
    return str(made[-1]["answer"]["result"]["invite_link"])


async def somebody_comes_in_another_way(year: RosterYear) -> None:
    """Brought in by the owner: both of the office are told, and one takes them out with one tap."""
    group = year.book.groups[FARMING]["id"]
    stranger = await year.home.stranger("路人乙")
    await year.home.request("POST", f"/sandbox/groups/{group}/members", json={"by": year.office.id, "user": stranger.id})
    for desk in (year.office, year.colleague):
        await desk.sees("名册以外的人员“路人乙”进入了群")
    await year.colleague.presses("移出该成员", on="“路人乙”")
    await year.office.sees(f"已从群“{title_of(year, FARMING)}”移出")
    year.book.log["circle.removed"] += 1


async def somebody_is_brought_in_by_a_friend(year: RosterYear) -> None:
    """On the roster, so that nobody is told and no link is needed."""
    person = year.pick("城建环保", manner=Manner.NEVER_JOINS)
    await year.home.request(
        "POST", f"/sandbox/groups/{year.book.groups[BUILDING]['id']}/members", json={"by": year.office.id, "user": year.phone(person).id}
    )
    await year.home.settle()
    year.book.joined(person, BUILDING, year.now, asked=False)


async def people_leave_a_chat(year: RosterYear) -> None:
    for person in (year.pick("农业农村", joined=True), year.pick("农业农村", joined=True)):
        await year.phone(person).leaves(year.book.groups[FARMING]["id"])
        await year.home.settle()
        year.book.left(person, FARMING)


async def a_topic_is_deleted(year: RosterYear) -> None:
    """Two messages find out at once: it is made again once, and the open cards stand there anew, each once."""
    home, book, group = year.home, year.book, year.book.groups[FORUM]["id"]
    asker = year.asker
    before = await share_one(year, asker, "教科文卫")
    thread = _thread(await year.office.sees(before, group))
    made = len(await home.calls("createForumTopic"))
    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{thread}")
    after = await share_one(year, asker, "教科文卫")
    await home.passes(timedelta(seconds=5))
    await year.office.sees("话题已被删除")
    await year.office.sees("已恢复")
    assert len(await home.calls("createForumTopic")) == made + 1
    again = _thread(await year.office.sees(after, group))
    assert again != thread
    texts = [str(message.get("text", "")) for message in await year.office.messages(group, again)]
    assert [sum(f"{number} ·" in text for text in texts) for number in (before, after)] == [1, 1]
    assert await times(year.office, "话题已被删除") == await times(year.colleague, "话题已被删除") == 1
    book.log.update({"circle.topic_gone": 1, "circle.regained": 1, "circle.bound": 1})
    for number in (before, after):
        await close(year, number)


def _thread(message: dict[str, object]) -> int:
    thread = message["message_thread_id"]
    assert isinstance(thread, int)
    return thread


async def a_group_becomes_a_supergroup(year: RosterYear) -> None:
    """Another id, another link; who is inside stays inside."""
    group = year.book.groups[LADIES]
    moved = await year.home.request("POST", f"/sandbox/groups/{group['id']}/migrate", json={"by": year.office.id})
    await year.home.settle()
    group["id"] = moved["id"]
    year.book.renew(LADIES, year.now)


async def the_bot_loses_its_rights(year: RosterYear) -> None:
    """The whole office hears of it once, with what to do, and again when all is well."""
    group = year.book.groups[FARMING]["id"]
    for admin in ({"can_invite_users": True}, {"can_pin_messages": True}):
        await _promote(year, group, admin)
    for desk in (year.office, year.colleague):
        told = await desk.sees("的权限被取消")
        assert "点 @village_bot" in told["text"]
    await _promote(year, group, ALL_RIGHTS)
    for desk in (year.office, year.colleague):
        await desk.sees(f"机器人在群“{title_of(year, FARMING)}”的权限已齐全")


async def _promote(year: RosterYear, group: int, admin: object) -> None:
    await year.home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": year.office.id, "bot": True, "admin": admin})
    await year.home.settle()


async def out(year: RosterYear, group: str) -> None:
    """The bot is removed from a group: the office hears of it once."""
    row = year.book.groups[group]
    year.book.count_all_reminders(year.now, group)
    await year.home.request("POST", f"/sandbox/groups/{row['id']}/remove", json={"by": year.office.id, "bot": True})
    for desk in (year.office, year.colleague):
        await desk.sees(f"机器人已被移出群“{row['title']}”")
    row["lost"] = True
    year.book.log["circle.lost"] += 1


async def back(year: RosterYear, group: str) -> None:
    """It is let in again: what waited goes out, and the unjoined have their link again."""
    row = year.book.groups[group]
    year.book.count_all_reminders(year.now, group)
    body = {"by": year.office.id, "bot": True, "admin": ALL_RIGHTS}
    await year.home.request("POST", f"/sandbox/groups/{row['id']}/members", json=body)
    await year.home.settle()
    row["lost"] = False
    year.book.log["circle.regained"] += 1
    year.book.renew(group, year.now)
    assert (await waiting(year.home), await lost(year.home)) == (0, [])


async def the_bot_is_out_for_some_hours(year: RosterYear) -> None:
    """An issue shared meanwhile waits, and goes into the circle alone."""
    member, group = year.said["carried"], year.book.groups[BUILDING]["id"]
    await out(year, BUILDING)
    number = await share_one(year, year.asker, "城建环保")
    assert await waiting(year.home) == 1
    await year.home.passes(timedelta(hours=3))
    await back(year, BUILDING)
    await year.office.sees(number, group)
    assert await times(year.office, number, group) == 1
    await year.phone(member).sees_nothing_of("改发给您个人")
    await close(year, number)


async def the_bot_is_out_for_more_than_a_day(year: RosterYear) -> None:
    """What waited goes to the members in private, once, and no longer into the circle."""
    circle = year.book.circles["农业农村"]["name"]
    members = [name for c, name in year.book.members if c == "农业农村" and year.book.people[name]["account"]]
    await out(year, FARMING)
    number = await share_one(year, year.asker, "农业农村")
    await year.home.passes(timedelta(hours=23))
    for person in members[:3]:
        await year.phone(person).sees_nothing_of("改发给您个人")
    await year.home.passes(timedelta(hours=2))
    await year.home.tick()
    asked = {name for name, _ in await referrals(year.home)}
    readers = [name for name in members if not year.book.people[name]["blocked"] and year.book.people[name]["name"] not in asked]
    assert readers
    assert [name for name in readers if await times(year.phone(name), number) != 1] == []
    assert [name for name in readers if not await times(year.phone(name), f"“{circle}”工作圈")] == []
    await back(year, FARMING)
    await year.home.passes(timedelta(hours=1))
    assert await times(year.office, number, year.book.groups[FARMING]["id"]) == 0
    await close(year, number)


async def the_home_is_down_on_a_monday_morning(year: RosterYear) -> None:
    """Started again it tells the week's digest, late and once."""
    await away(year.home, timedelta(hours=4))


async def an_issue_before_the_weekend(year: RosterYear) -> None:
    """So that there is a week to tell of when the Home is down."""
    number = await share_one(year, year.asker, "城建环保")
    await advise_in_circle(year, number)
    await close(year, number)
