"""A constituency issue, from the doorstep to an answer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.issue_presses import ClosePress, DraftDo, DraftPress, IssueDo, IssuePress, OfferDo, OfferPress
from models.issues import ClosedAs, IssueState
from models.outbox import OutboxMessage
from models.people import Person, Role
from models.referrals import ReferralState
from tests.journeys.issue_people import DRAIN, circle_group, circle_topic, citizens_messages, gathered, referrals, share, texts, the_issue
from tests.village import Village, both_ways, labels_of, shown


@both_ways
async def test_an_issue_goes_straight_from_a_forward_to_an_answer(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰", area="云溪街道"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)
    constituent = await home.stranger("老李头")
    told = await constituent.says("老李头说：" + DRAIN, chat=deputy.id)

    await deputy.forwards(told["message_id"], source=constituent.id)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.sees("拟请专业代表：陈志强")
    await specialist.sees_nothing_of("下水道")
    await specialist.sees_nothing_of("下水道", group)
    assert "2026-0001" in await deputy.presses("确认推送", on="推送预览")
    await specialist.sees("2026-0001", group)
    await specialist.presses("接受", on="请您提专业意见")
    await specialist.presses("写意见", on="2026-0001")
    await specialist.says("建议由住建部门牵头清淤，物业公示时间表")
    await deputy.presses("回复", on="建议由住建部门牵头清淤")
    await deputy.says("谢谢，清淤大概要多久？")
    await specialist.sees("清淤大概要多久")
    await deputy.presses("办结", on="建议由住建部门牵头清淤")
    await deputy.presses("已答复群众")

    await deputy.sees("您反映的问题（编号2026-0001）已有答复")
    await specialist.sees("感谢您的意见")
    await specialist.sees("已办结（已答复群众）", group)
    for chat in ("bot", group):
        seen = texts(await specialist.messages(chat))
        for secret in ("老李头", "李长根", "13655550123", "501"):
            assert secret not in seen
    assert not await home.calls("forwardMessage")
    assert (await the_issue(home)).state is IssueState.CLOSED


async def test_an_opinion_in_the_circle_reaches_the_deputy_and_stands_on_the_card(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    member = await home.person("黄建平", specialties=("法治监察",))
    group = await circle_group(home, specialist, deputy, member)
    await share(home, deputy)

    card = await member.sees("2026-0001", group)
    await member.says("这个小区是三年前的老旧小区改造项目，可查保修期", chat=group, reply_to=card["message_id"])

    await deputy.sees("黄建平代表在工作圈的意见")
    await member.sees("黄建平代表已提意见", group)
    assert "保修期" in shown(await member.sees("2026-0001", group))
    answer = await deputy.sees("可查保修期")
    await deputy.says("好的，我去查", reply_to=answer["message_id"])
    await member.sees("王秀兰代表的回复")


async def test_whoever_declines_says_why_and_the_next_is_asked(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    first, second = await home.person("陈志强", specialties=("城建环保",)), await home.person("黄建平", specialties=("城建环保",))
    await share(home, deputy)

    await first.presses("婉拒", on="请您提专业意见")
    await first.presses("其他原因")
    await first.says("正在外地参加培训")

    await first.sees("您已婉拒")
    await deputy.sees("陈志强：婉拒（正在外地参加培训），已改请黄建平代表")
    await second.sees("请您提专业意见")
    await office.sees("还没有绑定群组")
    assert await referrals(home) == [("陈志强", ReferralState.DECLINED), ("黄建平", ReferralState.OFFERED)]


async def test_offers_lapse_one_after_another_and_then_the_office_is_told(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    asked = [await home.person(name, specialties=("城建环保",)) for name in ("甲一", "乙二", "丙三", "丁四")]
    await share(home, deputy)

    await home.passes(timedelta(days=1, minutes=1))
    await asked[0].sees("还在等您答复")
    for specialist in asked[:3]:
        await specialist.sees("请您提专业意见")
        await home.passes(timedelta(days=7))
        await specialist.sees("答复时限已过")

    await asked[3].sees_nothing_of("请您提专业意见")
    card = await office.sees("无专业代表应邀，请协调")
    await deputy.sees("暂时没有专业代表应邀")
    assert (await the_issue(home)).state is IssueState.OPEN

    await asked[1].presses("仍然接受", on="2026-0001")

    settled = await office.sees("2026-0001（城建环保）已有代表参与：乙二")
    assert settled["message_id"] == card["message_id"]
    assert "指定代表" not in labels_of(settled)
    await deputy.presses("撤回", on="2026-0001")
    await deputy.presses("确认撤回")
    await office.sees_nothing_of("下水道")


async def test_a_late_yes_is_still_welcome(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = await home.person("陈志强", specialties=("城建环保",)), await home.person("黄建平", specialties=("城建环保",))
    await share(home, deputy)
    await home.passes(timedelta(days=2, minutes=1))
    await second.sees("请您提专业意见")

    await first.presses("仍然接受")

    await deputy.sees("陈志强代表已接受")
    await first.sees("您已接受")


async def test_replying_to_the_offer_accepts_it_and_the_thread_goes_both_ways(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    offer = await specialist.sees("请您提专业意见")

    await specialist.says("先查雨污管网图", reply_to=offer["message_id"])
    opinion = await deputy.sees("先查雨污管网图")
    await deputy.says("图在哪里能查到？可以打13655550123问我叔叔李长根", reply_to=opinion["message_id"])
    answer = await specialist.sees("图在哪里能查到")
    await specialist.sends("voice", reply_to=answer["message_id"])
    await specialist.says("区住建局档案室", reply_to=answer["message_id"])

    await deputy.sees("区住建局档案室")
    assert any("voice" in message for message in await deputy.messages() if not message.get("out"))
    await specialist.sees_nothing_of("13655550123")
    await deputy.sees("群众信息已遮盖")
    await office.says("/issues")
    await office.presses("2026-0001")
    await office.sees_nothing_of("13655550123")
    await office.sees_nothing_of("李长根")
    assert (await the_issue(home)).state is IssueState.ADVISED


async def test_a_closed_issue_can_be_reopened_and_goes_on(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    offer = await specialist.sees("请您提专业意见")
    await specialist.says("建议清淤", reply_to=offer["message_id"])
    await deputy.presses("办结", on="建议清淤")
    assert "形成建议" in labels_of((await deputy.messages())[-1]), "where the deputy looks"
    await deputy.presses("形成建议")
    await specialist.sees("已办结（形成建议）。感谢您的意见")

    await specialist.says("补充：可申请专项资金", reply_to=offer["message_id"])
    await deputy.sees("可申请专项资金")
    await deputy.presses("重新打开")

    await specialist.sees("已由王秀兰代表重新打开")
    assert (await the_issue(home)).state is IssueState.ADVISED


async def test_an_album_a_voice_and_a_word_make_one_draft_with_one_card(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)

    await deputy.sends_album(*[{"kind": "photo", "caption": "我叫李长根，小区积水" if n == 0 else ""} for n in range(10)])
    await deputy.sends("voice")
    await deputy.sends("contact", phone_number="13655550123", first_name="李长根")
    await deputy.says("翠竹小区下水道堵了")
    await gathered(home)

    cards = [message for message in await deputy.messages() if not message.get("out") and "草稿" in shown(message)]
    assert len(cards) == 1
    assert "文字1条、照片10张、语音1段、名片1张" in shown(cards[0])
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")
    for chat in ("bot", group):
        seen = await specialist.messages(chat)
        photos = [message for message in seen if "photo" in message]
        assert len(photos) == 10
        assert len({message["media_group_id"] for message in photos}) == 1, "an album stays an album"
        assert sum("voice" in message for message in seen) == 1
        assert not any("contact" in message or "forward_origin" in message for message in seen)
        assert "李长根" not in texts(seen)


async def test_attachments_stay_with_the_deputy_who_wants_them_to(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await deputy.sends("voice")
    await deputy.says(DRAIN)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("附件一并推送：是")
    await deputy.presses("确认推送", on="附件不推送")

    await specialist.sees("请您提专业意见")
    assert not any("voice" in message for message in await specialist.messages())


async def test_a_file_goes_on_under_the_issues_number(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await deputy.uploads("李长根的申请书.pdf", b"%PDF-1.4 small")
    await share(home, deputy)

    file = await specialist.sees("2026-0001 附件")

    assert file["document"]["file_name"].startswith("2026-0001-")
    assert file["document"]["file_name"].endswith(".pdf")
    assert "李长根" not in texts(await specialist.messages())


async def test_who_accepted_and_says_nothing_is_reminded_once_and_then_the_next_is_asked(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=("城建环保",)) for name in ("陈志强", "黄建平")]
    await share(home, deputy)
    await first.presses("接受", on="请您提专业意见")

    await home.passes(timedelta(days=2))
    await first.sees("代表还在等您对2026-0001的意见，请于3月16日(周一) 12:00前提出")
    await second.sees_nothing_of("2026-0001")
    await home.passes(timedelta(days=4))

    await second.sees("请您提专业意见")
    await deputy.sees("陈志强：未及时答复，已改请黄建平代表")
    assert await referrals(home) == [("陈志强", ReferralState.LAPSED), ("黄建平", ReferralState.OFFERED)]


async def test_pictures_alone_wait_for_a_word(home: Village) -> None:
    deputy = await home.person("王秀兰")
    await deputy.sends("photo")
    await gathered(home)
    card = await deputy.sees("请补一句话")
    assert labels_of(card) == "📋 内容\n丢弃"

    await deputy.says("路灯坏了")
    await gathered(home)

    assert "城建环保" in labels_of(await deputy.sees("草稿"))


async def test_what_says_nothing_is_politely_not_taken(home: Village) -> None:
    deputy = await home.person("王秀兰")

    await deputy.sends("sticker")

    await deputy.sees("这类内容无法收录")


async def test_an_edit_changes_the_draft_and_not_what_was_shared(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    said = await deputy.says("路灯坏了")
    await gathered(home)

    await deputy.edits(said, "路灯和红绿灯都坏了")
    await gathered(home)
    await deputy.presses("城建环保", on="红绿灯")
    await deputy.presses("确认推送")
    await deputy.edits(said, "别的事")

    await deputy.sees("已推送，改动不再随之更新")
    await specialist.sees("路灯和红绿灯都坏了")
    await specialist.sees_nothing_of("别的事")


async def test_what_comes_while_the_preview_is_open_must_be_seen_before_it_is_shared(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await deputy.says(DRAIN)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    preview = await deputy.sees("推送预览")
    confirm = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    await deputy.says("另外路灯也坏了")
    await home.settle()
    issue = await the_issue(home)
    await gathered(home)
    newest = await deputy.sees("推送预览")
    toast = await deputy.presses_data(newest["message_id"], confirm)

    assert "内容有更新" in toast
    assert issue.state is IssueState.DRAFT
    await specialist.sees_nothing_of("下水道")
    await deputy.presses("确认推送", on="另外路灯也坏了")
    await specialist.sees("另外路灯也坏了")


async def test_taps_twice_and_late_change_nothing_and_are_explained(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await deputy.says("先写错了的一件")
    await gathered(home)
    old = await deputy.sees("草稿")
    await deputy.presses("丢弃")
    await deputy.presses("确认丢弃")
    discarded = (await the_issue(home)).id
    assert "按钮已失效" in await deputy.presses_data(old["message_id"], DraftPress(discarded, DraftDo.CONFIRM, 0, 1).pack())
    await share(home, deputy)
    issue = await the_issue(home)

    card = await deputy.sees("2026-0001")
    again = DraftPress(issue.id, DraftDo.CONFIRM, 0, issue.version).pack()
    assert "已推送，编号2026-0001" in await deputy.presses_data(card["message_id"], again)
    offer = await specialist.sees("请您提专业意见")
    accept = offer["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for _ in range(2):
        await specialist.presses_data(offer["message_id"], accept)

    assert await referrals(home) == [("陈志强", ReferralState.ACCEPTED)]
    assert texts(await deputy.messages()).count("陈志强代表已接受") == 1


async def test_forged_presses_of_others_are_refused(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    thief = await home.person("张美玲", specialties=("教科文卫",))
    await share(home, deputy)
    issue = await the_issue(home)
    await thief.says("/help")
    mine = await thief.sees("随时发送")
    forged = [
        DraftPress(issue.id, DraftDo.CONFIRM, 0, issue.version),
        IssuePress(issue.id, IssueDo.OPEN),
        IssuePress(issue.id, IssueDo.WITHDRAW_SURE),
        ClosePress(issue.id, ClosedAs.ANSWERED),
        OfferPress(1, OfferDo.ACCEPT),
        OfferPress(1, OfferDo.OPEN),
        IssuePress(99, IssueDo.OPEN),
        OfferPress(99, OfferDo.ACCEPT),
    ]

    toasts = [await thief.presses_data(mine["message_id"], press.pack()) for press in forged]

    assert all("没有这项权限" in toast or "按钮已失效" in toast for toast in toasts), toasts
    await thief.sees_nothing_of("下水道")
    assert await referrals(home) == [("陈志强", ReferralState.OFFERED)]
    await specialist.sees("请您提专业意见")


async def test_two_of_the_circle_come_forward_and_an_outsider_does_not(home: Village) -> None:
    deputy = await home.person("王秀兰")
    specialist, volunteer = [await home.person(name, specialties=("城建环保",)) for name in ("陈志强", "黄建平")]
    outsider = await home.person("张美玲", specialties=("教科文卫",))
    group = await circle_group(home, specialist, deputy, volunteer, outsider)
    await share(home, deputy)

    assert "已发到您与我的私聊" in await volunteer.presses("我来提意见", chat=group)
    assert "已发到您与我的私聊" in await specialist.presses("我来提意见", chat=group)
    assert "只有该专长" in await outsider.presses("我来提意见", chat=group)
    assert "您自己提出的问题" in await deputy.presses("我来提意见", chat=group)

    await deputy.sees("黄建平代表主动")
    await volunteer.sees("您已接受")
    await volunteer.sees("陈志强、黄建平代表已应邀", group)
    assert await referrals(home) == [("陈志强", ReferralState.ACCEPTED), ("黄建平", ReferralState.ACCEPTED)]


async def test_a_specialist_who_blocked_the_bot_is_as_good_as_declined(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=("城建环保",)) for name in ("陈志强", "黄建平")]
    await deputy.says(DRAIN)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await first.blocks()
    await home.settle()
    async with home.session() as session:  # as if the block had not been noticed
        person = await session.scalar(select(Person).where(Person.telegram_id == first.id))
        assert person is not None
        person.unreachable_since = None

    await deputy.presses("确认推送")

    await second.sees("请您提专业意见")
    await deputy.sees("陈志强：未能送达，已改请黄建平代表")


async def test_a_long_story_is_cut_on_the_card_and_sent_whole_to_the_specialist(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    for part in ("小区积水，<b>谁</b>管 & 谁负责？" * 200)[:4000], "物业不作为。" * 660, "最后一句：请打13655550123。":
        await deputy.says(part)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.sees("最后一句：请打【电话】。")
    await deputy.presses("确认推送")

    await specialist.sees("…")
    await specialist.sees("最后一句：请打【电话】。")
    whole = texts([message for message in await specialist.messages() if "全文" in shown(message)])
    assert whole.count("物业不作为") == 660
    assert "<b>谁</b>管 & 谁负责" in whole


async def test_a_deleted_circle_card_comes_back(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)
    await share(home, deputy)
    card = await specialist.sees("2026-0001", group)
    await home.request("POST", f"/sandbox/users/{specialist.id}/chats/{group}/delete", json={"message_id": card["message_id"]})

    await specialist.presses("接受", on="请您提专业意见")

    await home.passes(timedelta(seconds=5))
    await specialist.sees("陈志强代表已应邀", group)


async def test_a_withdrawn_issue_shows_its_text_to_nobody_else(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group = await circle_group(home, specialist, deputy)
    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"})
    await deputy.uploads("李长根的材料.pdf", b"paper")
    await share(home, deputy, DRAIN + "，下水道堵了" * 500)

    await deputy.presses("撤回", on="2026-0001")
    await deputy.presses("确认撤回")

    await specialist.sees("已由提出代表撤回", group)
    await specialist.sees("该问题已由提出代表撤回")
    for chat in ("bot", group):
        await specialist.sees_nothing_of("下水道", chat)
        assert not [message for message in await specialist.messages(chat) if "photo" in message or "document" in message]
    assert len([message for message in await deputy.messages() if "photo" in message]) == 2, "the deputy's own stay"


async def test_another_specialty_is_tried_when_nobody_could_help(home: Village) -> None:
    deputy = await home.person("王秀兰")
    teacher = await home.person("张美玲", specialties=("教科文卫",))
    await share(home, deputy)
    await deputy.sees("暂时没有专业代表应邀")

    await deputy.presses("换专长再推送")
    await deputy.presses("教科文卫")

    await teacher.sees("请您提专业意见")


async def test_a_specialist_reads_and_answers_in_english(home: Village) -> None:
    deputy = await home.person("王秀兰")
    specialist = await home.person("林雪", specialties=("城建环保",), language="en")
    await share(home, deputy)

    await specialist.presses("Accept", on="Your advice is asked for")
    await specialist.says("/referrals")
    await specialist.presses("2026-0001 to advise on")
    await specialist.presses("Write my opinion")
    await specialist.says("Ask the water bureau first.")

    await specialist.sees("Passed on to deputy 王秀兰")
    await deputy.sees("Ask the water bureau first.")


async def test_the_office_sees_the_figures_and_no_more_than_was_shared(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)

    await office.says("/issues")
    await office.sees("已推送 1")
    await office.presses("2026-0001")

    await office.sees("提出代表：王秀兰")
    await office.sees_nothing_of("13655550123")
    await deputy.says("/issues")
    await deputy.presses("2026-0001", on="我的问题")
    await deputy.sees("陈志强：待答复")


async def test_messages_of_real_citizens_find_their_way(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    for number, text in enumerate(citizens_messages(5), start=1):
        await deputy.says(text)
        await gathered(home)
        if "城建环保" not in labels_of(await deputy.sees("草稿")):
            await deputy.presses("其他专长", on="草稿")
        await deputy.presses("城建环保")
        await deputy.presses("确认推送", on="推送预览")
        offer = await specialist.sees(f"2026-{number:04}")
        await specialist.says(f"第{number}件，建议由主管部门核实", reply_to=offer["message_id"])
        await deputy.sees(f"第{number}件")

    async with home.session() as session:
        failed = (await session.scalars(select(OutboxMessage.error).where(OutboxMessage.state == "failed"))).all()
    assert failed == []
    assert (await the_issue(home)).state is IssueState.ADVISED


async def test_a_specialist_who_leaves_the_roster_is_not_waited_for(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=("城建环保",)) for name in ("陈志强", "黄建平")]
    await share(home, deputy)
    await first.presses("接受", on="请您提专业意见")
    async with home.session() as session:
        person = await session.scalar(select(Person).where(Person.telegram_id == first.id))
        assert person is not None
        person.active = False

    await home.tick()

    await second.sees("请您提专业意见")


async def test_an_opinion_for_a_deputy_who_has_left_reaches_the_office(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    specialist = await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    async with home.session() as session:
        person = await session.scalar(select(Person).where(Person.telegram_id == deputy.id))
        assert person is not None
        person.active = False

    await specialist.says("建议清淤", reply_to=(await specialist.sees("请您提专业意见"))["message_id"])

    await office.sees("建议清淤")
    await deputy.sees_nothing_of("建议清淤")


async def test_an_album_as_an_opinion_stays_out_of_the_specialists_own_draft(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    await specialist.presses("接受", on="请您提专业意见")
    await specialist.presses("写意见")

    await specialist.sends_album({"kind": "photo", "caption": "类似做法见图"}, {"kind": "photo"}, {"kind": "photo"})
    await gathered(home)

    await deputy.sees("类似做法见图")
    assert sum("photo" in message for message in await deputy.messages()) == 3
    await specialist.sees_nothing_of("草稿")


async def test_a_circle_in_a_topic_gets_the_card_the_pictures_and_the_opinions_there(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    group, topic = await circle_topic(home, specialist, deputy, name="城建环保")
    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"})
    await share(home, deputy)

    card = await specialist.sees("2026-0001", group, thread=topic)
    await specialist.says("随便聊聊", chat=group, thread=topic)
    await specialist.says("建议清淤", chat=group, thread=topic, reply_to=card["message_id"])

    await deputy.sees("陈志强代表在工作圈的意见")
    await deputy.sees_nothing_of("随便聊聊")
    assert sum("photo" in message for message in await specialist.messages(group, topic)) == 2


async def test_after_accepting_the_specialist_just_writes(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)

    await specialist.presses("接受")
    await specialist.says("先疏通主管网")

    await deputy.sees("先疏通主管网")


async def test_after_accepting_a_constituents_message_is_still_the_specialists_own_draft(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    constituent = await home.stranger("老吴")
    told = await constituent.says("灌溉渠塌了", chat=specialist.id)
    await share(home, deputy)

    await specialist.presses("接受")
    await specialist.forwards(told["message_id"], source=constituent.id)

    await gathered(home)
    await specialist.sees("草稿，仅您可见")
    await deputy.sees_nothing_of("灌溉渠")


async def test_hours_after_accepting_what_the_specialist_writes_is_not_taken_for_the_opinion(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    await specialist.presses("接受")

    await home.passes(timedelta(hours=3))
    await specialist.says("灌溉渠塌了")

    await gathered(home)
    await specialist.sees("草稿，仅您可见")
    await deputy.sees_nothing_of("灌溉渠")


async def test_a_forwarded_message_is_never_taken_for_a_reason_to_decline(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    constituent = await home.stranger("老吴")
    told = await constituent.says("灌溉渠塌了，我叫吴长贵", chat=specialist.id)
    await share(home, deputy)

    await specialist.presses("婉拒")
    await specialist.presses("自己写")
    await specialist.forwards(told["message_id"], source=constituent.id)

    await gathered(home)
    await specialist.sees("草稿，仅您可见")
    await deputy.sees_nothing_of("吴长贵")
    assert [state for _, state in await referrals(home)] == [ReferralState.OFFERED]


async def test_a_named_file_does_not_go_out_with_an_answer(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    await specialist.presses("接受")
    await specialist.says("先疏通主管网")
    opinion = await deputy.sees("先疏通主管网")

    await deputy.sends("document", file_name="张三身份证.pdf", reply_to=opinion["message_id"])

    await deputy.sees("文件名可能透露群众")
    await specialist.sees_nothing_of("张三")
