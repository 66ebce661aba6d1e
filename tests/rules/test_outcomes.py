"""Outcomes, areas' tasks, suggestion drafts, ratings, and what a deputy leaves behind."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.suggestion_document import suggestion_document
from models.advice_ratings import Usefulness, rate_advice, rating_counts, ratings_of, those_who_spoke
from models.area_chasing import holder_has_left, note_reminded, release, tasks_due
from models.area_tasks import (
    AlreadyHanded,
    AreaTaskState,
    NothingReported,
    ReportPiece,
    TakenBySomebody,
    accept_task,
    add_to_report,
    area_at_work,
    finish_task,
    hand_to_area,
    pending_task,
    send_back,
    staff_for,
    submit_report,
    void_task,
)
from models.handovers import forget_who_came_back, left_behind, note_left_behind, possible_homes, take_over
from models.issue_pieces import PieceKind
from models.issues import ClosedAs, Issue, IssueOver, IssueState
from models.outcomes import Address, AnswerTooLong, decide_outcome, outcome_of
from models.people import Area, Person, Role
from models.policy import Policy
from models.referrals import OwnIssue, Referral, ReferralState, accept
from models.remarks import Remark, advise, answer, reopen
from models.rules import Gone, NotAllowed
from models.suggestion_drafts import (
    NobodyToAsk,
    Part,
    PartTooLong,
    Signing,
    ask_to_cosign,
    begin_suggestion,
    divide_opinions,
    first_sentence,
    rewrite,
    sign,
)

POLICY = Policy()


@dataclass
class Case:
    """A numbered issue and those around it."""

    session: AsyncSession
    now: datetime
    issue: Issue
    deputy: Person
    specialist: Person
    office: Person
    staff: Person

    def remark(self, author: Person, text: str, message_id: int) -> Remark:
        return Remark(
            issue=self.issue, issue_id=self.issue.id, author=author, author_id=author.id, kind=PieceKind.TEXT, text=text,
            chat_id=author.id, message_id=message_id, in_circle=False, said_at=self.now,
        )  # fmt: skip


async def _person(session: AsyncSession, name: str, role: Role, area: Area | None = None) -> Person:
    person = Person(name=name, role_rows=[], specialties=[], area=area, employer="", active=True)
    person.give(role)
    session.add(person)
    await session.flush()
    person.telegram_id = 1000 + person.id
    return person


@pytest.fixture
async def case(session: AsyncSession, now: datetime) -> Case:
    area = Area(name="云溪街道")
    session.add(area)
    people = [
        await _person(session, name, role, area)
        for name, role in (("王秀兰", Role.DEPUTY), ("陈志强", Role.DEPUTY), ("刘敏", Role.OFFICE), ("孙丽", Role.AREA_STAFF))
    ]
    issue = Issue(
        deputy=people[0], area=area, specialty=None, pieces=[], version=0, state=IssueState.OPEN, number="2026-0001", created_at=now,
        shared_text="您好，翠竹小区门口的下水道堵了快一个月。一下雨就积水。", confirmed_at=now,
    )  # fmt: skip
    session.add(issue)
    await session.flush()
    return Case(session, now, issue, *people)


async def test_an_outcome_stands_until_the_issue_is_reopened(case: Case) -> None:
    outcome = await decide_outcome(case.session, case.issue, case.deputy, ClosedAs.OUT_OF_SCOPE, Address.COURT, now=case.now)
    assert await outcome_of(case.session, case.issue) is outcome
    with pytest.raises(IssueOver):
        await decide_outcome(case.session, case.issue, case.deputy, ClosedAs.ANSWERED, now=case.now)

    await reopen(case.session, case.issue, case.deputy, now=case.now)

    assert await outcome_of(case.session, case.issue) is None
    assert outcome.undone_at == case.now


async def test_only_the_home_deputy_decides_and_the_office_once_that_one_has_left(case: Case) -> None:
    for other in (case.specialist, case.office, case.staff):
        with pytest.raises(NotAllowed):
            await decide_outcome(case.session, case.issue, other, ClosedAs.ANSWERED, now=case.now)
    case.deputy.active = False
    with pytest.raises(NotAllowed):
        await decide_outcome(case.session, case.issue, case.specialist, ClosedAs.ANSWERED, now=case.now)

    outcome = await decide_outcome(case.session, case.issue, case.office, ClosedAs.ANSWERED, now=case.now)

    assert outcome.decided_by is case.office
    with pytest.raises(AnswerTooLong):
        outcome.reword("长" * 2000)


async def test_an_area_accepts_reports_and_reports_again(case: Case) -> None:
    task = await hand_to_area(case.session, case.issue, case.deputy, POLICY, now=case.now)
    assert await staff_for(case.session, task) == [case.staff]
    with pytest.raises(AlreadyHanded):
        await hand_to_area(case.session, case.issue, case.deputy, POLICY, now=case.now)
    with pytest.raises(NotAllowed):
        await accept_task(case.session, task, case.specialist, now=case.now)
    assert await accept_task(case.session, task, case.staff, now=case.now)
    assert not await accept_task(case.session, task, case.staff, now=case.now)
    with pytest.raises(NothingReported):
        await submit_report(case.session, task, case.staff, now=case.now)

    def said(message_id: int) -> ReportPiece:
        return ReportPiece(
            round=task.round, author_id=case.staff.id, kind=PieceKind.TEXT, text=f"已清淤{message_id}", chat_id=1, message_id=message_id,
            said_at=case.now,
        )  # fmt: skip

    add_to_report(task, said(1))
    await submit_report(case.session, task, case.staff, now=case.now)
    await send_back(case.session, task, case.deputy, "还在积水", POLICY, now=case.now)
    assert (task.state, task.report, case.issue.live) == (AreaTaskState.ACCEPTED, [], True)
    add_to_report(task, said(2))
    await submit_report(case.session, task, case.staff, now=case.now)
    finish_task(case.session, task, case.deputy, now=case.now)

    assert task.report_text == "已清淤2"
    assert await pending_task(case.session, case.issue) is None


async def test_a_colleague_finds_it_taken_and_the_office_stands_in_for_an_area_without_staff(case: Case) -> None:
    task = await hand_to_area(case.session, case.issue, case.deputy, POLICY, now=case.now)
    await accept_task(case.session, task, case.staff, now=case.now)
    colleague = await _person(case.session, "周凯", Role.AREA_STAFF, case.issue.area)
    with pytest.raises(TakenBySomebody):
        await accept_task(case.session, task, colleague, now=case.now)

    case.staff.active = colleague.active = False
    await case.session.flush()

    assert await tasks_due(case.session, now=case.now) == [task]
    assert holder_has_left(task)
    assert await staff_for(case.session, task) == [case.office]
    assert await area_at_work(case.session, task) == case.issue.area
    release(case.session, task, now=case.now)
    assert await area_at_work(case.session, task) is None
    await accept_task(case.session, task, case.office, now=case.now)
    assert await area_at_work(case.session, task) is None


async def test_an_area_is_reminded_after_five_working_days_and_then_every_three(case: Case) -> None:
    task = await hand_to_area(case.session, case.issue, case.deputy, POLICY, now=case.now)
    assert task.due_at == case.now + timedelta(days=7)  # a weekend lies between
    assert await tasks_due(case.session, now=task.due_at - timedelta(minutes=1)) == []
    assert await tasks_due(case.session, now=task.due_at) == [task]

    note_reminded(task, POLICY, now=task.due_at)

    assert task.remind_at == task.due_at + timedelta(days=3)
    await void_task(case.session, case.issue, case.deputy, now=case.now)
    assert await tasks_due(case.session, now=case.now + timedelta(days=60)) == []
    with pytest.raises(Gone):
        await accept_task(case.session, task, case.staff, now=case.now)


def test_opinions_are_divided_into_analysis_and_proposal() -> None:
    analysis, proposal = divide_opinions(["管网是九十年代的。建议由住建部门牵头清淤，物业公示时间表。", "谢谢关心"])

    assert analysis == "管网是九十年代的。"
    assert proposal == "建议由住建部门牵头清淤，物业公示时间表。\n谢谢关心"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("尊敬的代表：您好！\n您好，翠竹小区门口的下水道堵了。一下雨", "翠竹小区门口的下水道堵了"),
        ("河滨小区3栋的王大妈反映，小区东门的污水管堵了三个多月，没人管", "小区东门的污水管堵了三个多月"),
        ("群众反映强烈的停车难问题，一直没有解决", "群众反映强烈的停车难问题"),
    ],
)
def test_a_title_says_what_it_is_about_and_not_who_said_so(text: str, about: str) -> None:
    assert first_sentence(text) == about


async def test_a_suggestion_does_not_say_whom_to_ask(case: Case) -> None:
    case.issue.shared_text = "下水道堵了，没人管。联系人：【姓名】，【电话】"

    draft = await begin_suggestion(case.session, case.issue, case.deputy, ["建议清淤"], "关于清淤的建议", now=case.now)

    assert draft.situation == "下水道堵了，没人管。"


async def test_whoever_agreed_to_an_earlier_text_is_asked_again(case: Case) -> None:
    await advise(case.session, case.remark(case.specialist, "建议清淤", 1), POLICY, now=case.now)
    draft = await begin_suggestion(case.session, case.issue, case.deputy, ["建议清淤"], "关于清淤的建议", now=case.now)
    ask_to_cosign(case.session, draft, [case.specialist, case.deputy], now=case.now)
    with pytest.raises(NobodyToAsk):
        ask_to_cosign(case.session, draft, [case.specialist], now=case.now)
    sign(case.session, draft, case.specialist, agree=True, seen=1, now=case.now)
    assert draft.agreed() == [case.specialist]

    rewrite(case.session, draft, Part.PROPOSAL, "由住建局月底前清淤", now=case.now)

    assert draft.agreed() == []
    with pytest.raises(Gone):
        sign(case.session, draft, case.specialist, agree=True, seen=1, now=case.now)
    [row] = ask_to_cosign(case.session, draft, [case.specialist], now=case.now)
    assert (row.state, row.version) == (Signing.ASKED, 2)
    with pytest.raises(NotAllowed):
        sign(case.session, draft, case.office, agree=True, seen=2, now=case.now)
    with pytest.raises(PartTooLong):
        rewrite(case.session, draft, Part.TITLE, "长" * 61, now=case.now)


async def test_a_suggestion_stays_when_the_issue_is_reopened_and_is_a_word_file_of_official_form(case: Case) -> None:
    draft = await begin_suggestion(case.session, case.issue, case.deputy, ["建议清淤\x0b。"], "关于下水道的建议", now=case.now)
    case.issue.close(ClosedAs.SUGGESTION, now=case.now)
    await reopen(case.session, case.issue, case.deputy, now=case.now)
    assert await begin_suggestion(case.session, case.issue, case.deputy, [], "另一个标题", now=case.now) is draft

    with zipfile.ZipFile(io.BytesIO(suggestion_document(draft, case.now, ["陈志强"], "代表之家"))) as file:
        text = file.read("word/document.xml").decode()

    for said in (
        "关于下水道的建议",
        "方正小标宋简体",
        "仿宋_GB2312",
        "领衔代表：王秀兰",
        "附议代表：（无）",
        "提供专业意见：陈志强",
        "2026年3月10日",
        "（待补充）",
    ):
        assert said in text


async def test_advice_is_rated_by_the_home_deputy_alone_and_the_last_word_counts(case: Case) -> None:
    await advise(case.session, case.remark(case.specialist, "建议清淤", 1), POLICY, now=case.now)
    with pytest.raises(Gone):
        await rate_advice(case.session, case.issue, case.deputy, case.specialist.id, Usefulness.USEFUL, now=case.now)
    case.issue.close(ClosedAs.ANSWERED, now=case.now)
    with pytest.raises(NotAllowed):
        await rate_advice(case.session, case.issue, case.specialist, case.specialist.id, Usefulness.USEFUL, now=case.now)
    with pytest.raises(Gone):
        await rate_advice(case.session, case.issue, case.deputy, case.office.id, Usefulness.USEFUL, now=case.now)

    for usefulness in (Usefulness.NOT, Usefulness.PARTLY):
        await rate_advice(case.session, case.issue, case.deputy, case.specialist.id, usefulness, now=case.now)

    assert await ratings_of(case.session, case.issue) == {case.specialist.id: Usefulness.PARTLY}
    assert await rating_counts(case.session, case.now, case.now + timedelta(days=1)) == {}, "a figure of one would tell who said what"


async def test_another_deputy_takes_over_what_one_left_behind_and_what_that_one_wrote_stays_covered(case: Case) -> None:
    await advise(case.session, case.remark(case.specialist, "先查管网图", 1), POLICY, now=case.now)
    word = case.remark(case.deputy, "可以打13655550123问李长根", 2)
    await answer(case.session, word, now=case.now)
    heir = await _person(case.session, "何燕", Role.DEPUTY, case.issue.area)
    assert await left_behind(case.session) == []
    with pytest.raises(Gone):
        await take_over(case.session, case.issue, heir, case.office, now=case.now)
    case.deputy.active = False
    await case.session.flush()
    assert await left_behind(case.session) == [case.issue]
    await note_left_behind(case.session, case.issue, now=case.now)
    assert await left_behind(case.session) == []
    assert await possible_homes(case.session, case.issue) == [case.specialist, heir]

    await take_over(case.session, case.issue, heir, case.office, now=case.now)

    assert case.issue.deputy is heir
    assert not word.is_opinion
    assert await those_who_spoke(case.session, case.issue) == [case.specialist]
    heir.active = False
    await case.session.flush()
    assert await left_behind(case.session) == [case.issue], "left behind once more"


async def test_who_comes_back_and_leaves_again_is_told_to_the_office_again(case: Case) -> None:
    case.deputy.active = False
    await case.session.flush()
    await note_left_behind(case.session, case.issue, now=case.now)
    case.deputy.active = True
    await case.session.flush()
    await forget_who_came_back(case.session)

    case.deputy.active = False
    await case.session.flush()

    assert await left_behind(case.session) == [case.issue]


async def test_who_has_taken_an_issue_over_does_not_advise_on_it(case: Case) -> None:
    asked = Referral(issue=case.issue, person=case.specialist, offered_at=case.now, state=ReferralState.DECLINED)
    case.session.add(asked)
    case.deputy.active = False
    await case.session.flush()

    await take_over(case.session, case.issue, case.specialist, case.office, now=case.now)

    with pytest.raises(OwnIssue):
        await accept(case.session, asked, POLICY, now=case.now)
    with pytest.raises(OwnIssue):
        await advise(case.session, case.remark(case.specialist, "我来答", 1), POLICY, now=case.now)
