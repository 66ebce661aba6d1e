"""A database with something in every table and every column, ugly values among it."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Double, Enum, Integer, LargeBinary, String, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

import models.tables  # noqa: F401 - every table must be known
from models.base import Base, UtcDateTime
from models.money import Yuan

ROWS = 3
UGLY = "甲😀é\u0301\u202e\u200b'\"\\%{}<b>\n\t\u0001"
FIRST = datetime(2026, 3, 10, 4, 0, 59, 999_997, tzinfo=UTC)


async def fill(connection: AsyncConnection) -> None:
    """Put three rows into every table: the first has everything, the second as little as it may, and refers to the third."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        rows[table.name] = []
        for number in range(1, ROWS + 1):
            rows[table.name].append({column.name: _value(table, column, number, rows) for column in table.c})
        # Whoever is referred to must be there first.
        await connection.execute(table.insert(), [rows[table.name][place] for place in (0, 2, 1)])


def _value(table: Table, column: Column[Any], number: int, rows: dict[str, list[dict[str, Any]]]) -> Any:
    key = next(iter(column.foreign_keys), None)
    if key is not None and key.column.table is table:
        return 7 * ROWS if number == 2 else None
    if key is not None:
        return None if column.nullable and number == 2 else rows[key.column.table.name][number - 1][key.column.name]
    if column.primary_key and column.name == "id":
        return 7 * number  # with gaps, so that counting the rows is not enough
    if column.nullable and number == 2:
        return None
    return _anything(column.type, number)


def _anything(kind: Any, number: int) -> Any:
    if isinstance(kind, Yuan):
        return Decimal(number).scaleb(-2) + 1000
    if isinstance(kind, UtcDateTime):
        return FIRST + timedelta(days=400 * number, microseconds=number)
    if isinstance(kind, Enum):
        members: list[enum.Enum] = list(kind.enum_class or ())
        return members[number % len(members)]
    if isinstance(kind, JSON):
        return {"钥": [number, 0.1, None, True, UGLY], "b": {"big": 2**53 + number, "a": ""}} if number != 2 else []
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) * (3 - number)
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Text):
        return f"{number}{UGLY}" * 300
    if isinstance(kind, String):
        return f"{number}{UGLY}"[: kind.length]
    if isinstance(kind, Date):
        return date(2026, 2, number)
    if isinstance(kind, Double):
        return 0.1 + number + 1e-15
    if isinstance(kind, BigInteger):
        return -(2**62) + number
    assert isinstance(kind, Integer), kind
    return 2**31 - 10 + number
