"""A sent letter as each sees it: its writer the state, the deputy the letter without a name, the office all with names covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handlers.issue_places import shared_subject
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import in_parts, length_of, shortened
from handlers.mailbox_presses import LetterDo, LetterPress, MailDo, MailPress
from handlers.post import Place, Post
from handlers.texts import T, t
from models.account_names import forms_of
from models.issue_pieces import PieceKind
from models.issues import ClosedAs, IssueState
from models.mailbox import Contentment, Letter, LetterPiece, LetterState, Side, Solved
from models.masking import mask
from models.outbox import Card, card_at, copied_before, subject_of
from models.people import Role, people_with

TEXT_SHOWN, ANSWER_SHOWN, WORD_SHOWN, WORDS_SHOWN = 2400, 900, 300, 4
COPIED_AT_ONCE = 100
TEXT_BESIDE_WORDS, REASON_SHOWN = 1200, 400
"""A message holds 4,096: where more was said afterwards, less of the letter itself is shown."""


def writer(letter: Letter) -> Place:
    """The private chat of whoever wrote it."""
    return Place(letter.sender_id, letter.language)


def to_writer(letter: Letter) -> str:
    return f"mail:{letter.id}"


def to_deputy(letter: Letter) -> str:
    return f"letter:{letter.id}"


async def letter_id_at(post: Post, chat_id: int, message_id: int) -> int | None:
    """Which letter a message of the Home is about, so that a reply to it finds its way."""
    card = await card_at(post.session, chat_id, message_id)
    subject = card.key if card is not None else await subject_of(post.session, chat_id, message_id)
    word, _, id = (subject or "").partition(":")
    return int(id) if word in ("mail", "letter") and id.isdecimal() else None


def press(letter: Letter, do: MailDo, which: int = 0) -> MailPress:
    return MailPress(letter.id, do, which)


def counted(pieces: Sequence[LetterPiece]) -> Counter[str]:
    return Counter(piece.kind.value for piece in pieces)


def state_of(letter: Letter) -> T:
    """Where it stands, in the constituent's words: nobody who advises is named, and no number of ours."""
    issue = letter.linked_issue
    if letter.closed_as is ClosedAs.ANSWERED and not letter.answered:
        return t("mailbox.closed_unanswered")
    if letter.state is LetterState.CLOSED and letter.closed_as is not None:
        return t(f"mailbox.closed_as.{letter.closed_as}")
    if letter.state is LetterState.IN_HAND and issue is not None and issue.number is not None:
        return t("mailbox.state.advised" if issue.state is IssueState.ADVISED else "mailbox.state.experts_asked")
    if letter.state is LetterState.WAITING and letter.deputy is None:
        return t("mailbox.state.with_office")
    return t(f"mailbox.state.{letter.state}")


def writer_buttons(letter: Letter) -> list[list[Button]]:
    """What its writer can do with a letter that was sent."""
    first: list[Button] = []
    if letter.open:
        first = [Button(t("mailbox.do.write"), press(letter, MailDo.WRITE))]
        if letter.state is LetterState.ANSWERED:
            first.append(Button(t("mailbox.do.done"), press(letter, MailDo.DONE)))
    asked = rating_buttons(letter)
    again = [Button(t("mailbox.do.reopen"), press(letter, MailDo.REOPEN))]
    can_reopen = letter.state is LetterState.CLOSED and letter.reopened_at is None and not asked
    return [first, *asked, again if can_reopen else []]


def rating_buttons(letter: Letter) -> list[list[Button]]:
    """The first of the two questions that has no answer yet."""
    if letter.state is not LetterState.CLOSED:
        return []
    if letter.solved is None:
        return [[Button(t(f"mailbox.solved.{each}"), press(letter, MailDo.SOLVED, place)) for place, each in enumerate(Solved)]]
    if letter.contentment is None:
        return [[Button(t(f"mailbox.content.{each}"), press(letter, MailDo.CONTENT, place)) for place, each in enumerate(Contentment)]]
    return []


async def show_own_letter(post: Post, letter: Letter, *, afresh: bool = False, extra: Keyboard = ()) -> None:
    """The state of a sent letter, to its writer."""
    await post.card(
        to_writer(letter),
        writer(letter),
        "mailbox/own",
        keyboard=[*writer_buttons(letter), *extra],
        afresh=afresh,
        subject=to_writer(letter),
        letter=letter,
        state=state_of(letter),
        text=shortened(letter.text, WORD_SHOWN),
        words=_words(letter),
        answer=shortened(letter.answer, ANSWER_SHOWN),
        question=question_of(letter),
    )


def question_of(letter: Letter) -> str | None:
    """Which of the two questions is asked next."""
    if not rating_buttons(letter):
        return None
    return "solved" if letter.solved is None else "content"


def _later(letter: Letter) -> list[LetterPiece]:
    """What was said last after the letter itself."""
    return [piece for piece in letter.pieces if not piece.opening][-WORDS_SHOWN:]


def _words(letter: Letter) -> list[tuple[LetterPiece, str]]:
    return [(piece, shortened(piece.text, WORD_SHOWN)) for piece in _later(letter)]


def _room(letter: Letter) -> int:
    """How much of the letter's own text its card shows."""
    return TEXT_BESIDE_WORDS if _later(letter) or letter.reopen_reason else TEXT_SHOWN


