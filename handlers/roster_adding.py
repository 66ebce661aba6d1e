"""The office adds one person by a short guided form: who is there already is asked about, and nothing is added before it was shown."""

from __future__ import annotations

from telegram import Update

from handlers.circle_links import offer_links
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.pieces import words_of
from handlers.roster import take_file, take_over
from handlers.roster_add_form import KIND, STEPS, AddForm, split_phone
from handlers.roster_card_presses import AddDo, AddPress
from handlers.roster_options import option_buttons, options_of
from handlers.roster_people import overview, person_button, show_person
from handlers.roster_preview import values_said
from handlers.texts import t
from models.forms import Form, close_form, form_of, open_form
from models.people import Person, Role
from models.roster import plan_import
from models.roster_card import alike, holder_of, read_name, read_phone, read_text, return_to_roster
from models.roster_changes import free_number
from models.roster_rows import Fate, Field
from models.rules import Gone, RuleBroken


async def press(update: Update, context: HomeContext) -> None:
    """A button of the form. One of an earlier step means nothing any more."""
    pressed = AddPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if pressed.do is AddDo.BEGIN:
        row = await open_form(context.session, context.person.id, KIND, STEPS[0], now=context.now)
        await _ask(context, AddForm(row))
        return
    form = AddForm(await _row(context))
    if form.step != pressed.step:
        raise Gone
    form.row.updated_at = context.now
    match pressed.do:
        case AddDo.CANCEL:
            await close_form(context.session, context.person.id)
            await overview(update, context)
        case AddDo.OTHER if form.step == "alike":
            form.go_to("phone")
            await _after_name(context, form)
        case AddDo.RETURN if form.step in ("alike", "number"):
            await _return(context, form, pressed.item)
        case AddDo.FREE if form.step == "number":
            await free_number(context.session, form.phone, context.person, now=context.now)
            form.go_to("area")
            await _ask(context, form)
        case AddDo.CHOOSE | AddDo.ON | AddDo.OFF | AddDo.NEXT if form.field is not None:
            await _choose(context, form, form.field, pressed)
        case AddDo.CONFIRM if form.step == "confirm":
            await _confirm(context, form, pressed.item)
        case _:
            raise Gone


async def take_words(update: Update, context: HomeContext) -> None:
    """What is written at a step."""
    context.person.require(Role.OFFICE)
    if await take_file(update, context):
        return
    form = AddForm(await _row(context))
    said = words_of(update.message)
    if not said or said.startswith("/"):
        await _ask(context, form)
        return
    form.row.updated_at = context.now
    match form.step:
        case "name" | "alike":
            await _take_name(context, form, said)
        case "phone" | "number":
            await _take_phone(context, form, said)
        case _ if form.field in (Field.AREA, Field.GROUP, Field.SPECIALTIES):
            await _take_option(context, form, form.field, said)
        case _:
            await _ask(context, form)


async def _take_name(context: HomeContext, form: AddForm, said: str) -> None:
    """The name, perhaps with the number behind it. Whoever is called alike is shown first."""
    words, phone = split_phone(said)
    form.put("name", read_name(words))
    form.put("phone", phone)
    people = await alike(context.session, form.name)
    if people:
        form.go_to("alike")
        there = [_there(person, form) for person in people[:10]]
        other = [Button(t("adding.other"), AddPress(AddDo.OTHER, form.step))]
        keyboard = [*([button] for button in there), other, _cancel(form)]
        await context.reply("roster/alike", keyboard=keyboard, name=form.name, people=people[:10])
        return
    form.go_to("phone")
    await _after_name(context, form)


async def _after_name(context: HomeContext, form: AddForm) -> None:
    if not form.phone:
        await _ask(context, form)
        return
    try:
        await _take_phone(context, form, form.phone)
    except RuleBroken as refusal:
        form.put("phone", "")
        await context.reply("plain", keyboard=[_cancel(form)], text=t(refusal.key, **refusal.values))


async def _take_phone(context: HomeContext, form: AddForm, said: str) -> None:
    """The number; whose it is already is shown, and who has left with it may come back."""
    number = read_phone(said)
    holder = await holder_of(context.session, number)
    form.put("phone", number)
    if holder is None:
        form.go_to("area")
        await _ask(context, form)
    elif holder.active:
        form.go_to("phone")
        text = t("card.phone_held", name=holder.name)
        await context.reply("plain", keyboard=[[person_button(holder)], _cancel(form)], text=text)
    else:
        form.go_to("number")
        free = [Button(t("adding.free"), AddPress(AddDo.FREE, form.step))]
        text = t("adding.number_of_former", name=holder.name)
        await context.reply("plain", keyboard=[[_there(holder, form)], free, _cancel(form)], text=text)


