"""The stamp on each row of a roster that came from here: whom it is about, and what every cell said then.

So a changed name or number is a change and not a new person, and a cell that nobody touched overwrites nothing that changed meanwhile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.roster_rows import Field, RosterRow

STAMPED = tuple(what for what in Field if what is not Field.ACTIVE)
_MARK = 6
_STAMP = re.compile(rf"P([1-9]\d{{0,8}})-([0-9a-f]{{{_MARK * len(STAMPED)}}})")


@dataclass(frozen=True)
class Stamp:
    """``marks`` tell of every field what stood there."""

    person_id: int
    marks: Mapping[Field, str]

    @classmethod
    def read(cls, text: str | None) -> Stamp | None:
        """A stamp as it stands in a cell; None for anything else."""
        found = _STAMP.fullmatch((text or "").strip())
        if found is None:
            return None
        marks: dict[Field, str] = {what: found[2][at * _MARK : (at + 1) * _MARK] for at, what in enumerate(STAMPED)}
        return cls(int(found[1]), marks)

    def untouched(self, what: Field, row: RosterRow) -> bool:
        """Whether a cell says what it said when it left the Home; one whose column is gone says nothing new."""
        value = getattr(row, what.value)
        return value is None or mark_of(value) == self.marks[what]

    def fits(self, row: RosterRow) -> int:
        """In how many cells the row says what it said then."""
        return sum(self.untouched(what, row) for what in STAMPED)

    @property
    def known_by(self) -> str:
        """The mark of the number, or of the name where there was none."""
        number = self.marks[Field.PHONE]
        return number if number != mark_of("") else self.marks[Field.NAME]

    def said(self, what: Field, value: str | None) -> bool:
        """Whether this is what stood there."""
        return mark_of(value or "") == self.marks[what]


def stamp_for(person_id: int, row: RosterRow) -> str:
    """The stamp of a person's row, which says what ``row`` says."""
    return f"P{person_id}-" + "".join(mark_of(getattr(row, what.value) or "") for what in STAMPED)


def mark_of(value: str | tuple[str, ...]) -> str:
    said = value if isinstance(value, str) else "\n".join(value)
    return hashlib.sha256(said.encode()).hexdigest()[:_MARK]
