"""Delivery: takes queued messages out of the outbox, sends them at Telegram's pace, and writes down what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Bot, Message

from bot.calls import Answer, make_call
from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from bot.logs import without_tokens
from bot.pacing import Pacer
from bot.waiting import until
from handlers.post import Post
from handlers.registry import Registry, move_group
from models.outbox import Lane, OutboxMessage, OutboxState, claim, hold, messages_by_id, note_copies, put_back, requeue_in_flight, settle

log = structlog.get_logger()

UNPACED = frozenset({"setMyCommands", "deleteMyCommands", "deleteMessage", "getChatMember", "getChatAdministrators"})
"""Calls that say nothing in the chat: Telegram counts only what is said. Within a chat they still go one after another."""
IDLE = 0.5
"""Seconds between looks into an outbox that seemed empty; whoever queues something rings the bell anyway."""

DATABASE_PAUSE = 1.0

Sent = tuple[OutboxMessage, Answer]
"""A message as it was sent, and what came of it."""


class Delivery:
    """The one sender of a token."""

    def __init__(
        self,
        bot: Bot,
        sessions: Sessions,
        registry: Registry,
        pacer: Pacer,
        *,
        at_once: int,
        post_for: Callable[[AsyncSession], Post],
        bell: asyncio.Event,
        timer: Callable[[], float],
        counts: Counts | None = None,
    ) -> None:
        self._counts = counts or Counts()
        self._bot, self._sessions, self._registry, self._pacer = bot, sessions, registry, pacer
        self._post_for, self._bell = post_for, bell
        self._at_once, self._timer = at_once, timer
        self._in_flight: dict[int, int | None] = {}
        """The messages that were taken out and whose outcome is not written down, with their chats."""
        self._sending: set[asyncio.Task[None]] = set()
        self._answers: dict[int, Sent] = {}
        """What came of messages, and waits to be written down."""
        self._knows_all = False
        """Whether nothing is marked as being sent but what is in our hands."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until told to stop, then wait for what is in flight."""
        self._knows_all = False
        while not stopping.is_set():
            self._bell.clear()
            if not await self._turn():
                await until(self._bell, min(IDLE, self._pacer.next_change(self._timer())))
        if self._sending:
            await asyncio.wait(self._sending)
        while self._answers:  # however long it takes: left *sending* it would wait for the next start
            await self._turn(start=False)

    async def _turn(self, *, start: bool = True) -> bool:
        """Write down what came back, and send more; False when there was nothing of either."""
        try:
            if not self._knows_all:
                await self._send_lost_again()
            settled = await self._settle_all()
            started = await self._start_some() if start else 0
        except DATABASE_AWAY as error:
            log.error("the database failed; trying again", error=f"{type(error).__name__}: {error}")
            self._knows_all = False  # it may have marked what we never heard of
            await asyncio.sleep(DATABASE_PAUSE)
            return True
        return settled or started > 0

    async def _send_lost_again(self) -> None:
        """What is marked as being sent, and is not in our hands, was in those of a process that died."""
        async with self._sessions.begin() as session:
            await requeue_in_flight(session, but=self._in_flight)
        self._knows_all = True

    async def _start_some(self) -> int:
        now = self._timer()
        free = self._at_once - len(self._in_flight)
        if free <= 0 or self._pacer.closed(now):
            return 0
        room, for_notices = self._pacer.room(now), self._pacer.room_for_notices(now)
        busy = self._pacer.pausing(now) | {chat for chat in self._in_flight.values() if chat is not None}
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            taken = await claim(session, now=post.now, limit=free, busy=busy, room=room, for_notices=for_notices)
            contents = {m.id: await m.attachment.awaitable_attrs.content for m in taken if m.attachment and m.attachment.file_id is None}
        now = self._timer()  # as they are sent: writing down that they are took its time
        for message in taken:
            if message.chat_id is not None and message.method not in UNPACED:
                messages, notice = len(message.params.get("message_ids", (0,))), message.lane == Lane.NOTICE
                self._pacer.count(message.chat_id, now, messages, notice=notice)
            self._in_flight[message.id] = message.chat_id
            task = asyncio.create_task(self._send(message, contents.get(message.id)))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(taken)

    async def _send(self, message: OutboxMessage, content: bytes | None) -> None:
        try:
            answer = await make_call(self._bot, message, content)
        except Exception as error:
            log.exception("a message could not be made into a call", message=message.id, method=message.method)
            answer = Answer(OutboxState.FAILED, error=without_tokens(f"{type(error).__name__}: {error}"))
        self._counts.called(answer)
        self._pause_for(message, answer)
        if answer.error is not None:
            log.info("call failed", method=message.method, message=message.id, error=answer.error, state=answer.state)
        self._answers[message.id] = message, answer
        self._bell.set()

    def _pause_for(self, message: OutboxMessage, answer: Answer) -> None:
        """What is tried again holds up its whole chat, so that what comes later does not overtake."""
        if answer.state is None and (message.chat_id is not None or answer.limited):
            self._pacer.penalise(message.chat_id, answer.wait, self._timer())

    async def _settle_all(self) -> bool:
        """Write down what became of messages, all that came back in one transaction; one by one where that fails."""
        answers = [*self._answers.values()]
        if not answers:
            return False
        try:
            await self._settle(answers)
        except DATABASE_AWAY:
            raise
        except Exception:  # one of them is to blame; alone it shows which, and is logged
            for one in answers:
                await self._settle_alone(one)
        for sent, answer in answers:
            self._pause_for(sent, answer)  # its wait is counted from when it was written down
            del self._answers[sent.id], self._in_flight[sent.id]
        return True

    async def _settle_alone(self, one: Sent) -> None:
        for heard in (True, False):
            try:
                await self._settle([one], heard=heard)
                return
            except DATABASE_AWAY:
                raise
            except Exception:
                # Whoever wanted to hear of it failed. The message itself did not: it must not go out again.
                log.exception("the outcome of a message could not be acted on", message=one[0].id, subject=one[0].subject, heard=heard)

    async def _settle(self, answers: Sequence[Sent], *, heard: bool = True) -> None:
        async with self._sessions.begin() as session:
            post = self._post_for(session)
            _at_hand = await messages_by_id(session, [sent.id for sent, _ in answers])  # in one question, and held
            for sent, answer in answers:
                message = await session.get_one(OutboxMessage, sent.id)  # anew where the one before changed it
                if not _is_still(message, sent):  # the database was lost after it had written this down, or another process took over
                    log.warning("settled already, or taken over while it was on its way", message=message.id)
                    continue
                await self._write_down(post, message, answer)
                if heard and message.state is not OutboxState.QUEUED:
                    result = answer.result if message.subject is not None else None  # else nobody hears of it
                    await self._registry.settled(post, message, result, lost=answer.lost)

    async def _write_down(self, post: Post, message: OutboxMessage, answer: Answer) -> None:
        if answer.moved_to is not None and message.chat_id is not None:
            await move_group(post, message.chat_id, answer.moved_to)
            await post.session.refresh(message)
        if answer.card_lost and message.card is not None:
            message.card.message_id, message.card.has_media = None, False
        if answer.state is None:
            wait = timedelta(seconds=answer.wait)
            await put_back(
                post.session, message, error=answer.error or "", wait=wait, now=post.now, counts=not answer.limited, passing=answer.passing
            )
            return
        if answer.lost is not None:
            await hold(post.session, message, error=answer.error or "", now=post.now)
            return
        settle(message, answer.state, now=post.now, message_id=answer.message_id, error=answer.error)
        await note_copies(post.session, message, answer.further_message_ids)
        if message.card is not None and answer.message_id is not None:
            message.card.message_id = answer.message_id
            message.card.has_media = message.card.has_media or _uploaded(message, answer) is not None
        if message.attachment is not None and (file_id := _uploaded(message, answer)) is not None:
            message.attachment.file_id = file_id


def _is_still(message: OutboxMessage, sent: OutboxMessage) -> bool:
    """Whether it is on its way as it was sent, and nobody has taken it for lost since."""
    return message.state is OutboxState.SENDING and message.stops_in_flight == sent.stops_in_flight


def _uploaded(message: OutboxMessage, answer: Answer) -> str | None:
    """The id under which Telegram keeps the file that went with the message; of a photo's sizes, the largest."""
    if message.attachment is None or not isinstance(answer.said, Message):
        return None
    found = getattr(answer.said, message.attachment.kind.value)
    file = found[-1] if isinstance(found, tuple) and found else found
    return str(file.file_id) if file else None
