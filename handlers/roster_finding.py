"""The office finds somebody: by words, or by looking through an area, a deputies' group, a specialty or a circle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.roster import take_file
from handlers.roster_card_presses import FindDo, FindPress
from handlers.roster_people import BACK, PAGE, person_button, show_person
from handlers.texts import t
from models.circles import CircleMember
from models.forms import form_of, open_form
from models.people import Person, PersonSpecialty, Role
from models.roster_rows import NAMED, Field
from models.roster_search import Found, people_in, search_roster
from models.rules import Gone

KIND = "find_person"
Turn = Callable[[int], FindPress]
NAMES = 24
"""Areas, groups, specialties or circles on one page."""
BACK_TO_FINDING = Button(t("roster.back"), FindPress(FindDo.ASK))


async def press(update: Update, context: HomeContext) -> None:
    """A button of the search."""
    pressed = FindPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    page = max(pressed.page, 0)
    match pressed.do:
        case FindDo.ASK:
            await _ask(context)
        case FindDo.FOUND:
            form = await form_of(context.session, context.person.id, KIND)
            if form is None or not form.data.get("words"):
                raise Gone
            await _show_found(context, form.data["words"], page)
        case FindDo.BROWSE if pressed.what in NAMED:
            await _browse(context, pressed.what, page)
        case FindDo.IN if pressed.what in NAMED:
            await _show_in(context, pressed.what, pressed.id, page)
        case _:
            raise Gone


async def take_words(update: Update, context: HomeContext) -> None:
    """Words to look for; a roster is taken all the same. One found is shown at once, of many a list, and other words may follow."""
    context.person.require(Role.OFFICE)
    if await take_file(update, context):
        return
    words = words_of(update.message)[:100]
    if not words or words.startswith("/"):
        await _ask(context)
        return
    found = await search_roster(context.session, words, offset=0, limit=PAGE)
    if found.total == 1:
        await show_person(context, found.people[0])
    elif found.total:
        await open_form(context.session, context.person.id, KIND, "words", now=context.now, words=words)
        await _show_found(context, words, 0)
    else:
        await context.reply("roster/nobody_found", keyboard=_ways(), words=words)


async def _ask(context: HomeContext) -> None:
    await open_form(context.session, context.person.id, KIND, "words", now=context.now)
    await context.show("plain", keyboard=_ways(), text=t("roster.whom"))


def _ways() -> Keyboard:
    return [*rows([Button(t(f"find.by_{what}"), FindPress(FindDo.BROWSE, what)) for what in NAMED], 2), [BACK]]


async def _show_found(context: HomeContext, words: str, page: int) -> None:
    found = await search_roster(context.session, words, offset=page * PAGE, limit=PAGE)
    keyboard = _listed(found, page, lambda other: FindPress(FindDo.FOUND, page=other))
    await context.show("roster/found", keyboard=[*keyboard, [BACK_TO_FINDING]], title=words, total=found.total)


async def _browse(context: HomeContext, what: Field, page: int) -> None:
    """All areas (groups, specialties, circles) with how many people each has."""
    table = NAMED[what]
    names = (await context.session.execute(select(table.id, table.name).order_by(table.id))).all()
    counts = await _counts(context, what)
    shown = names[page * NAMES : (page + 1) * NAMES]
    buttons = [Button(f"{name}（{counts.get(id, 0)}）", FindPress(FindDo.IN, what, id)) for id, name in shown]
    pages = turns(page, lambda other: FindPress(FindDo.BROWSE, what, 0, other), more=len(names) > (page + 1) * NAMES)
    keyboard = [*rows(buttons, 2), pages, [BACK_TO_FINDING]]
    await context.show("plain", keyboard=keyboard, text=t("find.choose" if names else "find.nothing", what=t(f"roster.field_{what}")))


async def _counts(context: HomeContext, what: Field) -> dict[int, int]:
    belongs = {
        Field.AREA: select(Person.area_id, func.count()).group_by(Person.area_id),
        Field.GROUP: select(Person.group_id, func.count()).group_by(Person.group_id),
        Field.SPECIALTIES: select(PersonSpecialty.specialty_id, func.count())
        .join(Person, Person.id == PersonSpecialty.person_id)
        .group_by(PersonSpecialty.specialty_id),
        Field.CIRCLES: select(CircleMember.circle_id, func.count())
        .join(Person, Person.id == CircleMember.person_id)
        .group_by(CircleMember.circle_id),
    }[what]
    return {id: count for id, count in await context.session.execute(belongs.where(Person.active)) if id is not None}


async def _show_in(context: HomeContext, what: Field, id: int, page: int) -> None:
    table: type[Any] = NAMED[what]
    named = await context.session.get(table, id)
    if named is None:
        raise Gone
    found = await people_in(context.session, what, id, offset=page * PAGE, limit=PAGE)
    keyboard = _listed(found, page, lambda other: FindPress(FindDo.IN, what, id, other))
    back = [Button(t("roster.back"), FindPress(FindDo.BROWSE, what))]
    await context.show("roster/found", keyboard=[*keyboard, back], title=named.name, total=found.total)


def _listed(found: Found, page: int, to: Turn) -> list[Sequence[Button]]:
    pages = turns(page, to, more=found.total > (page + 1) * PAGE)
    return [*rows([person_button(person) for person in found.people], 2), pages]


JOURNEY = Journey(presses={FindPress: press}, forms={KIND: take_words})
