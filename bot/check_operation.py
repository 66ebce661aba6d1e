"""Checking how a Home is run: what waits and was given up, whether the disk suffices, whether there are backups."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import models.tables  # noqa: F401 - every table must be known
from bot.clock import system_now
from bot.config import Config, Transport
from bot.database import sessions_of
from bot.finding import Finding
from bot.roles import HomeRole, Standing, standing_of
from models.health import figures_at

A_NIGHT = timedelta(hours=26)
LITTLE = 300_000_000
"""Bytes free on a disk below which a Home cannot go on for long."""


async def operation_findings(config: Config, engine: AsyncEngine) -> AsyncIterator[Finding]:
    """What the database itself tells."""
    now = system_now()
    if engine.dialect.name == "sqlite":
        async with engine.connect() as connection:
            sound = await connection.scalar(text("PRAGMA quick_check(1)"))
        if sound != "ok":
            yield Finding("database file", False, "it is damaged; stop the Home and go back to a backup: python -m bot restore FILE")
    else:
        yield _processes(config, await standing_of(engine))
    async with sessions_of(engine)() as session:
        figures = await figures_at(session, now=now)
    for alarm in figures.alarms:
        yield Finding(str(alarm.kind), False, f"stands still since {alarm.since:%Y-%m-%d %H:%M} UTC; docs/operations.md says what to do")
    given_up = figures.set_aside.count + figures.failed.count
    if given_up:
        says = f"{given_up} set aside or given up; mend the cause (the log tells it), then the office has them tried again under /status"
        yield Finding("queues", True, says, hint=True)
    elif not figures.alarms:
        yield Finding(
            "queues", True, f"{figures.updates.count} to work on, {sum(each.count for each in figures.messages.values())} to send"
        )
    if not config.backup.nightly:
        says = "there is none; set backup.nightly, or see to backups in another way"
        yield Finding("nightly backup", True, says, hint=True)
    elif figures.backup is None:
        yield Finding("nightly backup", True, "none yet; a running Home makes the first one within minutes", hint=True)
    elif now - figures.backup.made_at > A_NIGHT:
        says = f"the last is of {figures.backup.made_at:%Y-%m-%d}; is the Home running? Its log says why there is none since"
        yield Finding("nightly backup", False, says)
    else:
        yield Finding("nightly backup", True, f"{figures.backup.name}, {figures.backup.size / 1e6:.1f} MB")


def _processes(config: Config, standing: Standing) -> Finding:
    wanted = set(HomeRole) - ({HomeRole.POLLER} if config.telegram.transport is Transport.WEBHOOK else set())
    missing = wanted - standing.held
    if not standing.processes:
        return Finding("processes", True, "none runs on this database now", hint=True)
    if missing:
        says = f"{standing.processes} run, and nobody is {', '.join(sorted(missing))}; look again in 15 seconds, then at their logs"
        return Finding("processes", False, says)
    return Finding("processes", True, f"{standing.processes} run; {', '.join(sorted(wanted))} each by one of them")


def backup_findings(config: Config, engine: AsyncEngine) -> list[Finding]:
    """Whether there is room, and whether a backup can be written."""
    found = []
    folder = _nearest(config.backup.folder)
    if config.backup.nightly and not os.access(folder, os.W_OK):
        says = f"{config.backup.folder} cannot be written to; give it to the account that runs the Home, or name another as backup.folder"
        found.append(Finding("backup folder", False, says))
    places = {folder}
    needed = LITTLE
    if engine.dialect.name == "sqlite":
        database = Path(str(engine.url.database))
        places.add(_nearest(database.parent))
        if database.exists() and database.stat().st_mode & 0o077:
            says = f"others on this machine may read {database}; chmod 600 {database}"
            found.append(Finding("database file", True, says, hint=True))
        needed += 2 * database.stat().st_size if database.exists() else 0
    for place in sorted(places):
        free = shutil.disk_usage(place).free
        if free < LITTLE:
            found.append(
                Finding("disk", False, f"{free / 1e6:.0f} MB are free at {place}: make room, or the Home must soon stop taking in")
            )
        elif free < needed:
            says = f"{free / 1e6:.0f} MB are free at {place}: hardly enough for a backup; make room"
            found.append(Finding("disk", True, says, hint=True))
    if not any(finding.what == "disk" for finding in found):
        found.append(Finding("disk", True, "there is room"))
    return found


def _nearest(folder: Path) -> Path:
    """The folder, or what there is of the way to it."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder
