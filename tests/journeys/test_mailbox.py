"""The deputies' mailbox: a constituent writes, a deputy answers, and neither learns more of the other than they should."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from models.audit import AuditEntry
from models.issues import Issue
from models.mailbox import Contentment, Letter, LetterState, Solved
from models.people import Area, Person, Role, person_by_telegram_id
from tests.journeys.issue_people import texts
from tests.village import Phone, Village, labels_of, shown

STORY = "翠竹小区门口的下水道堵了快一个月，一下雨就积水。我叫李长根，电话13655550123"


async def area_link(home: Village, name: str = "云溪街道") -> str:
    async with home.session() as session:
        return f"a_{await session.scalar(select(Area.id).where(Area.name == name))}"


async def gathered(home: Village) -> None:
    """The burst is over; the card of the draft appears."""
    await home.settle()
    await home.passes(timedelta(seconds=2))


async def write(home: Village, constituent: Phone, text: str = STORY) -> str:
    """A letter by the area's code, to whoever has time; gives its code."""
    await constituent.starts(await area_link(home))
    await constituent.presses("由代表之家安排")
    await constituent.presses("求助")
    await constituent.says(text)
    await gathered(home)
    await constituent.presses("发送", on="正在写信")
    sent = await constituent.sees("查询码：")
    [code] = re.findall(r"查询码：(\w{8})", sent["text"])
    return str(code)


async def the_letter(home: Village) -> Letter:
    async with home.session() as session:
        letter = await session.scalar(select(Letter).order_by(Letter.id.desc()).limit(1))
        assert letter is not None
        return letter


