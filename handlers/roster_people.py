"""The roster's people for the office: each one's card, who has not come in yet, and the one-time link that lets somebody in."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, ClassVar

from telegram import Update

from handlers.circle_links import take_out_everywhere
from handlers.context import HomeContext
from handlers.identity_deciding import identity_buttons
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press, rows
from handlers.leave_presses import PostDo, PostPress
from handlers.link_presses import SlipsDo, SlipsPress
from handlers.mandates import mandate_buttons
from handlers.menu import BACK_TO_MENU, withdraw_commands
from handlers.privacy_buttons import privacy_buttons
from handlers.roster_card_presses import AddDo, AddPress, FieldDo, FieldPress, FindDo, FindPress, SheetDo, SheetPress
from handlers.roster_preview import values_said
from handlers.texts import T, t
from models.audit import record
from models.coming_in import counts, cut_off, leave_roster, people_outside, require_outside
from models.forms import close_form, form_of
from models.links import issue_link
from models.people import Person, Role
from models.roster_card import card_of
from models.roster_rows import Field
from models.rules import Gone

PAGE = 20
OWN_FORMS = ("find_person", "person_field", "add_person")


class PeopleAct(enum.StrEnum):
    OVERVIEW = "o"
    OUTSIDE = "n"
    PERSON = "p"
    LINK = "l"
    ASK_CUT_OFF = "a"
    CUT_OFF = "c"
    ASK_LEAVE_ROSTER = "x"
    LEAVE_ROSTER = "y"


@dataclass(frozen=True)
class PeoplePress(Press):
    """``number`` is a person, or the first of a page."""

    prefix: ClassVar[str] = "ppl"
    does: PeopleAct
    number: int = 0


BACK = Button(t("roster.back"), PeoplePress(PeopleAct.OVERVIEW))


async def overview(update: Update, context: HomeContext) -> None:
    await leave_own_forms(context)
    everybody, outside = await counts(context.session)
    keyboard = [
        [Button(t("roster.who_is_outside", count=outside), PeoplePress(PeopleAct.OUTSIDE))] if outside else [],
        [Button(t("roster.find"), FindPress(FindDo.ASK)), Button(t("adding.begin"), AddPress(AddDo.BEGIN))],
        [Button(t("roster.template"), SheetPress(SheetDo.TEMPLATE)), Button(t("sheet.export"), SheetPress(SheetDo.EXPORT))],
        [Button(t("slips.do.choose"), SlipsPress(SlipsDo.CHOOSE))] if outside else [],
        [Button(t("menu.session_posts"), PostPress(PostDo.OVERVIEW))],
        [BACK_TO_MENU],
    ]
    await context.show("roster/overview", keyboard=keyboard, everybody=everybody, outside=outside)


async def people_press(update: Update, context: HomeContext) -> None:
    press = PeoplePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    match press.does:
        case PeopleAct.OVERVIEW:
            await overview(update, context)
        case PeopleAct.OUTSIDE:
            await _list_outside(context, max(press.number, 0))
        case _:
            await _with_person(context, press)


async def _with_person(context: HomeContext, press: PeoplePress) -> None:
    person = await context.session.get(Person, press.number)
    if person is None or not person.active:
        raise Gone
    match press.does:
        case PeopleAct.PERSON:
            await show_person(context, person)
        case PeopleAct.LINK:
            await _make_link(context, person)
        case PeopleAct.ASK_CUT_OFF if person.telegram_id is not None:
            yes = Button(t("roster.confirm_cut_off"), PeoplePress(PeopleAct.CUT_OFF, person.id))
            await context.show(
                "roster/ask_cut_off",
                keyboard=[[yes, Button(t("roster.back"), PeoplePress(PeopleAct.PERSON, person.id))]],
                person=person,
            )
        case PeopleAct.ASK_LEAVE_ROSTER:
            yes = Button(t("audience.confirm_leave_roster"), PeoplePress(PeopleAct.LEAVE_ROSTER, person.id))
            back = Button(t("roster.back"), PeoplePress(PeopleAct.PERSON, person.id))
            await context.show("plain", keyboard=[[yes, back]], text=t("audience.ask_leave_roster", name=person.name))
        case PeopleAct.LEAVE_ROSTER:
            leave_roster(context.session, person, context.person, now=context.now)
            await take_out_everywhere(context.post, person)
            await close_form(context.session, person.id)
            await context.post.tell(person, "plain", text=t("audience.you_left_roster"))
            await context.menu.publish(context.post, person)
            await context.show("plain", keyboard=[[BACK]], text=t("audience.left_roster", name=person.name))
        case PeopleAct.CUT_OFF if person.telegram_id is not None:
            await take_out_everywhere(context.post, person)
            await withdraw_commands(context.post, person.telegram_id)
            cut_off(context.session, person, context.person, now=context.now)
            await show_person(context, person)
        case _:
            raise Gone


async def _list_outside(context: HomeContext, offset: int) -> None:
    people = await people_outside(context.session, offset=offset, limit=PAGE + 1)
    _, outside = await counts(context.session)
    pages = []
    if offset:
        pages.append(Button(t("roster.earlier"), PeoplePress(PeopleAct.OUTSIDE, max(offset - PAGE, 0))))
    if len(people) > PAGE:
        pages.append(Button(t("roster.later"), PeoplePress(PeopleAct.OUTSIDE, offset + PAGE)))
    buttons = [person_button(person) for person in people[:PAGE]]
    await context.show("roster/outside", keyboard=[*rows(buttons, 2), pages, [BACK]], people=people[:PAGE], offset=offset, total=outside)


async def show_person(context: HomeContext, person: Person, *, afresh: bool = False, said: T | None = None) -> None:
    """Somebody's card, and what can be done from it; ``said`` stands above it, and ``afresh`` leaves the last message as it is."""
    await leave_own_forms(context)
    if person.telegram_id is None:
        action = [Button(t("roster.make_link"), PeoplePress(PeopleAct.LINK, person.id))]
    elif person.id != context.person.id:
        action = [Button(t("roster.cut_off"), PeoplePress(PeopleAct.ASK_CUT_OFF, person.id))]
    else:
        action = []
    if person.id != context.person.id:
        action.append(Button(t("audience.leave_roster"), PeoplePress(PeopleAct.ASK_LEAVE_ROSTER, person.id)))
    edit = [Button(t("card.edit"), FieldPress(FieldDo.CARD, person.id)), Button(t("roster.find"), FindPress(FindDo.ASK))]
    say = context.reply if afresh else context.show
    await say(
        "roster/person",
        keyboard=[edit, action, *identity_buttons(person), *mandate_buttons(person), *privacy_buttons(person), [BACK]],
        said=said,
        **await card_values(context, person),
    )


