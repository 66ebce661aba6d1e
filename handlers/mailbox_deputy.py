"""The deputy's side of the mailbox: take a letter up as an issue, answer it, give it away, end it. Who wrote stays hidden throughout."""

from __future__ import annotations

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.draft_card import show_draft
from handlers.keyboards import Button
from handlers.mailbox_after import said_later
from handlers.mailbox_cards import letter_id_at, show_deputy, show_office, show_own_letter, to_writer, writer
from handlers.mailbox_news import pass_letter, send_answer, tell_state, tell_writer, without_own_phones
from handlers.mailbox_presses import LetterDo, LetterPress
from handlers.pieces import read_message, words_of
from handlers.post import Post
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.issue_pieces import PieceKind
from models.issues import ClosedAs
from models.mailbox import Letter, LetterState, Side, letter_by_id
from models.mailbox_answering import (
    AlreadyTaken,
    answered,
    end,
    hand_to_office,
    pass_to_another,
    report_abuse,
    stranded_letters,
    take_into_draft,
)
from models.mailbox_views import note_reading
from models.mailbox_writing import letter_piece_at
from models.rules import Gone

REASON_LENGTH = 300
ENDINGS = (ClosedAs.ANSWERED, ClosedAs.OUT_OF_SCOPE)
"""How a letter can end that never became an issue."""


async def deputy_press(context: HomeContext, letter: Letter, pressed: LetterPress) -> None:
    """A button of the letter's card, pressed by the deputy who has it. Raises NotAllowed for anybody else."""
    letter.require_deputy(context.person)
    do = pressed.do
    if do is LetterDo.OPEN:
        note_reading(context.session, letter, context.person, now=context.now)
        await show_deputy(context.post, letter, afresh=True)
        return
    letter.require_open()
    if do is LetterDo.TAKE:
        await _take(context, letter)
    elif do is LetterDo.ANSWER:
        await open_form(context.session, context.person.id, "letter_answer", "text", now=context.now, letter=letter.id)
        await context.reply("mailbox/ask_answer", letter=letter)
    elif do in (LetterDo.PASS, LetterDo.REPORT):
        if letter.linked_issue is not None:
            raise AlreadyTaken
        await open_form(context.session, context.person.id, "letter_away", do.value, now=context.now, letter=letter.id)
        await context.reply("mailbox/ask_why", letter=letter, report=do is LetterDo.REPORT)
    elif do is LetterDo.END:
        ways = [Button(t(f"mailbox.end.{way}"), LetterPress(letter.id, LetterDo.ENDED, place)) for place, way in enumerate(ENDINGS)]
        back = [Button(t("mailbox.do.back"), LetterPress(letter.id, LetterDo.BACK))]
        await show_deputy(context.post, letter, keyboard=[ways, back])
    elif do is LetterDo.ENDED:
        await _end(context, letter, pressed.which)
    elif do is LetterDo.BACK:
        await show_deputy(context.post, letter)
    else:
        raise Gone


async def _take(context: HomeContext, letter: Letter) -> None:
    was_waiting = letter.state is LetterState.WAITING
    issue = await take_into_draft(context.session, letter, context.person, now=context.now)
    await show_deputy(context.post, letter)
    await show_draft(context.post, issue, afresh=True)
    if was_waiting:
        await tell_state(context.post, letter)


async def _end(context: HomeContext, letter: Letter, which: int) -> None:
    if letter.linked_issue is not None or not 0 <= which < len(ENDINGS):
        raise Gone
    end(context.session, letter, ENDINGS[which], context.person, now=context.now)
    await show_deputy(context.post, letter)
    await tell_state(context.post, letter)


async def take_answer(update: Update, context: HomeContext) -> None:
    """The answer that was asked for."""
    message, form = update.message, await form_of(context.session, context.person.id, "letter_answer")
    if message is None or form is None:
        return
    letter = await letter_by_id(context.session, form.data["letter"])
    if await _answer(context, letter, message):
        await close_form(context.session, context.person.id)


async def take_reply(update: Update, context: HomeContext) -> bool:
    """A reply to a letter, or to anything its writer said, is an answer too; so is the rest of an album."""
    message = update.message
    if message is None:
        return False
    letter = await _replied_to(context, message)
    if letter is None or letter.deputy_id != context.person.id:
        return False
    await _answer(context, letter, message)
    return True


async def _replied_to(context: HomeContext, message: Message) -> Letter | None:
    if message.reply_to_message is not None:
        id = await letter_id_at(context.post, message.chat.id, message.reply_to_message.message_id)
        return await letter_by_id(context.session, id) if id is not None else None
    if message.media_group_id is None:
        return None
    before = await letter_piece_at(context.session, message.chat.id, message.message_id - 1)
    begun = before is not None and before.side is Side.DEPUTY and before.media_group_id == message.media_group_id
    return await letter_by_id(context.session, before.letter_id) if before is not None and begun else None


async def _answer(context: HomeContext, letter: Letter, message: Message) -> bool:
    said = read_message(message)
    if said is None or said.kind is PieceKind.CONTACT:
        await context.reply("mailbox/answer_unsupported")
        return False
    album = message.media_group_id is not None and any(p.media_group_id == message.media_group_id for p in letter.pieces)
    answered(context.session, letter, context.person, now=context.now)
    piece = said_later(said, message, Side.DEPUTY, context)
    piece.text = await without_own_phones(context.post, letter, said.text)
    letter.pieces.append(piece)
    await context.session.flush()
    if said.text or not album:
        await send_answer(context.post, letter, piece.text)
    if said.kind is not PieceKind.TEXT:
        ids = [message.message_id]
        await context.post.copy(writer(letter), message.chat.id, ids, without_captions=True, subject=to_writer(letter))
    await show_own_letter(context.post, letter)
    await show_deputy(context.post, letter)
    if not album:
        await context.reply("mailbox/answer_passed", letter=letter, covered=piece.text != said.text)
    return True


async def take_why(update: Update, context: HomeContext) -> None:
    """Why it is not for this deputy, or why it is abuse."""
    message, form = update.message, await form_of(context.session, context.person.id, "letter_away")
    reason = words_of(message)[:REASON_LENGTH]
    if form is None:
        return
    if not reason:
        await context.reply("plain", text=t("mailbox.reason_in_words"))
        return
    letter = await letter_by_id(context.session, form.data["letter"])
    report = form.step == LetterDo.REPORT
    await close_form(context.session, context.person.id)
    (report_abuse if report else hand_to_office)(context.session, letter, context.person, reason, now=context.now)
    await context.session.flush()
    await context.post.card(f"letter:{letter.id}", context.person, "mailbox/given_away", letter=letter, report=report)
    await context.reply("plain", text=t("mailbox.reported" if report else "mailbox.given_away"))
    await show_office(context.post, letter, afresh=True)
    if not report:
        await tell_writer(context.post, letter, "mailbox/passed_on")
    await show_own_letter(context.post, letter)


async def pass_on_stranded(post: Post) -> None:
    """A deputy who has left or cannot be reached keeps nobody waiting."""
    for stranded in await stranded_letters(post.session):
        letter = await pass_to_another(post.session, stranded.id, now=post.now)
        await pass_letter(post, letter)
        await show_own_letter(post, letter)


async def take_edit(update: Update, context: HomeContext) -> bool:
    """An answer that has gone out stays as it was, and the deputy is told."""
    message = update.edited_message
    piece = await letter_piece_at(context.session, message.chat.id, message.message_id) if message is not None else None
    if piece is None or piece.side is not Side.DEPUTY:
        return False
    await context.reply("plain", text=t("mailbox.answer_edit_too_late"))
    return True
