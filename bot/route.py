"""Routing by files alone, without a Home: so that anybody can measure it."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.route_model import Case, RouteModel
from models.route_words import Field


class FileRefused(Exception):
    """A file or a line of it cannot be used; the message says which, where, and why."""


def read_fields(path: Path) -> dict[str, Field]:
    """The specialties of a TOML file by their names, in its order: ``keywords`` (a list, or words with gaps between them), ``description``
    and ``topics``, each of which may be left out. Raises FileRefused.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileRefused(f"{path}: {error}") from error
    if not tables:
        raise FileRefused(f"{path}: there is no specialty in it; write each as a table, such as [交通]")
    return {name: _field(path, number, name, table) for number, (name, table) in enumerate(tables.items())}


def _field(path: Path, number: int, name: str, table: object) -> Field:
    if not isinstance(table, dict):
        raise FileRefused(f"{path}: {name} must be a table with keywords, description and topics")
    if unknown := sorted(set(table) - {"keywords", "description", "topics"}):
        raise FileRefused(f"{path}: {name}: {', '.join(unknown)}: there is no such key; there are keywords, description and topics")
    keywords, description = table.get("keywords", []), table.get("description", "")
    keywords = keywords.split() if isinstance(keywords, str) else keywords
    topics = table.get("topics", [])
    if not isinstance(description, str) or not all(_are_words(each) for each in (keywords, topics)):
        raise FileRefused(f"{path}: {name}: description must be text, keywords and topics lists of texts")
    return Field(number, tuple(keywords), description, tuple(topics))


def _are_words(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def read_cases(content: bytes, name: str) -> list[tuple[int, str, str]]:
    """Past cases of a CSV with the columns ``text`` and ``specialty``: the line each begins or ends on, its text, and its specialty's name.

    Raises FileRefused.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what a spreadsheet program saves as CSV in China
        except UnicodeDecodeError as error:
            raise FileRefused(f"{name}: it is neither UTF-8 nor GB 18030") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if missing := {"text", "specialty"} - set(reader.fieldnames or ()):
            raise FileRefused(f"{name}: the column {' and '.join(sorted(missing))} is missing; the first line must name text and specialty")
        rows = [(reader.line_num, (row["text"] or "").strip(), (row["specialty"] or "").strip()) for row in reader]
    except csv.Error as error:
        raise FileRefused(f"{name}: line {reader.line_num}: {error}") from error
    return [row for row in rows if row[1] or row[2]]


def taught(fields: dict[str, Field], cases: Iterable[tuple[int, str, str]], name: str) -> RouteModel:
    """A model that has learnt the cases. Raises FileRefused for a specialty that is not there."""
    return RouteModel.of(tuple(fields.values()), [_case(fields, *case, name) for case in cases])


def _case(fields: dict[str, Field], line: int, text: str, specialty: str, name: str) -> Case:
    if specialty not in fields:
        raise FileRefused(f"{name}: line {line}: there is no specialty {specialty!r}; there are {', '.join(fields)}")
    return Case(text, fields[specialty].key)


def rank_lines(model: RouteModel, names: list[str], lines: Iterable[str]) -> Iterator[str]:
    """For each JSON line with ``text`` and perhaps ``title``, the ranking as a JSON line. Raises FileRefused."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            text, title = asked["text"], asked.get("title") or ""
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileRefused(f'line {number}: it must be a JSON object with text, such as {{"text": "路灯坏了"}}') from error
        if not isinstance(text, str) or not isinstance(title, str):
            raise FileRefused(f"line {number}: text and title must be texts")
        ranking = [{"specialty": names[each.key], "probability": round(each.probability, 6)} for each in model.rank(text, title)]
        yield json.dumps({"ranking": ranking}, ensure_ascii=False)