async def bring_letter(post: Post, letter: Letter, *, again: bool = False) -> None:
    """Bring a letter to its deputy, or to the office where there is none: what came with it first, then the card that can be acted on.

    What the deputy has got already, with the letter or with the issue made of it, does not come again.
    """
    if letter.deputy is None:
        await show_office(post, letter, afresh=True)
        return
    about = [to_deputy(letter), *([f"issue:{letter.issue_id}", shared_subject(letter.issue)] if letter.issue is not None else [])]
    known = await copied_before(post.session, letter.deputy.telegram_id or 0, about)
    attached = [
        piece
        for piece in letter.pieces
        if piece.side is Side.SENDER and piece.kind is not PieceKind.TEXT and (piece.chat_id, piece.message_id) not in known
    ]
    for chat in dict.fromkeys(piece.chat_id for piece in attached):
        ids = [piece.message_id for piece in attached if piece.chat_id == chat]
        for start in range(0, len(ids), COPIED_AT_ONCE):
            await post.copy(letter.deputy, chat, ids[start : start + COPIED_AT_ONCE], without_captions=True, subject=to_deputy(letter))
    too_long = [(letter.text, _room(letter)), (letter.reopen_reason if again else "", REASON_SHOWN)]
    too_long += [(piece.text, WORD_SHOWN if piece in _later(letter) else 0) for piece in letter.pieces if _is_word(piece)]
    for text in (text for text, room in too_long if length_of(text) > room):
        for part in in_parts(text):
            await post.tell(letter.deputy, "plain", text=part, subject=to_deputy(letter))
    await show_deputy(post, letter, afresh=True, again=again)


def _is_word(piece: LetterPiece) -> bool:
    """Whether its writer said it after the letter itself."""
    return piece.side is Side.SENDER and not piece.opening


async def show_deputy(post: Post, letter: Letter, *, afresh: bool = False, again: bool = False, keyboard: Keyboard | None = None) -> None:
    """The deputy's card: who wrote is not said anywhere on it."""
    if letter.deputy is None or not letter.deputy.serves:
        return
    await post.card(
        to_deputy(letter),
        letter.deputy,
        "mailbox/deputy",
        keyboard=deputy_buttons(letter) if keyboard is None else keyboard,
        afresh=afresh,
        subject=to_deputy(letter),
        again=again,
        **deputys_view(letter),
    )


def deputys_view(letter: Letter) -> dict[str, Any]:
    """What the deputy's card says of a letter: all of it as it was written."""
    said = {"text": shortened(letter.text, _room(letter)), "words": _words(letter)}
    return _facts(letter) | said | {"reopen_reason": shortened(letter.reopen_reason, REASON_SHOWN)}


def _facts(letter: Letter) -> dict[str, Any]:
    issue = letter.linked_issue
    return {
        "letter": letter,
        "issue": issue,
        "counts": counted([piece for piece in letter.opening if piece.kind is not PieceKind.TEXT]),
    }


def deputy_buttons(letter: Letter) -> list[list[Button]]:
    def button(do: LetterDo) -> Button:
        return Button(t(f"mailbox.do.{do.name.lower()}"), LetterPress(letter.id, do))

    if not letter.open:
        return []
    if letter.linked_issue is not None:
        return [[button(LetterDo.ANSWER)]]
    take = [] if letter.became_issue else [button(LetterDo.TAKE)]
    if letter.state is LetterState.ANSWERED:
        return [[button(LetterDo.ANSWER), button(LetterDo.END)], take]
    return [[*take, button(LetterDo.ANSWER)], [button(LetterDo.PASS), button(LetterDo.REPORT)]]


async def show_office(post: Post, letter: Letter, *, afresh: bool = False) -> None:
    """The office's card of a letter that has no deputy or was reported; once dealt with it says so where it stands."""
    for office in await people_with(post.session, Role.OFFICE):
        await post.card(
            to_deputy(letter),
            office,
            "mailbox/office_letter",
            keyboard=office_buttons(letter),
            afresh=afresh,
            subject=to_deputy(letter),
            **covered_view(letter),
        )


def covered_view(letter: Letter) -> dict[str, Any]:
    """What others of the Home's people see of a letter. All is covered before it is cut: half a number would not be known for one."""

    def shown(text: str, limit: int) -> str:
        return shortened(covered(letter, text), limit)

    return _facts(letter) | {
        "text": shown(letter.text, _room(letter)),
        "words": [(piece, shown(piece.text, WORD_SHOWN)) for piece in _later(letter)],
        "reopen_reason": shown(letter.reopen_reason, REASON_SHOWN),
        "handed_reason": shown(letter.handed_reason, REASON_SHOWN),
        "report_reason": shown(letter.report_reason, REASON_SHOWN),
    }


def covered(letter: Letter, text: str) -> str:
    """Words of a letter as the office reads them: whoever wrote it is covered."""
    return mask(text, forms_of(letter.sender_name)).text


def office_buttons(letter: Letter) -> list[list[Button]]:
    def button(do: LetterDo) -> Button:
        return Button(t(f"mailbox.do.{do.name.lower()}"), LetterPress(letter.id, do))

    if letter.report_reason:
        return [[button(LetterDo.BLOCK), button(LetterDo.ACQUIT)]]
    if letter.open and letter.linked_issue is None:
        return [[button(LetterDo.HAND)], [button(LetterDo.BLOCK)]]
    return []


async def settle_office_cards(post: Post, letter: Letter) -> None:
    """Where the office had a card of it, the card shows what became of it."""
    held = set((await post.session.scalars(select(Card.chat_id).where(Card.key == to_deputy(letter)))).all())
    for office in await people_with(post.session, Role.OFFICE):
        if office.telegram_id in held and (letter.deputy is None or office.id != letter.deputy.id):
            await post.card(
                to_deputy(letter),
                office,
                "mailbox/office_letter",
                keyboard=office_buttons(letter),
                subject=to_deputy(letter),
                **covered_view(letter),
            )
