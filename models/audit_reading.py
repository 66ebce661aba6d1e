"""Reading the audit log: by who did it or whom it was done to, by what it was about, by date; the newest first, in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity
from models.audit import AuditEntry
from models.circles import Circle
from models.issues import Issue
from models.mailbox_writing import code_in, letter_by_code
from models.people import DeputyGroup, Person
from models.row_names import names_of

SHEET_LIMIT = 20_000
"""The newest so many in one spreadsheet: a phone still opens it."""
LOOKS = ("issue.identity_revealed", "letter.read", "privacy.sought")
"""What is written down when somebody looks at who a constituent is, or at a constituent's own words."""

SUBJECTS: Mapping[str, str] = {
    "activity": "activities",
    "alike": "alike_groups",
    "announcement": "announcements",
    "budget_entry": "budget_entries",
    "chat": "chats",
    "circle": "circles",
    "delegation": "delegations",
    "duty": "duty_entries",
    "group": "deputy_groups",
    "invitation": "invitations",
    "issue": "issues",
    "leave": "leave_requests",
    "letter": "mailbox_letters",
    "person": "people",
    "plan_item": "plan_items",
    "profile": "profiles",
    "record": "activity_records",
    "referral": "referrals",
    "series": "series",
    "specialty": "specialties",
    "suggestion": "suggestion_drafts",
    "term": "terms",
}
"""The first word of a subject, and the table that its number is of; other subjects are no rows."""


@dataclass(frozen=True)
class Chosen:
    """Which entries. ``person_id`` did it or had it done to them; ``subject`` is one row; ``until`` is not included."""

    person_id: int | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    looks_only: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.person_id is not None:
            wanted.append(or_(AuditEntry.actor_id == self.person_id, AuditEntry.subject == f"person:{self.person_id}"))
        if self.subject is not None:
            wanted.append(AuditEntry.subject == self.subject)
        if self.since is not None:
            wanted.append(AuditEntry.at >= self.since)
        if self.until is not None:
            wanted.append(AuditEntry.at < self.until)
        if self.looks_only:
            wanted.append(AuditEntry.action.in_(LOOKS))
        return wanted


@dataclass(frozen=True)
class Line:
    """An entry with the names that its numbers stand for; ``actor`` None is the Home itself, ``about`` None is no row."""

    entry: AuditEntry
    actor: str | None
    about: str | None

    @property
    def word(self) -> str:
        """What it is about, in one word of code."""
        return self.entry.subject.partition(":")[0]


async def entries(session: AsyncSession, chosen: Chosen, *, offset: int, limit: int) -> list[Line]:
    """A page of the log, the newest first."""
    query = select(AuditEntry).where(*chosen.conditions()).order_by(AuditEntry.id.desc()).offset(offset).limit(limit)
    return await _named(session, (await session.scalars(query)).all())


async def count_entries(session: AsyncSession, chosen: Chosen) -> int:
    return await session.scalar(select(func.count()).select_from(AuditEntry).where(*chosen.conditions())) or 0


async def entry_by_id(session: AsyncSession, id: int) -> AuditEntry | None:
    return await session.get(AuditEntry, id)


async def entry_of(session: AsyncSession, subject: str) -> AuditEntry | None:
    """The newest entry about this row."""
    newest = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id.desc()).limit(1)
    found: AuditEntry | None = await session.scalar(newest)
    return found


async def person_named(session: AsyncSession, words: str, *, limit: int) -> Sequence[Person]:
    """People of this name, those who have left the roster included: what they did stays in the log."""
    named = Person.name.contains(words.strip(), autoescape=True)
    return (await session.scalars(select(Person).where(named).order_by(Person.id).limit(limit))).all() if words.strip() else []


async def subject_named(session: AsyncSession, words: str) -> str | None:
    """The row that somebody means by an issue's number, a letter's code, or the name of an activity, a circle or a group: the newest."""
    said = words.strip()
    if not said:
        return None
    issue = await session.scalar(select(Issue.id).where(Issue.number == said))
    if issue is not None:
        return f"issue:{issue}"
    code = code_in(said)
    letter = await letter_by_code(session, code) if code is not None else None
    if letter is not None:
        return f"letter:{letter.id}"
    for word, table, column in (
        ("activity", Activity, Activity.title),
        ("circle", Circle, Circle.name),
        ("group", DeputyGroup, DeputyGroup.name),
    ):
        id = await session.scalar(select(func.max(table.id)).where(column.contains(said, autoescape=True)))
        if id is not None:
            return f"{word}:{id}"
    return None


async def _named(session: AsyncSession, found: Sequence[AuditEntry]) -> list[Line]:
    """A few queries for a page, one for each kind of row."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for entry in found:
        if entry.actor_id is not None:
            wanted["people"].add(entry.actor_id)
        row = row_of(entry.subject)
        if row is not None:
            wanted[row[0]].add(row[1])
    names = {table: await names_of(session, table, ids) for table, ids in wanted.items()}
    lines = []
    for entry in found:
        row = row_of(entry.subject)
        actor = names["people"][entry.actor_id] if entry.actor_id is not None else None
        lines.append(Line(entry, actor, names[row[0]][row[1]] if row is not None else None))
    return lines


def row_of(subject: str) -> tuple[str, int] | None:
    """Table and number of the row that a subject names; None for what is no row."""
    word, _, id = subject.partition(":")
    table = SUBJECTS.get(word)
    return (table, int(id)) if table is not None and id.lstrip("-").isdecimal() and id not in ("", "0") else None
