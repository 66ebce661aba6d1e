"""Intake: takes updates from Telegram and stores them before they are acknowledged; by long polling here, by webhook in ``webhook``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.contact import Contact
from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from bot.waiting import until
from models.inbox import take_in

log = structlog.get_logger()

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member", "chat_join_request")
ANSWERED = ("message", "edited_message", "callback_query", "chat_join_request")
POLL_SECONDS = 25
POLL_GRACE = 10.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
DATABASE_PAUSE = 2.0


class Intake:
    """Stores what Telegram gives; one page or one delivery is one commit."""

    def __init__(self, sessions: Sessions, *, now: Callable[[], datetime], bell: asyncio.Event) -> None:
        self._sessions, self._now, self._bell = sessions, now, bell

    async def store(self, updates: list[dict[str, Any]]) -> None:
        usable = [update for update in updates if has_usable_id(update)]
        if len(usable) < len(updates):
            log.error("updates without a usable number were left out", count=len(updates) - len(usable))
        if not usable:
            return
        speakers = {update["update_id"]: speaker for update in usable if (speaker := speaker_of(update)) is not None}
        chats = {update["update_id"]: chat for update in usable if (chat := chat_of(update)) is not None}
        async with self._sessions.begin() as session:
            # Kept as Telegram gave it: an update that the library cannot read must not block those around it.
            raw = [(update["update_id"], _as_json(update)) for update in usable]
            await take_in(session, raw, now=self._now(), said_by=speakers, said_in=chats)
        self._bell.set()


def has_usable_id(update: Any) -> bool:
    """Whether it can be kept: it has a number, and one that the database can hold."""
    return isinstance(update, dict) and _is_id(update.get("update_id"))


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _as_json(update: dict[str, Any]) -> str:
    """As it came; half a character, which no database holds, stands there as the escape it came as."""
    return json.dumps(update, ensure_ascii=False).encode(errors="backslashreplace").decode()


def speaker_of(update: dict[str, Any]) -> int | None:
    """The account behind what is answered: said in private, a command anywhere, pressed anywhere, or asked of a group. None for all else,
    readable or not."""
    said = next((update[kind] for kind in ANSWERED if isinstance(update.get(kind), dict)), None)
    if said is None:
        return None
    if isinstance(said.get("chat"), dict) and said["chat"].get("type") != "private" and "chat_join_request" not in update:
        text = said.get("text")
        if not isinstance(text, str) or not text.startswith("/"):
            return None
    sender = said.get("from")
    account = sender.get("id") if isinstance(sender, dict) else None
    return account if _is_id(account) else None


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat in which it happened, whatever happened; None where it is in none, or cannot be read."""
    happened = next((value for value in update.values() if isinstance(value, dict)), {})
    place = happened if isinstance(happened.get("chat"), dict) else happened.get("message")
    chat = place.get("chat") if isinstance(place, dict) else None
    found = chat.get("id") if isinstance(chat, dict) else None
    return found if _is_id(found) else None


class Poller:
    """Long polling. The offset only confirms the page just stored; after an empty page it is dropped, since Telegram may begin
    its ids anew, and lower, after a quiet week."""

    def __init__(
        self, intake: Intake, request: BaseRequest, base_url: str, counts: Counts | None = None, contact: Contact | None = None
    ) -> None:
        self._counts, self._contact = counts or Counts(), contact
        self._intake, self._request, self._base_url = intake, request, base_url

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until told to stop. Failures are waited out; a webhook left over from another way of running is taken away."""
        offset: int | None = None
        pause = FIRST_PAUSE
        self._counts.heard()  # from now on it is waited for
        while not stopping.is_set():
            try:
                page = await self._page(offset, stopping)
            except (TelegramError, PollRefused) as error:
                self._counts.errors["polling"] += 1
                log.warning("polling failed", error=str(error), again_in=pause)
                if "webhook is active" in str(error):
                    await self._take_webhook_away()
                await until(stopping, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            try:
                await self._intake.store(page)
            except DATABASE_AWAY as error:
                log.error("the database failed; the page was not confirmed and comes again", error=f"{type(error).__name__}: {error}")
                offset = None
                await until(stopping, DATABASE_PAUSE)
                continue
            self._counts.heard()
            if self._contact is not None:
                await self._contact.heard()
            pause = FIRST_PAUSE
            offset = max((update["update_id"] for update in page if has_usable_id(update)), default=-1) + 1 if page else None
        if offset is not None:
            await self._confirm(offset)

    async def _take_webhook_away(self) -> None:
        try:
            await self._call("deleteWebhook", {})
        except (TelegramError, PollRefused) as error:
            log.warning("the webhook could not be taken away", error=str(error))

    async def _page(self, offset: int | None, stopping: asyncio.Event) -> list[dict[str, Any]]:
        polling = asyncio.create_task(self._ask(offset, POLL_SECONDS))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({polling, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not polling.done():
            polling.cancel()  # what was not confirmed comes again
            await asyncio.wait({polling})
            return []
        return polling.result()

    async def _confirm(self, offset: int) -> None:
        try:
            await self._ask(offset, 0, limit=1)
        except (TelegramError, PollRefused) as error:
            log.info("the last page was not confirmed; it comes again and changes nothing", error=str(error))

    async def _ask(self, offset: int | None, seconds: int, limit: int = 100) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"timeout": seconds, "limit": limit, "allowed_updates": json.dumps(ALLOWED)}
        if offset is not None:
            query["offset"] = offset
        page = await self._call("getUpdates", query, seconds + POLL_GRACE)
        if not isinstance(page, list):
            raise PollRefused("no page of updates")
        if page and not any(has_usable_id(update) for update in page):  # it cannot be confirmed, and would come again at once
            raise PollRefused("a page of updates without a usable number")
        return page

    async def _call(self, method: str, query: dict[str, Any], seconds: float = 10.0) -> Any:
        status, body = await self._request.do_request(f"{self._base_url}/{method}?{urlencode(query)}", "GET", read_timeout=seconds)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise PollRefused(f"status {status}, no JSON") from error
        if not isinstance(answer, dict) or not answer.get("ok"):
            raise PollRefused(f"status {status}: {answer.get('description') if isinstance(answer, dict) else 'no answer of Telegram'}")
        return answer.get("result")


class PollRefused(Exception):
    """Telegram refused to give updates."""
