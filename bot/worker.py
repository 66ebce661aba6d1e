"""The worker: what a person said is done whole, or not at all.

Updates that wait together are done in one transaction. Should one of them fail or be refused, nothing of it stays, and each is done again
in a transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from bot.logs import without_tokens
from bot.reading import read_update
from handlers.context import HomeApplication, Work, current_work
from handlers.health import SHOW_STATUS
from handlers.post import Place, Post
from handlers.registry import Registry
from handlers.texts import T, t
from models.inbox import InboxUpdate, count_failure, finish, next_updates
from models.people import Role, people_with, person_by_telegram_id
from models.rules import RuleBroken

log = structlog.get_logger()

IDLE = 0.5
AT_ONCE = 20
"""So many updates share a transaction, and so one wait for the disk."""
DATABASE_PAUSE = 1.0


class Worker:
    """Works through the inbox in order."""

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
            except DATABASE_AWAY:
                log.exception("the database failed; trying again")
                await asyncio.sleep(DATABASE_PAUSE)
                continue
            if not worked:
                await _rest(self._bell, IDLE)

    async def work_once(self) -> bool:
        """Work on what comes next; False when there is nothing."""
        worked = await (self._one() if self._singly else self._several())
        if worked:
            self._outbox_bell.set()
        return worked

    async def _several(self) -> bool:
        done = 0
        try:
            async with self._sessions.begin() as session:
                waiting = await next_updates(session, now=self._post_for(session).now, limit=AT_ONCE)
                for row, payload in [(row, row.payload) for row in waiting]:  # what is done first may let go of all that was read
                    await self._process(self._read(payload, session))
                    finish(row, now=self._post_for(session).now)
                    await session.flush()
                    _forget(session, row)
                    done += 1
        except Exception as error:
            if isinstance(error, DATABASE_AWAY):
                raise
            self._singly = AT_ONCE
            return True
        self._counts.updates["done"] += done
        return done > 0

    async def _one(self) -> bool:
        self._singly -= 1
        work: Work | None = None
        update_id: int | None = None
        try:
            async with self._sessions.begin() as session:
                now = self._post_for(session).now
                for row in await next_updates(session, now=now, limit=1):
                    update_id = row.update_id
                    work = self._read(row.payload, session)
                    await self._process(work)
                    finish(row, now=now)
            self._counts.updates["done"] += update_id is not None
        except RuleBroken as refusal:
            if update_id is None:
                raise
            await self._refused(update_id, work, refusal)
            self._counts.updates["refused"] += 1
        except Exception as error:
            if update_id is None or (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise
            await self._failed(update_id, work, error)
        return update_id is not None

    def _read(self, payload: str, session: AsyncSession) -> Work:
        return Work(Update.de_json(read_update(payload), self._application.bot), self._post_for(session), self._registry.menu)

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
            row = await session.get_one(InboxUpdate, update_id)
            finish(row, now=post.now)
            if work is not None:
                await self._say(post, work.update, t(refusal.key, **refusal.values))

    async def _failed(self, update_id: int, work: Work | None, error: Exception) -> None:
        """A mistake of ours: tried again, and after three attempts set aside, where the office sees it."""
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            row = await session.get_one(InboxUpdate, update_id)
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


def _forget(session: AsyncSession, row: InboxUpdate) -> None:
    """What one update saw is read anew for the next, as in a transaction of its own; what waits to be done stays at hand."""
    for each in list(session):
        if not isinstance(each, InboxUpdate) or each is row:
            session.expunge(each)


async def _rest(bell: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(bell.wait(), seconds)
    except TimeoutError:
        return
