"""Announcements: written in the chat, received by one tap, followed on one card, changed in place, taken back."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select

from models.announcements import Announcement, AnnouncementPiece, AnnouncementState
from models.audit import AuditEntry
from models.inbox import InboxUpdate, take_in
from models.outbox import Attachment
from models.people import Role
from tests.conftest import NOON
from tests.journeys.issue_people import circle_group
from tests.village import Phone, Village, shown

TEXT = "防汛值班通知\n各位代表：今晚有暴雨，请保持手机畅通。"
NIGHT = NOON + timedelta(hours=10)
MORNING = NOON + timedelta(hours=19, minutes=30)


async def gathered(home: Village) -> None:
    """The rest of an album has had time to come."""
    await home.settle()
    await home.passes(timedelta(seconds=2))


async def followed(home: Village) -> None:
    """The card has had its three seconds."""
    await home.passes(timedelta(seconds=4))


async def write(home: Village, author: Phone, text: str = TEXT) -> dict[str, Any]:
    """A draft with a text, at the step that asks for whom it is."""
    await author.says("/announce")
    message = await author.says(text)
    await gathered(home)
    await author.presses("下一步", on="发布通知 · 内容")
    return message


async def announce(home: Village, author: Phone, text: str = TEXT) -> dict[str, Any]:
    """A text announced to all deputies."""
    message = await write(home, author, text)
    await author.presses("全体代表")
    await author.presses("完成（共")
    await author.presses("确认发送")
    await followed(home)
    return message


async def wait_for_morning(home: Village, author: Phone, text: str) -> dict[str, Any]:
    """A text that is to go out to all deputies in the morning."""
    message = await write(home, author, text)
    await author.presses("全体代表")
    await author.presses("完成（共")
    await author.presses("早上07:30发送")
    return message


async def card(home: Village, author: Phone) -> str:
    await followed(home)
    return shown(await author.sees("发布人："))


async def replaced(home: Village, name: str) -> None:
    """The author puts another file into the message that holds this one: an edit as Telegram tells of it."""
    async with home.session() as session:
        updates = [json.loads(row.payload) for row in await session.scalars(select(InboxUpdate))]
        message = next(update["message"] for update in updates if update.get("message", {}).get("document", {}).get("file_name") == name)
        message |= {"document": {**message["document"], "file_unique_id": "another"}, "edit_date": message["date"] + 60}
        update = {"update_id": 10**6, "edited_message": message}
        await take_in(session, [(10**6, json.dumps(update))], now=home.clock.now())
    home.home.inbox_bell.set()
    await home.settle()


async def test_everybody_gets_the_text_and_then_the_files_and_confirms_with_one_tap(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await office.says("/announce")
    await office.says(TEXT)
    await office.sends_album({"kind": "photo", "caption": "值班表"}, {"kind": "photo"})
    await office.sends("document", file_name="预案.pdf")
    await gathered(home)
    assert "照片2张、文件1个" in shown(await office.sees("发布通知 · 内容"))
    await office.presses("下一步")
    await office.presses("全体代表")
    await office.presses("完成（共 2 人）")

    preview = shown(await office.sees("请核对，确认后发送"))
    for part in (TEXT, "全体代表", "王建国、李秀英", "照片2张、文件1个"):
        assert part in preview
    await office.presses("确认发送")
    await followed(home)

    messages = [message for message in await deputy.messages() if not message.get("out")][-4:]
    assert TEXT in messages[0]["text"]
    assert "通知公告" in messages[0]["text"]
    assert "附件3个" in messages[0]["text"]
    assert messages[1]["caption"] == "值班表"
    assert messages[1]["media_group_id"] == messages[2]["media_group_id"]
    assert messages[3]["document"]["file_name"] == "预案.pdf"

    assert "已记录" in await deputy.presses("收到", on="通知公告")
    assert "已经记录过了" in await deputy.presses("✓ 已收到", on="通知公告")
    seen = await card(home, office)
    assert "▓▓▓▓▓▓▓▓▓▓" in seen
    assert "送达：2/2" in seen
    assert "收到：1" in seen
    assert "未回复：1" in seen
    assert "李秀英" in seen
    async with home.session() as session:
        actions = (await session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("announcement")))).all()
    assert actions == ["announcement.confirmed", "announcement.published"]
    assert "收到" in shown(await other.sees("通知公告"))


async def test_a_group_leader_speaks_to_the_own_group_and_area_staff_to_the_own_areas_deputies(home: Village) -> None:
    leader = await home.person("孙组长", Role.DEPUTY, Role.GROUP_LEADER, group="第一代表小组")
    staff = await home.person("赵干事", Role.AREA_STAFF, area="史河街道")
    member = await home.person("王建国", group="第一代表小组", area="平岗街道")
    neighbour = await home.person("李秀英", area="史河街道")

    await leader.says("/announce")
    await leader.says("周五学习")
    await gathered(home)
    await leader.presses("下一步：核对")
    await leader.presses("确认发送")
    await staff.says("/announce")
    await staff.says("街道通知")
    await gathered(home)
    await staff.presses("下一步：核对")
    await staff.presses("确认发送")

    assert "第一代表小组 孙组长" in shown(await member.sees("周五学习"))
    await member.sees_nothing_of("街道通知")
    await neighbour.sees("街道通知")
    await neighbour.sees_nothing_of("周五学习")


async def test_a_deputy_writes_none_and_forged_presses_do_nothing(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await announce(home, office)
    await write(home, office, "还没有发的通知")

    await deputy.says("/announce")
    await deputy.sees("您没有这项权限")
    message = await deputy.sees("通知公告")
    for data in ("gh:1:withdraw2:0", "gh:1:names:0", "gh:2:names:0", "gw:2:publish:1", "gw:2:discard:", "ga:2:all:", "gr:2:1", "gr:99:1"):
        await deputy.presses_data(message["message_id"], data)

    await deputy.sees_nothing_of("未回复")
    async with home.session() as session:
        states = (await session.scalars(select(Announcement.state).order_by(Announcement.id))).all()
    assert states == [AnnouncementState.PUBLISHED, AnnouncementState.DRAFT]


async def test_who_confirms_what_has_changed_in_what_matters_is_shown_the_new_text_first(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    original = await announce(home, office)
    await other.presses("收到", on="通知公告")
    old = (await deputy.sees("通知公告"))["message_id"]
    await office.edits(original, TEXT.replace("今晚", "明晚"))
    await gathered(home)
    await office.presses("请大家重新确认")

    assert "通知已更新" in await deputy.presses_data(old, "gr:1:1")

    assert "收到：0" in await card(home, office)
    assert "已记录" in await deputy.presses("收到", on="明晚有暴雨")
    assert "已经请大家重新确认" in await office.presses_data((await office.sees("已更新，并请"))["message_id"], "gh:1:anew:1")


async def test_the_author_edits_the_own_message_and_everybodys_follows_in_place(home: Village) -> None:
    office, deputy, other = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    original = await announce(home, office)
    await deputy.presses("收到", on="通知公告")
    before = len(await deputy.messages())

    await office.edits(original, TEXT.replace("今晚", "明晚"))
    await gathered(home)

    message = await deputy.sees("明晚有暴雨")
    assert "🔄 已更新：3月10日" in message["text"]
    assert "✓ 已收到" in shown(message)
    assert len(await deputy.messages()) == before
    await deputy.sees_nothing_of("今晚有暴雨")

    await office.presses("请大家重新确认", on="2人看到的一起变了")
    await deputy.sees("重要更新")
    await other.sees_nothing_of("重要更新")
    assert "待重新确认：1" in await card(home, office)
    assert "已记录" in await deputy.presses("收到", on="重要更新")
    await deputy.sees("✓ 已确认收到：防汛值班通知")
    assert "✓ 已收到" in shown(await deputy.sees("通知公告"))
    assert "收到：1" in await card(home, office)


async def test_a_new_text_by_the_card_replaces_the_old_and_a_file_is_added(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await announce(home, office)
    await deputy.presses("收到", on="通知公告")

    await office.presses("修改", on="发布人：")
    await office.says("防汛值班取消。")
    await office.sends("document", file_name="说明.pdf")
    await gathered(home)
    await office.presses("更新，并请重新确认")

    assert "防汛值班取消。" in (await deputy.sees("通知公告"))["text"]
    await deputy.sees_nothing_of("今晚有暴雨")
    await deputy.sees("说明.pdf")
    await deputy.sees("请重新阅看")


async def test_a_withdrawn_one_leaves_every_chat_or_says_so_where_it_is_too_old(home: Village) -> None:
    office, deputy, late = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await late.blocks()
    await office.says("/announce")
    await office.says(TEXT)
    await office.sends("photo", caption="值班表")
    await gathered(home)
    await office.presses("下一步")
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("确认发送")
    await home.passes(timedelta(days=3))
    await late.blocks(False)
    await home.settle()
    await home.tick()
    await late.sees("通知公告")
    await late.sees("值班表")

    await office.presses("撤回", on="发布人：")
    await office.presses("确认撤回")
    await home.tick()

    await late.sees_nothing_of("通知公告")
    await late.sees_nothing_of("值班表")
    assert (await deputy.sees("本通知已撤回"))["text"] == "本通知已撤回。"
    await deputy.sees_nothing_of("暴雨")
    assert "已撤回" in await card(home, office)


async def test_whoever_could_not_be_reached_gets_it_when_they_are_back_unless_it_is_too_old(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    blocker, stranger = await home.person("王建国"), await home.person("李秀英", linked=False, phone="13900001111")
    await blocker.blocks()
    original = await announce(home, office)
    seen = await card(home, office)
    assert "屏蔽了机器人：1" in seen
    assert "尚未登录本系统：1" in seen
    await office.presses("名单", on="发布人：")
    await office.sees("王建国：停用或屏蔽了机器人、李秀英：尚未登录")

    await office.edits(original, TEXT.replace("今晚", "明晚"))
    await blocker.blocks(False)
    await home.settle()
    await home.tick()
    await blocker.sees("明晚有暴雨")

    await home.passes(timedelta(days=15))
    await stranger.starts()
    await stranger.shares_phone()
    await home.tick()
    await stranger.sees_nothing_of("暴雨")


async def test_somebody_who_joins_later_gets_nothing_old(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await home.person("王建国")
    await announce(home, office)

    newcomer = await home.person("李秀英")
    await home.tick()

    await newcomer.sees_nothing_of("通知公告")


async def test_the_silent_are_reminded_by_one_tap_and_not_again_for_hours(home: Village) -> None:
    office, deputy, silent = await home.person("周主任", Role.OFFICE), await home.person("王建国"), await home.person("李秀英")
    await announce(home, office)
    await deputy.presses("收到", on="通知公告")
    await followed(home)

    assert "已提醒1人" in await office.presses("提醒未回复的人")
    assert "刚提醒过" in await office.presses("提醒未回复的人")

    reminder = await silent.sees("请阅看上面的通知")
    assert TEXT in reminder["reply_to_message"]["text"]
    await deputy.sees_nothing_of("请阅看上面的通知")
    await home.passes(timedelta(hours=4))
    await silent.presses("收到", on="请阅看上面的通知")
    await followed(home)
    assert "提醒未回复的人" not in await card(home, office)


async def test_at_night_it_goes_out_in_the_morning_or_at_once_as_the_author_likes(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await write(home, office)
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.sees("确认发送")
    await home.until(NIGHT)
    assert "请再核对" in await office.presses("确认发送")

    await office.presses("早上07:30发送")

    assert "将于3月11日(周三) 07:30发送" in await card(home, office)
    await deputy.sees_nothing_of("通知公告")
    await home.until(MORNING)
    await deputy.sees("通知公告")

    await home.until(NIGHT + timedelta(days=1))
    await write(home, office, "夜间紧急通知")
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("现在就发")
    await deputy.sees("夜间紧急通知")
    assert "早上再提醒" in await office.presses("提醒未回复的人", on="夜间紧急通知")


async def test_it_is_posted_and_pinned_in_circles_and_a_failing_pin_is_told(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    good = await circle_group(home, office, deputy)
    bad = await circle_group(home, office, deputy, name="教科文卫")
    await home.request("POST", f"/sandbox/groups/{bad}/members", json={"by": office.id, "bot": True, "admin": {"can_invite_users": True}})
    original = await write(home, office)
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("同时发到工作圈")
    await office.presses("☐ 城建环保")
    await office.presses("☐ 教科文卫")
    await office.presses("不置顶")
    await office.presses("不置顶")
    await office.presses("完成", on="同时发到工作圈")
    assert "城建环保工作圈（置顶）" in shown(await office.sees("请核对"))
    await office.presses("确认发送")
    await followed(home)

    posted = await deputy.sees("防汛值班通知", chat=good)
    assert "收到" not in shown(posted)
    assert any(message.get("pinned_message") for message in await deputy.messages(good))
    await deputy.sees("防汛值班通知", chat=bad)
    await office.sees("没能在“教科文卫”工作圈置顶")
    seen = await card(home, office)
    assert "城建环保工作圈：已发，已置顶" in seen
    assert "教科文卫工作圈：已发，置顶失败" in seen

    await office.edits(original, TEXT.replace("今晚", "明晚"))
    await deputy.sees("明晚有暴雨", chat=good)
    await office.presses("撤回", on="发布人：")
    await office.presses("确认撤回")
    await deputy.sees_nothing_of("暴雨", chat=good)


async def test_the_list_as_a_spreadsheet_can_be_opened(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国", area="史河街道")
    await home.person("李秀英", linked=False)
    await announce(home, office)
    await deputy.presses("收到", on="通知公告")
    await office.presses("导出表格")

    await office.sees("收到情况-防汛值班通知.xlsx")
    async with home.session() as session:
        attachment = (await session.scalars(select(Attachment))).one()
        content = await attachment.awaitable_attrs.content
    rows = [[cell or "" for cell in row] for row in load_workbook(io.BytesIO(content)).active.values]  # type: ignore[union-attr]
    assert [row[0] for row in rows[2:]] == ["王建国", "李秀英"]
    assert (rows[2][4], rows[2][6]) == ("已送达", "已收到")
    assert all(f"{at:%Y-%m-%d %H:%M}" == "2026-03-10 12:00" for at in (rows[2][5], rows[2][7]))  # local time, as a date
    assert rows[3][4:] == ["尚未登录", "", "未回复", ""]


async def test_an_edited_caption_and_a_long_text_follow_too(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await office.says("/announce")
    long = "".join(f"第{number}条，请各位代表知悉并遵照执行。\n" for number in range(300))
    original = await office.says(long[:4096])
    photo, *_ = await office.sends_album({"kind": "photo", "caption": "旧表"}, {"kind": "photo"})
    await gathered(home)
    await office.presses("下一步")
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("确认发送")
    await followed(home)
    parts = [message for message in await deputy.messages() if "请各位代表知悉" in message.get("text", "")]
    assert len(parts) == 2
    assert "收到" not in shown(parts[0])
    assert "收到" in shown(parts[1])

    await office.edits(photo, "新表")
    await deputy.sees("新表")
    await deputy.sees_nothing_of("旧表")
    await office.edits(original, "只剩一句。")

    await deputy.sees("只剩一句。")
    await deputy.sees_nothing_of("请各位代表知悉")
    assert "收到" in shown(await deputy.sees("只剩一句。"))


async def test_a_draft_is_kept_while_something_else_is_done_and_can_be_thrown_away(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    await write(home, office)
    await office.says("/new_activity")

    await office.says("/announce")
    assert "防汛值班通知" in shown(await office.sees("发布通知 · 内容"))
    await office.presses("撤销最后一条")
    await office.sees("请直接发送通知内容")
    await office.presses("放弃")
    await office.sees("已放弃")

    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(AnnouncementPiece)) == 0


async def test_a_file_that_the_author_replaces_is_replaced_for_everybody(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await write(home, office)
    await office.sends("document", file_name="预案.pdf")
    await gathered(home)
    await office.presses("全体代表")
    await office.presses("完成（共")
    await office.presses("确认发送")
    old = await deputy.sees("预案.pdf")

    await replaced(home, "预案.pdf")

    copies = [message for message in await deputy.messages() if "预案.pdf" in shown(message)]
    assert len(copies) == 1
    assert copies[0]["message_id"] != old["message_id"]
    assert "已更新" in shown(await deputy.sees("通知公告"))


async def test_what_waits_for_the_morning_goes_out_as_it_was_edited_in_the_night_or_not_at_all(home: Village) -> None:
    office, deputy = await home.person("周主任", Role.OFFICE), await home.person("王建国")
    await home.until(NIGHT)
    first = await wait_for_morning(home, office, TEXT)
    await wait_for_morning(home, office, "这条不发了")
    await office.edits(first, TEXT.replace("今晚", "明晚"))
    await gathered(home)
    await office.presses("修改", on="防汛值班通知 · 等待发送")
    await office.sends("document", file_name="预案.pdf")
    await gathered(home)
    await office.presses("更新，不用再确认")
    await office.presses("撤回", on="这条不发了")
    await office.presses("确认撤回")

    await home.until(MORNING)

    assert "已更新" not in shown(await deputy.sees("明晚有暴雨"))
    await deputy.sees("预案.pdf")
    await deputy.sees_nothing_of("这条不发了")


async def test_the_card_follows_many_receipts_with_few_edits(home: Village) -> None:
    office = await home.person("周主任", Role.OFFICE)
    phones = [await home.person(f"代表{number}", at_once=True) for number in range(40)]
    await home.settle()
    await announce(home, office)
    before = len(await home.calls("editMessageText"))

    for phone in phones:
        await phone.presses("收到", on="通知公告")

    assert "收到：40" in await card(home, office)
    assert len(await home.calls("editMessageText")) - before < 40 + 5
