"""Issues: drafts, numbers, states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.drafts import DraftChanged, confirm_draft, discard_draft, draft_of, open_draft
from models.issue_numbers import next_number
from models.issue_pieces import PIECES_LIMIT, IssuePiece, PieceKind
from models.issues import AdviceOnItsWay, AlreadyShared, ClosedAs, DraftFull, Issue, IssueOver, IssueState, NothingSaid
from models.people import Person, Role, Specialty
from models.policy import Policy
from models.rules import Gone, NotAllowed

ZONE = Policy().timezone


async def somebody(session: AsyncSession, name: str = "王秀兰", id: int = 900) -> Person:
    person = Person(name=name, telegram_id=id, role_rows=[], specialties=[])
    person.give(Role.DEPUTY)
    session.add(person)
    await session.flush()
    return person


def piece(message_id: int, text: str = "", kind: PieceKind = PieceKind.TEXT, *, at: datetime, source: str = "") -> IssuePiece:
    return IssuePiece(kind=kind, text=text, chat_id=900, message_id=message_id, source_name=source, attachment=None, received_at=at)


async def drafted(session: AsyncSession, now: datetime, text: str = "下水道堵了，电话13655550123") -> tuple[Person, Issue]:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, text, at=now))
    issue.choose(Specialty(name="城建环保", keywords=[]))
    await session.flush()
    return deputy, issue


async def confirmed(session: AsyncSession, now: datetime) -> tuple[Person, Issue]:
    deputy, issue = await drafted(session, now)
    await confirm_draft(session, issue, deputy, seen=issue.version, timezone=ZONE, now=now)
    return deputy, issue


async def test_a_deputy_has_one_draft_that_everything_joins(session: AsyncSession, now: datetime) -> None:
    deputy = await somebody(session)

    first, second = await open_draft(session, deputy, now=now), await open_draft(session, deputy, now=now)

    assert first is second


async def test_numbers_count_up_within_the_local_year_and_begin_anew(session: AsyncSession) -> None:
    given = [await next_number(session, year) for year in (2026, 2026, 2027, 2026)]

    assert given == ["2026-0001", "2026-0002", "2027-0001", "2026-0003"]


async def test_the_year_is_the_local_one(session: AsyncSession) -> None:
    new_year_in_shanghai = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    _, issue = await confirmed(session, new_year_in_shanghai)

    assert issue.number == "2027-0001"


async def test_confirming_shares_the_masked_text_and_keeps_the_raw_one(session: AsyncSession, now: datetime) -> None:
    _, issue = await confirmed(session, now)

    assert issue.shared_text == "下水道堵了，电话【电话】"
    assert "13655550123" in issue.raw_text
    assert issue.state is IssueState.OPEN


async def test_the_name_a_message_was_forwarded_under_is_covered(session: AsyncSession, now: datetime) -> None:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, "老李头家门口积水", at=now, source="老李头"))

    assert issue.masked().text == "【姓名】家门口积水"


@pytest.mark.parametrize("account", ["三 张", "张 三", "A张三🌸"])
async def test_a_forwarded_name_is_covered_as_texts_write_it(session: AsyncSession, now: datetime, account: str) -> None:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, "张三来过，他家漏水", at=now, source=account))

    assert issue.masked().text == "【姓名】来过，他家漏水"


async def test_a_contact_is_neither_text_nor_attachment(session: AsyncSession, now: datetime) -> None:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, "周莉 15900001234", PieceKind.CONTACT, at=now, source="周莉"))

    assert issue.raw_text == ""
    assert issue.attachments == []


async def test_a_places_name_and_address_are_shared_covered_and_never_as_they_came(session: AsyncSession, now: datetime) -> None:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, "李长根家 翠竹小区3栋2单元501室", PieceKind.LOCATION, at=now))
    issue.add(piece(2, "", PieceKind.LOCATION, at=now))
    await session.flush()

    assert issue.attachments == [issue.pieces[1]]
    assert "501" not in issue.masked().text


async def test_what_joined_after_the_look_must_be_looked_at_again(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await drafted(session, now)
    seen = issue.version
    issue.add(piece(2, "我叫李长根", at=now))

    with pytest.raises(DraftChanged):
        await confirm_draft(session, issue, deputy, seen=seen, timezone=ZONE, now=now)


async def test_confirming_twice_gives_one_number(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await confirmed(session, now)

    with pytest.raises(AlreadyShared):
        await confirm_draft(session, issue, deputy, seen=issue.version, timezone=ZONE, now=now)


async def test_a_discarded_draft_is_forgotten_and_cannot_be_confirmed(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await drafted(session, now)

    await discard_draft(session, issue, deputy, now=now)
    await session.flush()

    assert (await session.scalars(select(IssuePiece))).all() == []
    assert await draft_of(session, deputy) is None
    with pytest.raises(Gone):
        issue.require_draft()


async def test_pictures_alone_need_a_word(session: AsyncSession, now: datetime) -> None:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, kind=PieceKind.PHOTO, at=now))

    with pytest.raises(NothingSaid):
        issue.choose(Specialty(name="城建环保", keywords=[]))


async def test_a_draft_has_a_limit(session: AsyncSession, now: datetime) -> None:
    issue = await open_draft(session, await somebody(session), now=now)
    for number in range(PIECES_LIMIT):
        issue.add(piece(number, "话", at=now))

    with pytest.raises(DraftFull):
        issue.add(piece(99, "话", at=now))


async def test_a_closed_issue_is_not_closed_again_nor_withdrawn(session: AsyncSession, now: datetime) -> None:
    _, issue = await confirmed(session, now)
    issue.close(ClosedAs.ANSWERED, now=now)

    with pytest.raises(IssueOver):
        issue.close(ClosedAs.SUGGESTION, now=now)
    with pytest.raises(IssueOver):
        issue.withdraw(now=now)


async def test_another_specialty_is_tried_only_while_nobody_is_asked(session: AsyncSession, now: datetime) -> None:
    _, issue = await confirmed(session, now)
    other = Specialty(name="教科文卫", keywords=[])
    issue.redirect(other, now=now + timedelta(hours=1))
    issue.state = IssueState.REFERRED

    with pytest.raises(AdviceOnItsWay):
        issue.redirect(other, now=now)


async def test_nobody_else_has_a_hand_in_it(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await drafted(session, now)
    other = await somebody(session, "陈志强", 901)

    with pytest.raises(NotAllowed):
        issue.require_home(other)
    deputy.active = False
    with pytest.raises(NotAllowed):
        issue.require_home(deputy)


async def test_the_audit_log_says_who_and_when_and_no_word_of_constituents(session: AsyncSession, now: datetime) -> None:
    await confirmed(session, now)
    await session.flush()

    entries = (await session.scalars(select(AuditEntry))).all()
    assert [entry.action for entry in entries] == ["issue.drafted", "issue.confirmed"]
    assert "下水道" not in str([entry.details for entry in entries])
