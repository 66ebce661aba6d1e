"""Whoever changes the account or the number asks the office: a stranger who says who they are, or somebody known, by one tap.

A stranger hears the same whatever they say, so nobody learns who is on the roster.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Contact, Update, User

from handlers.context import HomeContext
from handlers.identity_card import show_request
from handlers.identity_presses import ASK, AccountDo, AccountPress, AskDo, ClaimPress
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import NO_KEYBOARD, Button
from handlers.mailbox_offer import offer_mailbox
from handlers.menu import BACK_TO_MENU
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.identity import (
    WORDS_AWAITED,
    AskedTooOften,
    IdentityChange,
    IdentityRequest,
    RequestState,
    ask_office,
    begin_request,
    begun_by,
)
from models.mailbox_senders import known_sender
from models.people import Person, normalise_phone
from models.roster_words import is_phone
from models.rules import Gone, RuleBroken

FORM = "new_phone"
_NUMBER = re.compile(r"\+?\d[\d\s\-]{5,}\d")


class PhoneUnclear(RuleBroken):
    """That is no phone number."""

    key = "identity.phone_unclear"


async def account(update: Update, context: HomeContext) -> None:
    """One's own account and number, and what to do when either changes."""
    keyboard = [
        [Button(t("identity.do.phone"), AccountPress(AccountDo.PHONE)), Button(t("identity.do.move"), AccountPress(AccountDo.MOVE))],
        [BACK_TO_MENU],
    ]
    await context.show("identity/account", keyboard=keyboard, person=context.person)


async def account_press(update: Update, context: HomeContext) -> None:
    pressed = AccountPress.unpack(context.pressed)
    back = [[Button(t("roster.back"), AccountPress(AccountDo.BACK))]]
    match pressed.does:
        case AccountDo.PHONE:
            await open_form(context.session, context.person.id, FORM, "phone", now=context.now)
            await context.show("plain", keyboard=back, text=t("identity.type_phone"))
        case AccountDo.MOVE:
            await context.show("plain", keyboard=back, text=t("identity.how_to_move", bot=context.post.bot_username))
        case AccountDo.BACK:
            if await form_of(context.session, context.person.id, FORM) is not None:
                await close_form(context.session, context.person.id)
            await account(update, context)


async def take_phone(update: Update, context: HomeContext) -> None:
    """The new number, typed; the office looks whether it is right."""
    message = update.message
    contact = message.contact if message is not None else None
    user = update.effective_user
    if contact is not None and user is not None and contact.user_id == user.id:
        await close_form(context.session, context.person.id)
        await phone_changed(context, context.person, contact)
        return
    phone = normalise_phone(words_of(message))
    if not is_phone(phone):
        raise PhoneUnclear
    await close_form(context.session, context.person.id)
    if phone == context.person.phone:
        await context.reply("plain", text=t("people.phone_known"))
        return
    await _ask_for_phone(context, context.person, typed=phone)


async def phone_changed(context: HomeContext, person: Person, contact: Contact) -> None:
    """Somebody known shares another number than the roster's: that is all the asking there is."""
    phone = normalise_phone(contact.phone_number)
    if phone == person.phone:
        await context.post.tell(person, "people/phone_known", reply_markup=NO_KEYBOARD)
    else:
        await _ask_for_phone(context, person, vouched=phone)


async def _ask_for_phone(context: HomeContext, person: Person, *, typed: str = "", vouched: str = "") -> None:
    user = context.work.update.effective_user
    if user is None:
        return
    request = await begin_request(
        context.session,
        user.id,
        IdentityChange.PHONE,
        context.policy,
        account_name=_called(user),
        language=person.language,
        now=context.now,
        person=person,
        new_phone=vouched,
    )
    await _send(context, request, said_name=person.name, said_phone=person.phone or "", new_phone=typed)
    await context.post.tell(person, "plain", reply_markup=NO_KEYBOARD, text=t("identity.sent"))


