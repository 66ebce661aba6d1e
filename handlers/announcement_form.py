"""``/announce``: send what is to be said, choose to whom, look at it once more, and publish by one tap."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from telegram import Message, Update

from handlers.activity_answers import take_names
from handlers.activity_form import take_audience_press
from handlers.activity_steps import Ask, show_called
from handlers.announcement_card import show_cards
from handlers.announcement_circles import show_in_circles
from handlers.announcement_presses import AudiencePress, Write, WritePress
from handlers.announcement_sending import send_all
from handlers.announcement_steps import CIRCLES, CONTENT, PREVIEW, WHOM, AnnouncementForm, living_circles, show_step
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.menu import BACK_TO_MENU
from handlers.pieces import read_message
from handlers.post import Post
from handlers.texts import t
from models.announcement_rounds import publish
from models.announcements import (
    Announcement,
    AnnouncementPiece,
    AnnouncementPost,
    AnnouncementState,
    Pinning,
    announcement_by_id,
    confirm,
    draft_of,
    new_draft,
    piece_at,
    scopes_of,
)
from models.forms import close_form, form_of, open_form
from models.issue_pieces import PieceKind
from models.rules import Gone, RuleBroken

KIND = "announcement"
NAMES_AT_MOST = 200
"""A longer text is no list of names, also where one is asked for."""


class NobodyOfOnesOwn(RuleBroken):
    """A group leader without a group, or area staff without an area, has nobody to speak to."""

    key = "announcements.nobody_of_ones_own"


async def begin(update: Update, context: HomeContext) -> None:
    """``/announce``: a new announcement, or the one that was begun and not published."""
    if scopes_of(context.person) == []:
        raise NobodyOfOnesOwn
    announcement = await draft_of(context.session, context.person) or await new_draft(context.session, context.person, now=context.now)
    await open_form(context.session, context.person.id, KIND, CONTENT, now=context.now, announcement=announcement.id)
    draft = await _open_draft(context, announcement.id)
    if draft is not None:
        await show_step(context, draft, afresh=True)


async def _open_draft(context: HomeContext, announcement_id: int | None = None) -> AnnouncementForm | None:
    """The form that is open, if it is that of this announcement."""
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or announcement_id not in (None, form.data["announcement"]):
        return None
    announcement = await announcement_by_id(context.session, form.data["announcement"])
    if announcement.state is not AnnouncementState.DRAFT or announcement.author_id != context.person.id:
        return None
    form.updated_at = context.now
    return AnnouncementForm(form, announcement)


async def take_message(update: Update, context: HomeContext) -> None:
    """Whatever is sent belongs to the announcement, but names while it is asked for whom it is."""
    message, draft = update.message, await _open_draft(context)
    if draft is None or message is None:
        await close_form(context.session, context.person.id)
        await context.refuse(Gone())
        return
    if draft.form.step == WHOM and scopes_of(context.person) is None and _is_a_list(message):
        for trouble in await take_names(context, draft, message.text or ""):
            await context.reply("plain", text=trouble)
        await show_step(context, draft, afresh=True)
        return
    if await add_piece(context, draft.announcement, message):
        if draft.form.step == CIRCLES:
            draft.form.step = PREVIEW
        await show_step(context, draft, afresh=True, gathering=True)


def _is_a_list(message: Message) -> bool:
    return message.text is not None and message.forward_origin is None and len(message.text) <= NAMES_AT_MOST


async def add_piece(context: HomeContext, announcement: Announcement, message: Message, *, pending: bool = False) -> bool:
    """Take a message into the announcement; False for what says nothing or is there already. Raises TextTooLong, TooManyFiles."""
    said = read_message(message)
    if said is None or (said.kind is PieceKind.TEXT and not said.text):
        await context.reply("announcements/unsupported")
        return False
    if await piece_at(context.session, message.chat.id, message.message_id) is not None:
        return False
    announcement.add(
        AnnouncementPiece(
            kind=said.kind,
            text=said.text,
            chat_id=message.chat.id,
            message_id=message.message_id,
            file_unique_id=file_unique_id(message),
            pending=pending,
        )
    )
    await context.session.flush()
    return True


def file_unique_id(message: Message) -> str | None:
    """Which file it is: the same however often it is sent."""
    file = message.effective_attachment
    found = file[-1] if isinstance(file, (list, tuple)) and file else file
    return getattr(found, "file_unique_id", None)


async def press_audience(update: Update, context: HomeContext) -> None:
    """A button of the audience's chooser."""
    pressed = AudiencePress.unpack(context.pressed)
    draft = await _open_draft(context, pressed.announcement_id)
    if draft is None:
        raise Gone
    if pressed.ask is Ask.NAMES:
        await show_called(context, draft, pressed.value, partial(AudiencePress, pressed.announcement_id))
        return
    if pressed.ask not in (Ask.EVERYONE, Ask.TOGGLE, Ask.TAB, Ask.SIDE, Ask.DONE) or scopes_of(context.person) is not None:
        raise Gone
    try:
        take_audience_press(draft, pressed.ask, pressed.value)
    except ValueError as error:
        raise Gone from error
    await show_step(context, draft)


