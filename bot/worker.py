"""The worker: what a person said is done whole, or not at all.

Updates that wait together are done in one transaction. Should one of them fail or be refused, nothing of it stays, and each is done again
in a transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from bot.counts import Counts
from bot.database import DATABASE_AWAY, DatabaseAway, Sessions
from bot.logs import without_tokens
from bot.reading import read_update
from bot.waiting import until
from handlers.context import HomeApplication, Work, current_work
from handlers.health import SHOW_STATUS
from handlers.post import Place, Post
from handlers.registry import Registry
from handlers.texts import T, t
from models.inbox import count_failure, finish, finish_all, next_updates, said_about, still_new
from models.people import Role, people_with, person_by_telegram_id
from models.rules import RuleBroken
from models.strangers import STRANGERS
from models.turns import take_turn

log = structlog.get_logger()

IDLE = 0.5
AT_ONCE = 20
"""So many updates share a transaction, and so one wait for the disk."""
DATABASE_PAUSE = 1.0


class Worker:
    """Works through the inbox in order. Where several processes work on one database, each has one."""

    def __init__(
        self,
        application: HomeApplication,
        sessions: Sessions,
        registry: Registry,
        *,
        post_for: Callable[[AsyncSession], Post],
        bell: asyncio.Event,
        outbox_bell: asyncio.Event,
        counts: Counts | None = None,
    ) -> None:
        self._counts = counts or Counts()
        self._application, self._sessions, self._registry = application, sessions, registry
        self._post_for, self._bell, self._outbox_bell = post_for, bell, outbox_bell
        self._singly = 0
        """So many of the next are done each in a transaction of its own."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop; the update in hand is finished."""
        while not stopping.is_set():
            self._bell.clear()
            try:
                worked = await self.work_once()
            except DATABASE_AWAY as error:
                log.error("the database failed; trying again", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(DATABASE_PAUSE)
                continue
            if not worked:
                await until(self._bell, IDLE)

    async def work_once(self) -> bool:
        """Work on what comes next; False when there is nothing."""
        ids: list[int] = []
        work: Work | None = None
        try:
            async with self._sessions.begin() as session:
                waiting = await next_updates(session, now=self._post_for(session).now, limit=1 if self._singly else AT_ONCE)
                if not waiting:
                    return False
                ids = [row.update_id for row in waiting]
                updates = [Update.de_json(read_update(row.payload), self._application.bot) for row in waiting]
                # What failed is tried again alone: then nobody else's work can be what it fails by.
                side_by_side = all(
                    not row.attempts and self._registry.side_by_side(update) for row, update in zip(waiting, updates, strict=True)
                )
                await take_turn(session, alone=not side_by_side)
                said = await said_about(session, waiting, within=STRANGERS.within)
                for row, update in zip(waiting, updates, strict=True):
                    session.expunge_all()  # what one update saw is read anew for the next, as in a transaction of its own
                    session.add(row)
                    said_at_most = said.get(row.telegram_id) if row.telegram_id is not None else None
                    work = Work(update, self._post_for(session), self._registry.menu, said_at_most=said_at_most)
                    await self._process(work)
                    await session.flush()
                await finish_all(session, ids, now=self._post_for(session).now)
            self._counts.updates["done"] += len(ids)
        except Exception as error:
            if not ids or isinstance(error, DatabaseAway):  # not the updates' fault: it does not count as an attempt
                raise
            if len(ids) > 1:
                self._singly = len(ids)
                return True
            await self._deal_with(ids[0], work, error)
        self._singly = max(0, self._singly - 1)
        self._outbox_bell.set()
        return True

    async def _deal_with(self, update_id: int, work: Work | None, error: Exception) -> None:
        if isinstance(error, RuleBroken):
            await self._refused(update_id, work, error)
            self._counts.updates["refused"] += 1
        else:
            await self._failed(update_id, work, error)

    async def _process(self, work: Work) -> None:
        token = current_work.set(work)
        try:
            await self._application.process_update(work.update)
        finally:
            current_work.reset(token)
        if work.error is not None:
            raise work.error
        query = work.update.callback_query
        if query is not None and not work.press_answered:
            await work.post.answer_press(query.id, None, "")

    async def _refused(self, update_id: int, work: Work | None, refusal: RuleBroken) -> None:
        """A rule said no: nothing of the update stays, and the person is told why."""
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            row = await still_new(session, update_id)
            if row is None:
                return
            finish(row, now=post.now)
            if work is not None:
                await self._say(post, work.update, t(refusal.key, **refusal.values))

    async def _failed(self, update_id: int, work: Work | None, error: Exception) -> None:
        """A mistake of ours: tried again, and after three attempts set aside, where the office sees it."""
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            row = await still_new(session, update_id)
            if row is None:
                return
            set_aside = count_failure(row, without_tokens(f"{type(error).__name__}: {error}"), now=post.now)
            self._counts.updates["set_aside" if set_aside else "failed"] += 1
            self._counts.errors["update"] += 1
            log.error("an update failed", update=update_id, attempt=row.attempts, set_aside=set_aside, exc_info=error)
            if not set_aside:
                return
            if work is not None:
                await self._say(post, work.update, t("error.set_aside"))
            for person in await people_with(session, Role.OFFICE):
                await post.tell(person, "error/set_aside", keyboard=[[SHOW_STATUS]], update_id=update_id)

    async def _say(self, post: Post, update: Update, text: T) -> None:
        user, chat, query = update.effective_user, update.effective_chat, update.callback_query
        person = await person_by_telegram_id(post.session, user.id) if user else None
        language = person.language if person else post.texts.language_for(user.language_code if user else None)
        if query is not None:
            await post.answer_press(query.id, text, language, alert=True)
        elif chat is not None and chat.type == "private":
            await post.tell(Place(chat.id, language), "plain", text=text)
