"""The budget of one activity as a card: planned and spent by item, and the warning when the money is nearly gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from handlers.budget_presses import BudgetDo, BudgetPress
from handlers.keyboards import Button, Keyboard
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import T, t
from models.activities import Activity
from models.budgets import BudgetEntry, MoneyKind, Warned, entries_of, may_keep_budget, passed, sums_of, total
from models.people import Person, Role, people_with

ITEMS_SHOWN = 40
ALBUM_ARRIVES = timedelta(seconds=1)
"""The photos of an album come one by one; the card waits for all of them."""


def yuan(amount: Decimal) -> str:
    """1,200.50"""
    return f"{amount:,.2f}"


def done_button(activity: Activity) -> Button:
    return Button(t("budget.do.done"), BudgetPress(activity.id, BudgetDo.DONE))


async def show_budget(
    post: Post, activity: Activity, person: Person, *, note: T | None = None, asks: bool = False, album: bool = False
) -> None:
    """The card at the chat's end. ``asks`` while amounts are being typed: only *done* can be pressed then."""
    values = await _values(post, activity)
    keyboard = [[done_button(activity)]] if asks else _buttons(activity, person, values["entries"])
    await post.card(
        f"budget:{activity.id}",
        person,
        "budget/card",
        keyboard=keyboard,
        afresh=True,
        wait=ALBUM_ARRIVES if album else timedelta(0),
        note=note,
        **values,
    )


async def _values(post: Post, activity: Activity) -> dict[str, Any]:
    sums = await sums_of(post.session, activity)
    entries = await entries_of(post.session, activity)
    spent = [entry for entry in entries if entry.counts and entry.kind is MoneyKind.SPENT]
    whole = total(sums)
    return {
        "activity": activity,
        "items": list(sums.items())[:ITEMS_SHOWN],
        "more": len(sums) - ITEMS_SHOWN,
        "total": whole,
        "warned": whole.warned(post.policy.budget_warning),
        "receipts": sum(len(entry.receipts) for entry in spent),
        "without": sum(not entry.receipts for entry in spent),
        "struck": sum(not entry.counts for entry in entries),
        "entries": entries,
        "yuan": yuan,
    }


def _buttons(activity: Activity, person: Person, entries: Sequence[BudgetEntry]) -> Keyboard:
    def button(do: BudgetDo) -> Button:
        return Button(t(f"budget.do.{do}"), BudgetPress(activity.id, do))

    keep = [[button(BudgetDo.PLAN), button(BudgetDo.SPEND)]] if may_keep_budget(person, activity) else []
    look = [[button(BudgetDo.ENTRIES)]] if entries else []
    return [*keep, *look, [BACK_TO_MENU]]


async def warn(post: Post, activity: Activity) -> None:
    """Tell the maker and the office, once, that the money is nearly gone, and once that it is gone."""
    level = await passed(post.session, activity, percent=post.policy.budget_warning)
    if level is Warned.NO:
        return
    whole = total(await sums_of(post.session, activity))
    people = {person.id: person for person in [*await people_with(post.session, Role.OFFICE), activity.created_by] if person.active}
    keyboard = [[Button(t("budget.do.open"), BudgetPress(activity.id, BudgetDo.OPEN))]]
    for person in people.values():
        await post.tell(person, "budget/warning", keyboard=keyboard, activity=activity, total=whole, all=level is Warned.ALL, yuan=yuan)
