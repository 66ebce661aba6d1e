"""Who is on a circle's roster: the office adds people and takes them off, one by one, by name, or all with its specialties."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from telegram import Update

from handlers.circle_group_card import refresh_group_card
from handlers.circle_links import offer_links, tell_of_leaving
from handlers.circle_presence import settle_outsider
from handlers.circle_presses import MemberAct, MemberPress
from handlers.circle_screens import back_to
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.circle_roster import (
    add_to_circle,
    count_specialists_outside,
    may_be_added,
    memberships_of,
    specialists_outside,
    take_off_circle,
)
from models.circle_upkeep import require_in_use
from models.circles import Circle, CircleMember, members_of
from models.forms import close_form, form_of, open_form
from models.outbox import Lane
from models.people import Person, Role
from models.rules import Gone

KIND = "circle_people"
PAGE = 24
NAMESAKES = 20


async def press(update: Update, context: HomeContext) -> None:
    """A button of the circle's roster."""
    pressed = MemberPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    circle = await context.session.get(Circle, pressed.circle)
    if circle is None:
        raise Gone
    require_in_use(circle)
    if pressed.does is not MemberAct.BY_NAME and await form_of(context.session, context.person.id, KIND) is not None:
        await close_form(context.session, context.person.id)
    page = max(pressed.page, 0)
    match pressed.does:
        case MemberAct.SHOW:
            await _show(context, circle, page)
        case MemberAct.CHOOSE:
            await _choose(context, circle, page)
        case MemberAct.BY_NAME:
            await open_form(context.session, context.person.id, KIND, "names", now=context.now, circle=circle.id)
            await context.show("plain", keyboard=[[_to_roster(circle)]], text=t("circles.ask_people", name=circle.name))
        case MemberAct.ASK_ALL:
            await _ask_all(context, circle)
        case MemberAct.ALL:
            added = await _add(context, circle, await specialists_outside(context.session, circle))
            await context.toast(t("circles.added_people", count=len(added)))
            await _show(context, circle, 0)
        case _:
            await _with_person(context, circle, pressed, page)


async def _with_person(context: HomeContext, circle: Circle, pressed: MemberPress, page: int) -> None:
    person = await context.session.get(Person, pressed.person)
    if person is None:
        raise Gone
    match pressed.does:
        case MemberAct.ADD:
            if await _add(context, circle, [person]):
                await context.toast(t("circles.added_person", name=person.name))
            await _choose(context, circle, page)
        case MemberAct.ASK_OUT:
            sure = Button(t("circles.take_off_sure"), MemberPress(circle.id, MemberAct.OUT, person.id, page))
            await context.show("circles/ask_out", keyboard=[[sure, _to_roster(circle, page)]], circle=circle, person=person)
        case MemberAct.OUT:
            await _take_off(context, circle, person)
            await _show(context, circle, page)
        case _:
            raise Gone


