"""Choosing people and working it out together: offers handed on, absences, second opinions, threads, circle cards and topics."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.advice_presses import HandToPress, WishPress
from handlers.issue_presses import ClosePress, DraftDo, DraftPress, IssueDo, IssuePress, OfferDo, OfferPress
from models.circles import Chat, Circle
from models.forms import form_of, open_form
from models.issue_topics import IssueTopic, TopicState
from models.issues import ClosedAs, IssueState
from models.people import Role, person_by_telegram_id
from models.referrals import ReferralState
from tests.journeys.issue_people import DRAIN, circle_group, circle_topic, gathered, referrals, share, texts, the_issue
from tests.village import Village, labels_of, shown

BUILDING = ("城建环保",)


async def test_the_deputy_sees_whom_and_why_and_picks_another(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=BUILDING) for name in ("陈志强", "黄建平")]
    await home.person("赵海峰", specialties=BUILDING, employer="云溪区住房和城乡建设局")
    await share(home, deputy)
    await first.presses("接受", on="请您提专业意见")
    await deputy.says(DRAIN + "，住建局没有回音")
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")

    preview = await deputy.sees("拟请专业代表：黄建平")
    assert "目前没有在办，尚无答复记录，还未受邀过" in shown(preview)
    await deputy.presses("换一位代表")
    listed = await deputy.sees("改请哪位专业代表")
    assert "陈志强：在办1件，近1次邀请按时答复1次，上次受邀3月" in shown(listed)
    assert "赵海峰" not in shown(listed)
    before = (await the_issue(home)).version
    await deputy.presses("陈志强", on="改请哪位")
    stale = DraftPress((await the_issue(home)).id, DraftDo.CONFIRM, 0, before).pack()
    await deputy.presses_data(preview["message_id"], stale)
    assert (await the_issue(home)).state is IssueState.DRAFT
    await deputy.presses("确认推送", on="拟请专业代表：陈志强")

    await first.sees("2026-0002")
    await second.sees_nothing_of("2026-0002")
    issue = await the_issue(home)
    late = await deputy.presses_data(listed["message_id"], WishPress(issue.id, 2).pack())
    assert "已推送，编号2026-0002" in late


async def test_an_offer_is_handed_to_a_colleague_and_after_three_the_office_names_somebody(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    first, second = [await home.person(name, specialties=BUILDING) for name in ("陈志强", "黄建平")]
    teacher = await home.person("张美玲", specialties=("教科文卫",))
    for name in ("张一", "张二", "张三", "张四", "张五", "张六"):
        await home.person(name, linked=False)
    await share(home, deputy)

    await first.presses("转请同专长代表", on="请您提专业意见")
    await first.presses("黄建平", on="转请哪位")
    await deputy.sees("陈志强：已转请他人，已改请黄建平代表")
    await second.presses("婉拒", on="请您提专业意见")
    await second.presses("近期工作繁忙")
    await office.presses("指定代表", on="无专业代表应邀")
    await office.presses("按姓名查找", on="目前没有可请的代表")
    await office.says("张")
    await office.sees("另有1位未列出")
    await office.says("张美")
    await office.presses("张美玲", on="请哪位代表提意见")

    await teacher.sees("请您提专业意见")
    await deputy.sees("联络室已另请张美玲代表")
    await office.sees("联络室（刘敏）已请张美玲代表")
    assert await referrals(home) == [
        ("陈志强", ReferralState.HANDED_ON),
        ("黄建平", ReferralState.DECLINED),
        ("张美玲", ReferralState.OFFERED),
    ]


async def test_whoever_is_away_is_not_asked_hands_on_what_is_open_and_comes_back_by_one_tap(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=BUILDING) for name in ("陈志强", "黄建平")]
    await share(home, deputy)
    await first.says("/away")
    await first.presses("填写日期")
    await first.says("昨天")
    await first.sees("请写外出的最后一天")
    await first.says("3月12日")
    await first.sees("您外出至2026年3月12日")
    await first.presses("转请其他代表", on="还有1件")

    await second.sees("请您提专业意见")
    assert await referrals(home) == [("陈志强", ReferralState.HANDED_ON), ("黄建平", ReferralState.OFFERED)]
    await first.says("/menu")
    await first.presses("我回来了", on="您外出至")
    await first.sees("您目前未设置外出")
    await first.presses("三天")
    await home.passes(timedelta(days=4))
    await first.sees("您设置的外出已结束")


async def test_a_second_specialty_advises_beside_the_first(home: Village) -> None:
    deputy = await home.person("王秀兰")
    builder = await home.person("陈志强", specialties=BUILDING)
    lawyer = await home.person("周正", specialties=("法治监察",))
    group = await circle_group(home, builder, deputy)
    other = await circle_group(home, lawyer, deputy, name="法治监察")
    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"})
    await share(home, deputy)
    await builder.says("先清淤", reply_to=(await builder.sees("请您提专业意见"))["message_id"])

    await deputy.presses("另请其他专长", on="2026-0001")
    await deputy.presses("法治监察")
    preview = shown(await deputy.sees("推送预览：对方只会看到以下内容"))
    assert "我叫【姓名】，住【门牌】，电话【电话】" in preview
    assert "一并推送：照片2张" in preview
    assert "拟请专业代表：周正" in preview
    await lawyer.sees_nothing_of("下水道", other)
    assert "周正" in await deputy.presses("确认推送", on="2026-0001")
    card = await lawyer.sees("2026-0001 · 城建环保、法治监察", other)
    await lawyer.says("可依物业条例追责", chat=other, reply_to=card["message_id"])

    await deputy.sees("周正代表在工作圈的意见")
    assert sum("photo" in message for message in await lawyer.messages(other)) == 2
    await builder.sees("陈志强、周正代表已提意见", group)
    await builder.sees("待提出代表王秀兰处理", group)
    await deputy.presses("另请其他专长")
    left = labels_of(await deputy.sees("教科文卫"))
    assert "城建环保" not in left
    assert "法治监察" not in left


async def test_an_album_goes_along_whole_and_a_reply_to_any_picture_finds_its_thread(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=BUILDING) for name in ("陈志强", "黄建平")]
    group = await circle_group(home, first, deputy, second)
    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"}, {"kind": "photo"})
    await share(home, deputy)
    pictures = [message for message in await first.messages(group) if "photo" in message]
    await second.says("井盖也要换", chat=group, reply_to=pictures[2]["message_id"])
    await deputy.sees("井盖也要换")
    copied = [message for message in await first.messages() if "photo" in message]

    await first.says("做法如下", reply_to=copied[1]["message_id"])
    await first.presses("写意见", on="2026-0001")
    await first.sends_album({"kind": "photo", "caption": "做法见图"}, {"kind": "photo"}, {"kind": "photo"})
    await gathered(home)

    received = [message for message in await deputy.messages() if "photo" in message and not message.get("out")]
    assert len(received) == 3
    assert len({message["media_group_id"] for message in received}) == 1
    await deputy.says("第二张图在哪里？", reply_to=received[1]["message_id"])
    await first.sees("第二张图在哪里")
    await second.sees_nothing_of("第二张图在哪里")


async def test_an_edited_answer_goes_only_to_those_who_got_it(home: Village) -> None:
    deputy = await home.person("王秀兰")
    first, second = [await home.person(name, specialties=BUILDING) for name in ("陈志强", "黄建平")]
    group = await circle_group(home, first, deputy, second)
    await share(home, deputy)
    await first.says("先清淤", reply_to=(await first.sees("请您提专业意见"))["message_id"])
    await second.says("再查管网", chat=group, reply_to=(await second.sees("2026-0001", group))["message_id"])
    said = await deputy.says("多久能好", reply_to=(await deputy.sees("先清淤"))["message_id"])
    await first.sees("多久能好")
    await first.sees("待提意见的代表回复", group)

    await deputy.edits(said, "大概多少天能好")

    await first.sees("大概多少天能好")
    await second.sees_nothing_of("天能好")


async def test_whoever_has_the_offer_and_comes_forward_gets_it_once_and_keeps_what_they_were_writing(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=BUILDING)
    group = await circle_group(home, specialist, deputy)
    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"})
    await share(home, deputy)
    await specialist.sees("请您提专业意见")

    await specialist.presses("我来提意见", chat=group)

    assert len([message for message in await specialist.messages() if "photo" in message]) == 2
    await share(home, deputy)
    async with home.session() as session:
        person = await person_by_telegram_id(session, specialist.id)
        assert person is not None
        await open_form(session, person.id, "activity", "title", now=home.clock.now(), title="视察垃圾站")
    assert "填完" in await specialist.presses("接受", on="2026-0002")
    async with home.session() as session:
        form = await form_of(session, person.id)
        assert form is not None
        assert form.kind == "activity"


async def test_a_circle_whose_topic_was_deleted_gets_it_again_and_offers_go_on(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    specialist = await home.person("陈志强", specialties=BUILDING)
    group, topic = await circle_topic(home, office, specialist, deputy, name="城建环保")
    await share(home, deputy)
    await specialist.sees("2026-0001", group, thread=topic)
    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{topic}")

    await specialist.presses("接受", on="请您提专业意见")
    await home.passes(timedelta(seconds=5))

    await office.sees("“城建环保”工作圈的话题已被删除")
    async with home.session() as session:
        circle = await session.scalar(select(Circle).where(Circle.name == "城建环保"))
        assert circle is not None
        again = circle.thread_id
    assert again not in (None, topic)
    await specialist.sees("陈志强代表已应邀", group, thread=again)


async def test_each_issue_gets_a_topic_that_says_number_and_state_and_its_card_survives_it(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    specialist = await home.person("陈志强", specialties=BUILDING)
    group, topic = await circle_topic(home, office, specialist, deputy, name="城建环保")
    async with home.session() as session:
        chat = await session.get(Chat, group)
        assert chat is not None
        chat.can_manage_topics = chat.is_forum = True
    await office.says("/circles")
    await office.presses("城建环保", on="城建环保")
    await office.presses("每件问题单独话题：关")
    await office.sees("每件问题单独话题：开")

    await deputy.sends_album({"kind": "photo"}, {"kind": "photo"})
    await share(home, deputy)
    [own] = await _topics(home)
    assert own.name.startswith("2026-0001 已推送 翠竹小区")
    card = await specialist.sees("2026-0001", group, thread=own.thread_id)
    assert sum("photo" in message for message in await specialist.messages(group, own.thread_id)) == 2
    await specialist.says("先清淤", chat=group, thread=own.thread_id, reply_to=card["message_id"])
    await deputy.sees("陈志强代表在工作圈的意见")
    assert (await _topics(home))[0].name.startswith("2026-0001 已有意见")

    await home.request("DELETE", f"/sandbox/groups/{group}/topics/{own.thread_id}")
    await specialist.says("再查管网", reply_to=(await specialist.sees("您已提出意见"))["message_id"])
    await home.passes(timedelta(seconds=5))
    assert (await _topics(home))[0].state is TopicState.GONE
    await specialist.sees("2026-0001", group, thread=topic)


async def _topics(home: Village) -> list[IssueTopic]:
    await home.settle()
    async with home.session() as session:
        return list(await session.scalars(select(IssueTopic).order_by(IssueTopic.id)))


async def test_a_forged_press_in_a_group_says_nothing_there_and_the_offices_word_is_no_opinion(home: Village) -> None:
    deputy, specialist = await home.person("王秀兰"), await home.person("陈志强", specialties=BUILDING)
    office = await home.person("刘敏", Role.OFFICE)
    group = await circle_group(home, specialist, deputy, office)
    await share(home, deputy)
    issue, card = await the_issue(home), await specialist.sees("2026-0001", group)
    await office.says("请各位抓紧", chat=group, reply_to=card["message_id"])
    before = texts(await specialist.messages(group))

    toasts = [
        await phone.presses_data(card["message_id"], press.pack(), group)
        for phone, press in (
            (specialist, OfferPress(1, OfferDo.DECLINE)),
            (specialist, OfferPress(1, OfferDo.WRITE)),
            (specialist, HandToPress(1, 1)),
            (deputy, IssuePress(issue.id, IssueDo.REPLY)),
            (deputy, ClosePress(issue.id, ClosedAs.ANSWERED)),
        )
    ]

    assert all("按钮已失效" in toast for toast in toasts), toasts
    assert texts(await specialist.messages(group)) == before
    assert (await the_issue(home)).state is IssueState.REFERRED
    await deputy.sees_nothing_of("请各位抓紧")
