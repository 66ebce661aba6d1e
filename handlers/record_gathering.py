"""While a record is open, whatever its keeper sends joins it; words fill the section or caption that was asked for."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message, MessageOriginUser, Update

from handlers.context import HomeContext
from handlers.draft_card import GATHERING
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.long_texts import in_parts, length_of
from handlers.pieces import Said, read_message
from handlers.record_card import FORM, show_record
from handlers.record_photos import fetch_photo, is_picture
from handlers.record_presses import SectionDo, SectionPress
from handlers.texts import t
from models.forms import Form, close_form, form_of, open_form
from models.invitations import activity_by_id
from models.issue_pieces import PieceKind
from models.people import person_by_telegram_id
from models.records import (
    CAPTION_LIMIT,
    ActivityRecord,
    RecordPiece,
    RecordState,
    Section,
    begun_record,
    piece_at,
    record_of,
    require_keeper,
)
from models.rules import RuleBroken

GATHER, WRITE, ADD, REST, CAPTION = "gather", "write", "add", "rest", "caption"
ONE_MESSAGE, COMES_WITHIN = 4000, timedelta(seconds=30)
"""A longer text reaches the Home in several messages: those that follow at once belong to the same section."""
LAPSES = timedelta(hours=12)
"""By then nobody remembers that a record is open: what is sent is meant for something else."""


async def open_gathering(context: HomeContext, activity_id: int, step: str = GATHER, **data: int | str) -> None:
    """From now on everything sent joins this record, until it is closed."""
    await open_form(context.session, context.person.id, FORM, step, now=context.now, activity=activity_id, **data)


async def take(update: Update, context: HomeContext) -> None:
    """A message while a record is open."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    try:
        activity = await activity_by_id(context.session, int(form.data["activity"]))
        kept = await begun_record(context.session, activity, now=context.now)
        require_keeper(context.person, activity, kept)
        kept.require_draft()
    except RuleBroken as refusal:  # nobody is to be stuck in a record that is submitted, or no longer theirs
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    said = read_message(message)
    if said is None or said.kind is PieceKind.CONTACT or (said.text.startswith("/") and message.forward_origin is None):
        await context.reply("plain", text=t("record.unsupported"))
        return
    if await piece_at(context.session, message.chat.id, message.message_id) is not None:
        return
    if form.step == REST and context.now - form.updated_at > COMES_WITHIN:
        form.step = GATHER
    form.updated_at = context.now
    try:
        await _take(context, form, kept, message, said)
    except RuleBroken as refusal:
        await context.refuse(refusal)


async def _take(context: HomeContext, form: Form, kept: ActivityRecord, message: Message, said: Said) -> None:
    in_words = said.kind is PieceKind.TEXT and message.forward_origin is None
    shown = await _meant(context, form, kept, message) if in_words else None
    joins = False
    if shown is not None:
        kept.caption(shown, said.text)
        form.step = GATHER
    elif in_words and form.step in (WRITE, ADD, REST):
        _write(form, kept, said.text)
    else:
        joins = True
        await _join(context, kept, message, said)
    await context.session.flush()
    wait = GATHERING if joins else timedelta(0)
    await show_record(context.post, kept, context.person, afresh=True, wait=wait)


async def _meant(context: HomeContext, form: Form, kept: ActivityRecord, message: Message) -> RecordPiece | None:
    """The photo or file these words are for: the one they reply to, or the one whose caption was asked for."""
    answered = message.reply_to_message
    if answered is not None:
        piece = await piece_at(context.session, message.chat.id, answered.message_id)
        if piece is not None and piece.record_id == kept.id and piece.kind is not PieceKind.TEXT:
            return piece
    if form.step == CAPTION:
        return kept.piece(int(form.data["piece"]))
    return None


def _write(form: Form, kept: ActivityRecord, words: str) -> None:
    section = Section(form.data["section"])
    before = "" if form.step == WRITE else kept.written(section)
    text = f"{before}\n{words}".strip()
    kept.write(section, text)
    form.step = REST if length_of(words) > ONE_MESSAGE else GATHER


async def _join(context: HomeContext, kept: ActivityRecord, message: Message, said: Said) -> None:
    origin = message.forward_origin
    teller = await person_by_telegram_id(context.session, origin.sender_user.id) if isinstance(origin, MessageOriginUser) else None
    in_words = said.kind is PieceKind.TEXT
    piece = RecordPiece(
        author=context.person,
        said_by=teller,
        kind=said.kind,
        is_photo=is_picture(message),
        text=said.text if in_words else said.text[:CAPTION_LIMIT],
        chat_id=message.chat.id,
        message_id=message.message_id,
        file_id=said.file_id,
        file_name=said.file_name,
        attachment=None,
        dropped=False,
        received_at=context.now,
    )
    kept.add(piece)
    await context.session.flush()
    await fetch_photo(context.post, piece)


async def choose_section(update: Update, context: HomeContext) -> None:
    """The next words stand in the place of this section; what stands there now is shown, to be copied and changed."""
    pressed = SectionPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    kept = await begun_record(context.session, activity, now=context.now)
    require_keeper(context.person, activity, kept)
    kept.require_draft()
    if pressed.do is SectionDo.LEAVE:
        await open_gathering(context, activity.id)
        await context.show("plain", text=t("record.left_as_it_was"))
        return
    if pressed.do is SectionDo.CLEAR:
        kept.write(pressed.section, "")
        await open_gathering(context, activity.id)
        await context.session.flush()
        await context.show("plain", text=t("record.cleared"))
        await show_record(context.post, kept, context.person, afresh=True)
        return
    adds = pressed.do is SectionDo.ADD
    await open_gathering(context, activity.id, ADD if adds else WRITE, section=pressed.section.value)
    written = kept.written(pressed.section)
    buttons = [
        Button(t(f"record.do.section_do_{do}"), SectionPress(activity.id, pressed.section, do))
        for do in ((SectionDo.WRITE if adds else SectionDo.ADD), SectionDo.CLEAR, SectionDo.LEAVE)
        if written or do is SectionDo.LEAVE
    ]
    values = {"section": pressed.section, "adds": adds, "written": bool(written)}
    if adds:
        await context.show("record/ask_section", keyboard=[buttons], **values)
        return
    for part in in_parts(written):
        await context.reply("record/part", text=part)
    await context.reply("record/ask_section", keyboard=[buttons], **values)


async def reword(update: Update, context: HomeContext) -> bool:
    """An edited message is edited in the record too, as long as it is a draft; the issue it was made into follows by itself."""
    message = update.edited_message
    piece = await piece_at(context.session, message.chat.id, message.message_id) if message is not None else None
    said = read_message(message) if message is not None else None
    if piece is None or said is None or message is None or piece.author_id != context.person.id:
        return False
    kept = await record_of(context.session, piece.record.activity, lock=True)
    if kept is None or said.text == piece.text:
        return piece.issue_id is None
    if kept.state is not RecordState.DRAFT:
        await context.reply("plain", text=t("record.edit_too_late"))
        return piece.issue_id is None
    if said.file_id != piece.file_id and piece.kind is not PieceKind.TEXT:
        piece.kind, piece.file_id, piece.file_name = said.kind, said.file_id, said.file_name
        piece.is_photo, piece.attachment = is_picture(message), None
        await fetch_photo(context.post, piece)
    kept.reword(piece, said.text)
    await context.session.flush()
    await show_record(context.post, kept, context.person)
    return piece.issue_id is None


JOURNEY = Journey(
    presses={SectionPress: choose_section},
    forms={FORM: take},
    patient_forms={FORM: LAPSES},
    edit_takers=(reword,),
)
