"""The real messages that are measured on. They are not part of the project, as no licence comes with them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.route import read_fields
from models.route_words import Field

BESIDE = Path(__file__).parents[3] / "shared" / "data"
"""Where they are looked for when no folder is named: beside the checkout."""
LEARN, LOOK = "issues-train.csv", "issues-dev.csv"
FIELDS = Path(__file__).parents[1] / "data" / "fields.toml"


class Absent(Exception):
    """A part of the messages is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Not measured: {path.name} is missing. It is looked for in {path.parent.resolve()}; "
            "--data names another folder. A CSV file with the columns label, title and body."
        )


@dataclass(frozen=True)
class Message:
    """A message and the key of the field it belongs to."""

    title: str
    body: str
    key: int

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}"


def fields() -> tuple[Field, ...]:
    """The seven fields of the messages."""
    return tuple(_by_label().values())


@cache
def _by_label() -> dict[str, Field]:
    return read_fields(FIELDS)


@cache
def messages(folder: Path, name: str) -> tuple[Message, ...]:
    """The messages of one file. Raises Absent."""
    path = folder / name
    if not path.is_file():
        raise Absent(path)
    of = _by_label()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(Message(row["title"].strip(), row["body"].strip(), of[row["label"]].key) for row in csv.DictReader(file))
