"""Coming in: a deep link, or one's own phone number; then language, help, and a way out of any form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from telegram import Update

from handlers.circle_links import offer_links
from handlers.context import HomeContext
from handlers.identity_asking import offer_request, phone_changed
from handlers.journey import Entry, Journey
from handlers.keyboards import NO_KEYBOARD, Button, Press, ask_for_phone
from handlers.mailbox_offer import offer_mailbox
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.audit import record
from models.forms import close_form
from models.links import redeem_link
from models.people import Person, link_account, normalise_phone, person_by_phone, person_by_telegram_id


@dataclass(frozen=True)
class LanguagePress(Press):
    prefix: ClassVar[str] = "lang"
    language: str


async def greet(update: Update, context: HomeContext) -> None:
    """``/start`` without a payload: a stranger is asked for the phone number, a known person gets the menu."""
    if context.stranger:
        await context.post.tell(
            context.here,
            "people/welcome",
            reply_markup=ask_for_phone(context.post.texts, context.language),
            home_name=context.policy.home_name,
        )
        await offer_mailbox(context)
    else:
        await context.menu.publish(context.post, context.person)
        await context.menu.show(update, context)


async def open_personal_link(update: Update, context: HomeContext, secret: str) -> None:
    """A one-time link says who somebody is. Raises LinkUnusable."""
    user = update.effective_user
    if user is None:
        return
    person = await redeem_link(context.session, secret, user.id, name=user.full_name[:60], language=context.language, now=context.now)
    await _let_in(context, person)
    if person.phone is None:
        await context.post.tell(person, "people/share_phone", reply_markup=ask_for_phone(context.post.texts, person.language))


async def take_contact(update: Update, context: HomeContext) -> bool:
    """A shared phone number: it must be the sender's own, and stand in the roster."""
    message, user = update.message, update.effective_user
    if message is None or user is None or message.contact is None:
        return False
    contact = message.contact
    if context.stranger and contact.user_id != user.id:
        await context.reply("people/not_own_contact")
        return True
    if contact.user_id != user.id:
        return False
    on_roster = await person_by_phone(context.session, contact.phone_number)
    me = await person_by_telegram_id(context.session, user.id)
    if me is None and (on_roster is None or on_roster.telegram_id is not None):
        await offer_request(context, contact, on_roster)
    elif me is None and on_roster is not None:
        await link_account(context.session, on_roster, user.id, language=context.language, now=context.now)
        await _let_in(context, on_roster)
    elif me is not None and me.phone is None:
        await _join_with_roster(context, me, on_roster, normalise_phone(contact.phone_number))
    elif me is not None:
        await phone_changed(context, me, contact)
    return True


async def choose_language(update: Update, context: HomeContext) -> None:
    buttons = [[Button(t(f"language.{language}"), LanguagePress(language))] for language in context.policy.languages]
    await context.show("people/language", keyboard=[*buttons, [BACK_TO_MENU]])


async def set_language(update: Update, context: HomeContext) -> None:
    chosen = LanguagePress.unpack(context.pressed).language
    if chosen in context.policy.languages:
        context.person.language = chosen
        await context.menu.publish(context.post, context.person)
    await context.menu.show(update, context)


async def help_me(update: Update, context: HomeContext) -> None:
    await context.show("people/help", keyboard=[[BACK_TO_MENU]], person=context.person, home_name=context.policy.home_name)


async def cancel(update: Update, context: HomeContext) -> None:
    """Leave whatever form is open."""
    await close_form(context.session, context.person.id)
    await context.show("people/cancelled", keyboard=[[BACK_TO_MENU]])


async def _let_in(context: HomeContext, person: Person) -> None:
    context.work.person = person
    await context.post.tell(person, "people/welcomed", reply_markup=NO_KEYBOARD, person=person, home_name=context.policy.home_name)
    await context.menu.publish(context.post, person)
    await offer_links(context.post, person)
    await context.menu.show(context.work.update, context)


async def _join_with_roster(context: HomeContext, me: Person, on_roster: Person | None, phone: str) -> None:
    """The first of the office came by a link and now gives a number: it is kept, or they are found to be on the roster already."""
    if on_roster is not None and on_roster.telegram_id is None:
        telegram_id, me.telegram_id, me.active = me.telegram_id, None, False
        await context.session.flush()
        for role in me.roles:
            on_roster.give(role)
        on_roster.telegram_id, on_roster.language = telegram_id, me.language
        record(context.session, on_roster, "account.joined_with_roster", f"person:{me.id}", now=context.now)
        await _let_in(context, on_roster)
    elif on_roster is None:
        me.phone = phone
        record(context.session, me, "phone.kept", f"person:{me.id}", now=context.now)
        await context.post.tell(me, "people/phone_kept", reply_markup=NO_KEYBOARD)
    else:
        await context.post.tell(me, "people/phone_known", reply_markup=NO_KEYBOARD)


COMING_IN = Journey(starts={"p": open_personal_link}, takers=(take_contact,), stranger_takers=(take_contact,))
AT_HOME = Journey(
    entries=(Entry("language", choose_language), Entry("help", help_me), Entry("cancel", cancel, in_menu=False)),
    presses={LanguagePress: set_language},
)
