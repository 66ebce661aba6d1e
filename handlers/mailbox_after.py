"""A constituent and a letter that was sent: following it, writing back, ending it, judging what came of it, having it reopened."""

from __future__ import annotations

import enum
from typing import TypeVar

from telegram import Message

from handlers.context import HomeContext
from handlers.issue_endings import say_it_lives
from handlers.issue_sharing import pass_on
from handlers.keyboards import Button
from handlers.long_texts import in_parts
from handlers.mailbox_cards import bring_letter, letter_id_at, show_deputy, show_own_letter, state_of, to_deputy
from handlers.mailbox_news import tell_writer
from handlers.mailbox_presses import LetterDo, LetterPress, MailDo, MailPress
from handlers.pieces import Said, read_message
from handlers.texts import t
from models.issue_pieces import PieceKind
from models.issues import ClosedAs
from models.mailbox import Contentment, Letter, LetterPiece, LetterState, Side, Solved, letter_by_id
from models.mailbox_answering import end, rate, reopen_letter, require_reopenable, written_back
from models.mailbox_senders import Awaits, Sender
from models.mailbox_views import letters_of_sender
from models.mailbox_writing import letter_by_code, letter_piece_at
from models.people import Person
from models.rules import Gone

OWN_SHOWN = 10
Choice = TypeVar("Choice", bound=enum.Enum)


def one_of(choices: type[Choice], place: int) -> Choice:
    """The choice at this place, as a button names it. Raises Gone."""
    every = list(choices)
    if not 0 <= place < len(every):
        raise Gone
    return every[place]


async def show_mine(context: HomeContext) -> None:
    """A constituent's own letters."""
    user = context.work.update.effective_user
    letters = await letters_of_sender(context.session, user.id, limit=OWN_SHOWN) if user is not None else []
    buttons = [
        [Button(t("mailbox.line", code=letter.code, state=state_of(letter)), MailPress(letter.id, MailDo.OPEN))] for letter in letters
    ]
    new = [[Button(t("mailbox.do.new"), MailPress(0, MailDo.NEW))]] if context.stranger else []
    await context.reply("mailbox/mine", keyboard=[*buttons, *new], empty=not letters)


async def follow(context: HomeContext, code: str) -> bool:
    """The state of the letter with this code: to its writer all of it, to anybody else who was given the code the state alone."""
    letter, user = await letter_by_code(context.session, code), context.work.update.effective_user
    if letter is None or user is None:
        return False
    if letter.sender_id == user.id:
        await open_letter(context, letter)
    else:
        await context.reply("mailbox/followed", letter=letter, state=state_of(letter))
    return True


async def open_letter(context: HomeContext, letter: Letter) -> None:
    mine = [Button(t("mailbox.do.mine"), MailPress(0, MailDo.MINE))]
    await show_own_letter(context.post, letter, afresh=True, extra=[mine])


async def take_press(context: HomeContext, letter: Letter, pressed: MailPress, sender: Sender) -> None:
    """A button under a sent letter."""
    do = pressed.do
    if sender.blocked_at is not None:
        await context.toast(t("mailbox.blocked"), alert=True)
    elif do in (MailDo.WRITE, MailDo.REOPEN) and not context.stranger:  # they have joined the roster since
        await context.toast(t("mailbox.for_constituents"), alert=True)
    elif do is MailDo.WRITE:
        letter.require_open()
        sender.expect(Awaits.WORD, letter, now=context.now)
        await context.reply("mailbox/ask_word", letter=letter)
    elif do is MailDo.REOPEN:
        require_reopenable(letter)
        sender.expect(Awaits.REASON, letter, now=context.now)
        await context.reply("mailbox/ask_reopen", letter=letter)
    elif do is MailDo.DONE:
        end(context.session, letter, ClosedAs.ANSWERED, None, now=context.now)
        await show_deputy(context.post, letter)
        await show_own_letter(context.post, letter, afresh=True)
    elif do is MailDo.SOLVED:
        rate(context.session, letter, solved=one_of(Solved, pressed.which), now=context.now)
        await context.show("mailbox/judge", keyboard=_contentment(letter), letter=letter, question="content")
        await show_own_letter(context.post, letter)
    elif do is MailDo.CONTENT:
        rate(context.session, letter, contentment=one_of(Contentment, pressed.which), now=context.now)
        await context.show("mailbox/judge", keyboard=_again(letter), letter=letter, question=None)
        await show_own_letter(context.post, letter)
        await show_deputy(context.post, letter)


def _contentment(letter: Letter) -> list[list[Button]]:
    return [[Button(t(f"mailbox.content.{each}"), MailPress(letter.id, MailDo.CONTENT, place)) for place, each in enumerate(Contentment)]]


