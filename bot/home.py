"""The running Home: everything put together, started, and stopped cleanly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot

from bot.checkin_page import checkin_page
from bot.clock import Now, system_now
from bot.config import Config, Transport
from bot.counts import Counts
from bot.database import open_engine, require_current, sessions_of
from bot.delivery import Delivery
from bot.intake import ALLOWED, WEBHOOK_PATH, Intake, Poller, webhook_app
from bot.metrics import monitor_app
from bot.nightly import Nightly
from bot.pacing import Pacer
from bot.schedule import Schedule
from bot.sole import sole_process
from bot.transport import AiohttpRequest
from bot.watch import Watch
from bot.web import serving
from bot.worker import Worker
from handlers.circle_commands import GROUP_COMMANDS
from handlers.context import HomeApplication, HomeContext
from handlers.post import Post
from handlers.registry import Registry
from handlers.texts import Texts, t
from models.defaults import seed_defaults
from models.links import issue_link
from models.people import Role, people_with
from models.terms import seed_term

log = structlog.get_logger()

STOP_WITHIN = 10.0


class Home:
    """One process of one Home."""

    def __init__(
        self,
        config: Config,
        *,
        now: Now = system_now,
        timer: Callable[[], float] = time.monotonic,
        registry: Registry | None = None,
    ) -> None:
        self.config, self._now = config, now
        self.engine = open_engine(config.database)
        self.sessions = sessions_of(self.engine)
        self.texts = Texts(config.home.languages, config.home.timezone)
        self.registry = registry or Registry()
        self.inbox_bell, self.outbox_bell = asyncio.Event(), asyncio.Event()
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
        self.nightly = Nightly(self.engine, self.sessions, config.backup, config.home.timezone, now=now, counts=self.counts)
        self.watch = Watch(
            self.sessions,
            self.nightly,
            self.counts,
            stall=config.monitor.stall,
            tick=config.tick,
            post_for=self.post_for,
            outbox_bell=self.outbox_bell,
            now=now,
        )

    def post_for(self, session: AsyncSession) -> Post:
        return Post(session, self._now(), self.texts, self.config.home, self.bot.username, self.web_address)

    async def run(self, announce: Callable[[str], None]) -> None:
        """Run until ``stopping`` is set; then finish what is in hand, within ten seconds.

        ``announce`` is given the one-time link for the office while nobody of the office is known. Raises DatabaseOutdated, AlreadyRunning.
        """
        try:
            async with sole_process(self.engine, self.stopping), self.bot, self.application:
                if not self.stopping.is_set():
                    await require_current(self.engine)
                    await self._first_start(announce)
                    await self._serve()
        finally:
            await self.engine.dispose()

    def stop(self) -> None:
        """Stop cleanly; whoever rests wakes up for it."""
        for event in (self.stopping, self.inbox_bell, self.outbox_bell):
            event.set()

    async def next_due(self) -> datetime | None:
        """When the passing of time next asks for something."""
        async with self.sessions.begin() as session:
            return await self.registry.next_due(self.post_for(session))

    async def _first_start(self, announce: Callable[[str], None]) -> None:
        async with self.sessions.begin() as session:
            post = self.post_for(session)
            await seed_defaults(session)
            await seed_term(session, self.config.home, now=post.now)
            for language in self.config.home.languages:
                commands = [("start", self.texts.say(t("menu.start"), language))]
                await post.call("setMyCommands", {"commands": commands, "language_code": language.split("_")[0]})
            for language, code in [
                (self.config.home.languages[0], ""),
                *((each, each.split("_")[0]) for each in self.config.home.languages),
            ]:
                listed = [(name, self.texts.say(t(f"life.command.{name}"), language)) for name in GROUP_COMMANDS]
                params = {"commands": listed, "scope": {"type": "all_group_chats"}, **({"language_code": code} if code else {})}
                await post.call("setMyCommands", params)
            if not await people_with(session, Role.OFFICE):
                secret = await issue_link(session, None, lifetime=self.config.home.link_lifetime, now=post.now)
                announce(self.texts.say(t("start.office_link", link=post.deep_link(f"p_{secret}")), self.config.home.languages[0]))

    async def _serve(self) -> None:
        by_webhook = self.config.telegram.transport is Transport.WEBHOOK
        intake = Intake(self.sessions, now=self._now, bell=self.inbox_bell)
        running = {
            "updates": self._by_webhook(intake) if by_webhook else self._by_polling(intake),
            "worker": self.worker.run(self.stopping),
            "delivery": self.delivery.run(self.stopping),
            "schedule": self.schedule.run(self.stopping),
            "watch": self.watch.run(self.stopping),
        }
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

    async def _by_polling(self, intake: Intake) -> None:
        request = AiohttpRequest(connections=2)
        await request.initialize()
        try:
            await Poller(intake, request, self.bot.base_url, self.counts).run(self.stopping)
        finally:
            await request.shutdown()

    async def _show_pages(self) -> None:
        web = self.config.web
        async with serving(checkin_page(self.sessions, self.post_for), web.listen, web.port) as port:
            self.web_address = web.public_url or f"http://{web.listen}:{port}"
            await self.stopping.wait()

    async def _answer_monitors(self) -> None:
        """A port that somebody else has is no reason to stand still: the Home runs without being asked how it is."""
        monitor = self.config.monitor
        app = monitor_app(self.sessions, self.counts, self.watch.standing, tick=self.config.tick, now=self._now)
        try:
            async with serving(app, monitor.listen, monitor.port) as self.monitor_port:
                await self.stopping.wait()
        except OSError as error:
            log.warning("nobody can ask how the Home is", listen=monitor.listen, port=monitor.port, error=str(error))
            await self.stopping.wait()

    async def _by_webhook(self, intake: Intake) -> None:
        telegram = self.config.telegram
        secret = telegram.webhook_secret.get_secret_value()
        async with serving(webhook_app(intake, secret), telegram.webhook_listen, telegram.webhook_port) as port:
            url = telegram.webhook_url or f"http://{telegram.webhook_listen}:{port}"
            await self.bot.set_webhook(url + WEBHOOK_PATH, secret_token=secret, allowed_updates=ALLOWED)
            await self.stopping.wait()
