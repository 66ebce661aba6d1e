"""A draft in the deputy's hands before anybody else sees it, and the original afterwards."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.draft_presses import ContentsDo, ContentsPress, MaskDo, MaskPress, RevealPress
from models.audit import AuditEntry
from models.issue_reveals import ReasonToReveal
from models.issues import Issue, IssueState
from tests.journeys.issue_people import DRAIN, circle_group, gathered, texts, the_issue
from tests.village import Village, shown

SHOP = "我叫李长根，电话13655550123。东头王记粮油店把油烟排到楼道，城管热线12345也打过"


async def test_the_deputy_restores_a_false_hit_and_covers_more(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await deputy.says(SHOP)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("遮盖", on="推送预览")

    assert "恢复" in await deputy.presses("🔒 李长根", on="遮盖情况")
    assert "已遮盖" in await deputy.presses("👁 李长根", on="遮盖情况")
    await deputy.presses("🔒 13655550123", on="遮盖情况")
    await deputy.presses("再遮一些", on="遮盖情况")
    await deputy.says("赵记粮油店")
    await deputy.sees("文中没有“赵记粮油店”")
    await deputy.says("东头、王记粮油店")
    await deputy.presses("再遮一些", on="遮盖情况")
    await deputy.sends("photo")
    await gathered(home)
    assert "照片1张" in shown(await deputy.sees("推送预览"))

    preview = shown(await deputy.sees("推送预览"))
    assert "我叫【姓名】，电话13655550123。【隐去】【隐去】把油烟排到楼道" in preview
    await deputy.presses("确认推送", on="推送预览")
    assert "王记" not in texts(await specialist.messages())


async def test_a_piece_is_taken_out_and_a_picture_of_an_album_stays_here(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)
    await deputy.says(DRAIN)
    await deputy.sends_album({"kind": "photo", "caption": "井盖"}, {"kind": "photo", "caption": "门牌"})
    await deputy.sends("voice")
    await gathered(home)
    await deputy.presses("内容", on="草稿")

    await deputy.sees("2. ［相册］照片2张：井盖 门牌 · 📎 一并推送")
    await deputy.presses("逐张选", on="草稿内容")
    await deputy.presses("第2条不推送", on="相册内容，共2张")
    await deputy.presses("返回内容", on="2. ［照片］ 门牌 · 不推送")
    assert "可恢复" in await deputy.presses("去掉第2条", on="📎 部分推送")
    assert "已恢复" in await deputy.presses("恢复第2条", on="已去掉")
    await deputy.presses("去掉第3条", on="草稿内容")
    await deputy.presses("返回草稿", on="3. ［语音］ · 已去掉")
    await deputy.sees("已去掉1条")
    await deputy.presses("城建环保", on="草稿")
    await deputy.sees("一并推送：照片1张。")
    await deputy.presses("确认推送", on="推送预览")

    for chat in ("bot", group):
        assert len([message for message in await specialist.messages(chat) if "photo" in message]) == 1
        assert not [message for message in await specialist.messages(chat) if "voice" in message]


async def test_two_matters_are_split_and_the_second_waits_for_the_first(home: Village) -> None:
    deputy = await home.person("王秀兰")
    await home.person("陈志强", specialties=("城建环保",))
    constituent = await home.stranger("老李头")
    told = await constituent.says(DRAIN, chat=deputy.id)
    await deputy.forwards(told["message_id"], source=constituent.id)
    await deputy.says("工地半夜施工，噪音扰民，渣土车把道路压坏了")
    await gathered(home)
    await deputy.presses("内容", on="草稿")
    await deputy.sees("（转自老李头）")
    await deputy.presses("分成两件")
    assert "请先点选" in await deputy.presses("分开", on="分成两件：")
    await deputy.presses("2 第一件")
    assert "已分成两件" in await deputy.presses("✂️ 分开", on="✅ 2 第二件")

    await deputy.says("大概有二十户受影响")
    await gathered(home)
    first = shown(await deputy.sees("二十户"))
    assert "另有1份草稿待办" in first
    assert "下水道" in first
    assert "渣土车" not in first
    await deputy.presses("城建环保", on="二十户")
    await deputy.presses("确认推送", on="推送预览")

    second = shown((await deputy.messages())[-1])
    assert "草稿" in second
    assert "渣土车" in second
    assert "下水道" not in second


async def test_a_draft_left_lying_is_asked_about_once_in_working_hours(home: Village) -> None:
    deputy = await home.person("王秀兰")
    await deputy.says(DRAIN)
    await gathered(home)

    await home.passes(timedelta(hours=20))
    await deputy.sees_nothing_of("是否继续办理")
    await home.passes(timedelta(hours=4, minutes=5))
    await deputy.sees("是否继续办理")
    await deputy.presses("继续办理")
    await deputy.sees("已收：文字1条")
    await home.passes(timedelta(days=3))

    await deputy.sees_nothing_of("是否继续办理")


async def test_the_original_is_shown_to_the_home_deputy_against_a_reason(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    constituent = await home.stranger("老李头")
    told = await constituent.says(DRAIN, chat=deputy.id)
    await deputy.forwards(told["message_id"], source=constituent.id)
    await deputy.sends("photo", caption="我家门口")
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")

    await deputy.presses("查看原文", on="2026-0001")
    await deputy.presses("其他原因")
    await deputy.says("老李头要来电话回访")

    await deputy.sees("来自：老李头")
    await deputy.sees("13655550123")
    await deputy.sees("我家门口")
    issue = await the_issue(home)
    forged = RevealPress(issue.id, ReasonToReveal.CONTACT).pack()
    offer = await specialist.sees("请您提专业意见")
    await specialist.presses_data(offer["message_id"], forged)
    await specialist.sees_nothing_of("13655550123")
    async with home.session() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == "issue.identity_revealed"))
        assert entry.details == {"reason": "other", "words": "【姓名】要来电话回访"}


async def test_foreign_and_late_taps_on_a_draft_change_nothing(home: Village) -> None:
    deputy, other = await home.person("王秀兰"), await home.person("黄建平")
    await home.person("陈志强", specialties=("城建环保",))
    await deputy.says(DRAIN)
    await deputy.says("补充：已经一个月")
    await gathered(home)
    card, foreign = await deputy.sees("草稿"), await other.sees("代表之家")
    issue = await the_issue(home)
    drop = ContentsPress(issue.id, ContentsDo.DROP, issue.pieces[1].id, version=issue.version + 1).pack()
    turn = MaskPress(issue.id, MaskDo.TURN, 0, 0, issue.version).pack()

    for data in (drop, turn):
        await other.presses_data(foreign["message_id"], data)
    await deputy.presses_data(card["message_id"], turn)
    assert "内容有更新" in await deputy.presses_data(card["message_id"], turn)
    for _ in range(2):
        await deputy.presses_data(card["message_id"], drop)
    await deputy.presses_data(card["message_id"], MaskPress(issue.id, MaskDo.TURN, 99, 0, issue.version + 2).pack())

    async with home.session() as session:
        kept = await session.scalar(select(Issue))
        assert kept is not None
        assert kept.state is IssueState.DRAFT
        assert len(kept.kept) == 1
        assert kept.readable == ["李长根"]
