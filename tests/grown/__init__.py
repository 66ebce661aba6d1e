"""A Home after many years: what is over stands in its tables as the Home itself would have left it, and a little is under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.circles import Circle
from models.people import Specialty
from tests.grown import activities, issues, messages, people
from tests.grown.rows import Past, Size, number_on, put

__all__ = ["Size", "grow"]


MEMORY = 2_000_000
"""KB that SQLite may use meanwhile."""


async def grow(connection: AsyncConnection, size: Size, *, now: datetime) -> None:
    """Fill a database that has the defaults and nothing else. Whoever is referred to comes first."""
    if connection.dialect.name == "sqlite":  # indexes are filled in no order: what does not fit into memory is written again and again
        await connection.exec_driver_sql(f"PRAGMA cache_size = -{MEMORY}")
    specialties = [*await connection.scalars(select(Specialty.id).order_by(Specialty.id))]
    circles = [*await connection.scalars(select(Circle.id).order_by(Circle.id))]
    past = Past(size, now, specialties, circles)
    for part in (people.people, issues.issues, issues.letters, activities.activities, activities.announcements, messages.messages):
        for rows in part(past):
            await put(connection, rows, now)
    await number_on(connection)