def _again(letter: Letter) -> list[list[Button]]:
    """Whoever is not content is offered to have it taken up again, once."""
    unhappy = letter.solved is Solved.NO or letter.contentment is Contentment.DISSATISFIED
    can = letter.state is LetterState.CLOSED and letter.reopened_at is None
    return [[Button(t("mailbox.do.reopen"), MailPress(letter.id, MailDo.REOPEN))]] if unhappy and can else []


async def take_reply(context: HomeContext, message: Message, sender: Sender) -> bool:
    """A reply to what the Home said about a letter goes to its deputy; where that has ended, they hear what they can do."""
    if message.reply_to_message is None:
        return False
    id = await letter_id_at(context.post, message.chat.id, message.reply_to_message.message_id)
    letter = await letter_by_id(context.session, id) if id is not None else None
    if letter is None or letter.sender_id != sender.telegram_id or not (letter.open or letter.over):
        return False
    if letter.over:
        awaited = sender.expected(now=context.now) is Awaits.REASON and sender.letter_id == letter.id
        if awaited:  # a reply to the question for the reason
            return False
        await context.reply("plain", text=t("mailbox.not_passed", code=letter.code))
        await open_letter(context, letter)
    else:
        await _write_back(context, letter, message)
    return True


async def take_awaited(context: HomeContext, message: Message, sender: Sender) -> bool:
    """The word or the reason that was asked for a moment ago; more words may follow, one reason is enough."""
    awaited = sender.expected(now=context.now)
    if awaited is None or sender.letter_id is None:
        return False
    letter = await letter_by_id(context.session, sender.letter_id)
    if awaited is Awaits.WORD and letter.open:
        sender.awaits_since = context.now
        await _write_back(context, letter, message)
        return True
    if awaited is Awaits.REASON and letter.state is LetterState.CLOSED:
        await _reopen(context, letter, message, sender)
        return True
    sender.expect(None, None, now=context.now)
    return False


async def _write_back(context: HomeContext, letter: Letter, message: Message) -> None:
    said = read_message(message)
    if said is None or said.kind is PieceKind.CONTACT:
        await context.reply("mailbox/unsupported")
        return
    if await letter_piece_at(context.session, message.chat.id, message.message_id) is not None:
        return
    more_of_album = message.media_group_id is not None and any(p.media_group_id == message.media_group_id for p in letter.pieces)
    letter.pieces.append(said_later(said, message, Side.SENDER, context))
    written_back(context.session, letter, now=context.now)
    await context.session.flush()
    deputy = letter.deputy if letter.deputy is not None and letter.deputy.serves else None
    if deputy is not None:
        await _pass_word(context, letter, deputy, said, message)
    if not more_of_album:
        await context.reply("mailbox/word_passed", deputy=deputy)


async def _pass_word(context: HomeContext, letter: Letter, deputy: Person, said: Said, message: Message) -> None:
    post, subject, parts = context.post, to_deputy(letter), in_parts(said.text) or [""]
    answer = [[Button(t("mailbox.do.answer"), LetterPress(letter.id, LetterDo.ANSWER))]]
    for number, part in enumerate(parts):
        keyboard = answer if number == len(parts) - 1 else []
        await post.tell(
            deputy, "mailbox/word", keyboard=keyboard, subject=subject, letter=letter, kind=said.kind, text=part, first=number == 0
        )
    if said.kind is not PieceKind.TEXT:
        await post.copy(deputy, message.chat.id, [message.message_id], without_captions=True, subject=subject)
    await show_deputy(post, letter)


def said_later(said: Said, message: Message, side: Side, context: HomeContext) -> LetterPiece:
    """A message of the thread that follows a letter."""
    return LetterPiece(
        side=side,
        opening=False,
        kind=said.kind,
        text=said.text,
        chat_id=message.chat.id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=said.file_id,
        file_name=said.file_name,
        said_at=context.now,
    )


async def _reopen(context: HomeContext, letter: Letter, message: Message, sender: Sender) -> None:
    said = read_message(message)
    if said is None or not said.text:
        await context.reply("plain", text=t("mailbox.reason_in_words"))
        return
    issue = await reopen_letter(context.session, letter, said.text, now=context.now)
    sender.expect(None, None, now=context.now)
    await context.session.flush()
    if issue is not None:
        await say_it_lives(context.post, issue)
        await pass_on(context.post, issue, None)
    await bring_letter(context.post, letter, again=True)
    await tell_writer(context.post, letter, "mailbox/reopened")
    await show_own_letter(context.post, letter)
