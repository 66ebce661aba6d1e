"""Announcements once they are published: confirmed by those they are for, followed and handled by those who wrote them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from telegram import Update

from handlers.activities import Section
from handlers.announcement_card import show_card, show_cards, title_of
from handlers.announcement_change import ask_again, begin_change, finish_change
from handlers.announcement_circles import pin, take_back_from_circles
from handlers.announcement_form import send_out
from handlers.announcement_presses import Handle, HandlePress, ReceivedPress
from handlers.announcement_sending import (
    ask_to_confirm,
    asking_subject,
    send_text,
    take_back_from_people,
)
from handlers.announcement_sheet import reached, receipt, receipts_sheet
from handlers.calendar_file import file_stem
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.texts import t
from models.announcement_refusals import ChangedSince, RemindedLately
from models.announcement_rounds import (
    Address,
    receive,
    recipients,
    remind,
    withdraw,
)
from models.announcements import Announcement, AnnouncementState, Pinning, announcement_by_id, require_may_handle
from models.audit import record
from models.invitations import Delivery
from models.outbox import Lane, subject_of, void_unsent_to
from models.rules import Gone, RuleBroken

CHANGING = (Handle.REMIND, Handle.CONFIRM_CHANGE, Handle.CONFIRM_AND_ASK, Handle.ASK_ANEW, Handle.SEND_NOW, Handle.CONFIRM_WITHDRAW)
SECTION_LENGTH = 1100
"""A message has room for 4096 characters, and the list for three sections."""


class AtNight(RuleBroken):
    """Nobody is reminded in the quiet hours."""

    key = "announcements.at_night"


async def confirm_receipt(update: Update, context: HomeContext) -> None:
    """收到: one tap. Pressed again it says that it was noted already."""
    pressed = ReceivedPress.unpack(context.pressed)
    announcement = await announcement_by_id(context.session, pressed.announcement_id)
    try:
        new = await receive(context.session, announcement, context.person, round=pressed.round, now=context.now)
    except ChangedSince as refusal:
        await context.toast(t(refusal.key), alert=True)
        await _show_own(context, announcement, received=False)
        return
    await context.toast(t("announcements.noted" if new else "announcements.noted_already"))
    await context.session.flush()
    await _show_own(context, announcement, received=True)
    chat_id, asking, query = context.here.chat_id, asking_subject(announcement), update.callback_query
    await void_unsent_to(context.session, chat_id, [asking], now=context.now)
    pressed_on = query.message.message_id if query is not None and query.message is not None else 0
    if await subject_of(context.session, chat_id, pressed_on) == asking:
        await context.show("announcements/confirmed", title=title_of(announcement))


async def _show_own(context: HomeContext, announcement: Announcement, *, received: bool) -> None:
    person = context.person
    own = Address(person.id, context.here.chat_id, person.language, received, None)
    await send_text(context.post, announcement, [own], lane=Lane.ANSWER)


async def press(update: Update, context: HomeContext) -> None:
    """A button of the card. Raises NotAllowed for whoever may not handle it."""
    pressed = HandlePress.unpack(context.pressed)
    announcement = await announcement_by_id(context.session, pressed.announcement_id, to_change=pressed.do in CHANGING)
    require_may_handle(context.person, announcement)
    if announcement.state is AnnouncementState.DRAFT:
        raise Gone
    match pressed.do:
        case Handle.OPEN:
            await show_card(context.post, announcement, context.person)
        case Handle.NAMES:
            await _names(context, announcement)
        case Handle.SHEET:
            await _sheet(context, announcement)
        case Handle.REMIND:
            await _remind(context, announcement)
        case Handle.CHANGE:
            await begin_change(context, announcement)
        case Handle.CONFIRM_CHANGE | Handle.CONFIRM_AND_ASK | Handle.LEAVE_IT:
            await finish_change(context, announcement, pressed.do)
        case Handle.ASK_ANEW:
            await _ask_anew(context, announcement, pressed.revision)
        case Handle.SEND_NOW:
            await _send_now(context, announcement)
        case Handle.WITHDRAW:
            announcement.require_standing()
            sure = Button(t("announcements.handle.confirm_withdraw"), HandlePress(announcement.id, Handle.CONFIRM_WITHDRAW))
            await context.reply("announcements/sure", keyboard=[[sure]], announcement=announcement, title=title_of(announcement))
        case Handle.CONFIRM_WITHDRAW:
            await _withdraw(context, announcement)
        case Handle.PIN:
            for there in announcement.posts:
                if there.pinning is Pinning.FAILED:
                    await pin(context.post, there)


async def _names(context: HomeContext, announcement: Announcement) -> None:
    """Who is silent, who confirmed something older, whom it did not reach and why."""
    rows = await recipients(context.session, announcement)
    say, language = context.post.texts.say, context.language
    missing = [row for row in rows if row.delivery not in (Delivery.REACHED, Delivery.ON_THE_WAY)]
    others = [row for row in rows if row not in missing]
    sections = [_section("missing", [_of_whom(say, language, row.person.name, reached(row)) for row in missing])]
    by_receipt = sorted(others, key=lambda row: receipt(announcement, row), reverse=True)  # the silent first
    for kind, those in groupby(by_receipt, key=lambda row: receipt(announcement, row)):
        sections.append(_section(kind, [row.person.name for row in those]))
    await context.reply("announcements/names", title=title_of(announcement), sections=[section for section in sections if section.count])


def _of_whom(say: Any, language: str, name: str, why: str) -> str:
    return str(say(t("activity.of_whom", name=name, what=t(f"announcements.reached.{why}")), language))


def _section(kind: str, entries: list[str]) -> Section:
    """As many names as there is room for."""
    shown: list[str] = []
    room = SECTION_LENGTH
    for entry in entries:
        room -= len(entry) + 1
        if room < 0:
            break
        shown.append(entry)
    return Section(t(f"announcements.names.{kind}"), len(entries), shown, len(entries) - len(shown), lines=False)


async def _sheet(context: HomeContext, announcement: Announcement) -> None:
    texts, language = context.post.texts, context.language
    title = texts.say(title_of(announcement), language)
    published = announcement.published_at
    content = receipts_sheet(
        announcement,
        await recipients(context.session, announcement),
        say=lambda text: texts.say(text, language),
        lead=f"{title}  {texts.moment(published, language)}" if published else title,
        timezone=texts.timezone,
    )
    name = texts.say(t("announcements.sheet.file", title=file_stem(title)), language)
    record(context.session, context.person, "announcement.exported", f"announcement:{announcement.id}", now=context.now)
    attachment = await context.post.attach(name, content)
    await context.post.tell(context.here, "announcements/sheet", attachment=attachment, title=title)


async def _remind(context: HomeContext, announcement: Announcement) -> None:
    if context.policy.quiet_hours.around(context.now) is not None:
        raise AtNight
    every = context.policy.announcement_remind_every
    try:
        to = await remind(context.session, announcement, context.person, every=every, now=context.now)
    except RemindedLately as refusal:
        at = context.post.texts.moment(refusal.values["at"], context.language)
        await context.toast(t(refusal.key, at=at), alert=True)
        return
    await ask_to_confirm(context.post, announcement, to, "reminder", at=context.now)
    await context.toast(t("announcements.reminded", count=len(to)))


async def _ask_anew(context: HomeContext, announcement: Announcement, round: int) -> None:
    announcement.require_standing()
    if round != announcement.round:
        await context.toast(t("announcements.asked_already"))
        return
    await ask_again(context, announcement)
    await context.show("announcements/changed", title=title_of(announcement), asked=True)


async def _send_now(context: HomeContext, announcement: Announcement) -> None:
    """It does not wait for the morning. Raises Gone when the morning came first."""
    if announcement.state is not AnnouncementState.WAITING:
        raise Gone
    await send_out(context.post, announcement)


async def _withdraw(context: HomeContext, announcement: Announcement) -> None:
    withdraw(context.session, announcement, context.person, now=context.now)
    announcement.abandon_change()
    await context.session.flush()
    await take_back_from_people(context.post, announcement)
    await take_back_from_circles(context.post, announcement)
    await context.show("announcements/taken_back", title=title_of(announcement))
    await show_cards(context.post, announcement)


JOURNEY = Journey(
    presses={ReceivedPress: confirm_receipt, HandlePress: press},
    side_by_side=frozenset({ReceivedPress}),
)
