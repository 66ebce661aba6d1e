"""Rows by the million: a block is made, and copied within the database until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Double, Enum, Integer, LargeBinary, String, cast, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

import models.tables  # noqa: F401 - every table must be known
from models.base import Base, UtcDateTime

YEARS = timedelta(days=10 * 365)


@dataclass(frozen=True)
class Size:
    """How much there is. ``called`` are the people of each activity; ``open`` is so much of each kind that is under way."""

    people: int = 5_000
    issues: int = 200_000
    letters: int = 20_000
    messages: int = 2_000_000
    updates: int = 200_000
    activities: int = 2_000
    called: int = 100
    open: int = 100
    block: int = 2_000


@dataclass(frozen=True)
class Rows:
    """What the rows of a table are. ``each`` gives a column's value by the row's number, from 1; what is not named is empty.

    ``further`` says by how much a column's value grows from one block to the next.
    """

    table: str
    count: int
    block: int
    each: Mapping[str, Any]
    further: Mapping[str, int] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    """What begins a column's value, which the row's id ends."""


@dataclass(frozen=True)
class Past:
    """What all rows have in common."""

    size: Size
    now: datetime
    specialties: list[int]
    circles: list[int]

    def at(self, count: int, over: timedelta = YEARS) -> Callable[[int], datetime]:
        """Spread over the years up to yesterday."""
        return lambda number: self.now - over + (over - timedelta(days=1)) * (number / count)

    def person(self, number: int) -> int:
        """Anybody."""
        return 1 + (number * 7919) % self.size.people

    def specialty(self, number: int) -> int:
        return self.specialties[number % len(self.specialties)]

    def block(self, count: int) -> int:
        return min(self.size.block, count)


def once(table: str, count: int, each: Mapping[str, Any]) -> Rows:
    """Rows of which there are not so many."""
    return Rows(table, count, count, each)


async def put(connection: AsyncConnection, rows: Rows, now: datetime) -> None:
    table = Base.metadata.tables[rows.table]
    block = min(rows.block, rows.count)
    for start in range(1, block + 1, 1000):
        made = [_row(rows, number, now) for number in range(start, min(start + 1000, block + 1))]
        await connection.execute(insert(table), made)
    there = block
    while there < rows.count:  # twice as many each time
        copied = min(there, rows.count - there)
        key = next(iter(table.primary_key.columns)) if not rows.further else table.c[next(iter(rows.further))]
        values = [_copied(rows, column, there // block) for column in table.c]
        few = select(*values) if copied == there else select(*values).order_by(key).limit(copied)
        await connection.execute(insert(table).from_select([column.name for column in table.c], few))
        there += copied


def _copied(rows: Rows, column: Column[Any], blocks: int) -> Any:
    if column.name in rows.named:
        return literal(rows.named[column.name]) + cast(column.table.c.id + rows.further["id"] * blocks, String)
    return column + rows.further[column.name] * blocks if column.name in rows.further else column


def _row(rows: Rows, number: int, now: datetime) -> dict[str, Any]:
    table = Base.metadata.tables[rows.table]
    row: dict[str, Any] = {}
    for column in table.c:
        if column.name in rows.named:
            row[column.name] = f"{rows.named[column.name]}{number}"
        elif column.name in rows.each:
            value = rows.each[column.name]
            row[column.name] = value(number) if callable(value) else value
        else:
            row[column.name] = number if column.name == "id" else None if column.nullable else _nothing(column, now)
    return row


def _nothing(column: Column[Any], now: datetime) -> Any:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return now - YEARS
    if isinstance(kind, Enum):
        raise AssertionError(f"{column}: what is it, when all is over?")
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, LargeBinary):
        return b""
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Date):
        return (now - YEARS).date()
    return 0.0 if isinstance(kind, Double) else 0 if isinstance(kind, Integer) else "" if isinstance(kind, String) else None


async def number_on(connection: AsyncConnection) -> None:
    """PostgreSQL's sequences know nothing of rows that came with a number."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if "id" in table.c and table.c.id.autoincrement and isinstance(table.c.id.type, Integer):
            highest = await connection.scalar(select(func.max(table.c.id)))
            sequence = await connection.scalar(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table.name})
            if highest is not None and sequence is not None:
                await connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})
