"""Amounts as they are typed, all at once (餐费 1200) or step by step, and the receipts sent with them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from telegram import Update

from handlers.amounts import AmountUnclear, lines_of, read_line
from handlers.budget_card import done_button, show_budget, warn, yuan
from handlers.budget_presses import BudgetDo, BudgetPress
from handlers.context import HomeContext
from handlers.keyboards import Button, rows
from handlers.pieces import Said, read_message
from handlers.texts import T, t
from models.activities import Activity
from models.budgets import (
    ITEM_LIMIT,
    BudgetEntry,
    ItemTooLong,
    MoneyKind,
    ReceiptKind,
    add_entry,
    add_receipt,
    entries_of,
    entry_by_id,
    may_keep_budget,
)
from models.forms import Form, close_form, form_of, open_form
from models.invitations import activity_by_id
from models.issue_pieces import PieceKind
from models.rules import Gone, NotAllowed, RuleBroken

FORM = "budget"
USUAL = ("meals", "travel", "lodging", "venue", "materials", "lecture", "other")
"""The items offered where nothing of the kind was planned."""
RECEIPT_KINDS = {PieceKind.PHOTO: ReceiptKind.PHOTO, PieceKind.DOCUMENT: ReceiptKind.DOCUMENT}
LINES_AT_MOST = 20


class OneAtATime(RuleBroken):
    """Of several amounts spent nobody could tell whose receipt follows."""

    key = "budget.one_at_a_time"


async def begin_planning(context: HomeContext, activity: Activity, which: int) -> None:
    await _begin(context, activity, MoneyKind.PLANNED)


async def begin_spending(context: HomeContext, activity: Activity, which: int) -> None:
    await _begin(context, activity, MoneyKind.SPENT)


async def _begin(context: HomeContext, activity: Activity, kind: MoneyKind, **data: Any) -> None:
    await open_form(context.session, context.person.id, FORM, kind.value, now=context.now, activity=activity.id, **data)
    buttons = [Button(label, BudgetPress(activity.id, BudgetDo.ITEM, which)) for label, which in await _offered(context, activity)]
    await context.reply("budget/ask", keyboard=[*rows(buttons, 3), [done_button(activity)]], activity=activity, kind=kind)


async def _offered(context: HomeContext, activity: Activity) -> list[tuple[str, int]]:
    """Items to tap: those of this budget by their first entry, then the usual ones."""
    own: dict[str, int] = {}
    for entry in await entries_of(context.session, activity):
        if entry.counts:
            own.setdefault(entry.item, entry.id)
    usual = {_usual(context, word): -number for number, word in enumerate(USUAL, 1)}
    return [*list(own.items())[:12], *((item, which) for item, which in usual.items() if item not in own)]


def _usual(context: HomeContext, word: str) -> str:
    return context.post.texts.say(t(f"budget.usual.{word}"), context.language)


async def pick_item(context: HomeContext, activity: Activity, which: int) -> None:
    """The item, tapped; its amount is asked for, unless it was typed before. Raises Gone."""
    form = await _form(context, activity)
    if which < 0:
        if -which > len(USUAL):
            raise Gone
        item = _usual(context, USUAL[-which - 1])
    else:
        item = (await entry_by_id(context.session, activity, which)).item
    form.data["item"] = item
    await _go_on(context, form, activity)


async def begin_amending(context: HomeContext, activity: Activity, entry_id: int) -> None:
    """The right amount, typed, takes the old one's place."""
    entry = await entry_by_id(context.session, activity, entry_id)
    data = {"activity": activity.id, "replaces": entry.id, "item": entry.item}
    await open_form(context.session, context.person.id, FORM, entry.kind.value, now=context.now, **data)
    await context.show("budget/amend", keyboard=[[done_button(activity)]], entry=entry, yuan=yuan)


async def begin_adding_receipts(context: HomeContext, activity: Activity, entry_id: int) -> None:
    entry = await entry_by_id(context.session, activity, entry_id)
    if entry.kind is not MoneyKind.SPENT:
        raise Gone
    data = {"activity": activity.id, "entry": entry.id}
    await open_form(context.session, context.person.id, FORM, MoneyKind.SPENT.value, now=context.now, **data)
    await context.show("budget/receipt_ask", keyboard=[[done_button(activity)]], entry=entry, yuan=yuan)


async def take(update: Update, context: HomeContext) -> None:
    """A message while amounts are awaited: words, an amount, both, or a receipt with or without them."""
    form = await form_of(context.session, context.person.id, FORM)
    if form is None or update.message is None:
        return
    activity = await activity_by_id(context.session, form.data["activity"], to_change=True)
    if not may_keep_budget(context.person, activity):  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(NotAllowed())
        return
    form.updated_at = context.now
    said = read_message(update.message)
    receipt = _receipt(said)
    if said is None or (said.kind is not PieceKind.TEXT and receipt is None):
        await _say(context, activity, t("budget.send_receipt_as_photo" if form.step == MoneyKind.SPENT else "budget.type_it"))
    elif receipt is not None and form.step == MoneyKind.PLANNED:
        await _say(context, activity, t("budget.no_receipt_for_a_plan"))
    else:
        await _take(context, form, activity, said.text, receipt)


