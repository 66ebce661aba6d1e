"""Writing to the deputies' mailbox: an area or a deputy, what it is about, the words and pictures, and *send*."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Message, Update

from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button
from handlers.mailbox_after import follow, one_of, open_letter, show_mine, take_awaited, take_press, take_reply
from handlers.mailbox_cards import bring_letter, press, show_own_letter, writer
from handlers.mailbox_draft_card import GATHERING, show_draft_letter
from handlers.mailbox_news import delivered
from handlers.mailbox_offer import offer_mailbox
from handlers.mailbox_presses import MailDo, MailPress
from handlers.pieces import read_message
from handlers.post import Post
from handlers.profile_view import introduce
from handlers.texts import t
from models.issue_pieces import PieceKind
from models.mailbox import Category, Letter, LetterFull, LetterPiece, LetterState, Side, letter_by_id
from models.mailbox_senders import Sender, known_sender, sender_of
from models.mailbox_writing import (
    begin_letter,
    choose_area,
    choose_category,
    code_in,
    deputies_to_write_to,
    discard_letter,
    draft_letter_of,
    forget_drafts,
    letter_piece_at,
    send_letter,
    settle_deputy,
)
from models.people import Area, Person, Role
from models.rules import Gone


async def open_by_area(update: Update, context: HomeContext, rest: str) -> None:
    """The printed code of an area, ``a_3``."""
    area = await context.session.get(Area, _number(rest))
    if area is None:
        await offer_mailbox(context)
    else:
        await _begin(context, area, None)


async def open_by_deputy(update: Update, context: HomeContext, rest: str) -> None:
    """The printed code of a deputy, ``d_7``; of one who has left, the area's."""
    deputy = await context.session.get(Person, _number(rest))
    if deputy is None or deputy.area is None:
        await offer_mailbox(context)
        return
    reachable = deputy.has(Role.DEPUTY) and deputy.id in {person.id for person in await deputies_to_write_to(context.session, deputy.area)}
    await _begin(context, deputy.area, deputy if reachable else None)


