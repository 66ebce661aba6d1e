"""Search among the issues one may read: by words, numbers and dates, the newest first.

No index of words is kept: one of character pairs would be thirty million rows for 200,000 issues. The newest are looked through first
and the looking stops when a page is full.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, case, delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.base import Base
from models.issue_reading import readable
from models.issues import Issue
from models.people import Area, Person, Specialty
from models.remarks import Remark, an_opinion
from models.rules import Gone

WORDS_LIMIT = 200
LONG, PAIRS, ENOUGH, NEWEST = 3, 12, 0.6, 5000
"""A longer word may be several; so many of its pairs are looked for, so great a part of them is enough, among so many issues."""
KEPT = 5
"""Searches kept of each person, so that their pages can be turned; older ones are forgotten."""


class IssueSearch(Base):
    """What somebody searched for, as typed."""

    __tablename__ = "issue_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    words: Mapped[str] = mapped_column(String(WORDS_LIMIT))
    searched_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: all words, one of the numbers, and the time. A number without its year may be meant as a word."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def nothing(self) -> bool:
        return not (self.words or self.numbers or self.since)

    @property
    def runs_together(self) -> bool:
        """Whether a word is so long that it may be several, as of those who write without spaces."""
        return any(map(_is_long, self.words))

    @property
    def pairs(self) -> tuple[str, ...]:
        """The pairs of signs of the long words, the first so many."""
        pairs = [word[start : start + 2] for word in self.words if _is_long(word) for start in range(len(word) - 1)]
        return tuple(dict.fromkeys(pairs))[:PAIRS]


def _is_long(word: str) -> bool:
    return len(word) > LONG and all("\u4e00" <= sign <= "\u9fff" for sign in word)


async def found(session: AsyncSession, reader: Person, wanted: Wanted, *, offset: int, limit: int) -> Sequence[Issue]:
    """The issues that fit and that the reader may read, the newest first."""
    query = select(Issue).where(readable(reader), *map(_says, wanted.words), *_else(wanted)).order_by(Issue.id.desc())
    return (await session.scalars(query.offset(offset).limit(limit))).all()


async def nearest(session: AsyncSession, reader: Person, wanted: Wanted, *, offset: int, limit: int) -> Sequence[Issue]:
    """Where words run together: those of the newest issues that have most of their pairs of signs, and all else, the best first."""
    pairs = wanted.pairs
    newest = select(Issue.id).where(readable(reader), *_else(wanted)).order_by(Issue.id.desc()).limit(NEWEST)
    had: ColumnElement[int] = sum((case((_has(Issue.shared_text, pair), 1), else_=0) for pair in pairs), literal(0))
    short = [_says(word) for word in wanted.words if not _is_long(word)]
    query = select(Issue).where(Issue.id.in_(newest), had >= math.ceil(len(pairs) * ENOUGH), *short)
    return (await session.scalars(query.order_by(had.desc(), Issue.id.desc()).offset(offset).limit(limit))).all()


def _else(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is wanted besides words."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.numbers:
        conditions.append(or_(*map(_numbered, wanted.numbers)))
    if wanted.since is not None:
        conditions.append(Issue.confirmed_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Issue.confirmed_at < wanted.until)
    return conditions


def _says(word: str) -> ColumnElement[bool]:
    """The word stands in the shared text or an opinion, or names the area, the specialty or the home deputy."""
    opinions = select(Remark.id).where(Remark.issue_id == Issue.id, an_opinion(), _has(Remark.text, word))
    return or_(
        _has(Issue.shared_text, word),
        Issue.area_id.in_(select(Area.id).where(_has(Area.name, word))),
        Issue.specialty_id.in_(select(Specialty.id).where(_has(Specialty.name, word))),
        Issue.deputy_id.in_(select(Person.id).where(Person.name == word)),
        opinions.correlate(Issue).exists(),
    )


def _has(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Chinese has no capitals, and to make small letters of every text takes PostgreSQL longer than to look through it."""
    if word.lower() == word.upper():
        return column.contains(word, autoescape=True)
    return column.icontains(word, autoescape=True)


def _numbered(number: str) -> ColumnElement[bool]:
    """A whole number (2026-0042), or one without its year (42)."""
    if "-" in number:
        return Issue.number == number
    return or_(Issue.number.endswith(f"-{int(number):04d}"), _says(number))


async def keep_search(session: AsyncSession, person: Person, words: str, *, now: datetime) -> IssueSearch:
    """Keep what was searched for, and forget the person's oldest."""
    # Without NUL, which PostgreSQL does not keep.
    search = IssueSearch(person_id=person.id, words=words.replace("\x00", "")[:WORDS_LIMIT], searched_at=now)
    session.add(search)
    await session.flush()
    kept = select(IssueSearch.id).where(IssueSearch.person_id == person.id).order_by(IssueSearch.id.desc()).limit(KEPT)
    ids = (await session.scalars(kept)).all()
    await session.execute(delete(IssueSearch).where(IssueSearch.person_id == person.id, IssueSearch.id < min(ids)))
    return search


async def search_by_id(session: AsyncSession, id: int, person: Person) -> IssueSearch:
    """A search of this person's. Raises Gone."""
    search = await session.get(IssueSearch, id)
    if search is None or search.person_id != person.id:
        raise Gone
    return search
