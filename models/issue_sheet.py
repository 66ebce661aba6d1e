"""What a spreadsheet of issues holds: a row for each, from a few queries for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload

from models.issue_reading import Selection, of_selection
from models.issues import Issue
from models.people import Person
from models.referrals import Referral
from models.remarks import Remark, an_opinion

SHEET_LIMIT = 3000
"""The newest so many: more than a district has in a year, and still a file that a phone opens."""
IDS_AT_ONCE = 500


@dataclass(frozen=True)
class SheetRow:
    issue: Issue
    asked: tuple[str, ...]
    advised: tuple[str, ...]
    answered_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        """From sharing to the first answer."""
        if self.answered_at is None or self.issue.confirmed_at is None:
            return None
        return self.answered_at - self.issue.confirmed_at


async def sheet_rows(session: AsyncSession, reader: Person, chosen: Selection, *, now: datetime) -> list[SheetRow]:
    """The rows of a selection that the reader may read, the newest first. Raises NotAllowed."""
    query = of_selection(reader, chosen, now=now).limit(SHEET_LIMIT)
    issues = (await session.scalars(query.options(lazyload(Issue.pieces)))).all()  # what constituents said is not for the sheet
    ids = [issue.id for issue in issues]
    asked: dict[int, list[str]] = defaultdict(list)
    advised: dict[int, list[str]] = defaultdict(list)
    first: dict[int, datetime] = {}
    for some in (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE)):
        await _gather(session, some, asked, advised, first)
    return [SheetRow(issue, tuple(asked[issue.id]), tuple(advised[issue.id]), first.get(issue.id)) for issue in issues]


async def _gather(
    session: AsyncSession, ids: Sequence[int], asked: dict[int, list[str]], advised: dict[int, list[str]], first: dict[int, datetime]
) -> None:
    names_asked = (
        select(Referral.issue_id, Person.name)
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.issue_id.in_(ids))
        .order_by(Referral.id)
    )
    for issue_id, name in await session.execute(names_asked):
        asked[issue_id].append(name)
    began = func.min(Remark.said_at)
    names_advised = (
        select(Remark.issue_id, Person.name, began)
        .join(Person, Person.id == Remark.author_id)
        .join(Issue, Issue.id == Remark.issue_id)
        .where(Remark.issue_id.in_(ids), an_opinion())
        .group_by(Remark.issue_id, Person.id, Person.name)
        .order_by(began)
    )
    for issue_id, name, at in await session.execute(names_advised):
        advised[issue_id].append(name)
        first.setdefault(issue_id, at)
