"""What the import of a plan would do, put into words: counts first, then row by row, with the fault of every row left out."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.plan_sheet import Sheet
from handlers.plan_words import month_name
from handlers.spreadsheet import write_table
from handlers.texts import T, Texts, t
from models.plan_import import Fate, PlanChange, PlannedRow

SHOWN_ORDER = (Fate.LEFT_OUT, Fate.CHANGED, Fate.ADDED)
"""What needs a human eye comes first."""
TEXT_SHOWN, HEADINGS_SHOWN = 40, 8


def head_lines(change: PlanChange, texts: Texts, language: str, sheet: Sheet) -> list[str]:
    """The counts, and all that concerns the file as a whole."""
    said = [t("plan.counts", **{fate.value: change.count(fate) for fate in Fate})]
    if sheet.ignored:
        names = texts.say(t("activity.comma"), language).join(_short(name) for name in sheet.ignored[:HEADINGS_SHOWN])
        said.append(t("plan.ignored_columns", names=names))
    if change.absent:
        said.append(t("plan.absent", count=change.absent))
    return [texts.say(text, language) for text in said]


def row_lines(change: PlanChange, texts: Texts, language: str) -> list[str]:
    """One line for every row that is left out, changes an item, or adds one."""
    rows = sorted((row for row in change.rows if row.fate in SHOWN_ORDER), key=lambda row: SHOWN_ORDER.index(row.fate))
    return [
        texts.say(
            t(f"plan.row.{row.fate}", line=row.row.line, topic=_topic(row, texts, language), what=_what(row, texts, language)), language
        )
        for row in rows
    ]


def whole_preview(change: PlanChange, texts: Texts, language: str) -> bytes:
    """The whole preview as a spreadsheet, in the order of the file."""
    headings = [texts.say(t(f"plan.preview.{name}"), language) for name in ("line", "topic", "fate", "what")]
    rows = [
        (row.row.line, row.row.topic, texts.say(t(f"plan.fate.{row.fate}"), language), _what(row, texts, language)) for row in change.rows
    ]
    return write_table(texts.say(t("plan.preview_sheet"), language), headings, rows, widths=(8, 44, 12, 80))


def _topic(row: PlannedRow, texts: Texts, language: str) -> str:
    return _short(row.row.topic) or texts.say(t("plan.no_topic"), language)


def _what(row: PlannedRow, texts: Texts, language: str) -> str:
    if row.fault is not None:
        return texts.say(t(f"plan.fault.{row.fault}", value=_short(row.fault_value)), language)
    between = texts.say(t("plan.between"), language)
    if row.fate is Fate.ADDED:
        kind = t(f"activity.kind.{row.kind or 'other'}")
        said: Sequence[T | str] = [month_name(row.row.month), kind, _short(row.row.responsible or "")]
        return between.join(text for one in said if (text := texts.say(one, language)))
    return between.join(_change(row, name, texts, language) for name in row.changed)


def _change(row: PlannedRow, name: str, texts: Texts, language: str) -> str:
    before, after = (row.before or {})[name], getattr(row.row, name)
    old, new = (texts.say(_value(name, value), language) for value in (before, after))
    return texts.say(t("plan.change", what=t(f"plan.column.{name}"), old=old, new=new), language)


def _value(name: str, value: int | str) -> T | str:
    if isinstance(value, int):
        return month_name(value)
    if name == "kind":
        return t(f"activity.kind.{value}")
    return _short(value) or t("plan.empty")


def _short(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else text[: TEXT_SHOWN - 1] + "…"
