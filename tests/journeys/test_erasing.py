"""Forgetting constituents: on request of theirs through the office, and by itself when the time is over."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from models.audit import AuditEntry
from models.base import Base
from models.inbox import InboxUpdate
from models.issues import Issue, IssueState
from models.mailbox import Letter, LetterState
from models.outbox import OutboxMessage
from models.people import Role
from models.route_log import Route
from models.route_weights import RouteWeights
from tests.journeys.issue_people import DRAIN, circle_group, gathered, share, the_issue
from tests.journeys.test_mailbox import STORY, write
from tests.village import Phone, Village, shown

PHONE, NAME = "13655550123", "李长根"


async def where_it_stands(home: Village, *patterns: str) -> list[str]:
    """Every column of the database in which any of these stands."""
    found = []
    async with home.session() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for column, value in ((column, value) for column, value in row.items() if not isinstance(value, datetime)):
                    said = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
                    there = [pattern for pattern in patterns if re.search(pattern, _unescaped(said))]
                    found += [f"{table.name}.{column}: {pattern} in {said[:200]}" for pattern in there]
    return found


def _unescaped(said: str) -> str:
    """JSON may be kept with its characters written as codes."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), said)


async def written_and_shared(home: Village) -> tuple[Phone, Phone, Phone, str]:
    """A letter with a picture that became an issue, was advised on, looked at again and closed: deputy, office, constituent, code."""
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    specialist = await home.person("陈志强", area="柳河镇", specialties=("城建环保",))
    await circle_group(home, office, deputy, specialist)
    constituent = await home.stranger(NAME)
    code = await write(home, constituent, STORY)
    await constituent.presses("补充说明")
    await constituent.sends("photo", caption="昨天拍的，李长根")
    await deputy.presses("整理为问题", on="群众来信")
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")
    await specialist.presses("接受", on="请您")
    await specialist.says("建议先清淤，再查主管网")
    await deputy.presses("原文")
    await deputy.presses("核实情况")
    await deputy.sees(PHONE)
    return deputy, office, constituent, code


async def test_erasing_a_letters_writer_leaves_nothing_of_them_anywhere_and_the_advice_stays(home: Village) -> None:
    deputy, office, constituent, code = await written_and_shared(home)
    issue = await the_issue(home)

    await office.says("/erase")
    await office.says(code)
    preview = await office.sees("将删除以下内容")
    await office.presses("确认删除")
    await office.sees("已删除")
    await home.passes(timedelta(minutes=2))

    assert {code, str(issue.number)} <= set(re.split(r"\W*[：、\n]", shown(preview)))
    account = rf"(?<![\d.]){constituent.id}(?!\d)"  # four digits, which any longer number may hold
    assert await where_it_stands(home, PHONE, NAME, account) == []
    after = await the_issue(home)
    assert ("下水道堵了" in after.shared_text, after.pieces) == (True, [])
    await deputy.sees("联络室删除")
    await deputy.sees("建议先清淤")
    assert PHONE not in "".join(shown(message) for message in await deputy.messages() if not message.get("out"))


async def test_what_an_erased_issue_taught_is_unlearnt(home: Village) -> None:
    _, office, _, code = await written_and_shared(home)
    await home.passes(timedelta(minutes=2))
    async with home.session() as session:
        before = (await session.scalars(select(RouteWeights.taken_back))).one_or_none()

    await office.says("/erase")
    await office.says(code)
    await office.presses("确认删除")
    await home.passes(timedelta(minutes=2))

    async with home.session() as session:
        route = (await session.scalars(select(Route))).one()
        assert (route.text, route.erased_at is not None) == ("", True)
        assert (await session.scalars(select(RouteWeights.taken_back))).one() == (before or 0) + 1


async def test_erasing_twice_and_by_two_of_the_office_at_once_is_harmless(home: Village) -> None:
    _, office, _, code = await written_and_shared(home)
    colleague = await home.person("赵刚", Role.OFFICE)
    for phone in (office, colleague):
        await phone.says("/erase")
        await phone.says(code)
        await phone.sees("将删除以下内容")

    await office.presses("确认删除")
    await colleague.presses("确认删除")
    stale = await office.sees("已删除")
    toast = await office.presses_data(stale["message_id"], "ers:yes")

    await colleague.sees("先前已经删除")
    assert "失效" in toast
    async with home.session() as session:
        actions = (await session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("%.erased")))).all()
        assert sorted(actions) == ["issue.erased", "letter.erased", "sender.erased"]


async def test_an_issue_is_found_by_its_number_and_a_forwarder_by_the_account(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    citizen = await home.stranger(NAME)
    told = await citizen.says(DRAIN, chat=deputy.id)
    await deputy.forwards(told["message_id"], source=citizen.id)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")
    issue = await the_issue(home)

    await office.says("/erase")
    await office.says(str(citizen.id))
    by_account = await office.sees("将删除以下内容")
    await office.presses("取消")
    await office.says("/erase")
    await office.says(str(issue.number))
    await office.presses("确认删除", on="将删除以下内容")

    assert str(issue.number) in shown(by_account)
    assert await where_it_stands(home, PHONE, NAME, "3栋2单元501室") == []


async def test_an_open_letter_ends_when_its_writer_is_erased_and_nobody_writes_into_the_void(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    constituent = await home.stranger(NAME)
    code = await write(home, constituent)

    await office.says("/erase")
    await office.says(code)
    await office.presses("确认删除")

    card = await deputy.sees("来信人信息和原文已按规定清除")
    await deputy.says("明天去看", reply_to=card["message_id"])
    async with home.session() as session:
        letter = (await session.scalars(select(Letter))).one()
        assert (letter.state, letter.sender_id, letter.waits_since) == (LetterState.CLOSED, 0, None)
        assert await session.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.chat_id == 0)) == 0


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.LEADER, Role.AREA_STAFF, Role.GROUP_LEADER])
async def test_nobody_but_the_office_erases(home: Village, role: Role) -> None:
    someone = await home.person("孙平", role)
    await someone.says("/erase")
    message = await someone.sees("孙平")

    toast = await someone.presses_data(message["message_id"], "ers:yes")

    assert "权限" in toast


async def test_two_years_after_its_end_an_issue_forgets_its_constituent_by_itself(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    await share(home, deputy)
    async with home.session() as session:
        closed = {"state": IssueState.CLOSED, "closed_at": home.clock.now()}
        await session.execute(update(Issue).values(**closed))

    await home.passes(timedelta(days=700))
    kept = await the_issue(home)
    await home.passes(timedelta(days=60))

    assert kept.pieces != []
    forgotten = await the_issue(home)
    assert (forgotten.pieces, forgotten.identity_forgotten_at is None, "下水道堵了" in forgotten.shared_text) == ([], False, True)
    await home.home.schedule.tidy()
    assert await where_it_stands(home, PHONE, NAME, "3栋2单元501室") == []
    async with home.session() as session:
        assert await session.scalar(select(AuditEntry.action).where(AuditEntry.action == "issue.identity_forgotten")) is not None
        assert await session.scalar(select(func.count()).select_from(InboxUpdate)) == 0