async def _take_option(context: HomeContext, form: AddForm, what: Field, said: str) -> None:
    """One that is there is meant; anything else is new, and stands in the preview as new."""
    name = read_text(what, said)
    if not name:
        raise Gone
    known = next((option.name for option in await options_of(context, what) if option.name.casefold() == name.casefold()), name)
    if what is Field.SPECIALTIES:
        form.toggle(what, known, on=True)
    else:
        form.put(what.value, known)
        form.go_on()
    await _ask(context, form)


async def _choose(context: HomeContext, form: AddForm, what: Field, pressed: AddPress) -> None:
    page = 0
    if pressed.do is AddDo.NEXT:
        if pressed.item:  # another page of the same step
            page = max(pressed.page, 0)
        elif what is Field.ROLES and not form.several(what):
            await context.toast(t("adding.role_needed"), alert=True)
            return
        else:
            form.go_on()
    else:
        option = next((option for option in await options_of(context, what) if option.item == pressed.item), None)
        if option is None:
            raise Gone
        if what in (Field.SPECIALTIES, Field.ROLES):
            form.toggle(what, option.name, on=pressed.do is AddDo.ON)
            page = max(pressed.page, 0)
        else:
            form.put(what.value, option.name)
            form.go_on()
    await _ask(context, form, page)


async def _ask(context: HomeContext, form: AddForm, page: int = 0) -> None:
    """What the form wants to know next."""
    if form.step == "confirm":
        await _preview(context, form)
        return
    keyboard = []
    what = form.field
    if what is not None:
        chosen = form.several(what) if what in (Field.SPECIALTIES, Field.ROLES) else ()
        options = await options_of(context, what)
        keyboard = option_buttons(
            context,
            options,
            chosen,
            page,
            choose=lambda option, marked: AddPress(form.tap(marked), form.step, option.item, page),
            turn=lambda other: AddPress(AddDo.NEXT, form.step, "page", other),
        )
        on = "adding.next" if chosen else "adding.skip"
        keyboard.append([Button(t(on), AddPress(AddDo.NEXT, form.step))])
        unknown = [name for name in chosen if name not in {option.name for option in options}]
    else:
        unknown = []
    number = STEPS.index(form.asked) + 1
    values = {"step": number, "steps": len(STEPS), "text": t(f"adding.ask_{form.asked}"), "name": form.name, "unknown": unknown}
    await context.show("roster/adding", keyboard=[*keyboard, _cancel(form)], **values)


async def _preview(context: HomeContext, form: AddForm, *, changed: bool = False) -> None:
    plan = await plan_import(context.session, [form.as_row()], context.person)
    texts, language = context.post.texts, context.language
    lines = [
        (t(f"roster.field_{change.field}"), values_said(change.field, change.new, texts, language))
        for change in plan.rows[0].changes
        if change.field not in (Field.NAME, Field.ACTIVE)
    ]
    new = [(t(f"roster.field_{what}"), names) for what, names in plan.new_names.items()]
    keyboard = [[Button(t("adding.confirm"), AddPress(AddDo.CONFIRM, form.step, plan.fingerprint))], _cancel(form)]
    await context.show("roster/adding_preview", keyboard=keyboard, form=form, lines=lines, new=new, changed=changed)


async def _confirm(context: HomeContext, form: AddForm, fingerprint: str) -> None:
    """Add them just as shown; whoever was added meanwhile is not added twice."""
    plan = await plan_import(context.session, [form.as_row()], context.person)
    if plan.rows[0].fate is not Fate.ADDED:
        form.go_to("phone")
        await _take_phone(context, form, form.phone)
        return
    if plan.fingerprint != fingerprint:
        await _preview(context, form, changed=True)
        return
    phone = form.phone
    await close_form(context.session, context.person.id)
    await take_over(context.post, context.menu, plan, context.person)
    person = await holder_of(context.session, phone)
    assert person is not None
    await show_person(context, person, said=t("adding.added"))


async def _return(context: HomeContext, form: AddForm, item: str) -> None:
    """It is somebody who had left: they are on the roster again."""
    person = await context.session.get(Person, int(item)) if item.isdecimal() and len(item) < 10 else None
    if person is None:
        raise Gone
    await return_to_roster(context.session, person, context.person, now=context.now)
    await close_form(context.session, context.person.id)
    await context.menu.publish(context.post, person)
    await offer_links(context.post, person)
    await show_person(context, person, said=t("adding.returned"))


async def _row(context: HomeContext) -> Form:
    row = await form_of(context.session, context.person.id, KIND)
    if row is None:
        raise Gone
    return row


def _there(person: Person, form: AddForm) -> Button:
    """Opens the card of somebody on the roster; brings back whoever has left it."""
    if person.active:
        return person_button(person)
    return Button(t("adding.return", name=person.name), AddPress(AddDo.RETURN, form.step, str(person.id)))


def _cancel(form: AddForm) -> list[Button]:
    return [Button(t("roster.cancel"), AddPress(AddDo.CANCEL, form.step))]


JOURNEY = Journey(presses={AddPress: press}, forms={KIND: take_words})
