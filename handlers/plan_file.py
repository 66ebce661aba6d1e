"""A plan's spreadsheet in and out of the chat: sent on a press, and taken back after one, previewed row by row and confirmed."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select
from telegram import Update

from handlers.calendar_file import file_stem
from handlers.context import HomeContext
from handlers.keyboards import Button
from handlers.plan_presses import OFFICE, FileDo, PlanDo, PlanFilePress, PlanPress
from handlers.plan_preview import head_lines, row_lines, whole_preview
from handlers.plan_sheet import Sheet, plan_sheet, read_plan
from handlers.post import Post
from handlers.roster import XLSX
from handlers.roster_preview import fitting
from handlers.spreadsheet import FILE_LIMIT
from handlers.texts import t
from models.activities import Activity
from models.audit import record
from models.forms import Form, close_form, form_of, open_form
from models.outbox import Attachment, OutboxMessage, OutboxState
from models.people import DeputyGroup, Person
from models.plan_import import Fate, PlanRow, apply_rows, plan_rows
from models.plans import PlanActivity, may_change_plan, plan_of, require_plan
from models.rules import Gone, RuleBroken

KIND = "plan_import"
CANCEL = Button(t("plan.import_cancel"), PlanFilePress(FileDo.CANCEL, ""))


async def send_plan(context: HomeContext, group_id: int | None, year: int) -> None:
    """The plan as a file."""
    attachment = await _attached(context.post, context.person, group_id, year)
    record(context.session, context.person, "plan.exported", f"plan:{group_id or OFFICE}:{year}", now=context.now)
    await context.post.tell(context.here, "plain", attachment=attachment, text=t("plan.exported", year=year))


async def ask_file(context: HomeContext, group_id: int | None, year: int) -> None:
    """The next file is the plan's; the present one goes with the question, to be filled in and sent back."""
    await open_form(context.session, context.person.id, KIND, "file", now=context.now, group=group_id, year=year)
    attachment = await _attached(context.post, context.person, group_id, year)
    await context.post.tell(context.here, "plans/import_ask", keyboard=[[CANCEL]], attachment=attachment, year=year)


async def _attached(post: Post, reader: Person, group_id: int | None, year: int) -> Attachment:
    plan = await plan_of(post.session, group_id, year, now=post.now, timezone=post.policy.timezone)
    grown: dict[int, list[Activity]] = {}
    ids = [planned.item.id for planned in plan]
    found = (
        select(PlanActivity.item_id, Activity).join(Activity, Activity.id == PlanActivity.activity_id).where(PlanActivity.item_id.in_(ids))
    )
    for item_id, activity in await post.session.execute(found.order_by(Activity.starts_at)):
        grown.setdefault(item_id, []).append(activity)
    rows = [(planned, grown.get(planned.item.id, [])) for planned in plan]
    content = await asyncio.to_thread(plan_sheet, rows, year, post.texts, reader.language)
    group = await post.session.get(DeputyGroup, group_id) if group_id is not None else None
    owner = group.name if group is not None else post.texts.say(t("plan.office"), reader.language)
    name = post.texts.say(t("plan.file_name", year=year, owner=file_stem(owner)), reader.language)
    return await post.attach(name, content)


async def take_file(update: Update, context: HomeContext) -> None:
    """The file that was asked for; anything else is asked for it again."""
    form, message = await form_of(context.session, context.person.id, KIND), update.message
    document = message.document if message is not None else None
    if form is None:
        return
    if document is None or not ((document.file_name or "").lower().endswith(".xlsx") or document.mime_type == XLSX):
        await context.reply("plain", keyboard=[[CANCEL]], text=t("plan.file_please"))
        return
    if (document.file_size or 0) > FILE_LIMIT:
        await context.reply("plain", keyboard=[[CANCEL]], text=t("plan.too_large"))
        return
    form.updated_at = context.now
    subject = f"plan_file:{context.person.id}"
    await context.post.call("getFile", {"file_id": document.file_id}, chat_id=context.here.chat_id, subject=subject)


