"""Drafts in the deputy's hands: masking overruled, pieces dropped, matters split, drafts left lying."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Message

from handlers.pieces import source_name
from models.audit import AuditEntry
from models.draft_contents import (
    LastPiece,
    NothingToSplit,
    entries_of,
    entry_of,
    keep_together,
    require_seen,
    split_draft,
    turn_apart,
    turn_dropped,
    turn_sharing,
    turn_sharing_of_all,
)
from models.draft_masking import NotInText, TooManyCovered, cover_also, coverings, turn_covering
from models.draft_waiting import drafts_to_ask_about, next_draft_to_ask_about, note_asked
from models.drafts import DraftChanged, confirm_draft, discard_draft, draft_of, drafts_of, open_draft
from models.issue_pieces import PieceKind
from models.issue_reveals import NoReason, ReasonToReveal, reveal
from models.issue_sources import tellers
from models.issues import Issue
from models.masking import WORDS_LIMIT, mask
from models.people import Person, Specialty
from models.policy import Policy
from models.rules import Gone, NotAllowed
from tests.rules.test_issues import ZONE, piece, somebody

TEXT = "我叫李长根，电话13655550123。李长根家楼下的王记粮油店排油烟"


async def draft(session: AsyncSession, now: datetime, text: str = TEXT, *kinds: PieceKind) -> tuple[Person, Issue]:
    deputy = await somebody(session)
    issue = await open_draft(session, deputy, now=now)
    issue.add(piece(1, text, at=now))
    for number, kind in enumerate(kinds, start=2):
        issue.add(piece(number, kind=kind, at=now))
    await session.flush()
    return deputy, issue


def test_words_asked_for_are_covered_wherever_they_stand() -> None:
    assert mask("王记粮油店，还是王记粮油店", more=["王记粮油店"]).text == "【隐去】，还是【隐去】"
    assert mask("the blue shop", more=["blue shop"]).text == "the [hidden]"


def test_a_false_hit_stays_readable_wherever_it_stands() -> None:
    assert mask(TEXT, readable=["李长根"]).text == "我叫李长根，电话【电话】。李长根家楼下的王记粮油店排油烟"


def test_a_readable_number_does_not_come_back_in_parts() -> None:
    assert mask("座机：010-66668888", readable=["010-66668888"]).text == "座机：010-66668888"


@pytest.mark.parametrize(
    ("more", "shared"),
    [
        (["长根，电话"], "我叫【隐去】【电话】"),
        (["长根"], "我叫【姓名】，电话【电话】"),
        (["长根，电话136"], "我叫【隐去】"),
    ],
)
def test_where_both_overlap_all_of_both_is_covered(more: list[str], shared: str) -> None:
    assert mask("我叫李长根，电话13655550123", more=more).text == shared


def test_covering_a_single_sign_in_a_long_text_takes_no_time() -> None:
    text = "的一二三" * 60_000

    assert "的" not in mask(text, more=["的", "一"]).text


async def test_a_restored_word_can_be_covered_again_and_each_turn_must_be_looked_at(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await draft(session, now)
    issue.choose(Specialty(name="城建环保", keywords=[]))
    seen = issue.version

    assert [one.words for one in coverings(issue)] == ["李长根", "13655550123"]
    turn_covering(issue, 0)
    assert "李长根" in issue.masked().text
    assert not coverings(issue)[0].covered
    turn_covering(issue, 0)
    assert "李长根" not in issue.masked().text
    with pytest.raises(DraftChanged):
        await confirm_draft(session, issue, deputy, seen=seen, timezone=ZONE, now=now)


async def test_more_is_covered_in_what_is_said_later_too_and_can_be_taken_back(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now)

    cover_also(issue, "王记粮油店、 排油烟\n\n王记粮油店")
    await session.flush()

    assert issue.masked().text.endswith("楼下的【隐去】【隐去】")
    assert issue.covered("王记粮油店已整改") == "【隐去】已整改"
    turn_covering(issue, 2)
    assert issue.cover_more == ["排油烟"]


async def test_covering_a_restored_word_by_hand_covers_it_again(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now)
    turn_covering(issue, 0)

    cover_also(issue, "李长根")

    assert issue.readable == []
    assert "李长根" not in issue.masked().text


async def test_only_what_stands_in_the_text_can_be_covered_and_not_without_end(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, "".join(map(chr, range(0x4E00, 0x4E00 + WORDS_LIMIT + 1))))

    with pytest.raises(NotInText):
        cover_also(issue, "没有这句话")
    with pytest.raises(TooManyCovered):
        cover_also(issue, "\n".join(issue.raw_text))
    with pytest.raises(Gone):
        turn_covering(issue, 0)


async def test_what_is_taken_out_counts_for_nothing_can_be_brought_back_and_is_forgotten_in_the_end(
    session: AsyncSession, now: datetime
) -> None:
    deputy, issue = await draft(session, now, TEXT, PieceKind.PHOTO, PieceKind.VOICE)
    issue.choose(Specialty(name="城建环保", keywords=[]))
    text, photo, voice = issue.pieces

    assert turn_dropped(issue, [text])
    assert (issue.raw_text, issue.specialty) == ("", None), "pictures alone go nowhere"
    assert not turn_dropped(issue, [text])
    turn_dropped(issue, [voice])
    assert issue.attachments == [photo]
    issue.choose(Specialty(name="教科文卫", keywords=[]))
    await confirm_draft(session, issue, deputy, seen=issue.version, timezone=ZONE, now=now)
    await session.flush()

    assert issue.pieces == [text, photo]


async def test_the_last_piece_is_not_taken_out_and_no_foreign_one(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, TEXT, PieceKind.PHOTO)
    turn_dropped(issue, issue.pieces[:1])

    with pytest.raises(LastPiece):
        turn_dropped(issue, issue.pieces[1:])
    with pytest.raises(Gone):
        entry_of(issue, 999)
    with pytest.raises(DraftChanged):
        require_seen(issue, issue.version - 1)


async def test_an_album_is_one_entry(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, TEXT, PieceKind.PHOTO, PieceKind.VOICE, PieceKind.PHOTO)
    text, first, voice, second = issue.pieces
    first.media_group_id = second.media_group_id = "album"

    assert entries_of(issue) == [[text], [first, second], [voice]]
    turn_sharing(issue, [first])
    turn_sharing(issue, [first, second])
    assert issue.attachments == [voice], "some went along: now none of it does"
    turn_sharing(issue, entry_of(issue, second.id))
    assert issue.attachments == [first, voice, second]


async def test_each_attachment_goes_along_or_stays(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, TEXT, PieceKind.PHOTO, PieceKind.VOICE, PieceKind.CONTACT)
    text, photo, voice, contact = issue.pieces

    turn_sharing(issue, [photo])
    assert issue.attachments == [voice]
    turn_sharing_of_all(issue)
    assert issue.attachments == []
    turn_sharing(issue, [photo])
    assert issue.attachments == [photo], "one alone, after none"
    turn_sharing_of_all(issue)
    turn_sharing_of_all(issue)
    assert issue.attachments == [photo, voice]
    for never in (text, contact):
        with pytest.raises(Gone):
            turn_sharing(issue, [never])


async def test_a_split_draft_waits_behind_the_first(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await draft(session, now, TEXT, PieceKind.PHOTO)
    turn_apart(issue, issue.pieces[1:])

    second = await split_draft(session, issue, deputy, now=now)

    assert [len(one.pieces) for one in (issue, second)] == [1, 1]
    assert not second.pieces[0].apart
    assert await drafts_of(session, deputy) == [issue, second]
    issue.add(piece(9, "补充", at=now + timedelta(minutes=1)))
    assert await draft_of(session, deputy) is issue
    await discard_draft(session, issue, deputy, now=now)
    assert await draft_of(session, deputy) is second


async def test_what_follows_the_first_piece_marked_goes_with_it_and_single_ones_are_corrected(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, TEXT, PieceKind.PHOTO, PieceKind.TEXT, PieceKind.VOICE)

    turn_apart(issue, [issue.pieces[1]])
    assert [one.apart for one in issue.pieces] == [False, True, True, True]
    turn_apart(issue, [issue.pieces[3]])
    turn_apart(issue, [issue.pieces[0]])
    assert [one.apart for one in issue.pieces] == [True, True, True, False]
    keep_together(issue)
    turn_apart(issue, [issue.pieces[0]])
    assert [one.apart for one in issue.pieces] == [True, False, False, False]


async def test_the_draft_worked_on_last_gathers(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await draft(session, now, TEXT, PieceKind.PHOTO)
    turn_apart(issue, issue.pieces[1:])
    second = await split_draft(session, issue, deputy, now=now)

    second.worked_at = now + timedelta(minutes=1)

    assert await open_draft(session, deputy, now=now) is second


async def test_nothing_and_everything_cannot_be_split_off(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await draft(session, now, TEXT, PieceKind.PHOTO)

    for _ in range(2):
        with pytest.raises(NothingToSplit):
            await split_draft(session, issue, deputy, now=now)
        for one in issue.pieces:
            turn_apart(issue, [one])
    keep_together(issue)
    assert not any(one.apart for one in issue.pieces)


@pytest.mark.parametrize(
    ("begun", "asked"),
    [
        (datetime(2026, 3, 10, 4, 0, tzinfo=UTC), datetime(2026, 3, 11, 4, 0, tzinfo=UTC)),
        (datetime(2026, 3, 10, 12, 0, tzinfo=UTC), datetime(2026, 3, 12, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 13, 4, 0, tzinfo=UTC), datetime(2026, 3, 16, 0, 30, tzinfo=UTC)),
    ],
    ids=["by day", "in the evening", "before the weekend"],
)
async def test_a_draft_left_lying_is_asked_about_once_and_not_at_night(session: AsyncSession, begun: datetime, asked: datetime) -> None:
    _, issue = await draft(session, begun)
    policy = Policy()

    assert await next_draft_to_ask_about(session) == asked
    assert await drafts_to_ask_about(session, policy, now=asked - timedelta(minutes=1)) == []
    assert await drafts_to_ask_about(session, policy, now=asked) == [issue]
    note_asked(issue, now=asked)
    await session.flush()
    assert await drafts_to_ask_about(session, policy, now=asked + timedelta(days=7)) == []
    assert await next_draft_to_ask_about(session) is None


async def test_the_deputy_knows_from_whom_a_piece_was_forwarded(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now)
    issue.add(piece(2, "路灯也坏了", at=now, source="老李头"))
    issue.add(piece(3, "周莉 15900001234", PieceKind.CONTACT, at=now, source="周莉"))
    await session.flush()

    assert await tellers(session, issue) == {issue.pieces[1].id: "老李头"}


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ({"type": "hidden_user", "sender_user_name": "老李头"}, "老李头"),
        ({"type": "channel", "chat": {"id": -100, "type": "channel"}, "message_id": 1, "author_signature": "李长根"}, "李长根"),
        ({"type": "chat", "sender_chat": {"id": -100, "type": "supergroup"}}, ""),
    ],
)
def test_whoever_wrote_what_was_forwarded_is_known_by_name(origin: dict[str, object], name: str) -> None:
    origin |= {"date": 1}
    message = Message.de_json({"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "forward_origin": origin}, None)
    assert message is not None

    assert source_name(message) == name


async def test_the_original_is_for_the_home_deputy_with_a_reason(session: AsyncSession, now: datetime) -> None:
    deputy, issue = await draft(session, now)
    other = await somebody(session, "黄建平", 901)
    with pytest.raises(Gone):
        reveal(session, issue, deputy, ReasonToReveal.CONTACT, now=now)
    issue.choose(Specialty(name="城建环保", keywords=[]))
    await confirm_draft(session, issue, deputy, seen=issue.version, timezone=ZONE, now=now)

    reveal(session, issue, deputy, ReasonToReveal.VERIFY, now=now)
    reveal(session, issue, deputy, ReasonToReveal.OTHER, "问" * 195 + "13655550123", now=now)
    await session.flush()

    noted = (await session.scalars(select(AuditEntry.details).where(AuditEntry.action == "issue.identity_revealed"))).all()
    assert "13655" not in str(noted)
    with pytest.raises(NotAllowed):
        reveal(session, issue, other, ReasonToReveal.VERIFY, now=now)
    for reason in (ReasonToReveal.ASK, ReasonToReveal.OTHER):
        with pytest.raises(NoReason):
            reveal(session, issue, deputy, reason, "  ", now=now)


async def test_an_edit_that_changes_the_file_alone_counts(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, TEXT, PieceKind.DOCUMENT)
    paper, before = issue.pieces[1], issue.version
    paper.file_id, paper.file_name = "names in it", "名单.docx"

    assert not paper.differs("", "names in it")
    assert paper.differs("", "names struck out")
    issue.reword(paper, "", PieceKind.PHOTO, "names struck out", None, now=now)

    assert (paper.kind, paper.file_id, paper.file_name) == (PieceKind.PHOTO, "names struck out", None)
    assert issue.version == before + 1


async def test_a_draft_whose_only_words_were_edited_away_must_be_given_words_again(session: AsyncSession, now: datetime) -> None:
    _, issue = await draft(session, now, "门口积水")
    issue.choose(Specialty(name="城建环保", keywords=[]))

    issue.reword(issue.pieces[0], "", PieceKind.PHOTO, "a photo", None, now=now)

    assert issue.specialty is None
