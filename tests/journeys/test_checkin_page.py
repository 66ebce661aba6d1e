"""The full-screen page of a check-in, asked over HTTP as a browser does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.checkin_page import checkin_page
from bot.web import serving
from models.checkin_codes import page_key, token_of
from models.checkin_desk import CheckInDesk
from models.people import Role
from tests.journeys.test_checkin import START, codes, desk_at
from tests.village import Phone, Village


@pytest.fixture
async def page(home: Village) -> AsyncIterator[str]:
    """Where the pages stand."""
    async with serving(checkin_page(home.home.sessions, home.home.post_for), "127.0.0.1", 0) as port:
        home.home.web_address = f"http://127.0.0.1:{port}"
        yield home.home.web_address


async def address_of(home: Village) -> str:
    async with home.session() as session:
        desk = await session.get_one(CheckInDesk, 1)
    return f"{home.home.web_address}/checkin/1/{page_key(desk.secret)}"


async def begun(home: Village) -> Phone:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await desk_at(home, office)
    return office


async def test_the_page_shows_the_code_of_this_moment_and_the_count(home: Village, page: str) -> None:
    office = await begun(home)
    address = await address_of(home)
    card = await office.sees("大屏幕页面（请勿外传）")

    assert address in card["text"]
    async with home.http.get(f"{address}/now") as answer:
        now = await answer.json()
    assert now["code"] == (await codes(home))[0]
    assert now["count"] == "已签到 0 人 / 应到 1 人"
    assert 0 < now["seconds"] <= 30
    assert now["picture"].startswith("<svg")
    async with home.http.get(address) as answer:
        text = await answer.text()
        assert answer.status == 200
        assert "no-store" in answer.headers["Cache-Control"]
    assert not [word for word in ("http://", "https://", "src=", "@import", "url(") if word in text]


async def test_a_wrong_key_shows_nothing(home: Village, page: str) -> None:
    await begun(home)
    async with home.session() as session:
        secret = (await session.get_one(CheckInDesk, 1)).secret

    for wrong in (secret, token_of(secret, 1), "0" * 32, "密钥"):
        for end in ("", "/now"):
            async with home.http.get(f"{page}/checkin/1/{wrong}{end}") as answer:
                assert answer.status == 404
    async with home.http.get(f"{page}/checkin/99999999999999/{'0' * 32}") as answer:
        assert answer.status == 404


async def test_the_page_refuses_after_the_end_and_once_closed(home: Village, page: str) -> None:
    office = await begun(home)
    address = await address_of(home)

    async def answers() -> list[tuple[int, bool]]:
        found = []
        for end in ("", "/now"):
            async with home.http.get(address + end) as answer:
                found.append((answer.status, '"code":' in await answer.text()))
        return found

    assert await answers() == [(200, False), (200, True)]
    await office.presses("🔒 关闭签到")
    assert await answers() == [(410, False), (410, False)]
    await office.presses("🔓 重新开放")
    assert await answers() == [(200, False), (200, True)]
    await home.until(START + timedelta(hours=2))
    assert await answers() == [(410, False), (410, False)]
