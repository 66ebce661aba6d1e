"""What an import would do, put into words: counts first, then row by row, with the reason for every row left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.spreadsheet import RosterSheet, write_table
from handlers.texts import T, Texts, t
from models.roster_rows import Change, Fate, Field, Plan, PlannedRow

SHOWN_ORDER = (Fate.LEFT_OUT, Fate.CHANGED, Fate.ADDED)
"""What needs a human eye comes first."""
CARD_ROOM = 2600
"""Characters for the rows of a card; Telegram allows 4,096 in all."""
NAMES_SHOWN, NAME_SHOWN = 12, 24


def preview_lines(plan: Plan, texts: Texts, language: str, sheet: RosterSheet | None = None) -> list[str]:
    """The whole preview as plain lines, for a terminal."""
    return [*head_lines(plan, texts, language, sheet), *row_lines(plan, texts, language)]


def head_lines(plan: Plan, texts: Texts, language: str, sheet: RosterSheet | None = None) -> list[str]:
    """The counts, and all that concerns the file as a whole."""
    said = [t("roster.counts", **{fate.value: plan.count(fate) for fate in Fate})]
    said += [
        t("roster.new_names", what=t(f"roster.field_{what.value}"), names=_first(names, texts, language))
        for what, names in plan.new_names.items()
    ]
    if sheet is not None and sheet.ignored:
        said.append(t("roster.ignored_columns", names=_first(sheet.ignored, texts, language)))
    if sheet is not None and sheet.absent:
        said.append(t("roster.absent_columns", names=_joined(sheet.absent, texts, language)))
    if plan.absent:
        said.append(t("roster.not_in_file", count=plan.absent))
    return [texts.say(text, language) for text in said]


def row_lines(plan: Plan, texts: Texts, language: str) -> list[str]:
    """One line for every row that is left out, changes somebody, or adds somebody."""
    rows = sorted((row for row in plan.rows if row.fate in SHOWN_ORDER), key=lambda row: SHOWN_ORDER.index(row.fate))
    return [
        texts.say(
            t(
                f"roster.row_{row.fate.value}",
                line=row.row.line,
                name=_short(row.row.name) or texts.say(t("roster.nameless"), language),
                what=_what(row, texts, language),
            ),
            language,
        )
        for row in rows
    ]


def fitting(lines: Iterable[str], room: int = CARD_ROOM) -> list[str]:
    """As many of the lines as there is room for."""
    taken: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        taken.append(line)
    return taken


def preview_table(plan: Plan, texts: Texts, language: str) -> bytes:
    """The whole preview as a spreadsheet, in the order of the file."""
    headings = [texts.say(t(f"roster.column_{name}"), language) for name in ("line", "name", "phone", "fate", "what")]
    rows = [
        (row.row.line, row.row.name, row.row.phone, texts.say(t(f"roster.fate_{row.fate.value}"), language), _what(row, texts, language))
        for row in plan.rows
    ]
    return write_table(texts.say(t("roster.preview_sheet"), language), headings, rows, widths=(8, 14, 18, 12, 80))


def _what(row: PlannedRow, texts: Texts, language: str) -> str:
    if row.reason is not None:
        return texts.say(t(f"roster.reason_{row.reason.value}", value=_short(row.reason_value)), language)
    changes = [change for change in row.changes if row.fate is not Fate.ADDED or change.field not in (Field.NAME, Field.ACTIVE)]
    parts = [texts.say(_change(change, row.fate, texts, language), language) for change in changes]
    parts += [texts.say(t("sheet.note_somebody_else"), language)] * row.somebody_else
    parts += [texts.say(t("sheet.note_number_of", name=row.number_of), language)] * bool(row.number_of)
    parts += [texts.say(t("roster.note_namesake"), language)] * row.namesake
    parts += [texts.say(t("roster.note_keeps_office"), language)] * row.keeps_office
    return texts.say(t("roster.between_changes"), language).join(parts)


def _change(change: Change, fate: Fate, texts: Texts, language: str) -> T:
    if change.field is Field.ACTIVE:
        return t("roster.active_again")
    what = t(f"roster.field_{change.field.value}")
    old, new = (values_said(change.field, values, texts, language) for values in (change.old, change.new))
    return t("roster.set", what=what, new=new) if fate is Fate.ADDED else t("roster.change", what=what, old=old, new=new)


def values_said(what: Field, values: Sequence[str], texts: Texts, language: str) -> str:
    """What stands in a field, for reading."""
    if not values:
        return texts.say(t("roster.empty"), language)
    if what in (Field.ROLES, Field.LANGUAGE):
        beginning = "role" if what is Field.ROLES else "language"
        values = [texts.say(t(f"{beginning}.{value}"), language) for value in values]
    return _joined(values, texts, language)


def _joined(names: Sequence[str], texts: Texts, language: str) -> str:
    return texts.say(t("roster.between_names"), language).join(names)


def _first(names: Sequence[str], texts: Texts, language: str) -> str:
    """The first of many names, and how many there are."""
    shown = _joined([_short(name) for name in names[:NAMES_SHOWN]], texts, language)
    return shown if len(names) <= NAMES_SHOWN else texts.say(t("roster.and_more", names=shown, count=len(names)), language)


def _short(text: str) -> str:
    return text if len(text) <= NAME_SHOWN else text[: NAME_SHOWN - 1] + "…"
