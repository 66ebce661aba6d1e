"""The spreadsheets the office asks for: the empty template, and the roster as it stands, to be edited and sent back."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.roster_card_presses import SheetDo, SheetPress
from handlers.roster_sheet import roster_export, roster_template
from handlers.texts import t
from models.audit import record
from models.people import Role


async def press(update: Update, context: HomeContext) -> None:
    """Send the file. Who took the whole roster out of the Home is written down."""
    pressed = SheetPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if pressed.do is SheetDo.TEMPLATE:
        file = await roster_template(context.post, context.language)
        await context.post.tell(context.person, "plain", attachment=file, text=t("roster.how_to_fill"))
        return
    file, count = await roster_export(context.post, context.language)
    record(context.session, context.person, "roster.exported", "roster", now=context.now, people=count)
    await context.post.tell(context.person, "plain", attachment=file, text=t("sheet.exported", count=count))


JOURNEY = Journey(presses={SheetPress: press})
