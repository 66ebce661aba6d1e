"""A published announcement is changed: the author edits the own message, or a new text is sent; everybody's message follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from telegram import Message, Update

from handlers.announcement_card import show_cards, title_of
from handlers.announcement_circles import further_subject, show_in_circles
from handlers.announcement_form import KIND as WRITING
from handlers.announcement_form import add_piece, file_unique_id
from handlers.announcement_presses import Handle, HandlePress
from handlers.announcement_sending import ask_to_confirm, files_subject, show_caption, show_change, take_away_copies
from handlers.announcement_steps import AnnouncementForm, show_step
from handlers.context import HomeContext
from handlers.conveying import GATHERING
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.pieces import read_message
from handlers.texts import t
from models.announcement_rounds import ask_anew, figures_of, note_edit, silent_addresses
from models.announcements import (
    Announcement,
    AnnouncementPiece,
    AnnouncementState,
    announcement_by_id,
    files_among,
    joined,
    piece_at,
    require_may_handle,
    require_short,
)
from models.forms import close_form, form_of, open_form
from models.issue_pieces import PieceKind
from models.rules import Gone, RuleBroken

KIND = "announcement_change"
TEXT_SHOWN = 1500


async def begin_change(context: HomeContext, announcement: Announcement) -> None:
    """Ask what it shall say; a change that was begun before is dropped."""
    announcement.require_standing()
    announcement.abandon_change()
    await open_form(context.session, context.person.id, KIND, "content", now=context.now, announcement=announcement.id)
    await _show_change(context, announcement)


async def _show_change(context: HomeContext, announcement: Announcement, *, gathering: bool = False) -> None:
    def button(do: Handle) -> Button:
        return Button(t(f"announcements.handle.{do.name.lower()}"), HandlePress(announcement.id, do, announcement.revision))

    figures = (await figures_of(context.session, [announcement]))[announcement.id]
    keyboard = [[button(Handle.LEAVE_IT)]]
    if announcement.pending:
        confirm = [[button(Handle.CONFIRM_CHANGE)], *([[button(Handle.CONFIRM_AND_ASK)]] if figures.received else [])]
        keyboard = [*confirm, *keyboard]
    await context.post.card(
        f"announcement-change:{announcement.id}",
        context.person,
        "announcements/change",
        keyboard=keyboard,
        afresh=True,
        wait=GATHERING if gathering else timedelta(0),
        title=title_of(announcement),
        text=shortened(joined(announcement.pending), TEXT_SHOWN),
        files=len(files_among(announcement.pending)),
        received=figures.received,
    )


async def take_message(update: Update, context: HomeContext) -> None:
    """Text stands for the whole of the old one, files come in addition."""
    form, message = await form_of(context.session, context.person.id, KIND), update.message
    if form is None or message is None:
        return
    announcement = await announcement_by_id(context.session, form.data["announcement"])
    try:
        require_may_handle(context.person, announcement)
        announcement.require_standing()
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    form.updated_at = context.now
    if await add_piece(context, announcement, message, pending=True):
        await _show_change(context, announcement, gathering=True)


async def finish_change(context: HomeContext, announcement: Announcement, do: Handle) -> None:
    """The change is confirmed, or dropped. Raises Gone when nothing is being changed."""
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or form.data["announcement"] != announcement.id:
        raise Gone
    if do is not Handle.LEAVE_IT and not announcement.pending:
        raise Gone
    await close_form(context.session, context.person.id)
    if do is Handle.LEAVE_IT:
        announcement.abandon_change()
        await context.show("announcements/unchanged", title=title_of(announcement))
        return
    new_files = files_among(announcement.pending)
    if joined(announcement.pending):
        announcement.pieces[:] = [piece for piece in announcement.pieces if piece.pending or piece.kind is not PieceKind.TEXT]
    for piece in announcement.pending:
        piece.pending = False
    note_edit(context.session, announcement, context.person, now=context.now, by="change")
    asked = do is Handle.CONFIRM_AND_ASK and announcement.state is AnnouncementState.PUBLISHED
    await (ask_again if asked else _spread)(context, announcement, new_files)
    await context.show("announcements/changed", title=title_of(announcement), asked=asked)


async def _spread(context: HomeContext, announcement: Announcement, new_files: Sequence[AnnouncementPiece] = ()) -> None:
    """What it says now reaches everybody who has it; one that waits for the morning just goes out as it is then."""
    await context.session.flush()
    if announcement.state is AnnouncementState.PUBLISHED:
        await show_change(context.post, announcement, new_files)
        await show_in_circles(context.post, announcement, new_files)
    await show_cards(context.post, announcement)


async def ask_again(context: HomeContext, announcement: Announcement, new_files: Sequence[AnnouncementPiece] = ()) -> None:
    """It matters: whoever confirmed is asked again, by a message of its own; at night it comes in the morning."""
    ask_anew(context.session, announcement, context.person, now=context.now)
    await _spread(context, announcement, new_files)
    quiet = context.policy.quiet_hours.around(context.now)
    to = await silent_addresses(context.session, announcement, confirmed_before=True)
    await ask_to_confirm(context.post, announcement, to, "anew", at=quiet[1] if quiet else context.now)


async def follow_edit(update: Update, context: HomeContext) -> bool:
    """Somebody edited a message that an announcement consists of: a draft changes, a published one changes everywhere."""
    message = update.edited_message
    piece = await piece_at(context.session, message.chat.id, message.message_id) if message is not None else None
    if message is None or piece is None:
        return False
    announcement = await announcement_by_id(context.session, piece.announcement_id, to_change=True)
    said = read_message(message)
    unchanged = said is not None and said.text == piece.text and file_unique_id(message) == piece.file_unique_id
    if said is None or unchanged:
        return True
    piece.text, piece.kind = said.text, said.kind
    require_short(joined(announcement.pending if piece.pending else announcement.standing))
    if piece.pending:
        require_may_handle(context.person, announcement)
        await _show_change(context, announcement, gathering=True)
    elif announcement.state is AnnouncementState.DRAFT:
        await _follow_in_draft(context, announcement, piece, message)
    else:
        await _follow_in_published(context, announcement, piece, message)
    return True


async def _follow_in_draft(context: HomeContext, announcement: Announcement, piece: AnnouncementPiece, message: Message) -> None:
    piece.file_unique_id = file_unique_id(message)
    announcement.revision += 1
    form = await form_of(context.session, context.person.id, WRITING)
    if form is not None and form.data["announcement"] == announcement.id:
        await show_step(context, AnnouncementForm(form, announcement), gathering=True)


async def _follow_in_published(context: HomeContext, announcement: Announcement, piece: AnnouncementPiece, message: Message) -> None:
    require_may_handle(context.person, announcement)
    announcement.require_standing()
    subjects = [files_subject(announcement), *(further_subject(there) for there in announcement.posts)]
    replaced = file_unique_id(message) != piece.file_unique_id
    piece.file_unique_id = file_unique_id(message)
    if replaced:
        await take_away_copies(context.post, subjects, piece)
    elif piece.kind is not PieceKind.TEXT:
        await show_caption(context.post, subjects, piece, message.caption_html or "")
    note_edit(context.session, announcement, context.person, now=context.now, by="edit")
    await _spread(context, announcement, [piece] if replaced else [])
    if announcement.state is not AnnouncementState.PUBLISHED:
        return
    figures = (await figures_of(context.session, [announcement]))[announcement.id]
    again = Button(t("announcements.handle.ask_anew"), HandlePress(announcement.id, Handle.ASK_ANEW, announcement.round))
    await context.post.card(
        f"announcement-edited:{announcement.id}",
        context.person,
        "announcements/edited",
        keyboard=[[again]] if figures.received else [],
        afresh=True,
        wait=GATHERING,
        title=title_of(announcement),
        figures=figures,
    )


JOURNEY = Journey(forms={KIND: take_message}, patient_forms={KIND: timedelta.max}, edit_takers=(follow_edit,))