async def offer_request(context: HomeContext, contact: Contact, on_roster: Person | None) -> None:
    """A stranger's own number: one that is not on the roster may be a deputy's new one; one that is may have a new account."""
    user = context.work.update.effective_user
    if user is None:
        return
    try:
        await begin_request(
            context.session,
            user.id,
            IdentityChange.ACCOUNT,
            context.policy,
            account_name=_called(user),
            language=context.language,
            now=context.now,
            person=on_roster,
            new_phone="" if on_roster is not None else contact.phone_number,
        )
    except AskedTooOften:
        await context.post.tell(context.here, "people/stranger", reply_markup=NO_KEYBOARD)
        return
    if on_roster is not None:
        send = Button(t("identity.do.send"), ClaimPress(AskDo.SEND))
        await context.post.tell(context.here, "plain", reply_markup=NO_KEYBOARD, text=t("people.phone_taken"))
        await context.reply("plain", keyboard=[[send]], text=t("identity.offer_move"))
    else:
        await context.post.tell(context.here, "people/stranger", reply_markup=NO_KEYBOARD)
        await context.reply("plain", keyboard=[[ASK]], text=t("identity.offer_ask"))
        await offer_mailbox(context)


async def ask_press(update: Update, context: HomeContext) -> None:
    """A stranger's tap."""
    pressed, user = ClaimPress.unpack(context.pressed), update.effective_user
    if user is None or not context.stranger:
        raise Gone
    begun = await begun_by(context.session, user.id, now=context.now)
    match pressed.does:
        case AskDo.BEGIN:
            if begun is None or begun.person is not None:
                begun = await begin_request(
                    context.session,
                    user.id,
                    IdentityChange.ACCOUNT,
                    context.policy,
                    account_name=_called(user),
                    language=context.language,
                    now=context.now,
                )
            begun.asked_at = context.now
            await context.show("plain", keyboard=[[_cancel()]], text=t("identity.say_who"))
        case AskDo.SEND:
            if begun is None or begun.person is None:
                raise Gone
            await _send(context, begun, said_name=begun.person.name, said_phone=begun.person.phone or "")
            await context.show("plain", text=t("identity.sent"))
        case AskDo.CANCEL:
            if begun is not None:
                await context.session.delete(begun)
            await context.show("plain", text=t("people.cancelled"))


async def take_words(update: Update, context: HomeContext) -> bool:
    """Name and old number of a stranger who has begun to ask."""
    user, words = update.effective_user, words_of(update.message)
    begun = await begun_by(context.session, user.id, now=context.now) if user is not None and update.message is not None else None
    if user is None or begun is None or begun.person is not None or not words:
        return False
    sender = await known_sender(context.session, user.id)
    if sender is not None and sender.awaits_since is not None and sender.awaits_since > begun.asked_at:
        return False  # a letter to the mailbox was begun since
    found = _NUMBER.search(words)
    name = " ".join((words.replace(found[0], " ") if found else words).replace("，", " ").replace(",", " ").split())
    phone = normalise_phone(found[0]) if found else ""
    if not name or not is_phone(phone):
        if begun.new_phone and found is None and len(words) > 30:
            return False  # a constituent's story rather than a name
        await context.reply("plain", keyboard=[[_cancel()]], text=t("identity.say_both"))
        return True
    await _send(context, begun, said_name=name, said_phone=phone)
    await context.reply("plain", text=t("identity.sent"))
    return True


async def _send(context: HomeContext, request: IdentityRequest, *, said_name: str, said_phone: str, new_phone: str = "") -> None:
    older = await ask_office(context.session, request, now=context.now, said_name=said_name, said_phone=said_phone, new_phone=new_phone)
    for earlier in older:
        await show_request(context.post, earlier)
    await show_request(context.post, request)


async def forget_begun(post: Post) -> None:
    """What nobody went on with is forgotten, and with it a stranger's number."""
    stale = (IdentityRequest.state == RequestState.BEGUN, IdentityRequest.asked_at <= post.now - WORDS_AWAITED)
    await post.session.execute(delete(IdentityRequest).where(*stale))


async def next_to_forget(session: AsyncSession) -> datetime | None:
    """When the oldest is forgotten."""
    oldest = await session.scalar(select(func.min(IdentityRequest.asked_at)).where(IdentityRequest.state == RequestState.BEGUN))
    return oldest + WORDS_AWAITED + timedelta(seconds=1) if oldest is not None else None


def _called(user: User) -> str:
    """What the account calls itself."""
    return " ".join(filter(None, (user.full_name.replace("\x00", ""), f"@{user.username}" if user.username else "")))[:100]


def _cancel() -> Button:
    return Button(t("mandate.do.back"), ClaimPress(AskDo.CANCEL))


JOURNEY = Journey(
    entries=(Entry("account", account),),
    presses={ClaimPress: ask_press, AccountPress: account_press},
    stranger_takers=(take_words,),
    forms={FORM: take_phone},
    due=(Due(forget_begun, next_to_forget),),
)
