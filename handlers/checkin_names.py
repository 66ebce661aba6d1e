"""Finding somebody of the roster by a typed name: to check them in, or to ask them to help. And forms that belong to a desk."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import AsyncIterator

from sqlalchemy import select
from telegram import Update

from handlers.checkin_presses import DeskDo, DeskPress, HelperPress, RollDo, RollPress
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.texts import t
from models.activities import Activity
from models.checkin_desk import CheckInDesk, desk_of, require_runs
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id
from models.people import Person
from models.rules import RuleBroken

NAME = "checkin_name"
SHOWN = 12


class Purpose(enum.StrEnum):
    TAP = "tap"
    HELPER = "helper"


async def ask_for_name(context: HomeContext, activity: Activity, purpose: Purpose) -> None:
    await open_form(context.session, context.person.id, NAME, "name", now=context.now, activity=activity.id, purpose=purpose.value)
    await context.reply("plain", text=t(f"checkin.name_for_{purpose}", title=activity.title))


async def take_name(update: Update, context: HomeContext) -> None:
    """Those of the roster who are called so, to be tapped. The form stays open, so that one name follows another."""
    name = "".join((update.message.text or "").split()) if update.message else ""
    async with form_at_desk(context, NAME) as desk:
        form = await form_of(context.session, context.person.id, NAME)
        if desk is None or form is None:
            return
        purpose = Purpose(form.data["purpose"])
        if not name or name.startswith("/"):
            await context.reply("plain", text=t(f"checkin.name_for_{purpose}", title=desk.activity.title))
            return
        like = Person.name.contains(name[:60], autoescape=True)
        found = (await context.session.scalars(select(Person).where(Person.active, like).order_by(Person.id).limit(SHOWN + 1))).all()
        form.updated_at = context.now
        buttons = [Button(_label(person), _does(purpose, desk, person)) for person in found[:SHOWN]]
        back = [Button(t("checkin.do.back"), DeskPress(desk.activity_id, DeskDo.OPEN))]
        await context.reply(
            "checkin/found", keyboard=[*rows(buttons, 2), back], name=name[:30], found=len(found), more=len(found) > SHOWN, purpose=purpose
        )


def _label(person: Person) -> str:
    where = person.group or person.area
    return f"{person.name} · {where.name}" if where is not None else person.name


def _does(purpose: Purpose, desk: CheckInDesk, person: Person) -> RollPress | HelperPress:
    if purpose is Purpose.TAP:
        return RollPress(desk.activity_id, RollDo.ADD, person.id)
    return HelperPress(desk.activity_id, person.id, 1)


@contextlib.asynccontextmanager
async def form_at_desk(context: HomeContext, kind: str) -> AsyncIterator[CheckInDesk | None]:
    """The desk that the open form speaks of; None when there is no such form.

    A refusal is said and ends the form, so that nobody is stuck in it.
    """
    form = await form_of(context.session, context.person.id, kind)
    if form is None:
        yield None
        return
    try:
        activity = await activity_by_id(context.session, form.data["activity"])
        await require_runs(context.session, context.person, activity)
        yield await desk_of(context.session, activity)
    except RuleBroken as refusal:
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)


JOURNEY = Journey(forms={NAME: take_name})
