"""Check-in: a code that changes, shown in the organiser's chat; scanned, typed, tapped, or by one's place."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.activities import Activity
from models.attendance import CheckIn
from models.checkin_codes import code_of, slot_at, token_of
from models.checkin_desk import CheckInDesk, desk_of
from models.invitations import Invitation
from models.outbox import Attachment, AttachmentKind, Card, OutboxMessage
from models.people import Role
from tests.journeys.test_activities import SOON, TITLE, publish
from tests.journeys.test_activity_numbers import all_sent, many_deputies
from tests.village import Phone, Village

START = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
"""Thursday 12 March 2026, 9:00 in Shanghai; it lasts two hours."""
MINUTE, HALF_MINUTE = timedelta(minutes=1), timedelta(seconds=30)
EVERY = HALF_MINUTE
HERE, NEAR, FAR = ({"latitude": 31.8, "longitude": longitude} for longitude in (115.9, 115.902, 115.91))
"""Near is 190 m from here, far is 950 m."""


async def desk_at(home: Village, office: Phone, at: datetime = START - 10 * MINUTE, message: str = SOON) -> None:
    """An activity, and its desk's card in the organiser's chat."""
    await publish(home, office, message)
    await home.until(at)
    await office.presses("📋 签到")


async def codes(home: Village, activity: int = 1) -> tuple[str, str]:
    """The digits and the link of this moment, as the picture shows them."""
    async with home.session() as session:
        secret = (await session.get_one(CheckInDesk, activity)).secret
    slot = slot_at(home.clock.now(), every=EVERY)
    return code_of(secret, slot), f"k_{activity}_{token_of(secret, slot)}"


async def check_ins(home: Village) -> int:
    async with home.session() as session:
        return await session.scalar(select(func.count()).select_from(CheckIn)) or 0


async def test_a_picture_with_the_code_is_replaced_where_it_stands_every_half_minute(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await desk_at(home, office)

    await office.presses("▶️ 显示签到码")
    first = await office.sees("签到码：")
    await home.passes(HALF_MINUTE)
    second = await office.sees("签到码：")

    digits, _ = await codes(home)
    assert digits in second["caption"]
    assert first["message_id"] == second["message_id"]
    assert first["caption"] != second["caption"]
    assert first["photo"][-1]["file_id"] != second["photo"][-1]["file_id"]


async def test_scanning_checks_in_whoever_scans_and_tells_when(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await desk_at(home, office)
    await office.presses("▶️ 显示签到码")
    _, link = await codes(home)

    await deputy.starts(link)
    await deputy.sees(f"✅ 签到成功：{TITLE}（08:50）")
    await home.passes(timedelta(seconds=5))
    await office.sees("已到 1 人")
    await deputy.starts(link)

    await deputy.sees("您已签到过")
    assert await check_ins(home) == 1


async def test_the_typed_code_checks_in_full_width_or_spaced_and_whatever_form_is_open(home: Village) -> None:
    office, first = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    second = await home.person("李秀英")
    await publish(home, office)
    await second.presses("请假")
    await second.presses("其他")
    await home.until(START - 10 * MINUTE)
    await office.presses("📋 签到")
    await second.says("/away")
    digits, _ = await codes(home)

    await first.says(" ".join(chr(ord(digit) + 0xFEE0) for digit in digits))
    await second.says(digits)

    await first.sees("✅ 签到成功")
    await second.sees("✅ 签到成功")


async def test_the_code_before_the_last_and_a_forwarded_one_are_refused(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await desk_at(home, office)
    digits, link = await codes(home)
    told = await other.says(digits, chat=deputy.id)

    await deputy.forwards(told["message_id"], source=other.id)
    await deputy.sees("此码已失效")
    await home.passes(2 * HALF_MINUTE)
    await deputy.starts(link)
    await deputy.starts("k_1_0123456789abcdef01234567")
    await deputy.starts("k_x_y")
    await deputy.says(digits)

    await deputy.sees("签到码不对")
    assert await check_ins(home) == 0


async def test_the_code_of_the_half_minute_before_still_counts(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await desk_at(home, office)
    _, link = await codes(home)

    await home.passes(HALF_MINUTE)
    await deputy.starts(link)

    await deputy.sees("✅ 签到成功")


async def test_five_wrong_codes_and_even_the_right_one_must_wait(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await desk_at(home, office)
    digits, _ = await codes(home)
    wrong = [f"{(int(digits) + step) % 10_000:04}" for step in range(1, 6)]

    for guess in wrong:
        await deputy.says(guess)
    await deputy.says(digits)
    await deputy.sees("请 5 分钟后再试")
    assert await check_ins(home) == 0
    await home.passes(5 * MINUTE)
    await deputy.says((await codes(home))[0])

    await deputy.sees("✅ 签到成功")


async def test_the_desk_opens_an_hour_before_and_closes_with_the_activity(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await desk_at(home, office, START - 61 * MINUTE)

    await deputy.starts((await codes(home))[1])
    await deputy.sees("签到尚未开始")
    assert "尚未开始" in await office.presses("▶️ 显示签到码")
    await home.passes(MINUTE)
    await office.presses("▶️ 显示签到码")
    await office.sees("签到码：")
    await home.until(START + timedelta(hours=2))
    await office.sees("签到已结束，上面的码已失效")
    await deputy.starts((await codes(home))[1])

    await deputy.sees("该活动的签到已结束")


async def test_pictures_leave_nothing_behind(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await desk_at(home, office)
    await office.presses("▶️ 显示签到码")

    async def rows() -> tuple[int, int]:
        async with home.session() as session:
            pictures = select(func.count()).select_from(Attachment).where(Attachment.kind == AttachmentKind.PHOTO)
            messages = select(func.count()).select_from(OutboxMessage).join(OutboxMessage.card).where(Card.key == "checkin:1")
            return await session.scalar(pictures) or 0, await session.scalar(messages) or 0

    await home.passes(HALF_MINUTE)
    before = await rows()
    for _ in range(20):
        await home.passes(HALF_MINUTE)

    assert await rows() == before
    assert before[0] <= 2
    await office.presses("⏹ 停止显示")
    await home.passes(HALF_MINUTE)
    await home.passes(HALF_MINUTE)
    assert (await rows())[0] == 0


async def test_late_is_said_kindly_and_leave_does_not_keep_anybody_out(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    leader = await home.person("郑主任", Role.LEADER)
    await publish(home, office)
    await deputy.presses("请假")
    await deputy.presses("公务出差")
    await deputy.presses("无补充")
    await leader.presses("✅ 批准")
    await home.until(START + 16 * MINUTE)
    await office.presses("📋 签到")
    await office.sees("请假 1 人 · 未到 0 人")

    await deputy.says((await codes(home))[0])

    await deputy.sees("活动已开始 16 分钟，本次按迟到登记")
    await office.presses("🔄 刷新")
    await office.sees("已到 1 人（迟到 1）")


async def test_the_organiser_taps_names_and_takes_a_wrong_tap_back(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await home.person("赵丽", linked=False)
    await desk_at(home, office)

    await office.presses("👥 点名")
    await office.presses("赵丽", on="点名 ·")
    await office.sees("已签到：赵丽")
    await office.presses("王建国", on="点名 ·")
    await deputy.sees("周主任 已为您签到")
    await office.presses("↩️ 撤销 王建国")
    await deputy.sees("周主任 撤销了您在")

    await office.presses("看全部")
    await office.sees("✅ 赵丽")
    await office.sees("▫️ 王建国")
    assert await check_ins(home) == 1


async def test_leaving_early_and_coming_in_time_are_set_right_on_a_name(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await home.person("李秀英")
    await desk_at(home, office, START + 40 * MINUTE)
    await deputy.says((await codes(home))[0])
    await office.presses("👥 点名")
    await office.presses("李秀英", on="点名 ·")
    await office.presses("看全部")

    await office.presses("王建国", on="点名 ·")
    await office.presses("🚪 登记早退")
    await office.sees("09:40 早退")
    await office.presses("👥 点名", on="王建国")
    await office.presses("李秀英", on="点名 ·")
    await office.presses("改为准时到场")
    await office.sees("09:00 签到（组织者点名）")

    await office.presses("👥 点名", on="李秀英")
    await office.sees("已到 2 人（迟到 1）（早退 1）")
    await office.presses("王建国", on="点名 ·")
    await office.presses("取消早退")
    async with home.session() as session:
        assert (await session.scalars(select(CheckIn.left_at))).all() == [None, None]


async def test_whoever_is_not_called_turns_to_the_organiser_who_adds_them_with_one_tap(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    guest = await home.person("李秀英")
    await desk_at(home, office, message=SOON.replace("全体代表", "王建国"))

    await guest.starts((await codes(home))[1])
    await guest.sees("您不在“视察城区污水处理厂”的通知范围内")
    assert await check_ins(home) == 0
    await office.presses("补入并签到", on="李秀英 到场签到")
    await guest.sees("周主任 已为您签到")
    await office.presses("↩️ 撤销签到")

    async with home.session() as session:
        called = select(func.count()).select_from(Invitation).where(Invitation.released_at.is_(None))
        assert await session.scalar(called) == 1
    await guest.starts((await codes(home))[1])
    await office.presses("补入并签到", on="李秀英 到场签到")
    async with home.session() as session:
        assert await session.scalar(called) == 2


async def test_a_stranger_who_scans_is_shown_the_way_in(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await desk_at(home, office)
    stranger = await home.stranger()

    await stranger.starts((await codes(home))[1])

    await stranger.sees("您还没有进入代表之家")
    assert await check_ins(home) == 0


async def test_a_location_counts_within_the_radius_and_only_as_ones_own(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await desk_at(home, office)
    await office.presses("📍 设置按位置签到")
    await office.sends("location", **HERE)
    await office.sees("活动地点已记下")

    await deputy.sends("location", **FAR)
    far = await deputy.sees("超过 300 米")
    near = await other.sends("location", chat=deputy.id, **NEAR)
    await deputy.forwards(near["message_id"], source=other.id)
    await deputy.sees("请在现场发送您的当前位置")
    assert await check_ins(home) == 0
    await deputy.sends("location", **NEAR)

    await deputy.sees("✅ 签到成功")
    assert re.search(r"约 9[45]\d 米", far["text"])


async def test_guests_are_counted_by_typing_or_tapping(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await desk_at(home, office)

    await office.presses("🙋 来宾人数")
    await office.says("十来个")
    await office.says("12")
    await office.presses("＋1")
    await office.presses("返回签到")

    await office.sees("列席和来宾 13 人")


async def test_a_named_helper_runs_the_desk_and_nobody_else_does(home: Village) -> None:
    office, helper, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await desk_at(home, office)
    menu = await deputy.sees("请选择")
    for forged in ("qd:1:open", "qd:1:show", "qm:1:tap:2:0:0", "qh:1:3:1", "qw:1:0000"):
        assert await deputy.presses_data(menu["message_id"], forged) != "" or forged.startswith("qw")
    await office.presses("签到员", on="签到进行中")
    await office.presses("＋ 指定签到员")
    await office.says("建国")
    await office.presses("王建国", on="指定签到员")

    await helper.presses("📋 签到", on="担任")
    await helper.presses("▶️ 显示签到码")
    await helper.sees("签到码：")
    await office.presses("签到员", on="签到进行中")
    await office.presses("✕ 王建国")
    await home.passes(HALF_MINUTE)

    assert await helper.presses("👥 点名") != ""
    await deputy.sees_nothing_of("签到码：")
    assert await check_ins(home) == 0


async def test_closing_ends_the_code_and_opening_again_brings_it_back(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await desk_at(home, office)
    await office.presses("▶️ 显示签到码")

    await office.presses("🔒 关闭签到")
    await office.sees("签到已结束，上面的码已失效")
    await deputy.says((await codes(home))[0])
    assert await check_ins(home) == 0
    await office.presses("🔓 重新开放")
    await deputy.says((await codes(home))[0])

    await deputy.sees("✅ 签到成功")


async def test_of_two_activities_with_the_same_digits_one_is_chosen(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await publish(home, office, SOON.replace(TITLE, "代表座谈会"))
    await desk_at(home, office)
    async with home.session() as session:
        first = await session.get_one(Activity, 1)
        (await desk_of(session, first)).secret = (await session.get_one(CheckInDesk, 2)).secret

    await deputy.says((await codes(home, 2))[0])
    await deputy.presses("代表座谈会", on="您参加的是哪一项")

    await deputy.sees("✅ 签到成功：代表座谈会")
    async with home.session() as session:
        assert (await session.scalars(select(CheckIn.activity_id))).all() == [1]


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.long)])
async def test_many_check_in_at_once_and_the_picture_changes_a_few_times_only(home: Village, count: int) -> None:
    office = await home.person("周主任", Role.OFFICE)
    ids = await many_deputies(home, count)
    await office.says(SOON)
    await office.presses("确认发布")
    await home.request("POST", "/sandbox/clock", json={"to": (START - 10 * MINUTE).isoformat()})
    await office.presses("📋 签到")
    await office.presses("▶️ 显示签到码")
    _, link = await codes(home)
    shown = len(await home.calls("editMessageMedia"))

    await asyncio.gather(*(home.request("POST", f"/sandbox/users/{id}/start", json={"payload": link}) for id in ids))
    for _ in range(10):
        await home.home.schedule.tick()
    await all_sent(home)

    answered = [int(call["params"]["chat_id"]) for call in await home.calls("sendMessage") if "签到成功" in call["params"]["text"]]
    assert sorted(answered) == ids
    assert len(await home.calls("editMessageMedia")) - shown <= 12
    await home.passes(timedelta(seconds=6))
    await office.sees(f"已到 {count} 人")