async def _show(context: HomeContext, circle: Circle, page: int) -> None:
    """The roster page by page; a tap on a name asks whether to take it off."""
    members = await members_of(context.session, circle)
    memberships = await memberships_of(context.session, circle)
    page = min(page, max(len(members) - 1, 0) // PAGE)
    shown = members[page * PAGE : (page + 1) * PAGE]
    names = [
        Button(
            t(f"circles.member_{_stands(person, memberships[person.id])}", name=person.name),
            _press(circle, MemberAct.ASK_OUT, person, page),
        )
        for person in shown
    ]
    specialists = await count_specialists_outside(context.session, circle)
    every = [[Button(t("circles.add_specialists", count=specialists), MemberPress(circle.id, MemberAct.ASK_ALL))]] if specialists else []
    keyboard = [
        *rows(names, 3),
        turns(page, lambda to: MemberPress(circle.id, MemberAct.SHOW, 0, to), more=len(members) > (page + 1) * PAGE),
        [Button(t("circles.add_people"), MemberPress(circle.id, MemberAct.CHOOSE))],
        *every,
        [back_to(circle)],
    ]
    await context.show("circles/members", keyboard=keyboard, circle=circle, count=len(members))


def _stands(person: Person, membership: CircleMember) -> str:
    if membership.joined_at is not None:
        return "joined"
    return "invited" if person.telegram_id is not None else "outside"


async def _choose(context: HomeContext, circle: Circle, page: int) -> None:
    """Everybody who can be added, those with the circle's specialties first; one tap adds."""
    people = await may_be_added(context.session, circle, offset=page * PAGE, limit=PAGE + 1)
    if page and not people:  # the last page was emptied, or one far beyond it was forged
        page = 0
        people = await may_be_added(context.session, circle, offset=0, limit=PAGE + 1)
    mine = {each.id for each in circle.specialties}
    names = [_person_button(circle, person, page, bool(mine & {each.id for each in person.specialties})) for person in people[:PAGE]]
    keyboard = [
        *rows(names, 2),
        turns(page, lambda to: MemberPress(circle.id, MemberAct.CHOOSE, 0, to), more=len(people) > PAGE),
        [Button(t("circles.by_name"), MemberPress(circle.id, MemberAct.BY_NAME)), _to_roster(circle)],
    ]
    await context.show("circles/choose_people", keyboard=keyboard, circle=circle, none=not people)


def _person_button(circle: Circle, person: Person, page: int, specialist: bool) -> Button:
    where = f"{person.name} · {person.area.name}" if person.area is not None else person.name
    return Button(t("circles.a_specialist", name=where) if specialist else where, _press(circle, MemberAct.ADD, person, page))


async def _ask_all(context: HomeContext, circle: Circle) -> None:
    people = await specialists_outside(context.session, circle)
    if not people:
        raise Gone
    sure = Button(t("circles.add_all_sure"), MemberPress(circle.id, MemberAct.ALL))
    specialties = [each.name for each in circle.specialties]
    await context.show("circles/ask_all", keyboard=[[sure, _to_roster(circle)]], circle=circle, people=people, specialties=specialties)


async def _add(context: HomeContext, circle: Circle, people: Sequence[Person]) -> list[Person]:
    """Onto the roster; each gets the link, or word of it where the circle has no group yet. Gives those who were not on it."""
    added = []
    for person in people:
        if not await add_to_circle(context.session, circle, person, context.person, now=context.now):
            continue
        added.append(person)
        if not circle.lives or circle.chat is None:
            await context.post.tell(person, "plain", lane=Lane.NOTICE, text=t("circles.you_were_added", name=circle.name))
            continue
        await settle_outsider(
            context.post, circle.chat, person.telegram_id or 0, t("circles.outsider_added", name=person.name, circle=circle.name)
        )
        await _welcome(context.post, circle, person)
    if added:
        await _refresh(context.post, circle)
    return added


async def _welcome(post: Post, circle: Circle, person: Person) -> None:
    """Who is in the group already only hears of it; everybody else gets the way in."""
    membership = await post.session.get(CircleMember, (circle.id, person.id))
    if membership is not None and membership.joined_at is not None:
        await post.tell(person, "plain", lane=Lane.NOTICE, text=t("circles.you_were_added", name=circle.name))
    elif circle.chat is not None:
        await offer_links(post, person, only=circle.chat)


async def take_names(update: Update, context: HomeContext) -> None:
    """Typed names: whoever is found is added, of namesakes the right one is tapped, and the rest is said back."""
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, KIND)
    assert form is not None
    circle = await context.session.get(Circle, form.data["circle"])
    if circle is None:
        raise Gone
    require_in_use(circle)
    words = [word for word in re.split(r"[\s,，、;；]+", words_of(update.message) or "") if word]
    found: list[Person] = []
    unclear: list[Person] = []
    unknown: list[str] = []
    for word in dict.fromkeys(words):
        people = (await context.session.scalars(select(Person).where(Person.active, Person.name == word).order_by(Person.id))).all()
        if len(people) == 1:
            found += people
        elif people:
            unclear += people
        else:
            unknown.append(word)
    form.updated_at = context.now
    added = await _add(context, circle, found)
    buttons = [_person_button(circle, person, 0, False) for person in unclear[:NAMESAKES]]
    await context.reply(
        "circles/people_added",
        keyboard=[*rows(buttons, 1), [_to_roster(circle)]],
        circle=circle,
        added=added,
        there=[person for person in found if person not in added],
        unclear=bool(unclear),
        unknown=unknown,
        nothing=not words,
    )


async def _take_off(context: HomeContext, circle: Circle, person: Person) -> None:
    if await take_off_circle(context.session, circle, person, context.person, now=context.now):
        await tell_of_leaving(context.post, [(person, circle)])
        await _refresh(context.post, circle)
        await context.toast(t("circles.taken_off", name=person.name))


async def _refresh(post: Post, circle: Circle) -> None:
    if circle.chat is not None:
        await refresh_group_card(post, circle.chat)


def _press(circle: Circle, does: MemberAct, person: Person, page: int) -> MemberPress:
    return MemberPress(circle.id, does, person.id, page)


def _to_roster(circle: Circle, page: int = 0) -> Button:
    return Button(t("circles.back"), MemberPress(circle.id, MemberAct.SHOW, 0, page))


JOURNEY = Journey(presses={MemberPress: press}, forms={KIND: take_names})
