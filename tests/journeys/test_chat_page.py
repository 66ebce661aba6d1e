"""The chat page in a real browser: the demo as a newcomer sees it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.demo import demo

pytestmark = pytest.mark.browser

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome is installed; the page is tested where there is one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    async with demo(0, f"sqlite+aiosqlite:///{tmp_path / 'demo.db'}") as (address, _):
        page = await browser.new_page(locale="zh-CN", viewport={"width": 1440, "height": 900})
        await page.goto(address)
        yield page
        await page.close()


def phone(page: Page, number: int) -> Locator:
    return page.get_by_test_id(f"phone-{number}")


async def write(on: Locator, text: str) -> None:
    await on.get_by_test_id("composer-input").fill(text)
    await on.get_by_test_id("composer-send").click()


async def test_three_phones_are_signed_in_and_the_menu_answers(page: Page) -> None:
    for number, name in enumerate(("王秀兰", "陈志强", "刘敏")):
        await expect(phone(page, number)).to_contain_text(name)

    await write(phone(page, 0), "/help")

    await expect(phone(page, 0)).to_contain_text("转发给我")


async def test_the_page_speaks_english_too_and_remembers(page: Page) -> None:
    await page.get_by_test_id("lang-en").click()
    await page.reload()

    await expect(page.locator("body")).to_contain_text("+1 hour")


async def test_the_clock_can_be_skipped_ahead(page: Page) -> None:
    before = await page.evaluate("fetch('/sandbox/clock').then(r => r.json())")

    await page.get_by_test_id("clock-day").click()

    await expect(page.get_by_test_id("clock-day")).to_be_enabled()
    after = await page.evaluate("fetch('/sandbox/clock').then(r => r.json())")
    assert after["ahead_seconds"] - before["ahead_seconds"] == 86400


async def press(on: Locator, label: str) -> None:
    await on.get_by_test_id("inline-button").filter(has_text=label).last.click()


async def test_an_issue_is_forwarded_referred_and_answered_by_hand(page: Page) -> None:
    deputy, specialist = phone(page, 0), phone(page, 1)
    await deputy.get_by_test_id("back").click()
    await deputy.get_by_test_id("chat-201").click()
    told = deputy.get_by_test_id("message")
    await expect(told).to_have_count(3)

    await told.nth(0).click(button="right")
    await page.get_by_test_id("menu-select").click()
    await told.nth(1).click()
    await told.nth(2).click()
    await page.get_by_test_id("select-forward").click()
    await page.get_by_test_id("to-bot").click()
    if await deputy.get_attribute("data-chat") != "bot":
        await deputy.get_by_test_id("back").click()
        await deputy.get_by_test_id("chat-bot").click()

    await press(deputy, "城建环保")
    await expect(deputy).to_contain_text("我叫【姓名】")
    await press(deputy, "确认推送")
    await press(specialist, "接受")
    await expect(specialist).to_contain_text("请直接写意见")
    await write(specialist, "建议先疏通主管网，再列入明年改造计划。")
    await expect(deputy).to_contain_text("建议先疏通主管网")
    await expect(specialist).not_to_contain_text("李长根")
