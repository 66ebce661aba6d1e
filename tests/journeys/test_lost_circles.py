"""Circles that cannot be spoken to mend themselves: nothing is lost, nothing arrives twice, and the office hears of it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.circles import Circle, LostPlace
from models.issue_topics import IssueTopic
from models.issues import Issue, IssueState
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from tests.journeys.issue_people import circle_topic, share
from tests.journeys.test_announcements import followed, write
from tests.journeys.test_circles import bound, group_of, put_in_circle
from tests.village import Phone, Village, shown

BUILDING = ("城建环保",)
HOUR = timedelta(hours=1, minutes=1)


async def lost(home: Village) -> list[str]:
    async with home.session() as session:
        return [row.loss.value for row in await session.scalars(select(LostPlace).order_by(LostPlace.circle_id))]


async def waiting(home: Village) -> int:
    async with home.session() as session:
        return len((await session.scalars(select(OutboxMessage).where(OutboxMessage.state == OutboxState.WAITING))).all())


async def times(phone: Phone, text: str, chat: int | str = "bot") -> int:
    await phone.village.settle()
    return sum(text in shown(message) and not message.get("out") for message in await phone.messages(chat))


async def village_circle(home: Village, **admin: Any) -> tuple[Phone, Phone, Phone, Phone, int]:
    """The asker, a specialist, a member who is nobody's specialist, the office, and their circle's group."""
    deputy, expert = await home.person("王秀兰"), await home.person("陈志强", specialties=BUILDING)
    member = await home.person("赵丽")
    office, group = await bound(home, deputy, expert, member)
    for phone in (deputy, expert, member):
        await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "user": phone.id})
    if admin:
        await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, **admin})
    await home.settle()
    return deputy, expert, member, office, group


async def test_messages_for_a_circle_the_bot_was_removed_from_wait_and_go_out_when_it_is_back(home: Village) -> None:
    deputy, expert, _, office, group = await village_circle(home)
    for _ in range(2):
        await home.request("POST", f"/sandbox/groups/{group}/remove", json={"by": office.id, "bot": True})
        await home.settle()
        if await times(office, "机器人已被移出群") == 1 and await lost(home) == ["removed"]:
            break

    await share(home, deputy)
    await home.settle()

    assert await times(office, "机器人已被移出群") == 1
    assert await waiting(home) == 1
    await office.sees_nothing_of("没有绑定群")
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True, "admin": True})
    await expert.sees("2026-0001", group)
    await home.passes(timedelta(hours=30))
    assert await times(expert, "2026-0001", group) == 1
    assert await times(deputy, "改发给您个人") == 0
    assert (await waiting(home), await lost(home)) == (0, [])


async def test_after_a_day_the_members_have_it_in_private_and_the_circle_does_not_get_it_too(home: Village) -> None:
    deputy, expert, member, office, group = await village_circle(home)
    await home.request("POST", f"/sandbox/groups/{group}/remove", json={"by": office.id, "bot": True})
    await share(home, deputy)
    await home.passes(timedelta(hours=23))
    await member.sees_nothing_of("2026-0001")

    await home.passes(timedelta(hours=2))
    await home.tick()

    await member.sees("以下内容改发给您个人")
    card = await member.sees("2026-0001")
    assert await times(member, "2026-0001") == 1
    for knows in (deputy, expert):
        await knows.sees_nothing_of("改发给您个人")
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True, "admin": True})
    await home.passes(HOUR)
    assert await times(office, "2026-0001", group) == 0
    await member.says("建议先清淤", reply_to=card["message_id"])
    await deputy.sees("建议先清淤")
    await office.sees("赵丽", group)


async def test_of_several_messages_into_a_deleted_topic_one_makes_it_again_and_open_cards_stand_there_once(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    await put_in_circle(home, "城建环保", expert)
    group, topic = await circle_topic(home, office, expert, deputy, name="城建环保")
    await share(home, deputy)
    await share(home, deputy, "路灯坏了三个月没人修，晚上很黑")
    await expert.sees("2026-0002", group, thread=topic)
    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{topic}")

    for number in ("2026-0001", "2026-0002"):
        await expert.presses("接受", on=number)
    await home.passes(timedelta(seconds=5))

    assert len(await home.calls("createForumTopic")) == 1
    assert await times(office, "话题已被删除") == 1
    await office.sees("已恢复")
    async with home.session() as session:
        circle = await session.scalar(select(Circle).where(Circle.name == "城建环保"))
        assert circle is not None
        again = circle.thread_id
    assert again not in (None, topic)
    there = "\n".join(shown(message) for message in await expert.messages(group, again))
    assert [there.count(f"{number} ·") for number in ("2026-0001", "2026-0002")] == [1, 1]
    assert there.count("陈志强代表已应邀") == 2
    assert "这里是“城建环保”工作圈" in there
    assert (await waiting(home), await lost(home)) == (0, [])


async def test_a_topic_that_cannot_be_made_again_is_once_the_right_is_back(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    group, topic = await circle_topic(home, office, expert, deputy, name="城建环保")
    rights = {"can_invite_users": True, "can_pin_messages": True}
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": rights})
    await office.sees("管理话题（为工作圈建话题）")
    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{topic}")

    await share(home, deputy)
    await office.sees("机器人没能重建话题")
    await home.passes(HOUR)
    assert await times(office, "机器人没能重建话题") == 1
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": True})
    await home.tick()

    await office.sees("的权限已齐全")
    await expert.sees("2026-0001", group)
    assert await times(expert, "2026-0001", group) == 1


async def test_a_closed_topic_is_told_once_and_reopened_it_gets_what_waited(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    group, topic = await circle_topic(home, office, expert, deputy, name="城建环保")
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": False})
    close = f"/sandbox/groups/{group}/topics/{topic}/close"
    await home.request("POST", close, json={"by": office.id, "closed": True})

    await share(home, deputy)
    await office.sees("话题已被关闭")
    await home.passes(HOUR)
    assert await times(office, "话题已被关闭") == 1
    await home.request("POST", close, json={"by": office.id, "closed": False})

    await expert.sees("2026-0001", group, thread=topic)
    await office.sees("已恢复")
    assert len(await home.calls("createForumTopic")) == 0


async def test_a_muted_bot_tells_once_and_tries_again_by_itself(home: Village) -> None:
    deputy, expert, _, office, group = await village_circle(home, admin=False)
    permissions = f"/sandbox/groups/{group}/permissions"
    await home.request("POST", permissions, json={"by": office.id, "can_send_messages": False})

    await share(home, deputy)
    await office.sees("机器人在群“城建环保交流群”中不能发言")
    await home.passes(HOUR)
    await home.passes(HOUR)
    assert await times(office, "不能发言") == 1
    assert await lost(home) == ["muted"]
    await home.request("POST", permissions, json={"by": office.id})
    await home.passes(HOUR)

    await expert.sees("2026-0001", group)
    await office.sees("已恢复")
    assert await times(expert, "2026-0001", group) == 1
    await home.request("POST", permissions, json={"by": office.id, "can_send_messages": False})
    await expert.presses("接受", on="请您提专业意见")
    await home.passes(timedelta(seconds=5))
    assert await lost(home) == []  # an edit of what stands is still allowed


async def test_a_restricted_bot_tells_at_once(home: Village) -> None:
    *_, office, group = await village_circle(home, admin=False)

    await home.request("POST", f"/sandbox/groups/{group}/restrict", json={"by": office.id, "bot": True, "can_send_messages": False})

    await office.sees("不能发言")


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_deleted_group_is_told_and_what_waited_goes_to_the_members_once_it_is_unbound(home: Village, kind: str) -> None:
    deputy, expert, member = [await home.person(name) for name in ("王秀兰", "陈志强", "赵丽")]
    await put_in_circle(home, "城建环保", deputy, expert, member)
    office = await home.person("周主任", Role.OFFICE)
    group = await group_of(home, office, type=kind)
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")
    await home.settle()
    await home.request("POST", f"/sandbox/groups/{group}/delete", json={"by": office.id})

    await share(home, deputy)
    await office.sees("已被解散，或者找不到了")
    await office.says("/circles")
    await office.presses("城建环保", on="全部工作圈")
    await office.presses("解除绑定")
    await office.presses("确认解除")
    await home.tick()

    await member.sees("以下内容改发给您个人")
    await member.sees("2026-0001")
    assert (await waiting(home), await lost(home)) == (0, [])


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ("Bad Request: chat not found", "找不到了"),
        ("Bad Request: not enough rights to send text messages to the chat", "不能发言"),
        ("Bad Request: have no rights to send a message", "不能发言"),
        ("Bad Request: CHAT_WRITE_FORBIDDEN", "不能发言"),
        ("Bad Request: TOPIC_CLOSED", "话题已被关闭"),
        ("Forbidden: bot was kicked from the supergroup chat", "已被移出群"),
        ("Forbidden: bot is not a member of the supergroup chat", "已被移出群"),
        ("Forbidden: the group chat was deleted", "已被解散"),
    ],
)
async def test_whatever_telegram_calls_it_the_message_waits_and_arrives(home: Village, refusal: str, told: str) -> None:
    _, expert, _, office, group = await village_circle(home)
    code = 403 if refusal.startswith("Forbidden") else 400
    async with home.session() as session:
        session.add(message_to(group, await circle_id(home), home.clock.now()))
        fault = {"method": "sendMessage", "kind": "refuse", "code": code, "description": refusal}
        await home.request("POST", "/sandbox/faults", json=fault)
    await office.sees(told)
    assert await waiting(home) == 1

    await home.passes(HOUR)

    await expert.sees("给工作圈的话", group)
    assert await times(expert, "给工作圈的话", group) == 1
    assert (await waiting(home), await lost(home)) == (0, [])


@pytest.mark.parametrize("refusal", ["message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID"])
async def test_whatever_telegram_calls_a_deleted_topic_it_is_made_again(home: Village, refusal: str) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    group, topic = await circle_topic(home, office, deputy, name="城建环保")
    async with home.session() as session:
        session.add(message_to(group, await circle_id(home), home.clock.now(), message_thread_id=topic))
        fault = {"method": "sendMessage", "kind": "refuse", "description": f"Bad Request: {refusal}"}
        await home.request("POST", "/sandbox/faults", json=fault)

    await deputy.sees("给工作圈的话", group)

    assert len(await home.calls("createForumTopic")) == 1
    assert await times(deputy, "给工作圈的话", group) == 1


async def circle_id(home: Village) -> int:
    async with home.session() as session:
        circle = await session.scalar(select(Circle).where(Circle.name == "城建环保"))
        assert circle is not None
        return circle.id


def message_to(group: int, circle: int, now: Any, **params: Any) -> OutboxMessage:
    return OutboxMessage(
        chat_id=group, circle_id=circle, method="sendMessage", params={"text": "给工作圈的话", **params}, created_at=now, due_at=now
    )


async def test_rights_taken_are_told_once_until_all_are_back(home: Village) -> None:
    *_, office, group = await village_circle(home)
    promote = f"/sandbox/groups/{group}/promote"

    for admin in ({"can_invite_users": True}, False, {"can_restrict_members": True}):
        await home.request("POST", promote, json={"by": office.id, "bot": True, "admin": admin})
        await home.settle()

    card = await office.sees("的权限被取消")
    assert "邀请用户" in card["text"]
    assert await times(office, "的权限被取消") == 1
    await home.request("POST", promote, json={"by": office.id, "bot": True, "admin": True})
    await office.sees("的权限已齐全")


async def test_a_pinned_announcement_stands_in_the_new_topic_pinned_again(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    await put_in_circle(home, "城建环保", expert)
    group, topic = await circle_topic(home, office, expert, deputy, name="城建环保")
    await announce_pinned(home, office, "周五上午九点集中视察")
    await expert.sees("周五上午九点集中视察", group, thread=topic)
    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{topic}")

    await share(home, deputy)
    await home.passes(timedelta(seconds=5))

    card = await expert.sees("周五上午九点集中视察", group)
    state = await home.request("GET", "/sandbox/state")
    [found] = [entry for entry in state["groups"] if entry["id"] == group]
    assert card["message_id"] in found["pinned"]
    assert await times(expert, "周五上午九点集中视察", group) == 1
    assert await times(expert, "周五上午九点集中视察") == 1


async def announce_pinned(home: Village, office: Phone, text: str) -> None:
    await write(home, office, text)
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("同时发到工作圈")
    await office.presses("☐ 城建环保")
    await office.presses("不置顶")
    await office.presses("完成", on="同时发到工作圈")
    await office.presses("确认发送")
    await followed(home)


async def test_an_announcement_in_a_lost_circle_waits_for_it_and_is_told_twice_to_nobody(home: Village) -> None:
    deputy, _, _, office, group = await village_circle(home, admin=False)
    permissions = f"/sandbox/groups/{group}/permissions"
    await home.request("POST", permissions, json={"by": office.id, "can_send_messages": False})

    await announce_pinned(home, office, "周五上午九点集中视察")
    await office.sees("不能发言")
    await home.passes(timedelta(hours=25))
    await home.request("POST", permissions, json={"by": office.id})
    await home.passes(HOUR)

    assert await times(deputy, "周五上午九点集中视察") == 1
    await deputy.sees_nothing_of("改发给您个人")


async def test_a_group_that_became_a_supergroup_unheard_of_keeps_its_circle_and_what_was_said(home: Village) -> None:
    deputy, expert, office = (
        await home.person("王秀兰"),
        await home.person("陈志强", specialties=BUILDING),
        await home.person("周主任", Role.OFFICE),
    )
    await put_in_circle(home, "城建环保", deputy, expert)
    group = await group_of(home, office, members=[deputy.id, expert.id])
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")
    await home.settle()
    moved = (await home.request("POST", f"/sandbox/groups/{group}/migrate", json={"by": office.id}))["id"]

    await share(home, deputy)

    card = await expert.sees("2026-0001", moved)
    await expert.says("先清淤", chat=moved, reply_to=card["message_id"])
    await deputy.sees("先清淤")
    assert await lost(home) == []


async def test_what_is_said_of_a_closed_issue_in_a_topic_of_its_own_that_is_gone_is_not_tried_for_ever(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    group, _ = await circle_topic(home, office, expert, deputy, name="城建环保")
    await office.says("/circles")
    await office.presses("城建环保", on="城建环保")
    await office.presses("每件问题单独话题：关")
    await office.sees("每件问题单独话题：开")
    await share(home, deputy)
    async with home.session() as session:
        [own] = (await session.scalars(select(IssueTopic))).all()
        issue = await session.get(Issue, own.issue_id)
        assert issue is not None
        issue.state = IssueState.CLOSED
        session.add(message_to(group, own.circle_id, home.clock.now(), message_thread_id=own.thread_id))
        await home.request("DELETE", f"/sandbox/groups/{group}/topics/{own.thread_id}")

    await home.settle()
    for _ in range(3):
        await home.tick()

    assert (await waiting(home), await lost(home)) == (0, [])
    assert sum(call["params"].get("text") == "给工作圈的话" for call in await home.calls("sendMessage")) == 1
