"""Updates that come twice, out of order, malformed, or of kinds that nobody knows yet; and one poisoned in a page of good ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.inbox import InboxState, InboxUpdate
from models.issue_pieces import IssuePiece
from models.people import Role
from tests.faults.crowd import all_said
from tests.permissions.walking import message
from tests.village import Phone, Village

FIRST_ID = 10**9


def offer(home: Village, *updates: Any) -> None:
    """Let Telegram give out exactly these, as one page."""
    home.sandbox.updates.pending.extend(updates)
    home.sandbox.updates._wake()


def says(phone: Phone, number: int, text: str = "/help", **more: Any) -> dict[str, Any]:
    update = message(phone.id, text)
    update["message"]["message_id"] = 5000 + number
    return {"update_id": FIRST_ID + number, **update, **more}


async def forget_calls(home: Village) -> None:
    """What was given out here is no Telegram's: it would not stand the comparison with its description in the end."""
    await home.request("DELETE", "/sandbox/calls")


async def states(home: Village) -> dict[int, InboxState]:
    async with home.session() as session:
        rows = await session.execute(select(InboxUpdate.update_id, InboxUpdate.state).where(InboxUpdate.update_id >= FIRST_ID))
        return {row[0] - FIRST_ID: row[1] for row in rows}


async def answers(phone: Phone) -> int:
    return sum("收到活动通知" in said.get("text", "") for said in await phone.messages())


async def test_updates_out_of_order_and_twice_are_each_done_once(home: Village) -> None:
    first, second = await home.person("王建国"), await home.person("陈志强")

    offer(home, says(first, 5), says(second, 2), says(first, 9), says(second, 2), says(first, 5), says(second, 1))
    await home.settle()
    offer(home, says(first, 9), says(second, 11), says(first, 5))
    await all_said(home)

    assert await states(home) == dict.fromkeys((1, 2, 5, 9, 11), InboxState.DONE)
    assert (await answers(first), await answers(second)) == (2, 3)


async def test_an_edit_that_comes_before_its_message_breaks_nothing_and_the_message_is_kept_once(home: Village) -> None:
    deputy = await home.person("王建国")
    said = says(deputy, 2, "翠竹小区门口的路灯不亮，晚上看不见路。")
    edited = {"update_id": FIRST_ID + 1, "edited_message": {**said["message"], "edit_date": said["message"]["date"] + 60}}

    offer(home, edited, said)
    await all_said(home)

    assert await states(home) == dict.fromkeys((1, 2), InboxState.DONE)
    async with home.session() as session:
        assert (await session.scalars(select(IssuePiece.text))).all() == ["翠竹小区门口的路灯不亮，晚上看不见路。"]


async def test_kinds_that_the_library_does_not_know_are_passed_over(home: Village) -> None:
    deputy, office = await home.person("王建国"), await home.person("刘敏", Role.OFFICE)
    private = says(deputy, 0)["message"]
    new_content = {name: value for name, value in private.items() if name != "text"}
    new_chat = {**private, "chat": {"id": -100, "type": "hologram", "title": "?"}}
    new_status = {"chat": private["chat"], "from": private["from"], "date": private["date"]}
    member = {"user": private["from"], "status": "hologram"}

    offer(
        home,
        {"update_id": FIRST_ID + 1, "hologram": {"id": 1}},
        {"update_id": FIRST_ID + 2},
        {"update_id": FIRST_ID + 3, "message": {**new_content, "hologram": {"depth": 3}}},
        {"update_id": FIRST_ID + 4, "message": new_chat},
        {"update_id": FIRST_ID + 5, "my_chat_member": {**new_status, "old_chat_member": member, "new_chat_member": member}},
        says(deputy, 6),
    )
    await all_said(home)

    assert await states(home) == dict.fromkeys(range(1, 7), InboxState.DONE)
    assert await answers(deputy) == 1
    await office.sees_nothing_of("已搁置")
    await forget_calls(home)


async def test_one_poisoned_update_in_a_page_blocks_none_of_the_others(home: Village) -> None:
    deputy, office = await home.person("王建国"), await home.person("刘敏", Role.OFFICE)

    poisoned = {"update_id": FIRST_ID + 2, "message": {"message_id": [], "chat": 7, "date": "yesterday"}}
    offer(home, says(deputy, 1), poisoned, says(deputy, 3))
    await all_said(home)

    assert await states(home) == {1: InboxState.DONE, 2: InboxState.SET_ASIDE, 3: InboxState.DONE}
    assert await answers(deputy) == 2
    assert not home.sandbox.updates.pending
    await office.sees("已搁置")
    await forget_calls(home)