async def press(update: Update, context: HomeContext) -> None:
    """A button of the form. Raises Gone for one of an earlier form."""
    pressed = WritePress.unpack(context.pressed)
    draft = await _open_draft(context, pressed.announcement_id)
    if draft is None:
        raise Gone
    if pressed.do is Write.DISCARD:
        await context.session.delete(draft.announcement)
        await close_form(context.session, context.person.id)
        await context.post.card(draft.card_key, context.person, "announcements/discarded", keyboard=[[BACK_TO_MENU]])
    elif pressed.do in (Write.PUBLISH, Write.NOW, Write.MORNING):
        await _publish(context, draft, pressed)
    else:
        try:
            await _take_press(context, draft, pressed)
        except (ValueError, LookupError) as error:
            raise Gone from error
        await show_step(context, draft)


async def _take_press(context: HomeContext, draft: AnnouncementForm, pressed: WritePress) -> None:
    announcement = draft.announcement
    match pressed.do:
        case Write.UNDO:
            if pressed.value == str(announcement.revision) and announcement.pieces:  # a double tap takes one away
                announcement.pieces.pop()
                announcement.revision += 1
        case Write.CONTENT | Write.WHOM | Write.CIRCLES | Write.PREVIEW:
            scopes = scopes_of(context.person)
            fixed = pressed.do is Write.WHOM and scopes is not None and len(scopes) == 1
            draft.form.step = PREVIEW if fixed else pressed.do.value
        case Write.SCOPE:
            draft.audience = (scopes_of(context.person) or [])[int(pressed.value)]
            draft.form.step = PREVIEW
        case Write.CIRCLE | Write.PIN:
            circle = next((circle for circle in await living_circles(context) if circle.id == int(pressed.value)), None)
            if circle is None:
                raise Gone
            there = next((there for there in announcement.posts if there.circle_id == circle.id), None)
            if pressed.do is Write.PIN and there is not None:
                there.pinning = Pinning.NONE if there.pinning is Pinning.WANTED else Pinning.WANTED
            elif there is not None:
                announcement.posts.remove(there)
            else:
                announcement.posts.append(AnnouncementPost(circle=circle, circle_id=circle.id, pinning=Pinning.NONE))
            await context.session.flush()
        case _:
            raise Gone


async def _publish(context: HomeContext, draft: AnnouncementForm, pressed: WritePress) -> None:
    """Send it now or in the morning. What was not seen is shown first: more had come in, or night has fallen meanwhile."""
    announcement = draft.announcement
    quiet = context.policy.quiet_hours.around(context.now)
    if draft.form.step != PREVIEW or pressed.value != str(announcement.revision) or (pressed.do is Write.PUBLISH and quiet is not None):
        draft.form.step = PREVIEW
        await context.toast(t("announcements.look_again"), alert=True)
        await show_step(context, draft)
        return
    at: datetime = quiet[1] if quiet is not None and pressed.do is Write.MORNING else context.now
    await confirm(context.session, announcement, context.person, publish_at=at, now=context.now)
    await close_form(context.session, context.person.id)
    if at > context.now:
        await context.post.card(draft.card_key, context.person, "announcements/waits", at=at)
        await show_cards(context.post, announcement)
    else:
        await context.post.card(draft.card_key, context.person, "announcements/published")
        await send_out(context.post, announcement)
    await context.toast(t("announcements.confirmed_toast"))


async def send_out(post: Post, announcement: Announcement) -> None:
    """Queue it for everybody and for the circles, and show the card."""
    to = await publish(post.session, announcement, now=post.now)
    await show_cards(post, announcement)
    await send_all(post, announcement, to)
    await show_in_circles(post, announcement, announcement.files)


JOURNEY = Journey(
    entries=(Entry("announce", begin),),
    presses={WritePress: press, AudiencePress: press_audience},
    forms={KIND: take_message},
    patient_forms={KIND: timedelta.max},
)
