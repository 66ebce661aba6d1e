"""SQLite's connection, which goes to its thread once a statement.

aiosqlite goes there and back for each of a statement's four steps: making a cursor, running, fetching, closing. The way costs more than
most statements do.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self, cast

import aiosqlite

AT_ONCE = 1000
"""So many rows are brought along; whoever wants more comes again."""


class OneHopConnection(aiosqlite.Connection):
    """For SQLAlchemy's ``async_creator_fn``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(partial(sqlite3.connect, *arguments, **options), AT_ONCE)
        self._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closed must not keep the process alive

    def cursor(self) -> Any:
        return Cursor(self)

    async def hop(self, work: Callable[..., None], *arguments: Any) -> None:
        """Have something done in the connection's thread."""
        await self._execute(work, *arguments)  # type: ignore[no-untyped-call]  # aiosqlite's own way into its thread

    def bare_cursor(self) -> sqlite3.Cursor:
        """To be asked for in the thread."""
        return self._conn.cursor()


class Cursor:
    """What SQLAlchemy asks of aiosqlite's cursor."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> Self:
        await self._connection.hop(self._run, sqlite3.Cursor.execute, statement, values)
        return self

    async def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> Self:
        await self._connection.hop(self._run, sqlite3.Cursor.executemany, statement, values)
        return self

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int) -> list[Any]:
        if self._open is not None and len(self._rows) < size:
            await self._connection.hop(self._fetch, max(size, AT_ONCE))
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        while self._open is not None:
            await self._connection.hop(self._fetch, AT_ONCE)
        rows = [*self._rows]
        self._rows.clear()
        return rows

    async def close(self) -> None:
        if self._open is not None:
            await self._connection.hop(self._close)

    def _run(self, run: Callable[[sqlite3.Cursor, str, Any], object], statement: str, values: Any) -> None:
        self._open = self._connection.bare_cursor()
        run(self._open, statement, values)
        self.description = self._open.description
        self._fetch(AT_ONCE)

    def _fetch(self, size: int) -> None:
        cursor = cast(sqlite3.Cursor, self._open)
        rows = cursor.fetchmany(size)
        self._rows += rows
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        if len(rows) < size:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None
