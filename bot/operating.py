"""The commands of whoever runs a Home: status, backup, restore, move."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import system_now
from bot.config import DATABASE, Config
from bot.console import DEFAULT_CONFIG, ConfigPath, complaints, config_at, console
from bot.database import DATABASE_AWAY, DatabaseOutdated, open_engine, require_current, sessions_of
from bot.sole import AlreadyRunning

T = TypeVar("T")


def status(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Tell what is waiting, failing and set aside, and since when; the Home may run meanwhile. Ends with 1 while an alarm is on."""
    settings = config_at(config)
    text, alarmed = _done(_status(settings))
    console.print(text, markup=False)
    raise typer.Exit(1 if alarmed else 0)


def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; by default a file named after the moment, in the backup folder.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Back everything up into one file, while the Home runs; for SQLite and PostgreSQL alike."""
    from bot.backup import make_backup

    settings = config_at(config)
    path = file or settings.backup.folder / f"home-{_local(settings):%Y%m%d-%H%M%S}.db"

    async def make() -> None:
        engine = open_engine(settings.database)
        try:
            await make_backup(engine, path)
        finally:
            await engine.dispose()

    _done(make())
    console.print(f"已备份。/ Backed up: {path} ({path.stat().st_size / 1e6:.1f} MB)", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)],
    config: ConfigPath = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Go back to a backup: all that the database holds now is replaced. The Home must be stopped; what was there is kept in a file."""
    from bot.restoring import restore as restore_backup

    settings = config_at(config)
    if not yes and not typer.confirm("用备份替换现有全部数据？/ Replace everything by the backup?"):
        raise typer.Exit(1)
    kept = _done(restore_backup(file, settings.database, settings.backup.folder, now=_local(settings)))
    console.print("已恢复。/ Restored.")
    if kept is not None:
        console.print(f"先前的数据保存在 / What was there is kept in {kept}", markup=False)
    console.print(
        "此备份之后按要求删除的群众信息请重新删除（/erase）；备份时待发的消息会再次发出。/ "
        "Erase again what was erased since (/erase); messages that were waiting at the time of the backup go out again."
    )


def move(
    to: Annotated[str, typer.Argument(help="The other database's address, such as postgresql+asyncpg://user:password@localhost/home.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Move the Home into another, empty database, such as from SQLite to PostgreSQL. It must be stopped; the old one stays as it is."""
    from bot.restoring import move as move_home

    settings = config_at(config)
    if not re.match(DATABASE, to):
        complaints.print("the address begins with postgresql+asyncpg:// or sqlite+aiosqlite://")
        raise typer.Exit(2)
    try:
        shown = make_url(to).render_as_string()
    except ArgumentError as error:
        complaints.print("that is no address of a database")
        raise typer.Exit(2) from error
    rows = _done(move_home(settings.database, to))
    console.print(f"已迁移 {rows} 行，逐表核对无误。/ Moved {rows} rows; every table was read back and is the same.")
    console.print(f"请把配置中的 database 改为新地址。/ Now set 'database' in {config} to {shown} (with the password).", markup=False)


async def kept_before_migrating(engine: AsyncEngine, settings: Config, back_to: str) -> Path | None:
    """Keep what a SQLite database holds before its tables change; None where there is nothing, or they do not change.

    On PostgreSQL a backup is made by the version that the tables are of; the migration itself happens whole or not at all.
    """
    from bot.backup import make_backup

    if engine.dialect.name != "sqlite":
        return None
    try:
        await require_current(engine)
        if not back_to:
            return None
        found = "newest"
    except DatabaseOutdated as error:
        if error.found is None:
            return None
        found = error.found
    path = settings.backup.folder / f"before-migration-{_local(settings):%Y%m%d-%H%M%S}-{found}.db"
    await make_backup(engine, path)
    return path


async def _status(settings: Config) -> tuple[str, bool]:
    import models.tables  # noqa: F401 - every table must be known
    from bot.roles import standing_of
    from handlers.texts import Texts
    from models.health import figures_at

    engine = open_engine(settings.database)
    try:
        await require_current(engine)
        now = system_now()
        async with sessions_of(engine)() as session:
            figures = await figures_at(session, now=now)
        running = await standing_of(engine) if engine.dialect.name == "postgresql" else None
    finally:
        await engine.dispose()
    language = settings.home.languages[0]
    texts = Texts(settings.home.languages, settings.home.timezone)
    card = texts.render("health/card", language, figures=figures, now=now, on_shell=True)
    told = html.unescape(re.sub(r"<[^>]*>", "", card))
    if running is not None:
        has = "、".join(sorted(running.held))
        told += f"\n运行中的进程：{running.processes}（{has or '—'}） / Processes running: {running.processes}"
    return told, bool(figures.alarms)


def _local(settings: Config) -> datetime:
    return system_now().astimezone(settings.home.timezone)


def _done(work: Coroutine[Any, Any, T]) -> T:
    """Carry it out; what stands in the way is said in one line."""
    from bot.backup import BackupRefused
    from bot.copying import CopyRefused

    try:
        return asyncio.run(work)
    except (BackupRefused, CopyRefused, DatabaseOutdated, AlreadyRunning) as error:
        complaints.print(str(error), markup=False)
    except DATABASE_AWAY as error:
        complaints.print(f"the database is not reached ({type(error).__name__}): look at 'database' in the config, and whether it runs")
    raise typer.Exit(1)
