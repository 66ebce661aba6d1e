"""A full disk: said to the office straight away, since the outbox lies on it too; nothing is taken in meanwhile, and all goes on by itself.

That nothing is taken in needs no doing: what cannot be stored is not confirmed, so Telegram keeps it (for a day). What was told lives in
memory, the only place left; a Home that is started again tells it again.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from weakref import WeakMethod

import structlog
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.database import DATABASE_AWAY, DatabaseFull, Sessions
from bot.logs import without_tokens
from bot.waiting import either, until
from handlers.health import tell_over
from handlers.post import Post
from models.health import AlarmKind
from models.people import Role, people_with

log = structlog.get_logger()

EVERY = 10.0
"""Seconds between two looks."""
ENOUGH = 20_000_000
"""Bytes that must be free before it counts as over: below that the next updates would fill it again."""


class FullDisk:
    """Hears of every write that found no room."""

    def __init__(
        self,
        engine: AsyncEngine,
        sessions: Sessions,
        bot: Bot,
        *,
        post_for: Callable[[AsyncSession], Post],
        outbox_bell: asyncio.Event,
        now: Callable[[], datetime],
    ) -> None:
        self._sessions, self._bot, self._post_for, self._bell, self._now = sessions, bot, post_for, outbox_bell, now
        self._file = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
        self._told: set[int] = set()
        self._refused = asyncio.Event()
        self.since: datetime | None = None
        """Since when nothing can be written; None while all is well."""
        event.listen(engine.sync_engine, "handle_error", _weakly(self._note))

    def _note(self, context: ExceptionContext) -> None:
        if isinstance(getattr(context, "chained_exception", None), DatabaseFull):  # the pool's questions chain nothing
            self.since = self.since or self._now()
            self._refused.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell at once, then look again and again whether it is over."""
        while not stopping.is_set():
            await either(stopping, self._refused, EVERY if self._told else None)
            if self.since is not None and not stopping.is_set():
                await self.look()
                await until(stopping, EVERY)

    async def look(self) -> None:
        """Tell whoever does not know yet; when no write was refused since the last look and there is room, tell that it is over."""
        since = self.since
        if since is None:
            return
        refused = self._refused.is_set()
        self._refused.clear()
        log.error("the disk is full: nothing is taken in, Telegram keeps it", since=since.isoformat())
        try:
            await self._tell(since)
            if not refused and self._has_room():
                async with self._sessions.begin() as session:
                    await tell_over(self._post_for(session), AlarmKind.DISK, since)
                log.info("there is room again", since=since.isoformat())
                self.since, self._told = None, set()
                self._bell.set()
        except DATABASE_AWAY as error:
            log.error("the database failed; the office is told of the full disk later", error=f"{type(error).__name__}: {error}")

    async def _tell(self, since: datetime) -> None:
        async with self._sessions.begin() as session:
            post, office = self._post_for(session), await people_with(session, Role.OFFICE)
        for person in office:
            if person.telegram_id is None or person.telegram_id in self._told:
                continue
            text = post.texts.render("health/alarm", person.language, kind=AlarmKind.DISK, since=since)
            try:
                await self._bot.send_message(person.telegram_id, text, parse_mode=ParseMode.HTML)
            except TelegramError as error:
                log.warning("the office could not be told of the full disk", error=without_tokens(error.message))
            else:
                self._told.add(person.telegram_id)

    def _has_room(self) -> bool:
        return self._file is None or shutil.disk_usage(self._file.parent).free >= ENOUGH


def _weakly(hear: Callable[[ExceptionContext], None]) -> Callable[[ExceptionContext], None]:
    """SQLAlchemy keeps a dialect, and whoever listens to it, in caches that outlive the engine: a Home must not be kept with them."""
    known = WeakMethod(hear)

    def pass_on(context: ExceptionContext) -> None:
        if (still := known()) is not None:
            still(context)

    return pass_on
