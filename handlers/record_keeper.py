"""Naming somebody else to keep a record."""

from __future__ import annotations

from sqlalchemy import select
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.pieces import words_of
from handlers.record_card import opening, show_record
from handlers.record_presses import KeeperPress
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id
from models.people import Person
from models.records import ActivityRecord, begun_record, name_keeper
from models.rules import Gone

FORM = "record_keeper"


async def ask_keeper(context: HomeContext, kept: ActivityRecord) -> None:
    await open_form(context.session, context.person.id, FORM, "name", now=context.now, activity=kept.activity_id)
    await context.reply("plain", text=t("record.ask_keeper"))


async def take_name(update: Update, context: HomeContext) -> None:
    """The name of somebody on the roster, typed."""
    form, name = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    namesakes = (await context.session.scalars(select(Person).where(Person.active, Person.name == name).order_by(Person.id))).all()
    activity_id = int(form.data["activity"])
    if len(namesakes) == 1:
        await _name(context, activity_id, namesakes[0])
    elif namesakes:
        buttons = [[Button(_told_apart(person), KeeperPress(activity_id, person.id))] for person in namesakes]
        await context.reply("plain", keyboard=buttons, text=t("record.which_keeper"))
    else:
        await context.reply("plain", text=t("record.nobody_called_so", name=name[:30]))


def _told_apart(person: Person) -> str:
    of = [each.name for each in (person.group, person.area) if each is not None]
    return "·".join([person.name, *of])


async def choose(update: Update, context: HomeContext) -> None:
    pressed = KeeperPress.unpack(context.pressed)
    person = await context.session.get(Person, pressed.person_id)
    if person is None or not person.active:
        raise Gone
    await _name(context, pressed.activity_id, person)


async def _name(context: HomeContext, activity_id: int, person: Person) -> None:
    if person.telegram_id is None:
        await context.reply("plain", text=t("record.keeper_not_in", name=person.name))
        return
    activity = await activity_by_id(context.session, activity_id)
    kept = await begun_record(context.session, activity, now=context.now)
    name_keeper(context.session, kept, person, context.person, now=context.now)
    if await form_of(context.session, context.person.id, FORM) is not None:
        await close_form(context.session, context.person.id)
    await context.session.flush()
    await context.post.tell(person, "record/named", keyboard=opening(activity), activity=activity, by=context.person)
    await context.reply("plain", text=t("record.keeper_named", name=person.name))
    await show_record(context.post, kept, context.person, afresh=True)


JOURNEY = Journey(presses={KeeperPress: choose}, forms={FORM: take_name})
