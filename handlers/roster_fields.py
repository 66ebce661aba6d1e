"""The office changes any field of a card by buttons, or by writing what cannot be chosen."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.pieces import words_of
from handlers.roster import take_file
from handlers.roster_card_presses import FieldDo, FieldPress
from handlers.roster_options import option_buttons, options_of
from handlers.roster_people import PeopleAct, PeoplePress, card_values, leave_own_forms, person_button
from handlers.roster_preview import values_said
from handlers.roster_told import tell_changed
from handlers.texts import T, t
from models.forms import close_form, form_of, open_form
from models.people import Person, Role
from models.roster_card import (
    CHOSEN,
    NAMEABLE,
    SEVERAL,
    WRITTEN,
    CardStale,
    PhoneHeld,
    alike,
    card_of,
    holder_of,
    make_named,
    put,
    read_phone,
    read_text,
    seen,
    set_field,
)
from models.roster_rows import Change, Field
from models.rules import Gone

KIND = "person_field"


async def press(update: Update, context: HomeContext) -> None:
    """A button of a card that is being changed."""
    pressed = FieldPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    person = await _person(context, pressed.person)
    what, item = pressed.what, pressed.item
    match pressed.do:
        case FieldDo.CARD:
            await show_editing(context, person)
        case FieldDo.ASK if what in (*WRITTEN, *CHOSEN, *SEVERAL):
            await _ask(context, person, what, max(pressed.page, 0))
        case FieldDo.SET if what in CHOSEN or (what is Field.EMPLOYER and not item):
            await _set(context, person, what, await _name(context, what, item) if item else "", pressed.seen)
        case FieldDo.ON | FieldDo.OFF if what in SEVERAL:
            name = await _name(context, what, item)
            _, concerned = await put(context.session, person, what, name, context.person, on=pressed.do is FieldDo.ON, now=context.now)
            await tell_changed(context.post, context.menu, concerned)
            await _ask(context, person, what, max(pressed.page, 0))
        case FieldDo.MAKE:
            await _make(context, person, what)
        case _:
            raise Gone


async def take_words(update: Update, context: HomeContext) -> None:
    """What the office writes for a field."""
    context.person.require(Role.OFFICE)
    if await take_file(update, context):
        return
    form = await form_of(context.session, context.person.id, KIND)
    assert form is not None
    what, person = Field(form.step), await context.session.get(Person, form.data["person"])
    if person is None or not person.active:
        await close_form(context.session, context.person.id)
        await context.refuse(Gone())
        return
    said = words_of(update.message)
    if not said or said.startswith("/"):
        await context.reply("plain", keyboard=[_back(person)], text=t("card.just_write", what=t(f"roster.field_{what}")))
    elif what in NAMEABLE:
        await _take_name(context, person, what, said, form.data["seen"])
    elif what is Field.PHONE:
        await _take_phone(context, person, said, form.data["seen"])
    else:
        await _set(context, person, what, said, form.data["seen"])


async def show_editing(context: HomeContext, person: Person, *, said: T | None = None) -> None:
    """The card with a button for every field."""
    await leave_own_forms(context)
    fields = rows([Button(t(f"card.do_{what}"), FieldPress(FieldDo.ASK, person.id, what)) for what in Field if what is not Field.ACTIVE], 3)
    done = [Button(t("card.done"), PeoplePress(PeopleAct.PERSON, person.id))]
    await context.show("roster/person", keyboard=[*fields, done], said=said, **await card_values(context, person))


async def _ask(context: HomeContext, person: Person, what: Field, page: int) -> None:
    """What there is to choose, or the request to write; new areas, groups and specialties can be written too."""
    await leave_own_forms(context)
    when_seen = await seen(context.session, person, what)
    values = (await card_of(context.session, person))[what]
    if what in WRITTEN or what in NAMEABLE:
        data = {"person": person.id, "seen": when_seen}
        await open_form(context.session, context.person.id, KIND, what.value, now=context.now, **data)
    keyboard = option_buttons(
        context,
        await options_of(context, what),
        values,
        page,
        choose=lambda option, marked: FieldPress(_tap(what, marked), person.id, what, option.item, *_sight(what, when_seen, page)),
        turn=lambda other: FieldPress(FieldDo.ASK, person.id, what, page=other),
    )
    if values and what in (Field.AREA, Field.GROUP, Field.EMPLOYER):
        keyboard.append([Button(t("card.clear"), FieldPress(FieldDo.SET, person.id, what, "", when_seen))])
    now = values_said(what, values, context.post.texts, context.language)
    way = "write" if what in WRITTEN else "choose_or_write" if what in NAMEABLE else "choose"
    await context.show("roster/field", keyboard=[*keyboard, _back(person)], person=person, what=t(f"roster.field_{what}"), now=now, way=way)


def _tap(what: Field, marked: bool) -> FieldDo:
    """Of several the button says what shall be, so that a second tap changes nothing."""
    return FieldDo.SET if what in CHOSEN else FieldDo.OFF if marked else FieldDo.ON


def _sight(what: Field, when_seen: str, page: int) -> tuple[str, int]:
    return (when_seen, 0) if what in CHOSEN else ("", page)


async def _set(context: HomeContext, person: Person, what: Field, said: str, when_seen: str) -> None:
    try:
        change, concerned = await set_field(context.session, person, what, said, context.person, when_seen=when_seen, now=context.now)
    except CardStale as stale:
        await show_editing(context, person, said=t(stale.key))
        return
    await tell_changed(context.post, context.menu, concerned)
    await show_editing(context, person, said=await _said_of(context, person, change))


async def _said_of(context: HomeContext, person: Person, change: Change | None) -> T:
    if change is None:
        return t("card.unchanged")
    old, new = (values_said(change.field, values, context.post.texts, context.language) for values in (change.old, change.new))
    same_name = change.field is Field.NAME and await alike(context.session, person.name, but=person)
    return t("card.changed_alike" if same_name else "card.changed", what=t(f"roster.field_{change.field}"), old=old, new=new)


async def _take_phone(context: HomeContext, person: Person, said: str, when_seen: str) -> None:
    try:
        await _set(context, person, Field.PHONE, said, when_seen)
    except PhoneHeld as refusal:
        holder = await holder_of(context.session, read_phone(said))
        button = [person_button(holder)] if holder is not None else []
        await context.reply("plain", keyboard=[button, _back(person)], text=t(refusal.key, **refusal.values))


async def _take_name(context: HomeContext, person: Person, what: Field, said: str, when_seen: str) -> None:
    """A name that is there is meant; a new one is made when the office says so."""
    name = read_text(what, said)
    known = next((option.name for option in await options_of(context, what) if option.name.casefold() == name.casefold()), None)
    if known is not None:
        await _choose(context, person, what, known, when_seen)
        return
    if not name:
        raise Gone
    data = {"person": person.id, "seen": when_seen, "new": name}
    await open_form(context.session, context.person.id, KIND, what.value, now=context.now, **data)
    yes = [Button(t("card.make"), FieldPress(FieldDo.MAKE, person.id, what))]
    await context.reply("plain", keyboard=[yes, _back(person)], text=t("card.ask_make", what=t(f"roster.field_{what}"), name=name))


async def _make(context: HomeContext, person: Person, what: Field) -> None:
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or form.step != what or form.data["person"] != person.id or "new" not in form.data:
        raise Gone
    name, when_seen = form.data["new"], form.data["seen"]
    await make_named(context.session, what, name, context.person, now=context.now)
    await _choose(context, person, what, name, when_seen)


async def _choose(context: HomeContext, person: Person, what: Field, name: str, when_seen: str) -> None:
    if what in CHOSEN:
        await _set(context, person, what, name, when_seen)
        return
    change, concerned = await put(context.session, person, what, name, context.person, on=True, now=context.now)
    await tell_changed(context.post, context.menu, concerned)
    await show_editing(context, person, said=await _said_of(context, person, change))


async def _name(context: HomeContext, what: Field, item: str) -> str:
    name = next((option.name for option in await options_of(context, what) if option.item == item), None)
    if name is None:
        raise Gone
    return name


async def _person(context: HomeContext, id: int) -> Person:
    person = await context.session.get(Person, id)
    if person is None or not person.active:
        raise Gone
    return person


def _back(person: Person) -> list[Button]:
    return [Button(t("roster.back"), FieldPress(FieldDo.CARD, person.id))]


JOURNEY = Journey(presses={FieldPress: press}, forms={KIND: take_words})
