"""What counts as the database's own fault: to be waited out; and what does not."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

LONG = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
}


async def test_whoever_is_cancelled_in_the_middle_of_a_statement_stays_cancelled(engine: AsyncEngine) -> None:
    async def ask() -> None:
        async with engine.connect() as connection:
            await connection.execute(text(LONG[engine.dialect.name]))

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.2)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_statement_that_is_wrong_is_no_fault_of_the_database(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT * FROM no_such_table"))
