"""What comes of an issue: the area's report, a suggestion with co-signers, the right address, a text for the constituent."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.issue_presses import ClosePress
from handlers.outcome_presses import RatingPress, ReportDo, ReportPress, SignPress, SuggestionDo, SuggestionPress, TaskDo, TaskPress
from models.advice_ratings import Usefulness
from models.issues import ClosedAs, IssueState
from models.outbox import Attachment
from models.people import Person, Role
from tests.journeys.issue_people import gathered, share, texts, the_issue
from tests.village import Phone, Village, labels_of, shown

OPINION = "管网是九十年代的，管径偏小。建议由住建部门牵头清淤，物业公示时间表。"


async def advised(home: Village) -> tuple[Phone, Phone]:
    """A deputy and a specialist who has advised."""
    deputy = await home.person("王秀兰", area="云溪街道")
    specialist = await home.person("陈志强", specialties=("城建环保",))
    await share(home, deputy)
    offer = await specialist.sees("请您提专业意见")
    await specialist.says(OPINION, reply_to=offer["message_id"])
    return deputy, specialist


async def test_an_area_takes_it_on_says_what_it_did_and_the_deputy_sends_it_back_once(home: Village) -> None:
    staff, colleague = [await home.person(name, Role.AREA_STAFF, area="云溪街道") for name in ("孙丽", "周凯")]
    other = await home.person("钱进", Role.AREA_STAFF, area="平桥镇")
    deputy, _ = await advised(home)

    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("转交归属地")
    await deputy.sees("2026-0001 已转交云溪街道")
    await staff.presses("受理", on="代表转交的问题")
    await deputy.sees("已由云溪街道孙丽受理")
    await colleague.sees("已由孙丽受理")
    await staff.sends_album({"kind": "photo", "caption": "已请管网公司清淤"}, {"kind": "photo"})
    await gathered(home)
    await staff.presses("提交", on="已请管网公司清淤")
    await deputy.presses("退回补办", on="已请管网公司清淤")
    await deputy.says("昨天下雨还积水，李长根家门口最深")
    await staff.sees("代表退回补办：昨天下雨还积水")
    await staff.sees_nothing_of("李长根")
    await staff.presses("填写办理情况")
    await staff.says("已更换三段管道，昨日大雨未积水")
    await gathered(home)
    await staff.presses("提交", on="已更换三段管道")
    await deputy.presses("认可并办结", on="已更换三段管道")

    await deputy.sees("已由云溪街道办理，办理情况是：\n\n已更换三段管道")
    await staff.sees("代表已认可办理情况")
    assert len([call for call in await home.calls("copyMessages") if call["params"]["chat_id"] == deputy.id]) == 1
    await other.sees_nothing_of("下水道")
    issue = await the_issue(home)
    assert (issue.state, issue.closed_as) == (IssueState.CLOSED, ClosedAs.HANDED_TO_AREA)


async def test_an_area_that_lets_it_wait_is_reminded_and_then_the_office_is_told(home: Village) -> None:
    staff, office = await home.person("孙丽", Role.AREA_STAFF, area="云溪街道"), await home.person("刘敏", Role.OFFICE)
    deputy, _ = await advised(home)
    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("转交归属地")

    await home.passes(timedelta(days=7, minutes=1))
    await staff.sees("请尽快办理")
    await office.sees_nothing_of("请督促")
    await home.passes(timedelta(days=3, minutes=1))
    await office.sees("应于3月17日(周二)前反馈，至今没有办理情况，请督促")
    await home.passes(timedelta(days=5))
    assert texts(await office.messages()).count("请督促") == 2

    await deputy.presses("收回转交")
    await staff.sees("无需再办理")
    await home.passes(timedelta(days=20))
    assert texts(await office.messages()).count("请督促") == 2
    assert (await the_issue(home)).live


async def test_a_suggestion_is_written_co_signed_and_exported(home: Village) -> None:
    deputy, specialist = await advised(home)

    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("形成建议")
    card = await deputy.sees("代表建议草稿")
    assert "管网是九十年代的，管径偏小。" in shown(card)
    await deputy.presses("附议", on="代表建议草稿")
    await specialist.presses("同意附议", on="请您附议")
    await deputy.sees("陈志强代表同意附议")
    await deputy.presses("具体建议", on="代表建议草稿")
    await deputy.says("请住建局六月底前完成清淤，可先联系李长根13655550123")
    await deputy.sees("群众信息已遮盖")
    await deputy.sees("陈志强：内容有修改，需再请附议")
    await specialist.sees("内容有修改，请您再确认一次")
    await specialist.presses("同意附议", on="请您再确认一次")
    await deputy.presses("导出Word")

    await deputy.sees("2026-0001-代表建议草稿.docx")
    async with home.session() as session:
        content = await session.scalar(select(Attachment.content))
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        text = file.read("word/document.xml").decode()
    assert "附议代表：陈志强" in text
    assert "13655550123" not in text
    assert "李长根" not in text
    await deputy.says("/suggestions")
    await deputy.presses("2026-0001")
    await deputy.sees("附议", "bot")


async def test_the_right_address_is_told_in_plain_words_that_the_deputy_can_change(home: Village) -> None:
    deputy, specialist = await advised(home)
    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("转交归属地")
    await deputy.sees("没有可受理的归属地，已转交联络室")
    await deputy.sees("您反映的问题（编号2026-0001）已转交代表联络室协调办理")
    await deputy.presses("收回转交")

    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("不属受理范围")
    await deputy.presses("行政复议")
    await deputy.sees("可以依法申请行政复议")
    await specialist.sees("已办结（不属受理范围）")
    await deputy.presses("修改这段话")
    await deputy.says("字" * 1600)
    await deputy.sees("最多1500字")
    await deputy.says("李大爷，这件事要去区司法局申请行政复议，我陪您去。")

    await deputy.sees("我陪您去")
    newest = [message for message in await deputy.messages() if not message.get("out")][-1]
    assert newest["text"] == "李大爷，这件事要去区司法局申请行政复议，我陪您去。"
    assert not labels_of(newest)
    await specialist.sees_nothing_of("李大爷")


async def test_the_advice_is_rated_in_private(home: Village) -> None:
    deputy, specialist = await advised(home)
    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("已答复群众")
    await deputy.sees("意见是：\n\n管网是九十年代的")
    before = len(await specialist.messages())

    assert "已记下" in await deputy.presses("部分有帮助")
    await deputy.sees("✓ 部分有帮助")

    assert len(await specialist.messages()) == before
    await specialist.sees_nothing_of("有帮助")


async def test_the_office_deals_with_what_a_deputy_has_left_behind(home: Village) -> None:
    office, heir = await home.person("刘敏", Role.OFFICE), await home.person("何燕", area="云溪街道")
    deputy, specialist = await advised(home)
    async with home.session() as session:
        person = await session.scalar(select(Person).where(Person.name == deputy.name))
        assert person is not None
        person.active = False
    await home.passes(timedelta(minutes=1))

    await office.presses("代为办结", on="已离任")
    await office.presses("已答复群众", on="已离任")
    await office.presses("重新打开", on="已办结（已答复群众）")
    await specialist.sees("2026-0001 已由联络室重新打开")
    await office.presses("转给其他代表", on="已离任")
    await office.presses("何燕")
    await heir.sees("把 2026-0001 转给您跟进")
    await specialist.sees("现由何燕代表跟进")
    await heir.presses("办结", on="2026-0001")
    await heir.presses("已答复群众")

    await heir.sees("下面这段话可直接转发给群众")
    assert (await the_issue(home)).state is IssueState.CLOSED


async def test_a_like_issue_is_shown_before_sharing_and_three_alike_come_to_the_office(home: Village) -> None:
    office, other = await home.person("刘敏", Role.OFFICE), await home.person("何燕", area="平桥镇")
    deputy, _ = await advised(home)
    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("已答复群众")
    await deputy.says("这是另一件事：学校门口缺少斑马线，孩子过马路危险")

    await other.says("翠竹小区门口的下水道堵了，下雨就积水，物业和社区互相推，找李长根13655550123")
    await gathered(home)
    await other.presses("城建环保", on="草稿")
    await other.presses("2026-0001", on="有相似的问题")
    await other.sees("💬 陈志强：管网是九十年代的")
    await other.sees("已办结（已答复群众）")
    await other.presses("是同类问题")
    await other.presses("确认推送", on="推送预览")
    await office.sees_nothing_of("相似的问题")
    await share(home, other, "我家住翠竹小区，门口下水道堵塞积水快一个月，物业不管，社区也不管")
    await office.presses("提议联名建议", on="30天内有3件相似的问题")

    await office.presses("收回", on="提议联名建议（3件）")
    await deputy.sees("联络室已收回对 2026-0001 等同类问题的联名建议提议")
    await office.presses("提议联名建议", on="30天内有3件相似的问题")
    await office.sees("提议联名建议（3件）")
    await deputy.sees("联络室提议联名提出建议")
    await other.presses("由我起草", on="提议联名提出建议")
    assert "收回" not in labels_of(await office.sees("何燕代表已起草联名建议"))
    await other.presses("附议", on="代表建议草稿")
    await deputy.sees("何燕代表请您附议")
    await deputy.presses("由我起草", on="提议联名提出建议")
    await deputy.presses("我来附议", on="何燕代表已于3月10日(周二)以 2026-0002 为基础起草")
    await deputy.presses("同意附议", on="何燕代表请您附议")
    await other.sees("王秀兰：同意附议")
    for phone in (other, office):
        assert "501" not in texts([m for m in await phone.messages() if not m.get("out")])
    await office.says("/topics")
    await office.sees("还没有课题")


async def test_forged_late_and_doubled_presses_change_nothing(home: Village) -> None:
    staff, stranger = await home.person("孙丽", Role.AREA_STAFF, area="云溪街道"), await home.person("钱进", Role.OFFICE)
    deputy, specialist = await advised(home)
    issue = await the_issue(home)
    await deputy.presses("办结", on="管网是九十年代的")
    await deputy.presses("转交归属地")
    async with home.session() as session:
        adviser = await session.scalar(select(Person.id).where(Person.name == "陈志强"))
    forged: list[tuple[Phone, Any]] = [
        (stranger, ClosePress(issue.id, ClosedAs.ANSWERED)),
        (specialist, TaskPress(1, TaskDo.ACCEPT)),
        (specialist, TaskPress(1, TaskDo.OPEN)),
        (staff, TaskPress(1, TaskDo.SUBMIT)),
        (staff, TaskPress(99, TaskDo.ACCEPT)),
        (staff, ReportPress(1, ReportDo.ACCEPT, 1)),
        (deputy, ReportPress(1, ReportDo.ACCEPT, 1)),
        (deputy, ClosePress(issue.id, ClosedAs.HANDED_TO_AREA)),
        (deputy, RatingPress(issue.id, int(adviser or 0), Usefulness.USEFUL)),
        (deputy, SuggestionPress(7, SuggestionDo.EXPORT)),
        (specialist, SignPress(7, 1, 1)),
    ]

    for phone, press in forged:
        card = (await phone.messages())[-1]
        assert await phone.presses_data(card["message_id"], press.pack()), f"{press} was not explained"

    assert (await the_issue(home)).state is IssueState.ADVISED
    async with home.session() as session:
        assert (await session.scalars(select(Person).where(Person.active))).all()
