"""An activity's money (经费): what is planned and what was spent, with receipts; every correction leaves a trace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from telegram import Update

from handlers import budget_typing
from handlers.budget_card import show_budget, warn, yuan
from handlers.budget_presses import BudgetDo, BudgetPress, BudgetYearPress
from handlers.budget_year import open_year, press_year
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.paging import turns
from handlers.texts import t
from models.activities import Activity
from models.audit import record
from models.budgets import BudgetEntry, MoneyKind, entries_of, entry_by_id, may_keep_budget, may_see_budget, strike_out
from models.forms import close_form, form_of
from models.invitations import activity_by_id
from models.rules import Gone, NotAllowed

PAGE = 10
Step = Callable[[HomeContext, Activity, int], Awaitable[None]]


async def press(update: Update, context: HomeContext) -> None:
    """Every button of a budget. Leaders may look; only the office and the maker write. Raises NotAllowed."""
    pressed = BudgetPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id, to_change=True)
    if not may_see_budget(context.person, activity):
        raise NotAllowed
    if pressed.do not in LOOKS and not may_keep_budget(context.person, activity):
        raise NotAllowed
    await STEPS[pressed.do](context, activity, pressed.which)


async def _open(context: HomeContext, activity: Activity, which: int) -> None:
    await show_budget(context.post, activity, context.person)


async def _done(context: HomeContext, activity: Activity, which: int) -> None:
    form = await form_of(context.session, context.person.id, budget_typing.FORM)
    if form is not None and form.data["activity"] == activity.id:
        await close_form(context.session, context.person.id)
    await show_budget(context.post, activity, context.person)


async def _entries(context: HomeContext, activity: Activity, page: int) -> None:
    """Every amount ever written down, those struck out too; the newest first."""
    entries = [*reversed(await entries_of(context.session, activity))]
    page = max(0, min(page, (len(entries) - 1) // PAGE))
    shown = entries[page * PAGE : (page + 1) * PAGE]
    buttons = [
        [
            Button(
                t("budget.entry_button", kind=t(f"budget.kind.{e.kind}"), item=e.item, amount=yuan(e.amount)),
                _to(activity, BudgetDo.ENTRY, e.id),
            )
        ]
        for e in shown
        if e.counts
    ]
    paging = turns(page, lambda to: _to(activity, BudgetDo.ENTRIES, to), more=len(entries) > (page + 1) * PAGE, newest_first=True)
    keyboard = [*buttons, paging, [_back(activity)]]
    await context.show("budget/entries", keyboard=keyboard, activity=activity, entries=shown, yuan=yuan)


async def _entry(context: HomeContext, activity: Activity, entry_id: int) -> None:
    entry = await entry_by_id(context.session, activity, entry_id)
    keyboard = []
    if may_keep_budget(context.person, activity):
        keyboard.append([_button(activity, BudgetDo.AMEND, entry), _button(activity, BudgetDo.STRIKE, entry)])
    receipts = []
    if entry.kind is MoneyKind.SPENT:
        if may_keep_budget(context.person, activity):
            receipts.append(_button(activity, BudgetDo.ADD_RECEIPT, entry))
        if entry.receipts:
            receipts.append(_button(activity, BudgetDo.RECEIPTS, entry))
    keyboard += [receipts, [_back(activity, BudgetDo.ENTRIES)]]
    await context.show("budget/entry", keyboard=keyboard, activity=activity, entry=entry, sure=False, yuan=yuan)


async def _ask_strike(context: HomeContext, activity: Activity, entry_id: int) -> None:
    entry = await entry_by_id(context.session, activity, entry_id)
    keyboard = [[_button(activity, BudgetDo.STRIKE_SURE, entry), _back(activity, BudgetDo.ENTRIES)]]
    await context.show("budget/entry", keyboard=keyboard, activity=activity, entry=entry, sure=True, yuan=yuan)


async def _strike(context: HomeContext, activity: Activity, entry_id: int) -> None:
    entry = await entry_by_id(context.session, activity, entry_id)
    await strike_out(context.session, activity, entry, context.person, now=context.now)
    await warn(context.post, activity)
    await context.toast(t("budget.struck_out"))
    await _entries(context, activity, 0)


async def _receipts(context: HomeContext, activity: Activity, entry_id: int) -> None:
    """The receipts themselves, as they were sent."""
    entry = await entry_by_id(context.session, activity, entry_id)
    if not entry.receipts:
        raise Gone
    record(context.session, context.person, "budget.receipts_shown", f"budget_entry:{entry.id}", now=context.now)
    for number, receipt in enumerate(entry.receipts, 1):
        values = {"entry": entry, "number": number, "count": len(entry.receipts), "yuan": yuan}
        caption = context.post.texts.render("budget/receipt", context.language, **values)
        method = f"send{receipt.kind.capitalize()}"
        await context.post.queue(context.here, method, {receipt.kind.value: receipt.file_id, "caption": caption})


def _to(activity: Activity, do: BudgetDo, which: int = 0) -> BudgetPress:
    return BudgetPress(activity.id, do, which)


def _button(activity: Activity, do: BudgetDo, entry: BudgetEntry) -> Button:
    return Button(t(f"budget.do.{do}"), _to(activity, do, entry.id))


def _back(activity: Activity, do: BudgetDo = BudgetDo.OPEN) -> Button:
    return Button(t("budget.do.back"), _to(activity, do))


STEPS: Mapping[BudgetDo, Step] = {
    BudgetDo.OPEN: _open,
    BudgetDo.PLAN: budget_typing.begin_planning,
    BudgetDo.SPEND: budget_typing.begin_spending,
    BudgetDo.ITEM: budget_typing.pick_item,
    BudgetDo.DONE: _done,
    BudgetDo.ENTRIES: _entries,
    BudgetDo.ENTRY: _entry,
    BudgetDo.AMEND: budget_typing.begin_amending,
    BudgetDo.STRIKE: _ask_strike,
    BudgetDo.STRIKE_SURE: _strike,
    BudgetDo.ADD_RECEIPT: budget_typing.begin_adding_receipts,
    BudgetDo.RECEIPTS: _receipts,
}
LOOKS = (BudgetDo.OPEN, BudgetDo.ENTRIES, BudgetDo.ENTRY, BudgetDo.RECEIPTS)

JOURNEY = Journey(
    entries=(Entry("budget", open_year),),
    presses={BudgetPress: press, BudgetYearPress: press_year},
    forms={budget_typing.FORM: budget_typing.take},
)
