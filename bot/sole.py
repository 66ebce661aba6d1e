"""One process at a time on SQLite, by a lock beside the file; and on either database nobody else, for whoever must have it alone."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.roles import HOME


class AlreadyRunning(Exception):
    """Another process of this Home works on the same SQLite file."""


@contextlib.contextmanager
def sole_process(engine: AsyncEngine) -> Iterator[None]:
    """Hold a Home on SQLite for this process. Raises AlreadyRunning."""
    with _locked(Path(f"{engine.url.database}.lock")):
        yield


@contextlib.asynccontextmanager
async def held(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold a Home that does not run, so that it does not begin to. Raises AlreadyRunning when it does run."""
    if engine.dialect.name != "postgresql":
        with _locked(Path(f"{engine.url.database}.lock")):
            yield
        return
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": HOME}):
            raise AlreadyRunning("another process works on this database: stop the Home first")
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": HOME})


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another process holds {path}: this Home is running already; stop it first") from error
        yield
