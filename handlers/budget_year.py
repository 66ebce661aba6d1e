"""A year's money by group, as a card and as a spreadsheet with every entry and every receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from telegram import Update

from handlers.budget_card import yuan
from handlers.budget_presses import BudgetYearPress, YearDo
from handlers.context import HomeContext
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU
from handlers.texts import T, t
from handlers.workbook import Share, Sheet, workbook
from models.audit import record
from models.budget_years import Booked, GroupYear, booked, budget_year
from models.budgets import MoneyKind, Sum
from models.money import NOTHING
from models.rules import Gone

GROUPS_SHOWN = 30
Say = Callable[[T], str]
FIRST_YEAR, LAST_YEAR = 2000, 2199


async def open_year(update: Update, context: HomeContext) -> None:
    """``/budget``: this year's totals."""
    await _show(context, context.now.astimezone(context.policy.timezone).year)


async def press_year(update: Update, context: HomeContext) -> None:
    """Another year, or the spreadsheet. Raises Gone for a year that is none."""
    pressed = BudgetYearPress.unpack(context.pressed)
    if not FIRST_YEAR <= pressed.year <= LAST_YEAR:
        raise Gone
    if pressed.do is YearDo.OPEN:
        await _show(context, pressed.year)
    else:
        await _send_sheet(context, pressed.year)


async def _show(context: HomeContext, year: int) -> None:
    groups = await budget_year(context.session, context.person, year, timezone=context.policy.timezone)
    years = [Button(t("budget.year_button", year=str(other)), BudgetYearPress(YearDo.OPEN, other)) for other in (year - 1, year + 1)]
    sheet = [[Button(t("budget.do.sheet"), BudgetYearPress(YearDo.SHEET, year))]] if groups else []
    await context.show(
        "budget/year",
        keyboard=[years, *sheet, [BACK_TO_MENU]],
        year=str(year),
        groups=groups[:GROUPS_SHOWN],
        more=len(groups) - GROUPS_SHOWN,
        total=whole(groups),
        yuan=yuan,
    )


def whole(groups: Sequence[GroupYear]) -> GroupYear:
    """All groups together."""
    sums = Sum(sum((one.sum.planned for one in groups), NOTHING), sum((one.sum.spent for one in groups), NOTHING))
    return GroupYear("", sum(one.activities for one in groups), sums)


async def _send_sheet(context: HomeContext, year: int) -> None:
    policy, texts, language = context.policy, context.post.texts, context.language
    groups = await budget_year(context.session, context.person, year, timezone=policy.timezone)
    entries = await booked(context.session, context.person, year, timezone=policy.timezone)

    def say(text: T) -> str:
        return texts.say(text, language)

    content = workbook(
        [_totals(say, year, groups), _entries(say, year, entries), _receipts(say, year, entries)],
        timezone=policy.timezone,
        date_format=say(t("views.sheet.date_format")),
    )
    record(context.session, context.person, "budget.exported", f"budget_year:{year}", now=context.now)
    name = say(t("budget.sheet.file", year=str(year)))
    attachment = await context.post.attach(name, content)
    await context.post.tell(context.here, "budget/sheet", attachment=attachment, year=str(year))


def _totals(say: Say, year: int, groups: Sequence[GroupYear]) -> Sheet:
    rows = [_total_row(one.name or say(t("budget.office")), one) for one in groups]
    return Sheet(
        title=say(t("budget.sheet.totals")),
        lead=say(t("budget.year_title", year=str(year))),
        columns=_columns(say, group=24, activities=10, planned=16, spent=16, left=16, share=12),
        rows=[*rows, _total_row(say(t("budget.total")), whole(groups))],
        bold_last=True,
    )


def _total_row(name: str, one: GroupYear) -> list[Any]:
    share = Share(float(one.sum.spent / one.sum.planned)) if one.sum.planned else ""
    return [name, one.activities, one.sum.planned, one.sum.spent, one.sum.left, share]


def _entries(say: Say, year: int, entries: Sequence[Booked]) -> Sheet:
    """Every entry, those struck out too; their amounts stand apart, so that a column can be added up."""
    rows = [
        [
            one.activity.starts_at,
            one.activity.title,
            one.group or say(t("budget.office")),
            one.entry.item,
            one.entry.amount if one.entry.counts and one.entry.kind is MoneyKind.PLANNED else None,
            one.entry.amount if one.entry.counts and one.entry.kind is MoneyKind.SPENT else None,
            one.entry.amount if not one.entry.counts else None,
            len(one.entry.receipts) if one.entry.kind is MoneyKind.SPENT else None,
            one.entry.by.name,
            one.entry.at,
            one.entry.struck_by.name if one.entry.struck_by else "",
            one.entry.struck_at,
            say(t(f"activity.state.{one.activity.state}")),
        ]
        for one in entries
    ]
    what = {"date": 18, "activity": 30, "group": 20, "item": 18, "planned": 14, "spent": 14, "struck": 14, "receipts": 10}
    who = {"by": 12, "at": 18, "struck_by": 12, "struck_at": 18, "state": 14}
    columns = _columns(say, **what, **who)
    return Sheet(say(t("budget.sheet.entries")), say(t("budget.sheet.entries_lead", year=str(year))), columns, rows)


def _receipts(say: Say, year: int, entries: Sequence[Booked]) -> Sheet:
    """One row for each receipt, numbered through the year; and one for every amount without any."""
    rows: list[list[Any]] = []
    number = 0
    for one in entries:
        if one.entry.kind is not MoneyKind.SPENT or not one.entry.counts:
            continue
        of = [one.activity.starts_at, one.activity.title, one.entry.item, one.entry.amount]
        for receipt in one.entry.receipts:
            number += 1
            kind = say(t(f"budget.receipt_kind.{receipt.kind}"))
            rows.append([number, *of, kind, receipt.file_name, receipt.by.name, receipt.at])
        if not one.entry.receipts:
            rows.append(["", *of, say(t("budget.no_receipt")), "", one.entry.by.name, one.entry.at])
    columns = _columns(say, number=8, date=18, activity=30, item=18, amount=14, kind=14, file=26, by=12, at=18)
    return Sheet(say(t("budget.sheet.receipts")), say(t("budget.sheet.receipts_lead", year=str(year), count=number)), columns, rows)


def _columns(say: Say, **widths: int) -> dict[str, int]:
    return {say(t(f"budget.column.{name}")): width for name, width in widths.items()}