async def test_a_constituent_writes_by_an_areas_code_and_the_deputy_answers_without_knowing_who(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道", phone="13900001111")
    constituent = await home.stranger("李长根")
    await constituent.starts(await area_link(home))
    await constituent.presses("由代表之家安排")
    await constituent.sees("谁能看到")
    await constituent.presses("求助")
    await constituent.says(STORY)
    await constituent.sends_album({"kind": "photo", "caption": "昨天拍的"}, {"kind": "photo"})
    await constituent.sends("voice")
    await gathered(home)
    await constituent.sees("文字1条、照片2张、语音1段")
    await constituent.presses("发送", on="正在写信")

    card = await deputy.sees("群众来信")
    await deputy.says("已联系社区，今天下午清淤。我的电话13900001111，社区电话05646012345", reply_to=card["message_id"])

    await constituent.sees("王秀兰代表答复您")
    await constituent.sees("05646012345")
    await constituent.sees_nothing_of("13900001111")
    assert len([m for m in await deputy.messages() if m.get("photo") or m.get("voice")]) == 3
    assert not any("forward_origin" in m for m in await deputy.messages())
    assert str(constituent.id) not in str([m for m in await deputy.messages() if not m.get("out")])
    await constituent.presses("补充说明", on="答复您")
    await constituent.says("已经通了，谢谢代表")
    await deputy.sees("已经通了，谢谢代表")
    await constituent.sees("已转给王秀兰代表")


async def test_a_letter_becomes_an_issue_and_its_writer_follows_it_to_the_end_and_has_it_reopened_once(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    specialist = await home.person("陈志强", area="柳河镇", specialties=("城建环保",))
    constituent = await home.stranger("李长根")
    code = await write(home, constituent)

    await deputy.presses("整理为问题", on="群众来信")
    await constituent.sees("代表已受理")
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")
    await constituent.sees("已请专业代表提意见")
    await constituent.sees_nothing_of("陈志强")
    await close(home, deputy)
    await constituent.sees("代表的答复会发到这里")

    assert "已发给" in await deputy.presses("发给来信群众", on="2026-0001")
    assert "未重复发送" in await deputy.presses("发给来信群众", on="2026-0001")
    assert texts(await constituent.messages()).count("王秀兰代表答复您") == 1
    await constituent.presses("没解决", on="王秀兰代表答复您")
    await constituent.presses("不满意", on="满意吗")
    letter = await the_letter(home)
    assert (letter.solved, letter.contentment) == (Solved.NO, Contentment.DISSATISFIED)
    await constituent.presses("要求重新办理", on="谢谢您的评价")
    await constituent.says("还是堵着")
    await deputy.sees("还是堵着")
    async with home.session() as session:
        assert (await session.scalars(select(Issue))).one().live
    assert len([m for m in await specialist.messages() if "请您提专业意见" in shown(m) and "接受" in labels_of(m)]) == 1
    await close(home, deputy)
    await constituent.says(code)
    await constituent.presses("部分解决", on="解决了吗")
    await constituent.presses("不满意", on="满意吗")
    message = await constituent.sees("您的评价")
    assert "重新办理" not in str(message.get("reply_markup", {}))


async def close(home: Village, deputy: Phone) -> None:
    await deputy.presses("办结", on="2026-0001")
    await deputy.presses("已答复群众")
    await home.settle()


async def test_a_stranger_without_a_code_finds_the_mailbox_behind_the_refusal_and_nothing_else(home: Village) -> None:
    deputy = await home.person("Wang Xiulan", area="云溪街道", language="en")
    await home.person("李国栋", area="柳河镇")
    stranger = await home.stranger("Smith", language="en-US")

    await stranger.says("hello")
    await stranger.presses("Write to a deputy", on="open only to those on its roster")
    await stranger.presses("云溪街道", on="Which township")
    await stranger.presses("Wang Xiulan")
    await stranger.presses("A question")
    await stranger.sends("photo")
    await gathered(home)
    await stranger.sees("Please add a line")
    await stranger.says("Where do I get a parking permit?")
    await gathered(home)
    await stranger.says("/menu")
    await stranger.sees("open only to those on its roster")
    toast = await stranger.presses_data((await stranger.sees("Your letter"))["message_id"], "is:1:open")
    await stranger.presses("Send", on="Your letter (not sent yet)")

    assert "roster" in toast
    await deputy.sees("Where do I get a parking permit?")
    async with home.session() as session:
        assert await person_by_telegram_id(session, stranger.id) is None
        assert (await session.scalars(select(Person))).all()[-1].name == "李国栋"


async def test_whoever_has_the_code_sees_the_state_and_only_the_writer_sees_the_letter(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    constituent, neighbour = await home.stranger("李长根"), await home.stranger("邻居")
    async with home.session() as session:
        number = await session.scalar(select(Person.id).where(Person.telegram_id == deputy.id))
    await constituent.starts(f"d_{number}")
    await constituent.presses("咨询", on="收信人：王秀兰代表")
    await constituent.says("先写一半")
    await gathered(home)
    await constituent.edits((await constituent.messages())[1], STORY)
    await gathered(home)
    await constituent.presses("发送", on=STORY[:8])
    letter = await the_letter(home)

    await neighbour.says(f"{(letter.code or '')[:4].lower()} {(letter.code or '')[4:]}")
    followed = await neighbour.sees("已送达代表")
    foreign = await neighbour.presses_data(followed["message_id"], f"mb:{letter.id}:write:0")
    again = await constituent.presses_data((await constituent.sees("查询码"))["message_id"], f"mb:{letter.id}:send:0")
    late = await neighbour.presses_data(followed["message_id"], f"ml:{letter.id}:say:0:0")
    await neighbour.starts("f_22222222")

    assert STORY[:8] not in followed["text"]
    assert "已失效" in foreign
    assert "已经发出" in again
    assert "仅限名册内人员" in late
    await neighbour.sees("没有找到这个查询码")


async def test_whatever_a_constituent_says_later_comes_whole_to_the_right_letter_or_they_are_told_it_did_not(home: Village) -> None:
    deputy, office = await home.person("王秀兰", area="云溪街道"), await home.person("刘敏", Role.OFFICE)
    constituent = await home.stranger("李长根")
    code = await write(home, constituent)
    await deputy.sees("群众来信")
    await constituent.starts(await area_link(home))
    await constituent.presses("由代表之家安排")

    await constituent.presses("补充说明", on=code)
    await constituent.says("积水" * 2040 + "就是这样了，谢谢")
    await deputy.sees("就是这样了，谢谢")
    await constituent.presses("建议", on="哪一类")
    await constituent.says(code)
    await constituent.says("另一件事：路灯坏了")
    await gathered(home)
    assert (await the_letter(home)).text == "另一件事：路灯坏了"
    await deputy.sees_nothing_of("另一件事")

    await office.says("/letters")
    await office.presses("王秀兰：1封")
    await office.presses(code)
    await office.presses("屏蔽写信人", on=code)
    await office.says("试一试")
    card = await deputy.sees("未予受理")
    assert "直接答复" not in labels_of(card)
    await office.says("/letters")
    await office.presses("屏蔽名单")
    await office.presses("解除屏蔽", on="试一试")
    await office.says("弄错了")
    await constituent.says("为什么？", reply_to=(await constituent.sees("未予受理"))["message_id"])
    await constituent.sees("没有转给代表")
    await deputy.sees_nothing_of("为什么？")


async def test_whoever_joins_the_roster_sends_the_letter_they_had_begun_no_more(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    writer = await home.stranger("李长根")
    await writer.starts(await area_link(home))
    begun = await writer.sees("由代表之家安排")
    await home.person("李长根", phone="13955550124", linked=False)
    async with home.session() as session:
        joined = await session.scalar(select(Person).where(Person.name == "李长根"))
        assert joined is not None
        joined.telegram_id = writer.id

    toasts = [await writer.presses_data(begun["message_id"], f"mb:{(await the_letter(home)).id}:{do}:0") for do in ("c", "send")]

    assert all("不必由此写信" in toast for toast in toasts)
    assert (await the_letter(home)).category is None
    await deputy.sees_nothing_of("群众来信")


async def test_a_letter_whose_draft_was_discarded_is_in_the_deputys_hands_again(home: Village) -> None:
    deputy, constituent = await home.person("王秀兰", area="云溪街道"), await home.stranger("李长根")
    code = await write(home, constituent)
    await deputy.presses("整理为问题", on="群众来信")
    await gathered(home)

    await deputy.presses("丢弃", on="草稿")
    await deputy.presses("确认丢弃")

    card = await deputy.sees(code)
    assert "整理为问题" in labels_of(card)
    assert "已整理为问题草稿" not in card["text"]
    await constituent.sees_nothing_of("撤回")


async def test_words_for_a_deputy_who_has_left_do_not_reach_them(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    constituent = await home.stranger("李长根")
    await write(home, constituent)
    await deputy.says("已联系社区", reply_to=(await deputy.sees("群众来信"))["message_id"])
    answered = await constituent.sees("代表答复您")
    async with home.session() as session:
        leaver = await session.scalar(select(Person).where(Person.name == "王秀兰"))
        assert leaver is not None
        leaver.active = False

    await constituent.says("我家在3栋", reply_to=answered["message_id"])

    await constituent.sees("将与来信一并转交代表")
    await deputy.sees_nothing_of("我家在3栋")


async def test_reported_letters_go_to_the_office_which_blocks_and_lets_in_again_with_reasons(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    constituent = await home.stranger("李长根")
    await write(home, constituent)
    await deputy.presses("举报滥用", on="群众来信")
    await deputy.says("反复辱骂")

    card = await office.sees("代表举报：反复辱骂")
    assert "13655550123" not in card["text"]
    assert "李长根" not in card["text"]
    await office.presses("屏蔽写信人", on="代表举报")
    await office.says("辱骂代表")
    await constituent.sees("未予受理")
    await constituent.says("为什么")
    await constituent.says("为什么？")
    await constituent.sees("暂时不能使用代表邮箱")
    assert texts(await constituent.messages()).count("暂时不能使用代表邮箱") == 1
    await office.says("/letters")
    await office.presses("屏蔽名单")
    await office.presses("解除屏蔽", on="辱骂代表")
    await office.says("已当面道歉")

    await office.sees("已解除屏蔽")
    await write(home, constituent)
    async with home.session() as session:
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert "sender.blocked" in actions
    assert "sender.unblocked" in actions


async def test_what_is_not_for_this_deputy_goes_by_the_office_to_another_and_what_waits_is_chased(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    other = await home.person("周文博", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    constituent = await home.stranger("李长根")
    await constituent.starts(await area_link(home))
    await constituent.presses("由代表之家安排")
    await constituent.presses("求助")
    await constituent.says(STORY)
    await constituent.sends("photo")
    await gathered(home)
    await constituent.presses("发送", on="正在写信")

    await deputy.presses("转联络室", on="群众来信")
    await deputy.says("不熟悉这一片")
    await office.sees("不熟悉这一片")
    await office.presses("转给代表", on="尚无代表办理")
    names = await office.sees("周文博")
    button = next(each for row in names["reply_markup"]["inline_keyboard"] for each in row if each["text"] == "周文博")
    for _ in range(2):
        assert "已转给周文博代表" in await office.presses_data(names["message_id"], button["callback_data"])
    await other.sees("群众来信")
    assert sum("photo" in message for message in await other.messages()) == 1
    assert texts(await constituent.messages()).count("已转给周文博代表") == 1
    await home.passes(timedelta(days=8))

    await other.sees("起等待答复")
    await office.sees("有1封群众来信等待答复已超过7天")
    await office.says("/letters")
    await office.sees("周文博：1封（超期1）")


async def test_a_deputy_who_left_keeps_nobody_waiting(home: Village) -> None:
    await home.person("王秀兰", area="云溪街道")
    constituent = await home.stranger("李长根")
    await write(home, constituent)
    other = await home.person("周文博", area="云溪街道")
    async with home.session() as session:
        leaver = await session.scalar(select(Person).where(Person.name == "王秀兰"))
        assert leaver is not None
        leaver.active = False

    await home.tick()

    await other.sees("群众来信")
    await constituent.sees("已转给周文博代表")
    assert (await the_letter(home)).state is LetterState.WAITING


async def test_a_sender_has_five_letters_a_day_and_whoever_floods_the_bot_meets_silence(home: Village) -> None:
    await home.person("王秀兰", area="云溪街道")
    constituent = await home.stranger("李长根")
    for _ in range(5):
        await write(home, constituent, "路灯坏了，请修一修")
    await constituent.starts(await area_link(home))
    await constituent.sees("24小时内最多写5封信")

    for number in range(70):
        await constituent.says(f"在吗{number}")
    await home.settle()

    said = [message for message in await constituent.messages() if not message.get("out")]
    assert "请过一小时再来" in said[-1]["text"]


async def test_codes_to_print_come_as_pictures_for_those_who_may_have_them(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    await office.says("/letters")
    await office.presses("二维码")
    await office.presses("云溪街道")
    await office.presses("王秀兰")
    await deputy.says("/letters")
    await deputy.presses("二维码")
    await deputy.presses("全体代表")

    printed = await office.sees("可直接打印张贴")
    assert printed["photo"]
    assert re.search(r"start=d_\d+", printed["caption"])
    assert "start=a_" in (await deputy.sees("可直接打印张贴"))["caption"]
    await deputy.starts(await area_link(home))
    await deputy.sees("供群众使用")


async def test_a_letter_longer_than_its_card_comes_whole_before_it(home: Village) -> None:
    deputy, constituent = await home.person("王秀兰", area="云溪街道"), await home.stranger("李长根")

    await write(home, constituent, f"{STORY}。{'说来话长，' * 600}<就是这样>")

    whole = "".join(shown(message) for message in await deputy.messages() if not message.get("out"))
    assert "说来话长，" * 600 + "<就是这样>" in whole.replace("\n", "")
