"""The office decides with one tap who gets another account or number; the old account is out at once, and both hear of it."""

from __future__ import annotations

from telegram import Update

from handlers.circle_links import offer_links, take_out_everywhere
from handlers.command_list import commands_follow
from handlers.context import HomeContext
from handlers.identity_card import show_request
from handlers.identity_presses import DecidePress
from handlers.journey import Journey
from handlers.keyboards import NO_KEYBOARD, Button
from handlers.link_presses import SlipsDo, SlipsPress
from handlers.lost_access import close_account
from handlers.menu import withdraw_commands
from handlers.post import Place, Post
from handlers.texts import t
from models.forms import close_form
from models.identity import IdentityChange, IdentityRequest, candidates, confirm, refuse, request_by_id
from models.link_sheets import SheetFor
from models.people import Person, Role
from models.rules import Gone


def identity_buttons(person: Person) -> list[list[Button]]:
    """How somebody comes in, for the office's card of a person: the code to print of one who is still outside."""
    if not person.active or person.telegram_id is not None:
        return []
    return [[Button(t("slips.do.one"), SlipsPress(SlipsDo.ASK, SheetFor.PERSON, person.id))]]


async def press(update: Update, context: HomeContext) -> None:
    pressed = DecidePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    request = await request_by_id(context.session, pressed.request_id)
    if not pressed.person_id:
        refuse(context.session, request, context.person, now=context.now)
        await context.post.tell(_asker(request), "plain", text=t("identity.refused"))
    else:
        await _confirm(context, request, pressed.person_id)
    await show_request(context.post, request)


async def _confirm(context: HomeContext, request: IdentityRequest, person_id: int) -> None:
    request.require_open()
    person = next((person for person in await candidates(context.session, request) if person.id == person_id), None)
    if person is None:
        raise Gone
    post, language = context.post, person.language
    moves = request.change is IdentityChange.ACCOUNT and person.telegram_id not in (None, request.telegram_id)
    if moves:
        await take_out_everywhere(post, person)
        await close_form(context.session, person.id)
    old = await confirm(context.session, request, person, context.person, now=context.now)
    if old is not None:
        await close_account(post, old, language)
        await withdraw_commands(post, old)
        await post.tell(Place(old, language), "identity/old_account", person=person)
    if request.change is IdentityChange.ACCOUNT:
        await _welcome(post, person, request)
    else:
        await post.tell(person, "plain", text=t("identity.phone_changed", phone=person.phone))


async def _welcome(post: Post, person: Person, request: IdentityRequest) -> None:
    """The new account is in, with commands and the ways into the circles."""
    home_name = post.policy.home_name
    await post.tell(person, "identity/new_account", reply_markup=NO_KEYBOARD, person=person, request=request, home_name=home_name)
    await commands_follow(post, person)
    await offer_links(post, person)


def _asker(request: IdentityRequest) -> Place:
    return Place(request.telegram_id, request.language)


JOURNEY = Journey(presses={DecidePress: press})