async def card_values(context: HomeContext, person: Person) -> dict[str, Any]:
    """What the card's template needs."""
    card = await card_of(context.session, person)
    lines = [
        (t(f"roster.field_{what}"), values_said(what, values, context.post.texts, context.language))
        for what, values in card.items()
        if what not in (Field.NAME, Field.ACTIVE)
    ]
    return {"person": person, "lines": lines, "lacks_area": person.has(Role.AREA_STAFF) and person.area is None}


async def leave_own_forms(context: HomeContext) -> None:
    """Whoever turns to something else has given up what was asked."""
    form = await form_of(context.session, context.person.id)
    if form is not None and form.kind in OWN_FORMS:
        await close_form(context.session, context.person.id)


async def _make_link(context: HomeContext, person: Person) -> None:
    """The link is a message of its own, ready to be passed on as it is; a new one ends the one before."""
    require_outside(person)
    secret = await issue_link(context.session, person, lifetime=context.policy.link_lifetime, now=context.now)
    record(context.session, context.person, "link.issued", f"person:{person.id}", now=context.now)
    await context.reply("plain", text=t("roster.pass_on", name=person.name))
    await context.reply(
        "roster/link",
        person=person,
        link=context.post.deep_link(f"p_{secret}"),
        lifetime=context.policy.link_lifetime,
        subject=f"link:{person.id}",
        home_name=context.policy.home_name,
    )


def person_button(person: Person) -> Button:
    """Opens somebody's card."""
    where = person.area.name if person.area is not None else ""
    return Button(" · ".join(filter(None, (person.name, where))), PeoplePress(PeopleAct.PERSON, person.id))


JOURNEY = Journey(
    entries=(Entry("roster", overview),),
    presses={PeoplePress: people_press},
)
