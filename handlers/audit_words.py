"""The audit log in plain words: what was done, on what, and the details that say something to a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.texts import DEFAULT_LANGUAGE, T, load_catalogue, t
from models.audit_reading import Line
from models.issue_reveals import ReasonToReveal
from models.row_names import names_of

Say = Callable[[T | str], str]

DETAILS = (
    "title",
    "number",
    "person",
    "deputy",
    "to",
    "left_by",
    "taken_by",
    "specialty",
    "area",
    "name",
    "old",
    "new",
    "specialties",
    "starts_on",
    "ends_on",
    "item",
    "amount",
    "count",
    "called",
    "pieces",
    "until",
    "reason",
    "words",
    "letters",
    "issues",
    "bodies",
    "routes",
    "updates",
    "messages",
)
"""Those that are told, in this order; all others are numbers of rows and codes, of use to nobody who reads."""
PEOPLE = frozenset({"person", "deputy", "to", "left_by", "taken_by"})
"""These hold a person's number."""
WHY_REVEALED = frozenset(ReasonToReveal) - {ReasonToReveal.ASK}
"""Why somebody looked at an original: chosen by a button, so kept as a word of code."""


def did(line: Line) -> T:
    """What was done. A Home may hold entries of a kind that is not written any more: they are named as they stand."""
    said = t(f"audit.did.{line.entry.action}")
    return said if said.key in load_catalogue(DEFAULT_LANGUAGE) else t("audit.other", action=line.entry.action)


def about(line: Line) -> T | None:
    """What it was done to; None where that says nothing more than who did it."""
    if line.word == "person" and line.entry.subject == f"person:{line.entry.actor_id}":
        return None
    return about_row(line)


def about_row(line: Line) -> T:
    """The row by its kind and name."""
    said = t(f"audit.object.{line.word}", label=line.about or "")
    return said if said.key in load_catalogue(DEFAULT_LANGUAGE) else t("audit.other", action=line.entry.subject)


async def names_in(session: AsyncSession, lines: Collection[Line]) -> dict[int, str]:
    """The names of the people whom the details of these entries speak of."""
    ids = {value for line in lines for key, value in line.entry.details.items() if key in PEOPLE and isinstance(value, int)}
    return await names_of(session, "people", ids)


def details(line: Line, people: Mapping[int, str], say: Say) -> str:
    """The details in one line; empty where there are none to tell."""
    given = line.entry.details
    told = [(key, _told(key, given[key], people, say)) for key in DETAILS if key in given]
    parts = [say(t("audit.detail_line", name=t(f"audit.detail.{key}"), value=value)) for key, value in told if value]
    return say(t("audit.between")).join(parts)


def _told(key: str, value: Any, people: Mapping[int, str], say: Say) -> str:
    if key == "reason" and value in WHY_REVEALED:
        return say(t(f"desk.reason.{value}"))
    if key in PEOPLE and isinstance(value, int):
        return people.get(value, f"#{value}")
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value in (None, "", 0) else str(value)
