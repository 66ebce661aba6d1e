"""One process at a time: on PostgreSQL by an advisory lock, where the next one stands by; on SQLite by a lock beside the file."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.database import DATABASE_AWAY

log = structlog.get_logger()

LOCK = 0x4465707574696573  # "Deputies"
ASK_AGAIN = 2.0


class AlreadyRunning(Exception):
    """Another process of this Home works on the same SQLite file."""


@contextlib.asynccontextmanager
async def sole_process(engine: AsyncEngine, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Hold the Home for this process. On PostgreSQL wait for it, unless ``stopping`` is set; on SQLite raise AlreadyRunning."""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
                log.info("standing by: another process runs this Home")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), ASK_AGAIN)
                    break
            watch = asyncio.create_task(_keep(connection, stopping))
            try:
                yield
            finally:
                watch.cancel()
                await asyncio.wait({watch})
        return
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
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            raise AlreadyRunning("another process works on this database: stop the Home first")
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


async def _keep(connection: AsyncConnection, stopping: asyncio.Event) -> None:
    """The lock ends with its connection: stop as soon as that is gone, since another process may have taken over."""
    while True:
        await asyncio.sleep(ASK_AGAIN)
        try:
            await connection.execute(text("SELECT 1"))
        except DATABASE_AWAY:
            log.exception("the lock on this Home was lost; stopping")
            stopping.set()
            return


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another process holds {path}: this Home is running already; stop it first") from error
        yield
