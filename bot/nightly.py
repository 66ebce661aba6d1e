"""The nightly backup: one a night, whoever runs; made up after an outage; old ones go."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.backup import BackupRefused, make_backup, revision_in
from bot.clock import Now
from bot.config import Backup
from bot.copying import CopyRefused
from bot.counts import Counts
from bot.database import Sessions
from models.health import NightlyBackup

log = structlog.get_logger()

NAMED = re.compile(r"nightly-(\d{4})(\d{2})(\d{2})\.db")
AGAIN = 600.0
"""Seconds until a backup that failed is tried again."""


class Nightly:
    """Looks whether the night's backup is there, and makes it where it is not."""

    def __init__(self, engine: AsyncEngine, sessions: Sessions, config: Backup, timezone: ZoneInfo, *, now: Now, counts: Counts) -> None:
        self._engine, self._sessions, self._config, self._timezone = engine, sessions, config, timezone
        self._now, self._counts = now, counts
        self._failed_at: float | None = None

    async def missing_since(self) -> datetime | None:
        """When the backup that is not there was due; None when all is well."""
        if not self._config.nightly:
            return None
        due = due_before(self._now(), self._config, self._timezone)
        async with self._sessions.begin() as session:
            there = await session.get(NightlyBackup, due.date())
        return None if there is not None else due

    async def look(self) -> None:
        """Make the backup that is due. A failure is logged, and tried again later."""
        due = await self.missing_since()
        if due is None or (self._failed_at is not None and self._counts.timer() < self._failed_at + AGAIN):
            return
        path = self._config.folder / f"nightly-{due:%Y%m%d}.db"
        try:
            size = await self._made(path)
            async with self._sessions.begin() as session:
                session.add(NightlyBackup(night=due.date(), made_at=self._now(), name=path.name, size=size))
                first = due.date() - self._config.keep
                await session.execute(delete(NightlyBackup).where(NightlyBackup.night < first))
            log.info("backed up", file=path.name, bytes=size)
            await asyncio.to_thread(forget_old, self._config.folder, first)
            self._failed_at = None
        except (BackupRefused, CopyRefused, OSError) as error:
            self._counts.errors["backup"] += 1
            self._failed_at = self._counts.timer()
            log.error("the nightly backup failed", error=str(error))

    async def _made(self, path: Path) -> int:
        """The size of the backup; one that a process left which then died is read through and taken."""
        if await asyncio.to_thread(path.exists):
            await asyncio.to_thread(revision_in, path)
        else:
            await make_backup(self._engine, path)
        return (await asyncio.to_thread(path.stat)).st_size


def due_before(now: datetime, config: Backup, timezone: ZoneInfo) -> datetime:
    """When the last backup was due, in the Home's time zone."""
    local = now.astimezone(timezone)
    today = local.replace(hour=config.at.hour, minute=config.at.minute, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def forget_old(folder: Path, first: date) -> None:
    """Delete nightly backups of the nights before. Whatever is named otherwise is somebody's own."""
    for path in folder.iterdir():
        named = NAMED.fullmatch(path.name)
        if named is not None and date(*map(int, named.groups())) < first:
            path.unlink(missing_ok=True)