async def open_by_code(update: Update, context: HomeContext, rest: str) -> None:
    """Follow a letter, ``f_ABCD2345``."""
    code = code_in(rest)
    if code is None or not await follow(context, code):
        await context.reply("plain", text=t("mailbox.no_such_code"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


async def _begin(context: HomeContext, area: Area | None, deputy: Person | None) -> None:
    if not context.stranger:
        if deputy is not None:
            await introduce(context.post, context.here, deputy)
        await context.reply("mailbox/for_constituents", area=area, deputy=deputy)
        return
    user = context.work.update.effective_user
    if user is None:
        return
    sender = await sender_of(context.session, user.id, now=context.now)
    letter = await begin_letter(
        context.session, sender, area, deputy, context.policy, name=user.full_name, language=context.language, now=context.now
    )
    if deputy is not None:
        await introduce(context.post, context.here, deputy)
    await show_draft_letter(context.post, letter, afresh=True)


async def hear(update: Update, context: HomeContext) -> bool:
    """What a constituent says: more of the letter, an answer that was asked for, a code to follow, or nothing that is known here."""
    message, user = update.message or update.edited_message, update.effective_user
    if message is None or user is None:
        return False
    if update.edited_message is not None:
        await _reword(context, message)
        return True
    sender = await known_sender(context.session, user.id)
    if sender is not None and sender.blocked_at is not None:
        if not sender.told_blocked:
            sender.told_blocked = True
            await context.reply("plain", text=t("mailbox.blocked"))
        return True
    if (message.text or "").startswith("/") and message.forward_origin is None:
        return await _command(context, message.text or "", user.id)
    if sender is not None and await take_reply(context, message, sender):
        return True
    code = code_in(message.text or "")  # before all else, since a code can be sent at any time
    if code is not None and await follow(context, code):
        return True
    if sender is None:
        return False
    if await take_awaited(context, message, sender):
        return True
    letter = await draft_letter_of(context.session, user.id)
    if letter is not None:
        await _gather(context, letter, message)
    return letter is not None


async def _command(context: HomeContext, text: str, telegram_id: int) -> bool:
    letter = await draft_letter_of(context.session, telegram_id)
    if text.startswith("/cancel") and letter is not None:
        await _ask_to_discard(context, letter, afresh=True)
        return True
    if text.startswith("/letters"):
        await show_mine(context)
        return True
    return False


async def _gather(context: HomeContext, letter: Letter, message: Message) -> None:
    said = read_message(message)
    if said is None or said.kind is PieceKind.CONTACT:
        await context.reply("mailbox/unsupported")
        return
    if await letter_piece_at(context.session, message.chat.id, message.message_id) is not None:
        return
    piece = LetterPiece(
        side=Side.SENDER,
        opening=True,
        kind=said.kind,
        text=said.text,
        chat_id=message.chat.id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=said.file_id,
        file_name=said.file_name,
        said_at=context.now,
    )
    full = False
    try:
        letter.add(piece, now=context.now)
    except LetterFull:  # said on the card, once for a whole album
        full = True
    await context.session.flush()
    await show_draft_letter(context.post, letter, afresh=True, wait=GATHERING, full=full)


async def _reword(context: HomeContext, message: Message) -> None:
    """An edit changes the draft; what was sent stays as it was."""
    piece = await letter_piece_at(context.session, message.chat.id, message.message_id)
    letter = await letter_by_id(context.session, piece.letter_id) if piece is not None else None
    said = read_message(message)
    if piece is None or letter is None or said is None:
        return
    if letter.state is LetterState.DRAFT:
        if letter.reword(piece, said.text, said.kind, said.file_id, said.file_name, now=context.now):
            await show_draft_letter(context.post, letter, wait=GATHERING)
    elif letter.open and said.text != piece.text:
        await context.reply("plain", text=t("mailbox.edit_too_late"))


async def take_mail_press(update: Update, context: HomeContext) -> None:
    """A button of a constituent's."""
    pressed, user = MailPress.unpack(context.pressed), update.effective_user
    if user is None:
        raise Gone
    if pressed.do is MailDo.NEW:
        await _begin(context, None, None)
    elif pressed.do is MailDo.MINE:
        await show_mine(context)
    else:
        letter = await letter_by_id(context.session, pressed.letter_id)
        letter.require_sender(user.id)
        if pressed.do in _WRITING:
            letter.require_draft()
            if not context.stranger:  # they have joined the roster since
                await context.toast(t("mailbox.for_constituents"), alert=True)
                return
            await _write(context, letter, pressed, await sender_of(context.session, user.id, now=context.now))
        elif pressed.do is MailDo.OPEN:
            await open_letter(context, letter)
        else:
            await take_press(context, letter, pressed, await sender_of(context.session, user.id, now=context.now))


_WRITING = frozenset(
    {
        MailDo.AREAS,
        MailDo.AREA,
        MailDo.NAMES,
        MailDo.DEPUTY,
        MailDo.CATEGORY,
        MailDo.SEND,
        MailDo.CANCEL,
        MailDo.CANCEL_SURE,
        MailDo.BACK,
    }
)


async def _write(context: HomeContext, letter: Letter, pressed: MailPress, sender: Sender) -> None:
    do, page = pressed.do, 0
    sender.expect(None, None, now=context.now)  # whoever goes on with this letter adds nothing to another
    if do is MailDo.SEND:
        await _send(context, letter, sender)
        return
    if do is MailDo.CANCEL:
        await _ask_to_discard(context, letter)
        return
    if do is MailDo.CANCEL_SURE:
        await discard_letter(context.session, letter, now=context.now)
        await context.post.card(f"mail:{letter.id}", writer(letter), "plain", text=t("mailbox.discarded"))
        return
    letter.touched_at = context.now
    if do is MailDo.AREA:
        choose_area(letter, await context.session.get(Area, pressed.which) if pressed.which else None)
    elif do is MailDo.DEPUTY:
        settle_deputy(letter, await _deputy(context, letter, pressed.which))
    elif do is MailDo.CATEGORY:
        choose_category(letter, one_of(Category, pressed.which))
    elif do in (MailDo.AREAS, MailDo.NAMES):
        page = max(pressed.which, 0)
    await context.session.flush()
    await show_draft_letter(context.post, letter, page=page)


async def _deputy(context: HomeContext, letter: Letter, id: int) -> Person | None:
    if not id or letter.area is None:
        return None
    return next((person for person in await deputies_to_write_to(context.session, letter.area) if person.id == id), None)


async def _send(context: HomeContext, letter: Letter, sender: Sender) -> None:
    await send_letter(context.session, letter, sender, context.policy, now=context.now)
    await show_own_letter(context.post, letter)
    await context.reply("mailbox/sent", letter=letter, link=context.post.deep_link(f"f_{letter.code}"))
    await bring_letter(context.post, letter)


async def _ask_to_discard(context: HomeContext, letter: Letter, *, afresh: bool = False) -> None:
    sure = [
        Button(t("mailbox.do.cancel_sure"), press(letter, MailDo.CANCEL_SURE)),
        Button(t("mailbox.do.back"), press(letter, MailDo.BACK)),
    ]
    await context.post.card(
        f"mail:{letter.id}", writer(letter), "plain", keyboard=[sure], afresh=afresh, text=t("mailbox.discard_question")
    )


async def _forget(post: Post) -> None:
    await forget_drafts(post.session, now=post.now)


async def _unnoticed(session: AsyncSession) -> None:
    """Nobody sees a draft forgotten, so nobody waits for it."""


JOURNEY = Journey(
    starts={"a": open_by_area, "d": open_by_deputy, "f": open_by_code},
    presses={MailPress: take_mail_press},
    stranger_takers=(hear,),
    due=(Due(_forget, _unnoticed),),
    outcomes={"mail": delivered},
)
