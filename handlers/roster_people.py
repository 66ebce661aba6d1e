"""The roster's people for the office: who has not come in yet, and the one-time link that lets somebody in."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from telegram import Update

from handlers.circle_links import take_out_everywhere
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press, rows
from handlers.leave_presses import PostDo, PostPress
from handlers.menu import BACK_TO_MENU
from handlers.roster import take_file
from handlers.spreadsheet import roster_template
from handlers.texts import t
from models.audit import record
from models.coming_in import counts, cut_off, find_people, leave_roster, people_outside, require_outside
from models.forms import close_form, form_of, open_form
from models.links import issue_link
from models.people import Person, Role
from models.rules import Gone

PAGE = 20


class PeopleAct(enum.StrEnum):
    OVERVIEW = "o"
    OUTSIDE = "n"
    FIND = "f"
    TEMPLATE = "t"
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
    if await form_of(context.session, context.person.id, "find_person") is not None:
        await close_form(context.session, context.person.id)
    everybody, outside = await counts(context.session)
    keyboard = [
        [Button(t("roster.who_is_outside", count=outside), PeoplePress(PeopleAct.OUTSIDE))] if outside else [],
        [Button(t("roster.find"), PeoplePress(PeopleAct.FIND)), Button(t("roster.template"), PeoplePress(PeopleAct.TEMPLATE))],
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
        case PeopleAct.FIND:
            await open_form(context.session, context.person.id, "find_person", "words", now=context.now)
            await context.show("plain", keyboard=[[BACK]], text=t("roster.whom"))
        case PeopleAct.TEMPLATE:
            file = await context.post.attach(context.post.texts.say(t("roster.template_file"), context.language), roster_template())
            await context.post.tell(context.person, "plain", attachment=file, text=t("roster.how_to_fill"))
        case _:
            await _with_person(context, press)


async def _with_person(context: HomeContext, press: PeoplePress) -> None:
    person = await context.session.get(Person, press.number)
    if person is None or not person.active:
        raise Gone
    match press.does:
        case PeopleAct.PERSON:
            await _show_person(context, person)
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
            await context.menu.withdraw(context.post, person.telegram_id)
            cut_off(context.session, person, context.person, now=context.now)
            await _show_person(context, person)
        case _:
            raise Gone


async def find(update: Update, context: HomeContext) -> None:
    """Part of a name, or of a phone number; a roster is taken all the same."""
    context.person.require(Role.OFFICE)
    if await take_file(update, context):
        return
    words = (update.message.text or "").strip() if update.message is not None else ""
    people = await find_people(context.session, words, limit=PAGE) if words else []
    if not people:
        await context.reply("roster/nobody_found", keyboard=[[BACK]], words=words)
        return
    await close_form(context.session, context.person.id)
    if len(people) == 1:
        await _show_person(context, people[0])
        return
    await context.reply("plain", keyboard=[*rows([_button(person) for person in people], 2), [BACK]], text=t("roster.which_of_these"))


async def _list_outside(context: HomeContext, offset: int) -> None:
    people = await people_outside(context.session, offset=offset, limit=PAGE + 1)
    _, outside = await counts(context.session)
    pages = []
    if offset:
        pages.append(Button(t("roster.earlier"), PeoplePress(PeopleAct.OUTSIDE, max(offset - PAGE, 0))))
    if len(people) > PAGE:
        pages.append(Button(t("roster.later"), PeoplePress(PeopleAct.OUTSIDE, offset + PAGE)))
    buttons = [_button(person) for person in people[:PAGE]]
    await context.show("roster/outside", keyboard=[*rows(buttons, 2), pages, [BACK]], people=people[:PAGE], offset=offset, total=outside)


async def _show_person(context: HomeContext, person: Person) -> None:
    if person.telegram_id is None:
        action = [Button(t("roster.make_link"), PeoplePress(PeopleAct.LINK, person.id))]
    elif person.id != context.person.id:
        action = [Button(t("roster.cut_off"), PeoplePress(PeopleAct.ASK_CUT_OFF, person.id))]
    else:
        action = []
    if person.id != context.person.id:
        action.append(Button(t("audience.leave_roster"), PeoplePress(PeopleAct.ASK_LEAVE_ROSTER, person.id)))
    roles = [t(f"role.{role}") for role in Role if role in person.roles]
    await context.show("roster/person", keyboard=[action, [BACK]], person=person, roles=roles)


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
        home_name=context.policy.home_name,
    )


def _button(person: Person) -> Button:
    where = person.area.name if person.area is not None else ""
    return Button(" · ".join(filter(None, (person.name, where))), PeoplePress(PeopleAct.PERSON, person.id))


JOURNEY = Journey(
    entries=(Entry("roster", overview),),
    presses={PeoplePress: people_press},
    forms={"find_person": find},
)
