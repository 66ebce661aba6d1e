"""Going back to a backup, and moving a Home from one database into another. The Home stands still meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.backup import BackupRefused, make_backup, revision_in
from bot.copying import CopyRefused, copy_everything, is_empty
from bot.database import alembic_config, migrate, open_engine, require_current, sessions_of
from bot.sole import held
from models.audit import record


async def restore(backup: Path, database: str, keep_in: Path, *, now: datetime) -> Path | None:
    """Put a backup in the place of what the database holds, as a whole or not at all.

    What was there is kept first, and where it is kept is given; None if there was nothing. A backup made by an earlier version is
    brought to this one. Raises BackupRefused, CopyRefused, DatabaseOutdated, and AlreadyRunning while the Home runs.
    """
    _require_known(revision_in(backup), backup)
    engine = open_engine(database)
    try:
        async with held(engine):
            beside = Path(str(engine.url.database)).parent if engine.dialect.name == "sqlite" else None
            with tempfile.TemporaryDirectory(prefix="restoring-", dir=beside) as folder:
                copy = Path(folder) / "home.db"
                shutil.copyfile(backup, copy)
                copy.chmod(0o600)
                await _bring_up(copy, now)
                name = f"before-restore-{now:%Y%m%d-%H%M%S}.db"
                if beside is not None:
                    return await asyncio.to_thread(_put_file, Path(str(engine.url.database)), copy, beside / name)
                return await _put_tables(engine, copy, keep_in / name)
    finally:
        await engine.dispose()


async def move(database: str, to: str) -> int:
    """Copy a Home into another, empty database, such as from SQLite to PostgreSQL; gives the number of rows. The old one stays as it is.

    Raises CopyRefused if there is anything in the other one, or a row does not fit; DatabaseOutdated, AlreadyRunning.
    """
    source, target = open_engine(database), open_engine(to)
    try:
        if source.url.render_as_string(hide_password=False) == target.url.render_as_string(hide_password=False):
            raise CopyRefused("that is the database which the Home has already")
        async with held(source), held(target):
            await require_current(source)
            async with source.connect() as there, target.begin() as here:
                if await here.run_sync(_revision) is None:
                    await here.run_sync(_upgrade)
                await here.run_sync(_require_newest)
                if not await is_empty(here):
                    raise CopyRefused("the other database is not empty: give one that is")
                return await copy_everything(there, here)
    finally:
        await source.dispose()
        await target.dispose()


async def _bring_up(copy: Path, now: datetime) -> None:
    """To this version's tables; that the Home went back is written into its log."""
    engine = open_engine(f"sqlite+aiosqlite:///{copy}")
    try:
        await migrate(engine)
        async with sessions_of(engine).begin() as session:
            record(session, None, "home.restored", "home", now=now)
    finally:
        await engine.dispose()


def _put_file(database: Path, copy: Path, kept: Path) -> Path | None:
    """The files change places at once: whenever the power fails, one of the two is the database."""
    there = database.exists()
    if there:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            # Whatever stands beside the file belongs to the old one, and would spoil the new.
            connection.execute("PRAGMA busy_timeout=10000")
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] != 0:
                raise BackupRefused(f"{database}: somebody else has it open; close that first")
        try:
            os.link(database, kept)
        except FileExistsError as error:
            raise BackupRefused(f"{kept}: there is such a file already") from error
        except OSError:  # not every disk knows links
            shutil.copyfile(database, kept)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    copy.replace(database)
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    return kept if there else None


async def _put_tables(engine: AsyncEngine, copy: Path, kept: Path) -> Path | None:
    """In one transaction: until all is there, the database is what it was."""
    async with engine.connect() as connection:
        made = await connection.run_sync(_revision) is not None
    if made:
        await require_current(engine)
        async with engine.connect() as connection:
            made = not await is_empty(connection)
    if made:
        await make_backup(engine, kept)
    backup = open_engine(f"sqlite+aiosqlite:///{copy}")
    try:
        async with backup.connect() as source, engine.begin() as target:
            await target.run_sync(_take_down)  # the audit log cannot be emptied, only taken away with its table
            await target.run_sync(_upgrade)
            await copy_everything(source, target)
    finally:
        await backup.dispose()
    return kept if made else None


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def _take_down(connection: Connection) -> None:
    if _revision(connection) is not None:
        command.downgrade(alembic_config(connection), "base")


def _require_newest(connection: Connection) -> None:
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if _revision(connection) != newest:
        raise CopyRefused(f"the other database is at revision {_revision(connection)}, this version needs {newest}: give an empty one")


def _require_known(revision: str, backup: Path) -> None:
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(revision)
    except CommandError as error:
        raise BackupRefused(f"{backup}: it was made by a newer version (revision {revision}): update the Home first") from error
