"""The office tells the Home what belongs to which specialty, and tries out where a text would go."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import func, select
from telegram import Update

from handlers.context import HomeContext
from handlers.draft_card import specialty_by_id
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Keyboard, Press, rows
from handlers.long_texts import in_parts, shortened
from handlers.menu import BACK_TO_MENU
from handlers.pieces import words_of
from handlers.texts import t
from models.audit import record
from models.forms import Form, close_form, form_of, open_form
from models.people import Person, PersonSpecialty, Role, Specialty
from models.routing import propose_specialties
from models.rules import Gone
from models.specialties import Edit, description_of, edit_keywords, edit_topics

KIND = "specialty"
SHOWN = 900
"""Characters of the keywords that stand on the card; all of them are a tap away."""
LISTED = 300
TRIED = 3


class SpecialtyDo(enum.StrEnum):
    LIST = "list"
    SHOW = "show"
    WORDS = "words"
    KEYWORDS = "keywords"
    TOPICS = "topics"
    DESCRIPTION = "description"
    TRY = "try"


ASKS = (SpecialtyDo.KEYWORDS, SpecialtyDo.TOPICS, SpecialtyDo.DESCRIPTION)


@dataclass(frozen=True)
class SpecialtyPress(Press):
    """A button of the specialties' list or of one specialty's card; 0 stands for none."""

    prefix: ClassVar[str] = "sy"
    do: SpecialtyDo
    specialty_id: int


async def open_list(update: Update, context: HomeContext) -> None:
    """``/specialties``: each with how much is known of it and how many deputies carry it."""
    context.person.require(Role.OFFICE)
    await close_own_form(context)
    carried = select(PersonSpecialty.specialty_id, func.count()).join(Person, Person.id == PersonSpecialty.person_id)
    carried = carried.where(Person.active).group_by(PersonSpecialty.specialty_id)
    carriers = {row[0]: row[1] for row in await context.session.execute(carried)}
    specialties = (await context.session.scalars(select(Specialty).order_by(Specialty.id))).all()
    buttons = rows([Button(each.name, SpecialtyPress(SpecialtyDo.SHOW, each.id)) for each in specialties], 2)
    attempt = Button(t("specialty.do.try"), SpecialtyPress(SpecialtyDo.TRY, 0))
    await context.show("specialties/list", keyboard=[*buttons, [attempt], [BACK_TO_MENU]], specialties=specialties, carriers=carriers)


async def press(update: Update, context: HomeContext) -> None:
    """A button of the list or of a card."""
    pressed = SpecialtyPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if pressed.do is SpecialtyDo.LIST:
        await open_list(update, context)
    elif pressed.do is SpecialtyDo.TRY:
        await open_form(context.session, context.person.id, KIND, pressed.do, now=context.now)
        await context.show("plain", text=t("specialty.ask.try"), keyboard=[_to_list()])
    else:
        await _one(context, await _specialty(context, pressed.specialty_id), pressed.do)


async def _one(context: HomeContext, specialty: Specialty, do: SpecialtyDo) -> None:
    if do in ASKS:
        await open_form(context.session, context.person.id, KIND, do, now=context.now, specialty=specialty.id)
        back = [Button(t("issue.do.back"), SpecialtyPress(SpecialtyDo.SHOW, specialty.id))]
        await context.show("plain", text=t(f"specialty.ask.{do}", name=specialty.name), keyboard=[back])
        return
    if do is SpecialtyDo.WORDS:
        for part in in_parts(" ".join(specialty.keywords)):
            await context.post.tell(context.person, "plain", text=t("specialty.plain", text=part))
        return
    await close_own_form(context)
    await context.show("specialties/one", keyboard=_card_buttons(specialty), **_facts(specialty))


def _facts(specialty: Specialty) -> dict[str, object]:
    return {"specialty": specialty, "keywords": shortened(" ".join(specialty.keywords), SHOWN)}


def _said_of(edit: Edit, step: str) -> dict[str, object]:
    changed = bool(edit.added or edit.removed) or step == SpecialtyDo.DESCRIPTION
    return {"changed": changed, "added": shortened("、".join(edit.added), LISTED), "removed": shortened("、".join(edit.removed), LISTED)}


def _card_buttons(specialty: Specialty) -> Keyboard:
    edits = [Button(t(f"specialty.do.{do}"), SpecialtyPress(do, specialty.id)) for do in ASKS]
    every = [Button(t("specialty.do.words"), SpecialtyPress(SpecialtyDo.WORDS, specialty.id))]
    return [edits, every if len(" ".join(specialty.keywords)) > SHOWN else [], _to_list()]


def _to_list() -> list[Button]:
    return [Button(t("issue.do.back"), SpecialtyPress(SpecialtyDo.LIST, 0))]


async def take_words(update: Update, context: HomeContext) -> None:
    """What the office says while a form is open: an edit, or a text to try."""
    form = await form_of(context.session, context.person.id, KIND)
    context.person.require(Role.OFFICE)
    assert form is not None
    said = words_of(update.message)
    if not said or not said.strip() or said.startswith("/"):
        await context.reply("plain", text=t("specialty.say_words"))
    elif form.step == SpecialtyDo.TRY:
        proposals = (await propose_specialties(context.session, said))[:TRIED]
        await context.reply("specialties/tried", keyboard=[_to_list()], proposals=proposals)
    else:
        await _edit(context, form, await _specialty(context, form.data["specialty"]), said)


async def _edit(context: HomeContext, form: Form, specialty: Specialty, said: str) -> None:
    if form.step == SpecialtyDo.DESCRIPTION:
        specialty.description = description_of(said)
        edit = Edit([], [], [])
    elif form.step == SpecialtyDo.TOPICS:
        edit = edit_topics(specialty.topics, said)
        specialty.topics = edit.words
    else:
        edit = edit_keywords(specialty.keywords, said)
        specialty.keywords = edit.words
    subject, details = f"specialty:{specialty.id}", {"what": form.step, "added": edit.added, "removed": edit.removed}
    record(context.session, context.person, "specialty.edited", subject, now=context.now, **details)
    await close_form(context.session, context.person.id)
    await context.reply("specialties/edited", keyboard=_card_buttons(specialty), **_said_of(edit, form.step), **_facts(specialty))


async def close_own_form(context: HomeContext) -> None:
    """Whoever turns away from an edit has given it up."""
    if await form_of(context.session, context.person.id, KIND) is not None:
        await close_form(context.session, context.person.id)


async def _specialty(context: HomeContext, id: int) -> Specialty:
    specialty = await specialty_by_id(context.post, id)
    if specialty is None:
        raise Gone
    return specialty


JOURNEY = Journey(
    entries=(Entry("specialties", open_list),),
    presses={SpecialtyPress: press},
    forms={KIND: take_words},
)
