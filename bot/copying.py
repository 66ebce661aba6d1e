"""Copies a whole Home from one database into another, of either kind, row by row, and reads back that all arrived as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import LargeBinary, Table, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

import models.tables  # noqa: F401 - every table must be known
from models.base import Base

ROWS, HEAVY_ROWS = 500, 10
"""How many rows are in hand at once; fewer where each may be a file of some megabytes."""

Row = dict[str, Any]
Fingerprint = tuple[int, int]
"""How many rows, and the sum of what each says: in whatever order they come, the same rows have the same."""


class CopyRefused(Exception):
    """The copy cannot be made; the message says why, without what people wrote."""


async def copy_everything(source: AsyncConnection, target: AsyncConnection) -> int:
    """Copy all tables into an empty database of this version, and give the number of rows.

    Both are within the caller's transactions: nothing is there until the target's is committed, and the source should see one moment
    only. Raises CopyRefused for a row that the target cannot hold, and when anything reads back otherwise than it was.
    """
    rows = 0
    for table in Base.metadata.sorted_tables:
        sent = await _copy(table, source, target)
        arrived = await fingerprint(target, table)
        if sent != arrived:
            raise CopyRefused(f"{table.name}: {sent[0]} rows were read, and what arrived ({arrived[0]} rows) is not the same")
        rows += sent[0]
    if target.dialect.name == "postgresql":
        for table in Base.metadata.sorted_tables:
            await _count_on(target, table)
    return rows


async def is_empty(connection: AsyncConnection) -> bool:
    """Whether no table of a migrated database holds anything."""
    for table in Base.metadata.sorted_tables:
        if await connection.scalar(select(text("1")).select_from(table).limit(1)) is not None:
            return False
    return True


async def fingerprint(connection: AsyncConnection, table: Table) -> Fingerprint:
    """What a table holds, to be compared with another database's."""
    count = total = 0
    async for rows in _pieces(connection, table):
        count, total = count + len(rows), total + _sum(rows)
    return count, total % 2**256


async def _copy(table: Table, source: AsyncConnection, target: AsyncConnection) -> Fingerprint:
    count = total = 0
    async for rows in _in_order(table, _pieces(source, table)):
        await _insert(target, table, rows)
        count, total = count + len(rows), total + _sum(rows)
    return count, total % 2**256


async def _pieces(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row]]:
    size = HEAVY_ROWS if any(isinstance(column.type, LargeBinary) for column in table.c) else ROWS
    async with connection.stream(select(table).execution_options(yield_per=size)) as result:
        async for piece in result.mappings().partitions():
            yield [dict(row) for row in piece]


async def _in_order(table: Table, pieces: AsyncIterator[Sequence[Row]]) -> AsyncIterator[Sequence[Row]]:
    """A row that refers to another of its own table comes after it."""
    own = [column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    if not own:
        async for piece in pieces:
            yield piece
        return
    by_id = {row["id"]: row async for piece in pieces for row in piece}
    after = {id: {row[name] for name in own if row[name] is not None} for id, row in by_id.items()}
    yield [by_id[id] for id in TopologicalSorter(after).static_order()]


async def _insert(target: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    try:
        async with target.begin_nested():
            await target.execute(table.insert(), rows)
    except DBAPIError as error:
        # One of them is refused: say which.
        for row in rows:
            try:
                async with target.begin_nested():
                    await target.execute(table.insert(), row)
            except DBAPIError as refusal:
                key = ", ".join(f"{column.name} {row[column.name]}" for column in table.primary_key)
                reason = type(refusal.orig.__cause__ or refusal.orig).__name__ if refusal.orig is not None else type(refusal).__name__
                raise CopyRefused(f"{table.name}, {key}: this row cannot be kept there ({reason})") from None
        raise CopyRefused(f"{table.name}: some rows were refused together, and none alone") from error


async def _count_on(target: AsyncConnection, table: Table) -> None:
    """PostgreSQL gives out numbers by a sequence: it goes on after the greatest there is."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = await target.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
    if sequence is not None:
        await target.execute(select(func.setval(sequence, select(func.coalesce(func.max(column), 0) + 1).scalar_subquery(), False)))


def _sum(rows: Sequence[Row]) -> int:
    return sum(int.from_bytes(hashlib.sha256(_said(row).encode()).digest(), "big") for row in rows)


def _said(row: Row) -> str:
    return json.dumps(row, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value.isoformat() if isinstance(value, datetime) else repr(value)
