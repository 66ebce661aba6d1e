"""Erasing a constituent's data on request: the office names a letter, an issue or the account, sees what goes, and confirms."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from telegram import Message, MessageOriginUser, Update

from handlers.context import HomeContext
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press
from handlers.mailbox_cards import settle_office_cards, show_deputy
from handlers.menu import BACK_TO_MENU
from handlers.pieces import words_of
from handlers.post import Place
from handlers.texts import t
from models.erasing import (
    Erased,
    NobodyFound,
    Sought,
    erase,
    note_seeking,
    preview,
    sought_by_account,
    sought_by_code,
    sought_by_number,
)
from models.forms import close_form, form_of, open_form
from models.issues import IssueState
from models.mailbox_writing import code_in
from models.people import Role
from models.rules import Gone, RuleBroken
from models.traces import standing_by_chat

FORM = "erase"
DELETED_AT_ONCE = 100
_NUMBER = re.compile(r"20\d\d-\d{1,6}")
_ACCOUNT = re.compile(r"[1-9]\d{3,15}")


class EraseDo(enum.StrEnum):
    ASK = "ask"
    ERASE = "yes"
    CANCEL = "no"


@dataclass(frozen=True)
class ErasePress(Press):
    """Whose data it is stands in the form and not on the button: what is pressed is kept by the inbox."""

    prefix: ClassVar[str] = "ers"
    do: EraseDo


CANCEL = Button(t("privacy.do.cancel"), ErasePress(EraseDo.CANCEL))


async def ask(update: Update, context: HomeContext) -> None:
    """``/erase``: whose?"""
    context.person.require(Role.OFFICE)
    await open_form(context.session, context.person.id, FORM, "whose", now=context.now)
    await context.show("privacy/ask_erase", keyboard=[[CANCEL]], months=context.policy.keep_contacts_months)


async def press(update: Update, context: HomeContext) -> None:
    """Raises NotAllowed for anybody but the office, Gone where another question has been asked since."""
    pressed = ErasePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, FORM)
    if pressed.do is EraseDo.ASK:
        await ask(update, context)
        return
    if form is not None:
        await close_form(context.session, context.person.id)
    if pressed.do is EraseDo.CANCEL:
        await context.show("plain", keyboard=[[BACK_TO_MENU]], text=t("privacy.erase_cancelled"))
        return
    if form is None or form.step != "sure":
        raise Gone
    sought = await _sought(context, form.data["way"], form.data["which"])
    done = await erase(context.session, sought, context.person, now=context.now)
    await _clear_chats(context, done)
    await _show_everywhere(context, done)
    await context.show("privacy/erased", keyboard=[[BACK_TO_MENU]], done=done)


async def take_whose(update: Update, context: HomeContext) -> None:
    """A code, a number, a forwarded message, a contact, or the account's number. What is not understood leaves the question open."""
    context.person.require(Role.OFFICE)
    message = update.message
    if message is None:
        return
    meant = _meant(message)
    if meant is None:
        await context.reply("plain", keyboard=[[CANCEL]], text=t(_why_not(message)))
        return
    way, which = meant
    try:
        sought = await _sought(context, way, which)
    except RuleBroken as refusal:  # the question stays open
        await context.refuse(refusal)
        return
    note_seeking(context.session, sought, context.person, now=context.now)
    found = await preview(context.session, sought)
    if found.nothing_left and not (found.letters or found.issues):
        raise NobodyFound
    await open_form(context.session, context.person.id, FORM, "sure", now=context.now, way=way, which=which)
    sure = [] if found.nothing_left and not found.done_before else [Button(t("privacy.do.erase"), ErasePress(EraseDo.ERASE))]
    await context.reply("privacy/preview", keyboard=[[*sure, CANCEL]], found=found)


def _meant(message: Message) -> tuple[str, str] | None:
    """How somebody is named, and the name; None where nobody is."""
    if isinstance(message.forward_origin, MessageOriginUser):
        return "account", str(message.forward_origin.sender_user.id)
    if message.forward_origin is not None:
        return None
    if message.contact is not None:
        return ("account", str(message.contact.user_id)) if message.contact.user_id else None
    words = words_of(message)
    if _NUMBER.fullmatch(words):
        return "number", words
    code = code_in(words)
    if code is not None:
        return "code", code
    return ("account", words) if _ACCOUNT.fullmatch(words) else None


def _why_not(message: Message) -> str:
    if message.forward_origin is not None or message.contact is not None:
        return "privacy.account_hidden"
    return "privacy.not_understood"


async def _sought(context: HomeContext, way: str, which: str) -> Sought:
    if way == "number":
        return await sought_by_number(context.session, which)
    if way == "code":
        return await sought_by_code(context.session, which)
    return await sought_by_account(context.session, int(which))


async def _clear_chats(context: HomeContext, done: Erased) -> None:
    """Copies leave the chats, as far as Telegram lets go of them."""
    for chat_id, ids in standing_by_chat(done.standing).items():
        for start in range(0, len(ids), DELETED_AT_ONCE):
            await context.post.queue(Place(chat_id, ""), "deleteMessages", {"message_ids": ids[start : start + DELETED_AT_ONCE]})


async def _show_everywhere(context: HomeContext, done: Erased) -> None:
    """The cards show what is left; each home deputy hears of it."""
    post = context.post
    for letter in done.letters:
        if letter.sent_at is not None:
            await show_deputy(post, letter)
            await settle_office_cards(post, letter)
    for issue in done.issues:
        if issue.live or issue.state is IssueState.CLOSED:
            await show_home_card(post, issue)
            await show_circle_card(post, issue)
        elif issue.number is None and issue.deputy.active:
            await post.card(f"issue:{issue.id}", issue.deputy, "plain", text=t("privacy.draft_erased"))
    numbered = [issue for issue in done.issues if issue.number is not None and issue.deputy.active]
    for issue in numbered:
        await post.tell(issue.deputy, "plain", text=t("privacy.erased_told", number=issue.number))


JOURNEY = Journey(
    entries=(Entry("erase", ask),),
    presses={ErasePress: press},
    forms={FORM: take_whose},
    patient_forms={FORM: timedelta(hours=2)},  # a message of the constituent's may be forwarded
)
