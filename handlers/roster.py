"""The roster's import: a file sent by the office is read, previewed row by row, and taken over by one tap."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass
from typing import Any, ClassVar

from telegram import Document, Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Press
from handlers.menu import BACK_TO_MENU, Menu
from handlers.post import Post
from handlers.roster_preview import fitting, head_lines, preview_table, row_lines
from handlers.roster_sheet import roster_template
from handlers.roster_told import tell_changed
from handlers.spreadsheet import FILE_LIMIT, HeadingsMissing, NotReadable, RosterSheet, TooLarge, read_roster
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.outbox import OutboxMessage, OutboxState
from models.people import Person, Role
from models.roster import plan_import
from models.roster_import import apply_import
from models.roster_rows import Fate, Plan, RosterRow
from models.rules import Gone, RuleBroken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OTHER_SPREADSHEETS = (".xls", ".csv", ".et", ".ods", ".numbers", ".xlsb", ".xlsm")


class RosterAct(enum.StrEnum):
    CONFIRM = "y"
    CANCEL = "n"


@dataclass(frozen=True)
class RosterPress(Press):
    """``plan`` is the fingerprint of what was previewed."""

    prefix: ClassVar[str] = "ros"
    does: RosterAct
    plan: str


async def take_file(update: Update, context: HomeContext) -> bool:
    """A spreadsheet sent by the office is the roster; everything else is somebody else's to take."""
    document = update.message.document if update.message is not None else None
    if document is None or context.stranger or not context.person.has(Role.OFFICE):
        return False
    name = (document.file_name or "").lower()
    if name.endswith(OTHER_SPREADSHEETS):
        await _send_template(context.post, context.person, "roster/wants_xlsx")
        return True
    if not name.endswith(".xlsx") and document.mime_type != XLSX:
        return False
    await _fetch(context, document)
    return True


async def _fetch(context: HomeContext, document: Document) -> None:
    if (document.file_size or 0) > FILE_LIMIT:
        raise TooLarge
    subject = f"roster:{context.person.id}"
    await context.post.call("getFile", {"file_id": document.file_id}, chat_id=context.here.chat_id, subject=subject)


async def file_came(post: Post, message: OutboxMessage, content: Any) -> None:
    """The file's bytes are there, or Telegram did not give them."""
    person = await post.session.get(Person, int((message.subject or "").split(":")[1]))
    if person is None or not person.has(Role.OFFICE):
        return
    if message.state is not OutboxState.SENT or not isinstance(content, bytes):
        await post.tell(person, "plain", text=t("roster.not_fetched"))
        return
    try:
        sheet = await asyncio.to_thread(read_roster, content)
    except (HeadingsMissing, NotReadable) as refusal:
        await _send_template(post, person, "plain", text=t(refusal.key, **refusal.values))
    except RuleBroken as refusal:
        await post.tell(person, "plain", text=t(refusal.key, **refusal.values))
    else:
        await preview(post, person, sheet)


async def preview(post: Post, person: Person, sheet: RosterSheet, *, changed_meanwhile: bool = False) -> None:
    """Show what the import would do, and keep the rows until the office decides."""
    plan = await plan_import(post.session, sheet.rows, person)
    rows = [row.as_json() for row in sheet.rows]
    await open_form(
        post.session,
        person.id,
        "roster",
        "confirm",
        now=post.now,
        rows=rows,
        ignored=list(sheet.ignored),
        absent=list(sheet.absent),
        plan=plan.fingerprint,
    )
    lines = row_lines(plan, post.texts, person.language)
    shown = fitting(lines)
    if len(shown) < len(lines):
        name = post.texts.say(t("roster.preview_file"), person.language)
        whole = await post.attach(name, preview_table(plan, post.texts, person.language))
        await post.tell(person, "plain", attachment=whole, text=t("roster.whole_preview"))
    confirm = Button(t("roster.confirm"), RosterPress(RosterAct.CONFIRM, plan.fingerprint))
    cancel = Button(t("roster.cancel"), RosterPress(RosterAct.CANCEL, plan.fingerprint))
    await post.card(
        "roster",
        person,
        "roster/preview",
        keyboard=[[BACK_TO_MENU]] if plan.changes_nothing else [[confirm, cancel]],
        afresh=True,
        head=head_lines(plan, post.texts, person.language, sheet),
        lines=shown,
        more=len(lines) - len(shown),
        nothing=plan.changes_nothing,
        changed_meanwhile=changed_meanwhile,
    )


async def decide(update: Update, context: HomeContext) -> None:
    """One tap takes over exactly what was shown; if the roster changed meanwhile, it is shown again instead."""
    press = RosterPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, "roster")
    if form is None or form.data.get("plan") != press.plan:
        raise Gone
    if press.does is RosterAct.CANCEL:
        await close_form(context.session, context.person.id)
        await context.show("plain", keyboard=[[BACK_TO_MENU]], text=t("roster.cancelled"))
        return
    rows = [RosterRow.from_json(row) for row in form.data["rows"]]
    plan = await plan_import(context.session, rows, context.person)
    if plan.fingerprint != press.plan:
        sheet = RosterSheet(rows, form.data["ignored"], form.data["absent"])
        await preview(context.post, context.person, sheet, changed_meanwhile=True)
        return
    await take_over(context.post, context.menu, plan, context.person)
    await close_form(context.session, context.person.id)
    await context.show("roster/done", keyboard=[[BACK_TO_MENU]], counts={fate.value: plan.count(fate) for fate in Fate})


async def take_over(post: Post, menu: Menu, plan: Plan, actor: Person | None) -> None:
    """Carry out a plan made in this transaction, and tell those whom it concerns. Without an actor the command line did it."""
    await tell_changed(post, menu, await apply_import(post.session, plan, actor, now=post.now))


async def _send_template(post: Post, person: Person, template: str, **values: Any) -> None:
    file = await roster_template(post, person.language)
    await post.tell(person, template, attachment=file, **values)


JOURNEY = Journey(presses={RosterPress: decide}, takers=(take_file,), outcomes={"roster": file_came})
