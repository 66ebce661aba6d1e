"""The running Home: everything put together, started, and stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot

from bot.bells import OutboxBell
from bot.checkin_page import checkin_page
from bot.clock import Now, running_time, system_now
from bot.config import Config, Transport
from bot.contact import Contact
from bot.counts import Counts
from bot.database import open_engine, require_current, sessions_of
from bot.delivery import Delivery
from bot.first_start import make_ready
from bot.full_disk import FullDisk
from bot.intake import ALLOWED, Intake, Poller
from bot.metrics import monitor_app
from bot.nightly import Nightly
from bot.pacing import Pacer
from bot.reaching import reach
from bot.roles import Duty, HomeRole, Roles
from bot.schedule import Schedule
from bot.sole import sole_process
from bot.transport import AiohttpRequest
from bot.waiting import together, until
from bot.watch import Watch
from bot.web import serving
from bot.webhook import PATH, webhook_app
from bot.worker import Worker
from handlers.context import HomeApplication, HomeContext
from handlers.post import Post
from handlers.registry import Registry
from handlers.texts import Texts
from models.health import AlarmKind

log = structlog.get_logger()

STOP_WITHIN = 7.0
"""Seconds in which whatever is in hand may be finished. With what closing takes, the process is gone within ten."""
PORT_AGAIN = 2.0
"""Seconds until a port that another process has is asked for again."""


class Home:
    """One process of one Home. On PostgreSQL there may be several: all work on updates, and each role is one's at a time."""

    def __init__(
        self,
        config: Config,
        *,
        now: Now = system_now,
        timer: Callable[[], float] = running_time,
        registry: Registry | None = None,
    ) -> None:
        self.config, self._now = config, now
        self.engine = open_engine(config.database)
        self.sessions = sessions_of(self.engine)
        self.texts = Texts(config.home.languages, config.home.timezone)
        self.registry = registry or Registry()
        self.inbox_bell, self.outbox_bell = asyncio.Event(), OutboxBell()
        self.roles = Roles(self.engine, self.outbox_bell) if self.engine.dialect.name == "postgresql" else None
        self.stopping = asyncio.Event()
        self.ready = asyncio.Event()
        self.monitor_port = 0
        self.web_address = config.web.public_url if config.web.enabled else ""
        self.bot: ExtBot[None] = ExtBot(
            config.telegram.token.get_secret_value(),
            base_url=f"{config.telegram.api}/bot",
            base_file_url=f"{config.telegram.api}/file/bot",
            request=AiohttpRequest(connections=config.limits.at_once + 8),
            get_updates_request=AiohttpRequest(connections=2),
        )
        self.application: HomeApplication = (
            ApplicationBuilder().bot(self.bot).updater(None).context_types(ContextTypes(context=HomeContext)).build()  # type: ignore[assignment]  # the builder cannot name our context
        )
        self.registry.install(self.application)
        self.counts = Counts(timer)
        self.worker = Worker(
            self.application,
            self.sessions,
            self.registry,
            post_for=self.post_for,
            bell=self.inbox_bell,
            outbox_bell=self.outbox_bell,
            counts=self.counts,
        )
        self.delivery = Delivery(
            self.bot,
            self.sessions,
            self.registry,
            Pacer(config.limits),
            at_once=config.limits.at_once,
            post_for=self.post_for,
            bell=self.outbox_bell,
            timer=timer,
            counts=self.counts,
        )
        self.schedule = Schedule(
            self.sessions,
            self.registry,
            every=config.tick,
            post_for=self.post_for,
            outbox_bell=self.outbox_bell,
            policy=config.home,
            now=now,
            counts=self.counts,
        )
        self.contact = Contact(
            self.sessions,
            outage=config.telegram.outage,
            post_for=self.post_for,
            outbox_bell=self.outbox_bell,
            now=now,
            timer=timer,
        )
        self.full_disk = FullDisk(self.engine, self.sessions, self.bot, post_for=self.post_for, outbox_bell=self.outbox_bell, now=now)
        self.nightly = Nightly(self.engine, self.sessions, config.backup, config.home.timezone, now=now, counts=self.counts)
        self.watch, self._watch_of_intake = (
            Watch(
                self.sessions,
                self.nightly,
                self.counts,
                stall=config.monitor.stall,
                tick=config.tick,
                post_for=self.post_for,
                outbox_bell=self.outbox_bell,
                now=now,
                judges=judges,
            )
            for judges in (set(AlarmKind) - {AlarmKind.INTAKE}, {AlarmKind.INTAKE})
        )

    def post_for(self, session: AsyncSession) -> Post:
        return Post(session, self._now(), self.texts, self.config.home, self.bot.username, self.web_address)

    async def run(self, announce: Callable[[str], None]) -> None:
        """Run until ``stopping`` is set; then finish what is in hand, within ten seconds.

        ``announce`` is given the one-time link for the office while nobody of the office is known. Raises DatabaseOutdated, AlreadyRunning.
        """
        try:
            async with self._among_processes():
                if not self.stopping.is_set():
                    await require_current(self.engine)
                if await reach(self.bot, self.stopping):
                    async with self.application:
                        async with self.sessions.begin() as session:
                            await make_ready(self.post_for(session), announce)
                        await self._serve()
        finally:
            await self.bot.shutdown()
            await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _among_processes(self) -> AsyncIterator[None]:
        """The only one on SQLite; on PostgreSQL one of many, once nobody has the database alone."""
        if self.roles is None:
            with sole_process(self.engine):
                yield
            return
        try:
            await self.roles.enter(self.stopping)
            yield
        finally:
            await self.roles.leave()

    def stop(self) -> None:
        """Stop cleanly; whoever rests wakes up for it."""
        for event in (self.stopping, self.inbox_bell, self.outbox_bell):
            event.set()

    async def next_due(self) -> datetime | None:
        """When the passing of time next asks for something."""
        async with self.sessions.begin() as session:
            return await self.registry.next_due(self.post_for(session))

    async def _serve(self) -> None:
        by_webhook = self.config.telegram.transport is Transport.WEBHOOK
        intake = Intake(self.sessions, now=self._now, bell=self.inbox_bell)
        duties = {HomeRole.PACER: Duty(self._deliver, "delivery", finishes=True), HomeRole.CLOCK: Duty(self._keep_time, "schedule")}
        running: dict[str, Coroutine[Any, Any, None]] = {"worker": self.worker.run(self.stopping)}
        if by_webhook:
            running["updates"] = self._by_webhook(intake)
        else:
            duties[HomeRole.POLLER] = Duty(lambda stopping: self._by_polling(intake, stopping), "updates")
        if self.roles is not None:
            running["roles"] = self.roles.run(duties, self.stopping)
        else:
            running |= {duty.name: duty.work(self.stopping) for duty in duties.values()}
        if self.config.monitor.enabled:
            running["monitor"] = self._answer_monitors()
        if self.config.web.enabled:
            running["web"] = self._show_pages()
        tasks = [asyncio.create_task(work, name=name) for name, work in running.items()]
        self.ready.set()
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.stop()  # one ends by itself only when it failed: then all stop, and whoever runs us starts us anew
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
        for task in late:
            log.warning("stopped in the middle; it is taken up at the next start", task=task.get_name())
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _by_polling(self, intake: Intake, stopping: asyncio.Event) -> None:
        request = AiohttpRequest(connections=2)
        await request.initialize()
        try:
            poller = Poller(intake, request, self.bot.base_url, self.counts, self.contact)
            await together(poller.run(stopping), self._watch_of_intake.run(stopping))
        finally:
            self.counts.listens_no_more()
            await request.shutdown()

    async def _deliver(self, stopping: asyncio.Event) -> None:
        if self.roles is not None and self.roles.looks > 1:  # whoever sent before has used up the pace of this moment
            await until(stopping, self.config.limits.per.total_seconds())
        await self.delivery.run(stopping)

    async def _keep_time(self, stopping: asyncio.Event) -> None:
        try:
            await together(self.schedule.run(stopping), self.watch.run(stopping), self.full_disk.run(stopping))
        finally:
            self.counts.does_no_more()

    async def _show_pages(self) -> None:
        web = self.config.web
        self.web_address = web.public_url or f"http://{web.listen}:{web.port}"

        async def meanwhile(port: int) -> None:
            self.web_address = web.public_url or f"http://{web.listen}:{port}"
            await self.stopping.wait()

        await self._listen(checkin_page(self.sessions, self.post_for), web.listen, web.port, meanwhile)

    async def _answer_monitors(self) -> None:
        monitor, roles = self.config.monitor, self.roles
        held = None if roles is None else lambda: roles.held
        app = monitor_app(self.sessions, self.counts, self._standing, tick=self.config.tick, now=self._now, roles=held)

        async def meanwhile(port: int) -> None:
            self.monitor_port = port
            await self.stopping.wait()

        await self._listen(app, monitor.listen, monitor.port, meanwhile, needed=False)

    async def _standing(self) -> dict[AlarmKind, datetime | None]:
        return {**await self.watch.standing(), AlarmKind.DISK: self.full_disk.since}

    async def _by_webhook(self, intake: Intake) -> None:
        telegram = self.config.telegram
        secret = telegram.webhook_secret.get_secret_value()

        async def meanwhile(port: int) -> None:
            url = telegram.webhook_url or f"http://{telegram.webhook_listen}:{port}"
            await self.bot.set_webhook(url + PATH, secret_token=secret, allowed_updates=ALLOWED)
            await self.contact.keep(self.stopping)

        await self._listen(webhook_app(intake, secret), telegram.webhook_listen, telegram.webhook_port, meanwhile)

    async def _listen(
        self, app: ASGIApp, host: str, port: int, meanwhile: Callable[[int], Awaitable[None]], *, needed: bool = True
    ) -> None:
        """Serve until the Home stops; ``meanwhile`` is given the port. One that somebody else has is waited for, since it may be another
        process of this Home that ends. Raises OSError where there is no other, if the Home cannot do without (``needed``)."""
        warned = False
        while not self.stopping.is_set():
            try:
                async with serving(app, host, port) as found:
                    await meanwhile(found)
            except OSError as error:
                if needed and self.roles is None:
                    raise
                if not warned:
                    log.warning("another process has the port; it is waited for", listen=host, port=port, error=str(error))
                warned = True
                await until(self.stopping, PORT_AGAIN)
