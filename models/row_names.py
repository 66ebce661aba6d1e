"""What people call a row: an issue by its number, an activity by its title, an answer by its activity and whose it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import Base

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "activities": ("title",),
    "activity_records": ("number", "activity_id"),
    "alike_groups": (),
    "announcements": (),
    "areas": ("name",),
    "area_tasks": ("issue_id",),
    "budget_entries": ("activity_id", "item"),
    "chats": ("title",),
    "circles": ("name",),
    "delegations": ("delegate_id",),
    "deputy_groups": ("name",),
    "duty_entries": ("person_id", "activity_id"),
    "invitations": ("activity_id", "person_id"),
    "issue_outcomes": ("issue_id",),
    "issue_remarks": ("issue_id",),
    "issues": ("number",),
    "leave_requests": ("invitation_id",),
    "mailbox_letters": ("code",),
    "notices": ("activity_id",),
    "people": ("name",),
    "plan_items": ("topic",),
    "profiles": ("person_id",),
    "referrals": ("issue_id", "person_id"),
    "series": ("title",),
    "specialties": ("name",),
    "suggestion_drafts": ("title",),
    "terms": ("name",),
}
"""By table: the columns that tell. Of one that refers to another table, that row's own name. None of them holds what a constituent said."""


async def names_of(session: AsyncSession, table: str, ids: Collection[int]) -> dict[int, str]:
    """The names of some rows by their ids; a row that is gone or has no name yet goes by its number, such as #12."""
    names = {id: f"#{id}" for id in ids}
    rows, columns = Base.metadata.tables.get(table), NAMED_BY.get(table, ())
    if rows is None or not columns or not ids:
        return names
    [key] = rows.primary_key.columns
    found = (await session.execute(select(key, *(rows.c[column] for column in columns)).where(key.in_(ids)))).all()
    parts: list[dict[int, str]] = []
    for place, column in enumerate(columns, start=1):
        said = {row[0]: row[place] for row in found if row[place] is not None}
        target = referred_to(rows, column)
        if target is not None:
            further = await names_of(session, target, set(said.values()))
            said = {id: further[value] for id, value in said.items()}
        parts.append({id: str(value) for id, value in said.items() if value != ""})
    for id in (row[0] for row in found):
        names[id] = " · ".join(part[id] for part in parts if id in part) or names[id]
    return names


def referred_to(table: Table, column: str) -> str | None:
    """The table that a column refers to."""
    return next((key.column.table.name for key in table.c[column].foreign_keys), None)
