"""Backups: the whole Home as it stands at one moment, in one SQLite file, whichever database it runs on; made while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.copying import copy_everything
from bot.database import DatabaseAway, migrate, open_engine, require_current


class BackupRefused(Exception):
    """A file is no backup that can be used, or none can be written there; the message says why."""


async def make_backup(engine: AsyncEngine, path: Path) -> None:
    """Write a backup, read it through, and only then give it its name; whoever is at work meanwhile is not held up.

    On SQLite what was deleted is not in it either. Raises BackupRefused where it cannot be written or a file of this name is there
    already, DatabaseOutdated and CopyRefused.
    """
    part = path.with_name(path.name + ".part")
    try:
        _begin(part, path)
        if engine.dialect.name == "sqlite":
            await _copy_file(Path(str(engine.url.database)), part)
        else:
            await _copy_tables(engine, part)
        await asyncio.to_thread(revision_in, part)
        await asyncio.to_thread(_keep, part, path)
    except (OSError, sqlite3.Error, DatabaseAway) as error:
        raise BackupRefused(f"{path}: no backup could be written: {error}") from error
    finally:
        _sweep(part)


def revision_in(path: Path) -> str:
    """Read a backup through and give the revision of its tables. Raises BackupRefused for whatever is no whole Home."""
    if not path.is_file():
        raise BackupRefused(f"{path}: there is no such file")
    try:
        with _opened(path, "ro") as database:
            if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise BackupRefused(f"{path}: the file is damaged")
            if database.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupRefused(f"{path}: the file is not whole: rows refer to others that are missing")
            revisions = database.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        raise BackupRefused(f"{path}: this is no backup of a Home ({error})") from error
    if len(revisions) != 1:
        raise BackupRefused(f"{path}: this is no backup of a Home (it has no revision)")
    return str(revisions[0][0])


def _begin(part: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise BackupRefused(f"{path}: there is such a file already")
    part.unlink(missing_ok=True)  # left over from one that was broken off
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds everything: nobody else may read it


def _sweep(part: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            Path(f"{part}{ending}").unlink(missing_ok=True)


async def _copy_file(database: Path, part: Path) -> None:
    """By SQLite itself, in a thread; whoever stops meanwhile does not wait for the end."""
    connection = await asyncio.to_thread(_connected, database)
    copying = asyncio.ensure_future(asyncio.to_thread(connection.execute, "VACUUM INTO ?", (str(part),)))
    try:
        await asyncio.shield(copying)
    except asyncio.CancelledError:
        connection.interrupt()
        await asyncio.wait({copying})
        copying.exception()
        raise
    finally:
        connection.close()


def _connected(database: Path) -> sqlite3.Connection:
    if not database.is_file():
        raise BackupRefused(f"{database}: there is no database yet")
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=30000")
    return connection


async def _copy_tables(engine: AsyncEngine, part: Path) -> None:
    """By our own copy, not by PostgreSQL's tools: these need not be installed, and must not be older than the server."""
    await require_current(engine)
    copy = open_engine(f"sqlite+aiosqlite:///{part}")
    try:
        await migrate(copy)
        one_moment = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with one_moment.connect() as source, copy.begin() as target:
            await copy_everything(source, target)
    finally:
        await copy.dispose()
    with _opened(part, "rw") as connection:  # one file, with nothing beside it
        connection.execute("PRAGMA journal_mode=DELETE")


def _keep(part: Path, path: Path) -> None:
    """Give it its name once it is on the disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
