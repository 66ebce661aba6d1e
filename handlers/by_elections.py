"""A by-election (补选): the office picks the vacant seat and names the new deputy, somebody known or somebody new."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import select
from telegram import Update

from handlers.command_list import commands_follow
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Press, rows
from handlers.link_presses import SlipsDo, SlipsPress
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.term_presses import BACK_TO_TERMS
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.link_sheets import SheetFor
from models.mandates import DeputyAlready, EndReason, Mandate, add_person, elect, mandate_by_id, vacancies
from models.people import Person, Role, normalise_phone
from models.roster_words import is_phone
from models.rules import Gone, RuleBroken
from models.terms import require_open_term

PAGE = 12
ASKED, KEPT = "by_election", "by_election_new"


class NoPhoneGiven(RuleBroken):
    """Somebody new is added by name and phone number."""

    key = "election.no_phone"


class SeatDo(enum.StrEnum):
    LIST = "l"
    SEAT = "s"
    PERSON = "p"
    ELECT = "y"


@dataclass(frozen=True)
class SeatPress(Press):
    """``mandate_id`` is the vacant one; ``number`` a person (0 for the new one just typed), or a page."""

    prefix: ClassVar[str] = "sea"
    does: SeatDo
    mandate_id: int = 0
    number: int = 0


async def press(update: Update, context: HomeContext) -> None:
    pressed = SeatPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if pressed.does is SeatDo.LIST:
        await _list(context, max(pressed.number, 0))
        return
    vacant = await _vacant(context, pressed.mandate_id)
    match pressed.does:
        case SeatDo.SEAT:
            await open_form(context.session, context.person.id, ASKED, "who", now=context.now, mandate=vacant.id)
            await context.show("terms/elect_whom", keyboard=[[_back()]], vacant=vacant)
        case SeatDo.PERSON:
            person = await context.session.get(Person, pressed.number)
            if person is None:
                raise Gone
            await _preview(context, vacant, person.name, person.phone or "", person)
        case SeatDo.ELECT:
            await _elect(context, vacant, pressed.number)


async def _list(context: HomeContext, page: int) -> None:
    term = await require_open_term(context.session)
    seats = await vacancies(context.session, term, offset=page * PAGE, limit=PAGE + 1)
    buttons = [
        Button(t("election.seat", where=seat.where or "—", name=seat.person.name), SeatPress(SeatDo.SEAT, seat.id)) for seat in seats[:PAGE]
    ]
    pages = turns(page, lambda other: SeatPress(SeatDo.LIST, 0, other), more=len(seats) > PAGE)
    await context.show("terms/vacancies", keyboard=[*rows(buttons, 1), pages, [BACK_TO_TERMS]], term=term, none=not seats)


async def take_name(update: Update, context: HomeContext) -> None:
    """A name, with a phone number for somebody new."""
    form, words = await form_of(context.session, context.person.id, ASKED), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    try:
        vacant = await _vacant(context, form.data["mandate"])
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    name, phone = _read(words)
    if not name and not phone:
        await context.reply("terms/elect_whom", keyboard=[[_back()]], vacant=vacant)
        return
    known = await _known(context, name, phone)
    if phone and known:
        if known[0].serves:
            raise DeputyAlready(name=known[0].name)
        await _preview(context, vacant, known[0].name, phone, known[0])
    elif phone and name:
        if not is_phone(phone):
            raise NoPhoneGiven
        data = {"mandate": vacant.id, "name": name, "phone": phone}
        await open_form(context.session, context.person.id, KEPT, "kept", now=context.now, **data)
        await _preview(context, vacant, name, phone, None)
    elif known:
        buttons = [
            Button(" · ".join(filter(None, (person.name, (person.phone or "")[-4:]))), SeatPress(SeatDo.PERSON, vacant.id, person.id))
            for person in known
        ]
        await context.reply("plain", keyboard=[*rows(buttons, 2), [_back()]], text=t("election.which"))
    else:
        raise NoPhoneGiven


def _read(words: str) -> tuple[str, str]:
    """A name and a phone number, in either order."""
    found = re.search(r"\+?\d[\d\s\-]{5,}\d", words)
    phone = normalise_phone(found[0]) if found is not None else ""
    rest = words.replace(found[0], " ") if found is not None else words
    return re.sub(r"[\s,，、;；:：]+", " ", rest).strip()[:60], phone


async def _known(context: HomeContext, name: str, phone: str) -> Sequence[Person]:
    """By the number anybody, by the name those who are no deputies; off the roster too."""
    if phone:
        return (await context.session.scalars(select(Person).where(Person.phone == phone))).all()
    found = (await context.session.scalars(select(Person).where(Person.name == name).order_by(Person.id).limit(20))).all()
    return [person for person in found if not person.serves][:10]


async def _preview(context: HomeContext, vacant: Mandate, name: str, phone: str, person: Person | None) -> None:
    elect_now = Button(t("election.do.confirm"), SeatPress(SeatDo.ELECT, vacant.id, person.id if person is not None else 0))
    await context.show("terms/ask_elect", keyboard=[[elect_now, _back()]], vacant=vacant, name=name, phone=phone, new=person is None)


async def _elect(context: HomeContext, vacant: Mandate, person_id: int) -> None:
    today: date = context.now.astimezone(context.policy.timezone).date()
    if person_id:
        person = await context.session.get(Person, person_id)
        if person is None:
            raise Gone
    else:
        form = await form_of(context.session, context.person.id, KEPT)
        if form is None or form.data["mandate"] != vacant.id:
            raise Gone
        person = await add_person(context.session, form.data["name"], form.data["phone"], context.person, now=context.now)
    mandate = await elect(context.session, vacant, person, context.person, on=today, today=today, now=context.now)
    await close_form(context.session, context.person.id)
    await commands_follow(context.post, person)
    await context.post.tell(person, "terms/you_were_elected", mandate=mandate, home_name=context.policy.home_name)
    code = [Button(t("slips.do.one"), SlipsPress(SlipsDo.ASK, SheetFor.PERSON, person.id))] if person.telegram_id is None else []
    await context.show("terms/elected", keyboard=[code, [BACK_TO_TERMS]], mandate=mandate, vacant=vacant)


async def _vacant(context: HomeContext, mandate_id: int) -> Mandate:
    """A seat that can be filled. Raises Gone for any other, SeatFilled on confirming."""
    vacant = await mandate_by_id(context.session, mandate_id, lock=True)
    if vacant.ended_on is None or vacant.reason is EndReason.TERM_ENDED:
        raise Gone
    return vacant


def _back() -> Button:
    return Button(t("mandate.do.back"), SeatPress(SeatDo.LIST))


JOURNEY = Journey(presses={SeatPress: press}, forms={ASKED: take_name})
