"""The database: one engine for SQLite (a single writer) or PostgreSQL, and the migrations."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from bot.one_hop import OneHopConnection
from models.routing import Router

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"

PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "30000"}
"""How SQLite is used: FULL, so that what was answered outlasts a power failure."""

Sessions = async_sessionmaker[AsyncSession]


class DatabaseAway(Exception):
    """The database cannot do anything for anybody now: it restarts, has no connection to give, or fails. No statement is to blame."""


class DatabaseFull(DatabaseAway):
    """There is no room left to write."""


DATABASE_AWAY = (DatabaseAway, OperationalError, InterfaceError, PoolTimeout, OSError)
"""What a database that is down, starting, full, or locked by somebody else raises: to be waited out."""

AWAY_ON_POSTGRESQL = ("08", "53", "57P", "58", "25006")
"""How the states begin that blame the server: connection, resources, shutdown and start, disk, a standby that takes no writes."""
FULL_ON_POSTGRESQL = "53100"
AWAY_ON_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


class DatabaseOutdated(Exception):
    """The database was made by another version of the Home; run the migrations. ``found`` is its revision, None for no tables at all."""

    def __init__(self, found: str | None, newest: str | None) -> None:
        super().__init__(f"the database is at revision {found or 'none'}, this version needs {newest}: run 'migrate' first")
        self.found = found


def open_engine(url: str) -> AsyncEngine:
    """An engine for this URL. SQLite gets one writer connection, WAL, synchronous FULL, foreign keys, and BEGIN IMMEDIATE.

    Errors do not show the values of a statement: they may be what a constituent said.
    """
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine.sync_engine, "handle_error", _say_that_it_is_away)
        return engine
    _make_folder(url)
    # One connection: a second writer would only wait for the first, or fail with "database is locked".
    engine = create_async_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=60, hide_parameters=True, connect_args={"async_creator_fn": OneHopConnection}
    )
    event.listen(engine.sync_engine, "handle_error", _say_that_it_is_away)

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is not
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _say_that_it_is_away(context: ExceptionContext) -> DatabaseAway | None:
    """The drivers have no common word for it: asyncpg's losses of a connection are errors like any other."""
    error = context.original_exception
    if context.is_pre_ping or not isinstance(error, Exception):  # the pool only asks, and takes another; whoever is cancelled stays so
        return None
    state, code = str(getattr(error, "sqlstate", None) or ""), getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if state == FULL_ON_POSTGRESQL or primary == sqlite3.SQLITE_FULL:
        return DatabaseFull(str(error))
    if context.is_disconnect or state.startswith(AWAY_ON_POSTGRESQL) or primary in AWAY_ON_SQLITE:
        return DatabaseAway(str(error))
    return None


async def open_line(engine: AsyncEngine, *, patience: float, silence: float) -> AsyncConnection:
    """A connection of its own to the same PostgreSQL (14 or later), each statement committed at once.

    An answer that takes longer than ``patience`` seconds counts as none; the server ends the connection when it hears nothing on it for
    ``silence`` seconds.
    """
    settings = {"idle_session_timeout": str(round(silence * 1000)), "application_name": f"deputies-home {os.getpid()}"}
    line = create_async_engine(
        engine.url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"timeout": patience, "command_timeout": patience, "server_settings": settings},
    )
    return await line.connect()


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions of one database, with the one routing model that learns from it."""
    return async_sessionmaker(engine, expire_on_commit=False, info={"router": Router()})


def alembic_config(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the database to a revision, forward."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), revision))


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the database back to an earlier revision; what only later tables and columns can hold is lost."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), revision))


async def write_migration(message: str) -> None:
    """Write the next migration: what separates the tables in the code from those that the migrations so far make."""
    engine = create_async_engine("sqlite+aiosqlite://")
    await migrate(engine)
    number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: command.revision(alembic_config(sync), message, autogenerate=True, rev_id=f"{number:04}"))
    await engine.dispose()


async def require_current(engine: AsyncEngine) -> None:
    """Raise DatabaseOutdated unless the database is at the newest revision."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    if found != newest:
        raise DatabaseOutdated(found, newest)


def _make_folder(url: str) -> None:
    name = make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)
