"""Going through the Home's doors one by one: each update goes its whole way through the handlers, and is taken back afterwards."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import functools
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, get_type_hints

from sqlalchemy import event, select
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes

from bot.reading import read_update
from handlers.context import HomeApplication, HomeContext, Work, current_work
from handlers.journey import Entry, Journey
from handlers.keyboards import Press
from handlers.menu import MenuPress
from handlers.permissions import act_of, door_of_handler
from handlers.registry import JOURNEYS, TAKERS, Registry
from models.forms import open_form
from models.inbox import InboxState, InboxUpdate
from models.outages import LastHeard
from models.outbox import OutboxMessage
from models.people import person_by_telegram_id
from models.rules import NotAllowed, RuleBroken
from tests.village import Village

LEFT_ALONE = frozenset({"inbox_updates", "outbox_messages", "audit_entries", "last_heard"})
"""What may change although somebody was refused: what came in and when Telegram was last heard, what was answered, the log."""
_ids = itertools.count(10**8)


@dataclasses.dataclass(frozen=True)
class Call:
    """One call that would have been made."""

    method: str
    chat_id: int | None
    params: dict[str, Any]
    file: tuple[str, bytes] | None
    """The name and the bytes of a file that the Home made."""


@dataclasses.dataclass
class Passage:
    """What became of one update."""

    reached: list[str]
    """The doors that it came through."""
    written: set[str]
    """The tables that it wrote to."""
    said: str
    """All that would have been sent, as JSON."""
    refusal: Exception | None
    """The rule that was broken, or the mistake of ours that showed."""
    calls: list[Call] = dataclasses.field(default_factory=list)
    """The same, call by call."""

    @property
    def broke(self) -> bool:
        return self.refusal is not None and not isinstance(self.refusal, RuleBroken)

    @property
    def refused(self) -> bool:
        return isinstance(self.refusal, NotAllowed)


class Walker:
    """Somebody's updates, through all handlers of a Home, each in a transaction that is rolled back."""

    def __init__(self, home: Village) -> None:
        self.home = home
        self.reached: list[str] = []
        self.written: set[str] = set()
        self.registry = Registry([self._watched(journey) for journey in JOURNEYS])
        self.menu_handlers = {entry.name: entry for entry in self.registry.menu.entries}

    @classmethod
    @contextlib.asynccontextmanager
    async def through(cls, home: Village) -> AsyncIterator[Walker]:
        walker = cls(home)
        application: HomeApplication = (
            ApplicationBuilder().bot(home.home.bot).updater(None).context_types(ContextTypes(context=HomeContext)).build()  # type: ignore[assignment]
        )
        walker.registry.install(application)
        await application.initialize()
        walker.application = application
        with walker._watching():
            yield walker

    application: HomeApplication

    async def goes(self, who: int, update: Mapping[str, Any], *, form: str | None = None) -> Passage:
        """Take one update of ``who`` its way; with ``form`` that form is open."""
        self.reached.clear()
        id = next(_ids)
        async with self.home.home.sessions() as session:
            await session.begin()
            now = self.home.clock.now()
            session.add(InboxUpdate(update_id=id, position=now, payload="{}", state=InboxState.NEW, attempts=0, telegram_id=who))
            person = await person_by_telegram_id(session, who)
            if form is not None and person is not None:
                await open_form(session, person.id, form, "step", now=now, **_FORM_DATA)
            await session.flush()
            before = await session.scalar(select(OutboxMessage.id).order_by(OutboxMessage.id.desc()).limit(1)) or 0
            post = self.home.home.post_for(session)
            work = Work(Update.de_json(read_update(json.dumps({"update_id": id, **update})), self.home.home.bot), post, self.registry.menu)
            self.written.clear()
            token = current_work.set(work)
            try:
                await self.application.process_update(work.update)
                if work.error is None:
                    await session.flush()
            finally:
                current_work.reset(token)
            written, refusal = set(self.written), work.error
            said, calls = "", list[Call]()
            if refusal is None:
                queued = select(OutboxMessage).where(OutboxMessage.id > before).order_by(OutboxMessage.id)
                calls = [await _call_of(queued_one) for queued_one in (await session.scalars(queued)).all()]
                said = json.dumps([call.params for call in calls], ensure_ascii=False, default=str)
            await session.rollback()
        return Passage(list(self.reached), written if refusal is None else set(), said, refusal, calls)

    @contextlib.contextmanager
    def _watching(self) -> Iterator[None]:
        engine = self.home.home.engine.sync_engine

        def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            written = re.findall(r'\b(?:INSERT INTO|(?<!FOR )UPDATE|DELETE FROM) "?(\w+)', statement)
            self.written.update(set(written) - {LastHeard.__tablename__})  # the Home's own, whatever anybody says

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def _watched(self, journey: Journey) -> Journey:
        """The journey with a note taken whenever one of its doors is gone through; what is behind each is as it was."""
        changed: dict[str, Any] = {
            field: tuple(self._noting(door_of_handler(kind, t), t) for t in getattr(journey, field)) for field, kind in TAKERS.items()
        }
        changed["entries"] = tuple(dataclasses.replace(e, handler=self._noting(f"/{e.name}", e.handler)) for e in journey.entries)
        changed["presses"] = {press: self._noting(press.__name__, handler) for press, handler in journey.presses.items()}
        changed["forms"] = {kind: self._noting(f"form {kind}", handler) for kind, handler in journey.forms.items()}
        changed["starts"] = {letter: self._noting(f"?{letter}", handler) for letter, handler in journey.starts.items()}
        return dataclasses.replace(journey, **changed)

    def _noting(self, door: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(handler)
        async def through(*arguments: Any) -> Any:
            self.reached.append(door)
            return await handler(*arguments)

        return through


async def _call_of(message: OutboxMessage) -> Call:
    attachment = await message.awaitable_attrs.attachment
    file = (attachment.name, await attachment.awaitable_attrs.content) if attachment is not None else None
    return Call(message.method, message.chat_id, message.params, file)


_FORM_DATA: dict[str, Any] = {}


def private(who: int) -> dict[str, Any]:
    return {"id": who, "type": "private", "first_name": "某人"}


def sender(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": "某人", "language_code": "zh-hans"}


def message(who: int, text: str = "", **more: Any) -> dict[str, Any]:
    """A private message, as Telegram tells of it."""
    said: dict[str, Any] = {
        "message_id": 900,
        "date": 1773115200,
        "chat": private(who),
        "from": sender(who),
        **({"text": text} if text else {}),
        **more,
    }
    if text.startswith("/"):
        said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"message": said}


def pressed(who: int, data: str) -> dict[str, Any]:
    """A button pressed on a message of the Home's in the private chat."""
    on = {
        "message_id": 800,
        "date": 1773115200,
        "chat": private(who),
        "from": {"id": 1000001, "is_bot": True, "first_name": "代表之家"},
        "text": "…",
    }
    return {"callback_query": {"id": "1", "from": sender(who), "chat_instance": "1", "message": on, "data": data}}


def presses_of(kind: type[Press], number: int, choose: int = 0) -> Iterator[tuple[str, Press]]:
    """A press of this kind for each of its acts, by its door; every number in it is this one, every other choice the one of this place."""
    hints, act = get_type_hints(kind), act_of(kind)
    for choice in hints[act] if act is not None else [None]:
        values: dict[str, Any] = {}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # subclasses are dataclasses
            hint = hints[field.name]
            if field.name == act:
                values[field.name] = choice
            elif isinstance(hint, type) and issubclass(hint, enum.Enum):
                values[field.name] = list(hint)[choose % len(hint)]
            else:
                values[field.name] = "0" if hint is str else number
        yield (f"{kind.__name__} {choice.name.lower()}" if choice is not None else kind.__name__), kind(**values)


def entry_presses(entries: list[Entry]) -> Iterator[tuple[str, Press]]:
    """The buttons of the menu, by the door of the entry they open."""
    for entry in entries:
        yield f"/{entry.name}", MenuPress(entry.name)
