"""Rules of the deputies' mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.long_texts import length_of
from handlers.mailbox_cards import bring_letter, covered_view, deputys_view
from handlers.mailbox_news import without_own_phones
from handlers.mailbox_office import chase
from handlers.post import Post
from handlers.texts import Texts
from models.absence import go_away
from models.draft_contents import split_draft, turn_apart
from models.drafts import discard_draft
from models.issue_pieces import PieceKind
from models.issue_sources import tellers
from models.issues import ClosedAs, IssueState
from models.mailbox import (
    LETTER_PIECES,
    LETTER_TEXT,
    AlreadySent,
    Category,
    Contentment,
    Letter,
    LetterFull,
    LetterOver,
    LetterPiece,
    LetterState,
    Side,
    Solved,
)
from models.mailbox_answering import (
    AlreadyReopened,
    AlreadyTaken,
    DraftInTheWay,
    NotADeputyOfHome,
    answered,
    assign,
    block_sender,
    end,
    hand_to_office,
    letters_to_chase,
    next_to_chase,
    pass_to_another,
    rate,
    reopen_letter,
    stranded_letters,
    take_into_draft,
    unblock_sender,
    written_back,
)
from models.mailbox_senders import sender_of
from models.mailbox_views import blocked_senders, letters_for_office, open_by_deputy
from models.mailbox_writing import (
    CODE_LETTERS,
    LetterUnfinished,
    NothingWritten,
    SenderBlocked,
    TooManyLetters,
    areas_to_write_to,
    begin_letter,
    choose_category,
    choose_deputy,
    code_in,
    draft_letter_of,
    forget_drafts,
    send_letter,
    settle_deputy,
)
from models.outbox import OutboxMessage
from models.people import Area, Person, Role, named
from models.policy import Policy
from models.rules import Gone, NotAllowed

POLICY = Policy()
_numbers = iter(range(1, 100_000))


@dataclass
class Town:
    """An area with two deputies, and the office."""

    session: AsyncSession
    now: datetime
    area: Area
    wang: Person
    zhou: Person
    office: Person

    async def begun(self, telegram_id: int = 900, *, to: Person | None = None) -> Letter:
        sender = await sender_of(self.session, telegram_id, now=self.now)
        return await begin_letter(self.session, sender, self.area, to, POLICY, name="老李", language="zh_CN", now=self.now)

    async def sent(self, telegram_id: int = 900, *, to: Person | None = None, text: str = "路灯坏了") -> Letter:
        letter = await self.begun(telegram_id, to=to)
        choose_category(letter, Category.HELP)
        letter.add(said(text), now=self.now)
        await send_letter(self.session, letter, await sender_of(self.session, telegram_id, now=self.now), POLICY, now=self.now)
        return letter


def said(text: str, kind: PieceKind = PieceKind.TEXT) -> LetterPiece:
    return LetterPiece(
        side=Side.SENDER, opening=True, kind=kind, text=text, chat_id=900, message_id=next(_numbers), said_at=datetime.now().astimezone()
    )


async def somebody(session: AsyncSession, name: str, role: Role, area: Area | None) -> Person:
    person = Person(name=name, role_rows=[], specialties=[], area=area, group=None, telegram_id=next(_numbers), unreachable_since=None)
    person.give(role)
    session.add(person)
    await session.flush()
    return person


@pytest.fixture
async def town(session: AsyncSession, now: datetime) -> Town:
    area = await named(session, Area, "云溪街道")
    await named(session, Area, "无人镇")
    wang, zhou = await somebody(session, "王秀兰", Role.DEPUTY, area), await somebody(session, "周文博", Role.DEPUTY, area)
    return Town(session, now, area, wang, zhou, await somebody(session, "刘敏", Role.OFFICE, None))


async def test_letters_go_to_whoever_has_the_fewest_open(town: Town) -> None:
    first, second, third = await town.sent(), await town.sent(901), await town.sent(902)
    answered(town.session, second, town.zhou, now=town.now)
    end(town.session, second, ClosedAs.ANSWERED, town.zhou, now=town.now)

    fourth = await town.sent(903)

    assert [letter.deputy for letter in (first, second, third, fourth)] == [town.wang, town.zhou, town.wang, town.zhou]


async def test_whoever_is_away_gets_none_while_another_is_there(town: Town) -> None:
    await go_away(town.session, town.wang, (town.now + timedelta(days=5)).date(), timezone=POLICY.timezone, now=town.now)
    assert await choose_deputy(town.session, town.area, now=town.now) is town.zhou

    town.zhou.active = False

    assert await choose_deputy(town.session, town.area, now=town.now) is town.wang


async def test_only_deputies_who_can_be_reached_get_letters_and_else_the_office(town: Town) -> None:
    town.wang.unreachable_since = town.now
    assert await choose_deputy(town.session, town.area, now=town.now) is town.zhou
    town.zhou.active = False
    letter = await town.begun(to=town.wang)
    choose_category(letter, Category.COMPLAINT)
    letter.add(said("", PieceKind.VOICE), now=town.now)

    await send_letter(town.session, letter, await sender_of(town.session, 900, now=town.now), POLICY, now=town.now)

    assert letter.deputy is None
    assert await areas_to_write_to(town.session) == []
    assert await letters_for_office(town.session, before=None, deputy_id=0, offset=0, limit=9) == [letter]


async def test_a_letter_is_sent_whole_and_once(town: Town) -> None:
    letter = await town.begun()
    sender = await sender_of(town.session, 900, now=town.now)
    with pytest.raises(LetterUnfinished):
        await send_letter(town.session, letter, sender, POLICY, now=town.now)
    choose_category(letter, Category.HELP)
    letter.add(said("", PieceKind.PHOTO), now=town.now)
    with pytest.raises(NothingWritten):
        await send_letter(town.session, letter, sender, POLICY, now=town.now)
    letter.add(said("路灯坏了"), now=town.now)
    await send_letter(town.session, letter, sender, POLICY, now=town.now)

    with pytest.raises(AlreadySent):
        await send_letter(town.session, letter, sender, POLICY, now=town.now)
    with pytest.raises(AlreadySent):
        letter.add(said("还有"), now=town.now)
    assert letter.code is not None
    assert len(letter.code) == 8
    assert set(letter.code) <= set(CODE_LETTERS)


@pytest.mark.parametrize("written", ["abcd2345", " ABCD-2345 ", "AbCd 23 45", "abcd·2345"])
def test_a_code_is_read_however_it_is_written(written: str) -> None:
    assert code_in(written) == "ABCD2345"


@pytest.mark.parametrize("written", ["", "ABCD234", "ABCD23450", "O0I1L234", "你好你好你好你好"])
def test_what_is_no_code_is_not_taken_for_one(written: str) -> None:
    assert code_in(written) is None


async def test_a_letter_has_a_size(town: Town) -> None:
    letter = await town.begun()
    for _ in range(LETTER_PIECES):
        letter.add(said("", PieceKind.PHOTO), now=town.now)

    with pytest.raises(LetterFull):
        letter.add(said(""), now=town.now)
    letter.pieces.clear()
    with pytest.raises(LetterFull):
        letter.add(said("长" * (LETTER_TEXT + 1)), now=town.now)


async def test_five_letters_in_a_day_are_the_measure(town: Town) -> None:
    for _ in range(POLICY.mailbox_daily):
        await town.sent()

    with pytest.raises(TooManyLetters):
        await town.begun()
    town.now += timedelta(days=1, seconds=1)
    await town.begun()


async def test_one_draft_a_sender_and_what_is_left_lying_is_forgotten(town: Town) -> None:
    letter = await town.begun()
    letter.add(said("路灯坏了"), now=town.now)
    assert await town.begun() is letter

    await forget_drafts(town.session, now=town.now + timedelta(days=3))

    assert letter.state is LetterState.DISCARDED
    assert letter.pieces == []
    assert await draft_letter_of(town.session, 900) is None
    with pytest.raises(Gone):
        letter.require_sender(900)


async def test_a_deputy_of_another_area_cannot_be_picked(town: Town) -> None:
    letter = await town.begun()
    stranger = await somebody(town.session, "李国栋", Role.DEPUTY, await named(town.session, Area, "柳河镇"))

    with pytest.raises(Gone):
        settle_deputy(letter, stranger)


async def test_a_letter_is_taken_into_a_draft_of_its_own_and_stays_with_that_issue(town: Town) -> None:
    letter, other = await town.sent(to=town.wang), await town.sent(901, to=town.wang)

    issue = await take_into_draft(town.session, letter, town.wang, now=town.now)

    assert letter.state is LetterState.IN_HAND
    assert [piece.text for piece in issue.pieces] == ["路灯坏了"]
    assert issue.pieces[0].source_name == "老李"
    assert await tellers(town.session, issue) == {}, "the deputy was not to know"
    with pytest.raises(DraftInTheWay):
        await take_into_draft(town.session, other, town.wang, now=town.now)
    with pytest.raises(AlreadyTaken):
        hand_to_office(town.session, letter, town.wang, "忙", now=town.now)
    with pytest.raises(NotAllowed):
        await take_into_draft(town.session, other, town.zhou, now=town.now)


async def test_a_letter_split_in_two_names_its_writer_in_neither_and_can_be_taken_again(town: Town) -> None:
    letter = await town.begun(to=town.wang)
    choose_category(letter, Category.HELP)
    for text in ("路灯坏了", "井盖也坏了"):
        letter.add(said(text), now=town.now)
    await send_letter(town.session, letter, await sender_of(town.session, 900, now=town.now), POLICY, now=town.now)
    issue = await take_into_draft(town.session, letter, town.wang, now=town.now)
    turn_apart(issue, [issue.pieces[1]])

    second = await split_draft(town.session, issue, town.wang, now=town.now)

    assert await tellers(town.session, second) == {}
    await discard_draft(town.session, issue, town.wang, now=town.now)
    second.state = IssueState.OPEN  # shared meanwhile
    again = await take_into_draft(town.session, letter, town.wang, now=town.now)
    assert [piece.text for piece in again.pieces] == ["路灯坏了"]


async def test_whoever_waits_is_counted_from_the_last_word_that_needs_an_answer(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    answered(town.session, letter, town.wang, now=town.now)
    assert await letters_to_chase(town.session, POLICY, now=town.now + timedelta(days=30)) == []
    later = town.now + timedelta(days=3)
    written_back(town.session, letter, now=later)

    assert letter.state is LetterState.IN_HAND
    assert await letters_to_chase(town.session, POLICY, now=later + timedelta(days=6)) == []
    assert await letters_to_chase(town.session, POLICY, now=later + timedelta(days=7)) == [letter]
    assert await letters_to_chase(town.session, POLICY, now=later + timedelta(days=7, hours=11)) == [], "nobody is reminded at night"
    assert await next_to_chase(town.session) == later + timedelta(days=7)
    assert await open_by_deputy(town.session, later) == [(town.wang, 1, 1)]


async def test_a_deputy_who_has_left_is_reminded_of_nothing(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    town.wang.active = False

    await chase(Post(town.session, town.now + timedelta(days=8), Texts(POLICY.languages, POLICY.timezone), POLICY, "village_bot"))

    reached = (await town.session.scalars(select(OutboxMessage.chat_id))).all()
    assert letter.chased_at is not None
    assert set(reached) == {town.office.telegram_id}


async def test_the_outcome_is_judged_by_two_questions_and_reopened_once(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    with pytest.raises(Gone):
        rate(town.session, letter, solved=Solved.YES, now=town.now)
    end(town.session, letter, ClosedAs.ANSWERED, town.wang, now=town.now)
    rate(town.session, letter, solved=Solved.NO, now=town.now)
    rate(town.session, letter, contentment=Contentment.BASICALLY, now=town.now)
    assert (letter.solved, letter.contentment) == (Solved.NO, Contentment.BASICALLY)

    assert await reopen_letter(town.session, letter, "没解决", now=town.now) is None
    end(town.session, letter, ClosedAs.ANSWERED, town.wang, now=town.now)

    assert (letter.solved, letter.contentment) == (None, None)
    with pytest.raises(AlreadyReopened):
        await reopen_letter(town.session, letter, "还没解决", now=town.now)
    with pytest.raises(LetterOver):
        answered(town.session, letter, town.wang, now=town.now)


async def test_reopening_wakes_the_issue_that_was_made_of_it(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    issue = await take_into_draft(town.session, letter, town.wang, now=town.now)
    issue.number, issue.state, issue.closed_as = "2026-0001", IssueState.CLOSED, ClosedAs.ANSWERED
    end(town.session, letter, ClosedAs.ANSWERED, town.wang, now=town.now)

    woken = await reopen_letter(town.session, letter, "没解决", now=town.now)

    assert woken is issue
    assert issue.live
    assert letter.state is LetterState.IN_HAND


async def test_only_the_office_hands_on_and_only_to_deputies(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    hand_to_office(town.session, letter, town.wang, "不熟悉", now=town.now)

    with pytest.raises(NotAllowed):
        assign(town.session, letter, town.zhou, town.wang, now=town.now)
    with pytest.raises(NotADeputyOfHome):
        assign(town.session, letter, town.office, town.office, now=town.now)
    assert assign(town.session, letter, town.zhou, town.office, now=town.now)
    await town.session.flush()
    assert not assign(town.session, letter, town.zhou, town.office, now=town.now)
    assert (letter.deputy, letter.handed_reason) == (town.zhou, "")


async def test_a_letter_does_not_wait_with_somebody_who_is_lost(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    await take_into_draft(town.session, letter, town.wang, now=town.now)
    town.wang.unreachable_since = town.now
    assert await stranded_letters(town.session) == []
    town.wang.active = False

    assert await stranded_letters(town.session) == [letter]
    await pass_to_another(town.session, letter.id, now=town.now)

    assert (letter.deputy, letter.state, letter.issue) == (town.zhou, LetterState.WAITING, None)
    await take_into_draft(town.session, letter, town.zhou, now=town.now)


async def test_whoever_is_blocked_writes_no_more_until_let_in_again(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    sender = await sender_of(town.session, 900, now=town.now)
    with pytest.raises(NotAllowed):
        await block_sender(town.session, letter, sender, town.wang, "辱骂", now=town.now)
    await block_sender(town.session, letter, sender, town.office, "辱骂", now=town.now)

    assert letter.state is LetterState.REFUSED
    assert await blocked_senders(town.session, limit=9) == [sender]
    with pytest.raises(SenderBlocked):
        await town.begun()
    unblock_sender(town.session, sender, town.office, "已道歉", now=town.now)
    await town.begun()


async def test_cards_of_the_longest_letter_fit_into_a_message_and_show_no_part_of_a_number(town: Town) -> None:
    letter = await town.sent(to=town.wang, text="长" * 3000)
    for _ in range(4):
        word = said("补" * 290 + "13655550123" + "充" * 3000)
        word.opening = False
        letter.pieces.append(word)
    letter.reopen_reason, letter.reopened_at = "再" * 495 + "13655550123" + "办" * 400, town.now
    letter.handed_reason, letter.report_reason = "李长根的事，电话13655550123" + "转" * 280, "骂" * 300
    letter.solved, letter.contentment, letter.closed_as = Solved.NO, Contentment.DISSATISFIED, ClosedAs.ANSWERED
    texts = Texts(POLICY.languages, POLICY.timezone)

    for language in POLICY.languages:
        cards = [
            texts.render("mailbox/deputy", language, again=True, **deputys_view(letter)),
            texts.render("mailbox/office_letter", language, **covered_view(letter)),
        ]
        assert [length_of(re.sub("<[^>]*>", "", card)) < 4096 for card in cards] == [True, True]
        assert "1365" not in cards[1]


async def test_an_edit_that_changes_a_letters_file_alone_counts(town: Town) -> None:
    letter = await town.begun()
    letter.add(said("", PieceKind.DOCUMENT), now=town.now)
    paper, later = letter.pieces[0], town.now + timedelta(minutes=1)
    paper.file_id = "names in it"

    assert not letter.reword(paper, "", PieceKind.DOCUMENT, "names in it", None, now=later)
    assert letter.reword(paper, "", PieceKind.PHOTO, "names struck out", None, now=later)

    assert (paper.kind, paper.file_id, letter.touched_at) == (PieceKind.PHOTO, "names struck out", later)


async def test_no_deputys_number_reaches_a_constituent_however_it_is_written(town: Town) -> None:
    town.wang.phone, town.zhou.phone = "13900001111", "05646012345"
    await town.session.flush()
    letter = await town.sent(to=town.wang)
    post = Post(town.session, town.now, Texts(POLICY.languages, POLICY.timezone), POLICY, "village_bot")

    for written in ("13900001111", "+8613900001111", "0086 139 0000 1111", "139.0000.1111", "１３９００００１１１１", "0564-6012345"):
        assert await without_own_phones(post, letter, f"请打{written}，谢谢") == "请打【电话】，谢谢", written
    assert await without_own_phones(post, letter, "社区电话0564-6019999，急事打110") == "社区电话0564-6019999，急事打110"


async def test_a_letter_with_many_pictures_is_brought_whole(town: Town) -> None:
    letter = await town.sent(to=town.wang)
    letter.pieces += [said("", PieceKind.PHOTO) for _ in range(120)]
    await town.session.flush()

    await bring_letter(Post(town.session, town.now, Texts(POLICY.languages, POLICY.timezone), POLICY, "village_bot"), letter)

    copied = await town.session.scalars(select(OutboxMessage.params).where(OutboxMessage.method == "copyMessages"))
    assert [len(params["message_ids"]) for params in copied] == [100, 20]