async def _take(context: HomeContext, form: Form, activity: Activity, text: str, receipt: list[str] | None) -> None:
    if receipt is not None and "entry" in form.data and not _says_amount(text):  # a caption may say what the photo shows
        entry = await _entry_of(context, form, activity)
        if entry is not None:
            await _show_receipt(context, activity, entry, receipt)
            return
    if receipt is not None:
        form.data["receipts"] = [*form.data.get("receipts", []), receipt]
    lines = lines_of(text)
    if not lines:
        await _say(context, activity, t("budget.receipt_kept", count=len(form.data.get("receipts", []))))
        return
    try:
        await _take_lines(context, form, activity, lines)
    except RuleBroken as refusal:  # said, not raised: the receipt that came with it stays
        await _say(context, activity, t(refusal.key, **refusal.values))


def _says_amount(text: str) -> bool:
    try:
        return read_line(text)[1] is not None
    except RuleBroken:  # unclear, so it is asked for again
        return True


async def _entry_of(context: HomeContext, form: Form, activity: Activity) -> BudgetEntry | None:
    """The amount written down last, unless it was struck out since."""
    try:
        return await entry_by_id(context.session, activity, form.data["entry"])
    except Gone:
        del form.data["entry"]
        return None


async def _take_lines(context: HomeContext, form: Form, activity: Activity, lines: Sequence[str]) -> None:
    if len(lines) == 1:
        item, amount = read_line(lines[0])
        if len(item) > ITEM_LIMIT:
            raise ItemTooLong(limit=ITEM_LIMIT, length=len(item))
        if item:
            form.data["item"] = item
        if amount is not None:
            form.data["amount"] = str(amount)
        await _go_on(context, form, activity)
        return
    if form.step != MoneyKind.PLANNED or "replaces" in form.data or len(lines) > LINES_AT_MOST:
        raise OneAtATime
    read = [(item, amount) for item, amount in map(read_line, lines) if item and amount is not None]
    if len(read) < len(lines):
        raise AmountUnclear
    if too_long := [item for item, _ in read if len(item) > ITEM_LIMIT]:
        raise ItemTooLong(limit=ITEM_LIMIT, length=len(too_long[0]))
    for item, amount in read:
        await add_entry(context.session, activity, context.person, MoneyKind.PLANNED, item, amount, now=context.now)
    await _entered(context, activity, t("budget.entered_several", count=len(read)))


async def _go_on(context: HomeContext, form: Form, activity: Activity) -> None:
    """Write it down once both are known; else ask for what is missing."""
    item, amount = form.data.get("item"), form.data.get("amount")
    if amount is None:
        await _say(context, activity, t("budget.how_much", item=item))
    elif item is None:
        await _say(context, activity, t("budget.what_for", amount=yuan(Decimal(amount))))
    else:
        await _enter(context, form, activity, item, Decimal(amount))


async def _enter(context: HomeContext, form: Form, activity: Activity, item: str, amount: Decimal) -> None:
    kind, pending = MoneyKind(form.step), form.data.get("receipts", [])
    old = await entry_by_id(context.session, activity, form.data["replaces"]) if "replaces" in form.data else None
    entry = await add_entry(context.session, activity, context.person, kind, item, amount, now=context.now, replaces=old)
    for word in ("item", "amount", "receipts", "replaces", "entry"):
        form.data.pop(word, None)
    if kind is MoneyKind.SPENT:
        form.data["entry"] = entry.id
    for receipt in pending:
        await _add_receipt(context, activity, entry, receipt)
    missing = kind is MoneyKind.SPENT and not entry.receipts
    key = "budget.corrected" if old is not None else "budget.entered_without_receipt" if missing else "budget.entered"
    if old is not None:
        await close_form(context.session, context.person.id)
    await _entered(context, activity, t(key, item=item, amount=yuan(amount)), more=old is None)


async def _entered(context: HomeContext, activity: Activity, note: T, *, more: bool = True) -> None:
    await show_budget(context.post, activity, context.person, note=note, asks=more)
    await warn(context.post, activity)


async def _show_receipt(context: HomeContext, activity: Activity, entry: BudgetEntry, receipt: list[str]) -> None:
    await _add_receipt(context, activity, entry, receipt)
    note = t("budget.receipts_of", item=entry.item, amount=yuan(entry.amount), count=len(entry.receipts))
    await show_budget(context.post, activity, context.person, note=note, asks=True, album=True)


async def _add_receipt(context: HomeContext, activity: Activity, entry: BudgetEntry, receipt: list[str]) -> None:
    kind, file_id, file_name = receipt
    await add_receipt(context.session, activity, entry, context.person, ReceiptKind(kind), file_id, now=context.now, file_name=file_name)


def _receipt(said: Said | None) -> list[str] | None:
    """A receipt as a form keeps it: kind, file, name."""
    if said is None or said.kind not in RECEIPT_KINDS or said.file_id is None:
        return None
    return [RECEIPT_KINDS[said.kind].value, said.file_id, said.file_name or ""]


async def _form(context: HomeContext, activity: Activity) -> Form:
    form = await form_of(context.session, context.person.id, FORM)
    if form is None or form.data["activity"] != activity.id:
        raise Gone
    return form


async def _say(context: HomeContext, activity: Activity, text: T) -> None:
    await context.reply("plain", keyboard=[[done_button(activity)]], text=text)
