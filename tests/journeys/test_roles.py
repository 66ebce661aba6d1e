"""Roles given and taken: told at once, counting at once, the command list with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.role_news import tell_roles_changed
from models.announcements import Announcement
from models.forms import Form
from models.people import Person, Role, person_by_telegram_id
from tests.journeys.issue_people import gathered
from tests.village import Phone, Village


async def commands_of(home: Village, phone: Phone) -> list[str]:
    """The list that Telegram shows to somebody in the bot's chat."""
    await home.settle()
    chats = await home.request("GET", f"/sandbox/users/{phone.id}/chats")
    return [command["command"] for chat in chats if chat["key"] == "bot" for command in chat["commands"]]


async def change(home: Village, phone: Phone, *, give: tuple[Role, ...] = (), take: tuple[Role, ...] = ()) -> None:
    async with home.session() as session:
        person = await person_by_telegram_id(session, phone.id)
        assert person is not None
        before = person.roles
        for role in take:
            person.take(role)
        for role in give:
            person.give(role)
        await tell_roles_changed(home.home.post_for(session), home.home.registry.menu, person, before)
    home.home.outbox_bell.set()
    await home.settle()


async def test_a_role_given_is_told_and_opens_its_doors_at_once(home: Village) -> None:
    deputy = await home.person("王建国")
    await deputy.says("/new_activity")
    await deputy.sees("没有这项权限")

    await change(home, deputy, give=(Role.OFFICE,))

    assert "➕ 代表联络室" in (await deputy.sees("角色已更新"))["text"]
    assert {"new_activity", "roster", "duty"} <= set(await commands_of(home, deputy))
    await deputy.says("/new_activity")
    await deputy.sees("发起活动")


async def test_a_role_taken_is_told_and_shuts_its_doors_at_once_half_written_things_too(home: Village) -> None:
    officer = await home.person("周主任", Role.OFFICE, Role.DEPUTY)
    await home.person("王建国")
    await officer.says("/announce")
    await officer.says("明天停水")
    await gathered(home)
    card = await officer.sees("明天停水")

    await change(home, officer, take=(Role.OFFICE,))

    assert "➖ 代表联络室" in (await officer.sees("角色已更新"))["text"]
    assert "announce" not in await commands_of(home, officer)
    async with home.session() as session:
        announcement = await session.scalar(select(Announcement.id))
    assert "没有这项权限" in await officer.presses_data(card["message_id"], f"gw:{announcement}:discard:")
    await officer.says("后天也停水")  # what a deputy says is a constituent's matter, the announcement is out of reach
    await home.settle()
    async with home.session() as session:
        assert await session.scalar(select(Form.kind)) is None
        found = await session.get_one(Announcement, announcement)
        assert [piece.text for piece in found.pieces] == ["明天停水"]


async def test_whoever_has_no_role_left_is_told_and_sees_what_strangers_see(home: Village) -> None:
    deputy = await home.person("王建国", language="en")

    await change(home, deputy, take=(Role.DEPUTY,))

    await deputy.sees("You hold no role")
    assert await commands_of(home, deputy) == ["start"]
    await deputy.says("/menu")
    await deputy.sees("Your role does not allow this")


async def test_nothing_is_said_where_no_role_changed(home: Village) -> None:
    deputy = await home.person("王建国")

    await change(home, deputy, give=(Role.DEPUTY,), take=(Role.LEADER,))

    await deputy.sees_nothing_of("角色已更新")


@pytest.mark.parametrize("buttons", [("解除账号绑定", "确认解除"), ("移出名册", "确认移出")], ids=["cut off", "off the roster"])
async def test_an_account_that_is_nobodys_any_more_gets_the_strangers_commands(home: Village, buttons: tuple[str, str]) -> None:
    office, old = await home.person("周主任", Role.OFFICE), await home.person("王建国", phone="13956780001")
    assert "duty" in await commands_of(home, old)

    await office.says("/roster")
    await office.presses("查找人员")
    await office.says("王建国")
    for button in buttons:
        await office.presses(button)

    assert await commands_of(home, old) == ["start"]
    async with home.session() as session:
        assert (await session.scalars(select(Person.name).where(Person.telegram_id == old.id, Person.active))).all() == []
