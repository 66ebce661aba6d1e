"""Rules of keeping and forgetting: what grows only, what goes after its time, and what a profile may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry, LogIsAppendOnly, record
from models.forgetting import forget_issue, without
from models.forms import Form, open_form
from models.issue_pieces import IssuePiece, PieceKind
from models.issues import IssueState
from models.mailbox import Letter, LetterState
from models.mailbox_senders import Sender, sender_of
from models.outbox import Attachment, AttachmentKind, Card, OutboxMessage, OutboxState
from models.policy import Policy
from models.profiles import has_number
from models.retention import (
    drafts_to_forget,
    forget_draft,
    forget_old_identities,
    forget_sent_bodies,
    forget_strangers,
    forget_unfinished,
    months_before,
)
from tests.rules.district import District

POLICY = Policy()
LONG = timedelta(days=800)


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


def piece(words: str, number: int, at: datetime) -> IssuePiece:
    return IssuePiece(kind=PieceKind.TEXT, text=words, chat_id=77, message_id=number, source_name="李长根", attachment=None, received_at=at)


async def test_what_a_transaction_writes_down_is_read_in_it_in_its_order_and_goes_with_it(session: AsyncSession, now: datetime) -> None:
    actions = select(AuditEntry.action).order_by(AuditEntry.id)
    for action in ("issue.opened", "issue.closed"):
        record(session, None, action, "issue:1", now=now)
    assert (await session.scalars(actions)).all() == ["issue.opened", "issue.closed"]
    record(session, None, "issue.reopened", "issue:1", now=now)
    await session.rollback()
    record(session, None, "issue.opened", "issue:2", now=now)
    await session.commit()

    assert (await session.scalars(actions)).all() == ["issue.opened"]


async def test_an_entry_of_the_log_can_neither_be_changed_nor_deleted(session: AsyncSession, now: datetime) -> None:
    record(session, None, "issue.closed", "issue:1", now=now)
    entry = (await session.scalars(select(AuditEntry))).one()

    entry.action = "issue.reopened"
    with pytest.raises(LogIsAppendOnly):
        await session.flush()
    session.expunge_all()
    for statement in (update(AuditEntry).values(action="x"), delete(AuditEntry)):
        with pytest.raises(LogIsAppendOnly):
            await session.execute(statement)


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
async def test_the_database_itself_keeps_the_log_as_it_is(session: AsyncSession, now: datetime, statement: str) -> None:
    record(session, None, "issue.closed", "issue:1", now=now)
    await session.commit()

    with pytest.raises(DBAPIError, match="never changed or deleted"):
        await session.execute(text(statement))


async def test_an_issue_keeps_its_masked_text_and_advice_and_loses_the_names(district: District, now: datetime) -> None:
    wang, chen = await district.deputy("王秀兰"), await district.deputy("陈志强")
    issue = await district.issue(wang, "路灯坏了，【姓名】反映")
    issue.pieces.append(piece("路灯坏了，李长根反映，电话13655550123", 1, now))
    opinion, word = district.remark(issue, chen, "请李长根联系供电所"), district.remark(issue, wang, "李长根住得近")
    district.session.add_all([opinion, word])
    await district.session.flush()

    await forget_issue(district.session, issue, now=now)
    await forget_issue(district.session, issue, now=now + LONG)

    assert (issue.pieces, issue.shared_text, issue.identity_forgotten_at) == ([], "路灯坏了，【姓名】反映", now)
    assert opinion.text == "请【隐去】联系供电所"
    assert "李长根" not in word.text


def test_longer_words_are_covered_first() -> None:
    assert without("李长根和李长", ["李长", "李长根"]) == "【隐去】和【隐去】"


async def test_only_what_is_over_long_enough_is_forgotten_a_piece_at_a_time(district: District, now: datetime) -> None:
    wang = await district.deputy("王秀兰")
    issues = [await district.issue(wang) for _ in range(25)]
    for number, issue in enumerate(issues):
        issue.pieces.append(piece("李长根", number, now))
        issue.state, issue.closed_at = IssueState.CLOSED, now - LONG
    young, live = await district.issue(wang), await district.issue(wang)
    young.state, young.closed_at = IssueState.CLOSED, now - timedelta(days=700)
    await district.session.flush()

    done = [await forget_old_identities(district.session, POLICY, now=now) for _ in range(3)]

    assert done == [20, 5, 0]
    assert (young.identity_forgotten_at, live.identity_forgotten_at) == (None, None)


async def test_a_letter_is_kept_as_long_as_the_issue_made_of_it(district: District, now: datetime) -> None:
    wang = await district.deputy("王秀兰")
    issue = await district.issue(wang)
    await sender_of(district.session, 900, now=now - LONG)
    old = {"state": LetterState.CLOSED, "closed_at": now - LONG, "created_at": now, "touched_at": now, "language": "zh_CN"}
    made, other = (Letter(sender_id=900, sender_name="李长根", pieces=[], deputy=wang, **old) for _ in range(2))
    made.issue = issue
    district.session.add_all([made, other])
    district.session.add(
        OutboxMessage(chat_id=900, method="sendMessage", params={"text": "x"}, state=OutboxState.SENT, created_at=now, due_at=now)
    )
    await district.session.flush()

    await forget_old_identities(district.session, POLICY, now=now)
    first = (made.sender_id, other.sender_id, await district.session.get(Sender, 900) is not None)
    issue.state, issue.closed_at = IssueState.CLOSED, now - LONG
    await district.session.flush()
    await forget_old_identities(district.session, POLICY, now=now)

    assert first == (900, 0, True)
    assert made.sender_id == 0
    assert await district.session.get(Sender, 900) is None
    assert (await district.session.scalars(select(OutboxMessage.chat_id).where(OutboxMessage.method == "sendMessage"))).all() == [None]


async def test_old_messages_lose_their_words_and_files_but_not_where_they_stand(session: AsyncSession, now: datetime) -> None:
    made, held = (Attachment(kind=AttachmentKind.DOCUMENT, name="a", content=b"x") for _ in range(2))
    card = Card(key="issue:1", chat_id=5)
    session.add_all([made, held, card])
    await session.flush()
    sent = {"state": OutboxState.SENT, "created_at": now - LONG, "due_at": now - LONG, "settled_at": now - LONG}
    old = OutboxMessage(chat_id=5, method="sendDocument", params={"caption": "李长根"}, message_id=8, attachment_id=made.id, **sent)
    copied = OutboxMessage(chat_id=5, method="copyMessages", params={"from_chat_id": 7, "message_ids": [1]}, attachment_id=held.id, **sent)
    young = OutboxMessage(
        chat_id=5, method="sendDocument", params={"caption": "新"}, attachment_id=held.id, **{**sent, "settled_at": now - timedelta(days=1)}
    )
    session.add_all([old, copied, young])
    await session.flush()

    done = [await forget_sent_bodies(session, POLICY, now=now) for _ in range(2)]

    assert done == [2, 0]
    assert (old.params, old.message_id, young.params) == ({}, 8, {"caption": "新"})
    assert copied.params == {"from_chat_id": 7, "message_ids": [1]}
    assert (await session.scalars(select(Attachment.id))).all() == [held.id]


async def test_drafts_forms_and_passers_by_are_forgotten_after_their_time(district: District, now: datetime) -> None:
    wang, zhou = await district.deputy("王秀兰"), await district.deputy("周文博")
    lying, worked = await district.issue(wang), await district.issue(zhou)
    for issue, at in ((lying, now - LONG), (worked, now)):
        issue.state, issue.number, issue.worked_at = IssueState.DRAFT, None, at
        issue.pieces.append(piece("李长根", issue.id, now))
    await open_form(district.session, wang.id, "find_person", "words", now=now - LONG)
    await open_form(district.session, zhou.id, "find_person", "words", now=now)
    for account, blocked in ((901, None), (902, now)):
        (await sender_of(district.session, account, now=now - LONG)).blocked_at = blocked
    await district.session.flush()

    [found] = await drafts_to_forget(district.session, POLICY, now=now)
    assert await forget_draft(district.session, found, now=now)
    await forget_unfinished(district.session, POLICY, now=now)
    await forget_strangers(district.session, POLICY, now=now)

    assert (lying.state, lying.pieces, worked.state) == (IssueState.WITHDRAWN, [], IssueState.DRAFT)
    assert (await district.session.scalars(select(Form.person_id))).all() == [zhou.id]
    assert (await district.session.scalars(select(Sender.telegram_id))).all() == [902]


def test_months_are_counted_by_the_calendar() -> None:
    leap = datetime(2028, 2, 29, 8, 0, tzinfo=UTC)

    assert months_before(leap, 24) == datetime(2026, 2, 28, 8, 0, tzinfo=UTC)
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "电话13900001111",
        "139 0000 1111",
        "一三九零零零零一一一一",
        "１３９００００１１１１",
        "微信号 wangxiulan88",
        "家中座机 0564-6012345",
        "有事拨5551234",
        "身份证342401197001011234",
        "邮箱 wang@example.com",
        "本人手机：1-3-9-0-0-0-0-1-1-1-1",
    ],
)
def test_a_number_in_a_biography_is_found_however_it_is_written(words: str) -> None:
    assert has_number(words, "13900001111")


@pytest.mark.parametrize(
    "words", ["2015年至2021年任教，2018.3-2019.6支教", "1998-2003年在乡镇工作", "服务热线12345", "带动300户增收，路长3.5公里"]
)
def test_years_figures_and_hotlines_are_no_numbers_to_hide(words: str) -> None:
    assert not has_number(words, "13900001111")


async def test_counting_and_reading_the_log_is_by_an_index(session: AsyncSession) -> None:
    indexed = {index.name for index in AuditEntry.__table__.indexes}  # type: ignore[attr-defined]

    assert {"ix_audit_entries_at", "ix_audit_entries_actor_id", "ix_audit_entries_subject"} <= indexed
    assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0