async def file_came(post: Post, message: OutboxMessage, content: Any) -> None:
    """The file's bytes are there, or Telegram did not give them; who has cancelled meanwhile hears nothing."""
    person = await post.session.get(Person, int((message.subject or "").split(":")[1]))
    form = await form_of(post.session, person.id, KIND) if person is not None else None
    if person is None or form is None or not may_change_plan(person, form.data["group"]):
        return
    if message.state is not OutboxState.SENT or not isinstance(content, bytes):
        await post.tell(person, "plain", keyboard=[[CANCEL]], text=t("plan.not_fetched"))
        return
    try:
        sheet = await asyncio.to_thread(read_plan, content, post.texts, post.policy.languages)
    except RuleBroken as refusal:
        await post.tell(person, "plain", keyboard=[[CANCEL]], text=t(refusal.key, **refusal.values))
    else:
        await _preview(post, person, form, sheet)


async def _preview(post: Post, person: Person, form: Form, sheet: Sheet, *, changed_meanwhile: bool = False) -> None:
    """What the import would do, row by row; the rows are kept until it is decided. Another file replaces them."""
    group_id, year = form.data["group"], form.data["year"]
    change = await plan_rows(post.session, sheet.rows, group_id, year)
    form.data["rows"] = [row.as_json() for row in sheet.rows]
    form.data["ignored"], form.data["change"] = list(sheet.ignored), change.fingerprint
    lines = row_lines(change, post.texts, person.language)
    shown = fitting(lines)
    if len(shown) < len(lines):
        name = post.texts.say(t("plan.preview_file"), person.language)
        whole = await post.attach(name, whole_preview(change, post.texts, person.language))
        await post.tell(person, "plain", attachment=whole, text=t("plan.whole_preview"))
    confirm = Button(t("plan.import_confirm"), PlanFilePress(FileDo.CONFIRM, change.fingerprint))
    cancel = Button(t("plan.import_cancel"), PlanFilePress(FileDo.CANCEL, ""))
    group = await post.session.get(DeputyGroup, group_id) if group_id is not None else None
    await post.card(
        "plan_import",
        person,
        "plans/preview",
        keyboard=[[cancel]] if change.changes_nothing else [[confirm, cancel]],
        afresh=True,
        owner=group.name if group is not None else None,
        year=year,
        head=head_lines(change, post.texts, person.language, sheet),
        lines=shown,
        more=len(lines) - len(shown),
        nothing=change.changes_nothing,
        changed_meanwhile=changed_meanwhile,
    )


async def decide(update: Update, context: HomeContext) -> None:
    """One tap takes over exactly what was shown; if the plan changed meanwhile, it is shown again instead. Raises Gone, NotAllowed."""
    pressed = PlanFilePress.unpack(context.pressed)
    form = await form_of(context.session, context.person.id, KIND)
    if form is None:
        raise Gone
    group_id, year = form.data["group"], form.data["year"]
    back = [[Button(t("plan.do.back"), PlanPress(PlanDo.OPEN, group_id or OFFICE, year))]]
    if pressed.do is FileDo.CANCEL:
        await close_form(context.session, context.person.id)
        await context.show("plain", keyboard=back, text=t("plan.import_cancelled"))
        return
    if form.data.get("change") != pressed.change:
        raise Gone
    require_plan(context.person, group_id, to_change=True)
    rows = [PlanRow.from_json(row) for row in form.data["rows"]]
    change = await plan_rows(context.session, rows, group_id, year)
    if change.fingerprint != pressed.change:
        await _preview(context.post, context.person, form, Sheet(rows, form.data["ignored"]), changed_meanwhile=True)
        return
    await apply_rows(context.session, change, context.person, group_id=group_id, year=year, now=context.now)
    await close_form(context.session, context.person.id)
    await context.show("plans/imported", keyboard=back, counts={fate.value: change.count(fate) for fate in Fate})
