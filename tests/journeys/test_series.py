"""Recurring activities in the chat: chosen by buttons, previewed with their shifts, made ahead, moved one by one, ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from models.activities import Activity
from models.people import Role
from models.series import Series
from tests.journeys.test_activities import publish
from tests.village import Phone, Village

ZONE = ZoneInfo("Asia/Shanghai")
RECEPTION = "活动：代表接待选民日\n类型：接待选民\n时间：4月15日上午9点到11点半\n地点：代表之家\n对象：全体代表\n说明：请准时"


async def repeats(office: Phone, rule: str = "每月15日", until: str = "到2026年底") -> None:
    await office.presses("🔁 定期举行", on="代表接待选民日")
    await office.presses(rule, on="多久举行一次")
    await office.presses(until)


async def begun(home: Village) -> Phone:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office, RECEPTION)
    await repeats(office)
    await office.presses("确认定期举行")
    await office.sees("今后 9 次")
    await home.tick()
    return office


async def activities(home: Village) -> list[tuple[str, str]]:
    async with home.session() as session:
        found = await session.scalars(select(Activity).order_by(Activity.id))
        return [(f"{activity.starts_at.astimezone(ZONE):%m-%d %H:%M}", activity.state.value) for activity in found]


async def test_the_preview_names_all_dates_their_shifts_and_holidays(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office, RECEPTION)

    await repeats(office, until="到2027年底")
    preview = (await office.sees("请核对日期"))["text"]
    for text in (
        "每月15日 09:00",
        "共 21 次（含本次）",
        "2026年4月：15日(周三)",
        "2026年8月：17日(周一)",
        "➡️ 8月15日(周六) → 8月17日(周一)",
        "2027年的放假安排尚未收录",
    ):
        assert text in preview, text
    await office.presses("☑ 遇休息日顺延")
    preview = (await office.sees("照常举行"))["text"]
    assert "2026年8月：15日(周六)" in preview
    assert "⚠️ 8月15日(周六)：休息日" in preview

    await office.presses("改截止时间")
    await office.presses("换一种周期")
    await office.presses("每周三")
    await office.presses("到2026年底")
    preview = (await office.sees("请核对日期"))["text"]
    assert preview.count("➡️") == 1
    assert "➡️ 10月7日(周三)国庆节 → 10月8日(周四)" in preview
    assert "2026年4月：15日、22日、29日" in preview
    await office.presses("不办了")
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(Series)) == 0


async def test_a_weekly_series_names_the_holidays_it_passes_over(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office, RECEPTION.replace("4月15日", "9月10日"))

    await repeats(office, rule="每周四")
    preview = (await office.sees("请核对日期"))["text"]
    assert "⏭ 10月1日(周四)国庆节：顺延后与下一次相遇，不另举行" in preview
    assert "2026年10月：8日、15日、22日、29日" in preview


async def test_the_activities_are_made_in_time_and_their_makers_told(home: Village) -> None:
    office = await begun(home)
    assert await activities(home) == [("04-15 09:00", "planned")]

    await home.until(datetime(2026, 4, 24, 8, 0, tzinfo=ZONE))

    assert await activities(home) == [("04-15 09:00", "ended"), ("05-15 09:00", "planned")]
    told = await office.sees("按定期安排，已建立：代表接待选民日")
    assert "5月8日(周五) 09:00 发出第一次通知" in told["text"]
    card = await office.sees("待通知")
    assert "11:30" in card["text"]


async def test_one_date_is_made_early_and_moved_and_the_others_stay(home: Village) -> None:
    office = await begun(home)

    await office.presses("6月15日(周一)", on="今后 9 次")
    card = await office.sees("改时间/地点")
    assert "6月15日(周一) 09:00" in card["text"]
    await office.presses("改时间/地点", on="6月15日(周一) 09:00")
    await office.presses("改时间", on="代表接待选民日")
    await office.says("6月18日下午3点")
    await office.presses("确认变更")

    assert ("06-18 15:00", "planned") in await activities(home)
    for month in (5, 7):
        await home.until(datetime(2026, month, 1, 8, 0, tzinfo=ZONE))
    starts = [start for start, _ in await activities(home)]
    assert sorted(starts) == ["04-15 09:00", "05-15 09:00", "06-18 15:00", "07-15 09:00"]


async def test_a_double_tap_makes_one_series_and_a_forged_press_none(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, RECEPTION)
    await repeats(office)
    preview = await office.sees("请核对日期")
    data = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    greeting = await deputy.sees("王建国")
    await deputy.presses_data(greeting["message_id"], data)
    for _ in range(2):
        await office.presses_data(preview["message_id"], data)
    for forged in ("sr:confirm:1:0:month:9:y0:1", "sr:confirm:1:0:month:99999:y0:1", "se:cancel:9", "srd:1:1", "srd:1:-5", "srd:1:9999999"):
        await office.presses_data(preview["message_id"], forged)

    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(Series)) == 1


async def test_an_activity_moved_during_the_choice_is_chosen_for_anew(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await publish(home, office, RECEPTION)
    await repeats(office)
    async with home.session() as session:
        activity = await session.get_one(Activity, 1)
        activity.move(now=home.clock.now(), to=activity.starts_at + timedelta(days=1))

    toast = await office.presses("确认定期举行")

    assert "活动刚才有变更" in toast
    await office.sees("每月16日")


async def test_ending_a_series_cancels_or_keeps_what_nobody_was_told_of(home: Village) -> None:
    office = await begun(home)
    await office.presses("5月15日(周五)", on="今后 9 次")
    await home.until(datetime(2026, 4, 9, 10, 0, tzinfo=ZONE))  # the first one has been told

    await office.says("/plan")
    await office.presses("🔁 定期活动")
    await office.presses("代表接待选民日", on="定期活动")
    await office.presses("结束定期举行")
    sure = await office.sees("已经通知代表的，照常举行")
    assert "4月15日(周三) 09:00" in sure["text"]
    await office.presses("结束，并取消未通知的 1 次")

    await office.sees("取消了尚未通知的 1 次活动")
    assert await activities(home) == [("04-15 09:00", "pre_noticed"), ("05-15 09:00", "cancelled")]
    await home.passes(timedelta(days=60))
    assert len(await activities(home)) == 2
