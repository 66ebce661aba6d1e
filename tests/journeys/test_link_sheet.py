"""The printed sheet of personal codes."""

from __future__ import annotations

import re

from sqlalchemy import select, text
from sqlalchemy.orm import undefer

from handlers.link_sheet_pages import HEIGHT, PER_PAGE, WIDTH, Slip, Words, draw_page, draw_sheet
from models.links import PersonalLink
from models.outbox import Attachment
from models.people import Role
from tests.village import Village

WORDS = Words("云溪区代表之家　代表进入二维码", "扫描", "有效", "第 {number} 页，共 {of} 页", "仅限本人")


def slips(count: int) -> list[Slip]:
    return [
        Slip(f"代表{number:03}", "史河街道 · 第一代表小组", f"https://t.me/village_bot?start=p_{number:022}") for number in range(count)
    ]


def test_many_people_fill_pages_of_a4_in_black_and_white() -> None:
    page = draw_page(slips(PER_PAGE), WORDS, 1, 1)

    assert (page.size, page.mode) == ((WIDTH, HEIGHT), "1")
    content = draw_sheet(slips(PER_PAGE + 1), WORDS)
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2
    assert len(content) < 1_000_000


async def test_the_office_prints_codes_for_an_area_and_asking_again_voids_those_of_before(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    for name, area in (("王建国", "史河街道"), ("李国栋", "史河街道"), ("张美玲", "柳河镇")):
        await home.person(name, area=area, linked=False)

    await office.says("/roster")
    await office.presses("打印进入二维码")
    await office.presses("按归属地")
    await office.presses("史河街道（2）")
    assert "作废" not in (await office.sees("为 2 人生成二维码"))["text"]
    await office.presses("生成", on="为 2 人生成二维码")
    await office.sees("代表进入二维码.pdf")
    await office.says("/roster")
    await office.presses("打印进入二维码")
    await office.presses("全部未进入者（3）")
    assert "其中 2 人此前未用的链接或二维码将作废" in (await office.sees("为 3 人生成二维码"))["text"]
    await office.presses("生成", on="为 3 人生成二维码")
    assert "2 人此前未用的链接或二维码已作废" in (await office.sees("3 人的进入二维码"))["caption"]

    async with home.session() as session:
        links = (await session.scalars(select(PersonalLink).where(PersonalLink.person_id.is_not(None)))).all()
        usable = [link for link in links if link.expires_at > home.clock.now()]
        assert (len(links), len(usable)) == (5, 3)


async def test_once_sent_the_home_keeps_no_code_and_no_link(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    await home.person("王建国", linked=False)
    await office.says("/roster")
    await office.presses("打印进入二维码")
    await office.presses("全部未进入者（1）")
    await office.presses("生成", on="为 1 人生成二维码")
    await office.sees("代表进入二维码.pdf")
    await office.says("/roster")
    await office.presses("未进入的人员")
    await office.presses("王建国")
    await office.presses("生成一次性链接")
    await office.sees("请打开以下链接")

    async with home.session() as session:
        files = await session.scalars(select(Attachment).options(undefer(Attachment.content)))
        assert [file.content for file in files] == [b""]
        kept = await session.scalar(text("SELECT count(*) FROM outbox_messages WHERE CAST(params AS TEXT) LIKE '%start=p_%'"))
        assert kept == 0


async def test_the_code_of_one_person_is_printed_from_their_card_and_not_for_somebody_who_is_in(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("李国栋")
    await home.person("王建国", linked=False)
    await office.says("/roster")
    await office.presses("未进入的人员")
    await office.presses("王建国")
    await office.presses("打印此人二维码")
    ask = await office.sees("为 1 人生成二维码")
    data = ask["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    menu = await deputy.sees("请选择")

    assert "没有这项权限" in await deputy.presses_data(menu["message_id"], data)
    assert "已进入" in await office.presses_data(ask["message_id"], "qrs:y:person:2")
