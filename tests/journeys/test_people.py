"""Coming into the Home."""

from __future__ import annotations

from models.people import Role, person_by_telegram_id
from tests.village import Village, both_ways


@both_ways
async def test_a_deputy_shares_the_phone_number_and_is_let_in(home: Village) -> None:
    deputy = await home.person("王建国", phone="13956780001", linked=False)

    await deputy.starts()
    await deputy.sees("分享手机号")
    await deputy.shares_phone()

    await deputy.sees("王建国，您好！")
    async with home.session() as session:
        person = await person_by_telegram_id(session, deputy.id)
        assert person is not None
        assert person.name == "王建国"


async def test_somebody_elses_number_does_not_open_the_door(home: Village) -> None:
    deputy = await home.person("王建国", phone="13956780001", linked=False)
    thief = await home.stranger("李四")

    await thief.starts()
    await thief.shares_phone(of=deputy.id)

    await thief.sees("请分享您本人的手机号")
    async with home.session() as session:
        assert await person_by_telegram_id(session, thief.id) is None


async def test_a_stranger_gets_a_polite_refusal_and_nothing_else(home: Village) -> None:
    stranger = await home.stranger()

    await stranger.says("你好")
    await stranger.says("/menu")

    await stranger.sees("仅限名册内人员")
    await stranger.sees_nothing_of("请选择")


async def test_the_first_of_the_office_comes_in_by_the_announced_link_once(home: Village) -> None:
    [announcement] = home.announced
    payload = announcement.partition("?start=")[2]
    first, second = await home.stranger("周主任", phone="13900000099"), await home.stranger("路人")

    await first.starts(payload)
    await second.starts(payload)

    await first.sees("周主任，您好！")
    await second.sees("已用过或已过期")
    async with home.session() as session:
        person = await person_by_telegram_id(session, first.id)
        assert person is not None
        assert person.roles == {Role.OFFICE}


async def test_the_menu_and_the_command_list_speak_the_persons_language(home: Village) -> None:
    deputy = await home.person("John", language="en-GB")

    await deputy.says("/language")
    await deputy.presses("中文")

    await deputy.sees("使用帮助")
    commands = [call for call in await home.calls("setMyCommands") if str(deputy.id) in str(call["params"].get("scope"))]
    assert "使用帮助" in str(commands[-1]["params"])
