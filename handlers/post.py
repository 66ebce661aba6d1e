"""The post: how handlers and due work say something. It renders in the reader's language and queues; delivery does the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.keyboards import Keyboard, inline
from handlers.texts import T, Texts
from models.outbox import Attachment, AttachmentKind, Lane, card_at, card_for, enqueue
from models.people import Person
from models.plain_text import plain
from models.policy import Policy

_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\n\r\t]')


@dataclass(frozen=True)
class Place:
    """Where something is said, and in which language: a private chat, a group, or one topic of a forum group."""

    chat_id: int
    language: str
    thread_id: int | None = None
    circle_id: int | None = None
    """The circle that lives there, where it is the circle that is spoken to: should it be lost, what is said waits."""


@dataclass
class Post:
    """The one way to say something to people, bound to a transaction and its time."""

    session: AsyncSession
    now: datetime
    texts: Texts
    policy: Policy
    bot_username: str
    web_address: str = ""
    """Where the Home's own web page is reached from outside; empty when it has none."""

    async def tell(
        self,
        to: Person | Place,
        template: str,
        *,
        keyboard: Keyboard = (),
        lane: Lane = Lane.ANSWER,
        subject: str | None = None,
        attachment: Attachment | None = None,
        reply_markup: dict[str, Any] | None = None,
        **values: Any,
    ) -> int | None:
        """Queue a new message and return its number; None when the person has not come to the Home yet.

        ``reply_markup`` stands for a keyboard not inline.
        """
        place = self.place(to)
        if place is None:
            return None
        text = self.texts.render(template, place.language, **values)
        markup = reply_markup if reply_markup is not None else (inline(keyboard, self.texts, place.language) if keyboard else None)
        method, params = (f"send{attachment.kind.capitalize()}", {"caption": text}) if attachment else ("sendMessage", {"text": text})
        if markup is not None:
            params["reply_markup"] = markup  # type: ignore[assignment]  # a JSON object
        return await self.queue(place, method, params, lane=lane, subject=subject, attachment=attachment)

    async def card(
        self,
        key: str,
        to: Person | Place,
        template: str,
        *,
        keyboard: Keyboard = (),
        lane: Lane = Lane.ANSWER,
        subject: str | None = None,
        attachment: Attachment | None = None,
        afresh: bool = False,
        wait: timedelta = timedelta(0),
        **values: Any,
    ) -> int | None:
        """Show a card that keeps itself up to date: the same key in the same chat edits the message that stands there.

        ``afresh`` takes the old one away and sends it anew at the end of the chat; ``wait`` gives later changes time to replace this one.
        """
        place = self.place(to)
        if place is None:
            return None
        card = await card_for(self.session, key, place.chat_id)
        if afresh and card.message_id is not None:
            await self.queue(place, "deleteMessage", {"message_id": card.message_id})
            card.message_id, card.has_media = None, False
        params = {
            "text": self.texts.render(template, place.language, **values),
            "reply_markup": inline(keyboard, self.texts, place.language),
        }
        message = self._message(place, "card", params, lane=lane, subject=subject, attachment=attachment)
        return await enqueue(self.session, message | {"card_id": card.id, "replaces": f"card:{card.id}", "due_at": self.now + wait})

    async def edit(
        self,
        at: Place,
        message_id: int,
        template: str,
        *,
        keyboard: Keyboard = (),
        has_media: bool = False,
        subject: str | None = None,
        **values: Any,
    ) -> None:
        """Change a message that was sent before; one that is a card stays that card."""
        text, markup = self.texts.render(template, at.language, **values), inline(keyboard, self.texts, at.language)
        card = await card_at(self.session, at.chat_id, message_id)
        if card is not None:
            message = self._message(at, "card", {"text": text, "reply_markup": markup}, subject=subject)
            message |= {"card_id": card.id, "replaces": f"card:{card.id}"}
        else:
            method, field = ("editMessageCaption", "caption") if has_media else ("editMessageText", "text")
            message = self._message(at, method, {"message_id": message_id, field: text, "reply_markup": markup}, subject=subject)
            message["replaces"] = f"edit:{at.chat_id}:{message_id}"
        await enqueue(self.session, message)

    async def answer_press(self, callback_query_id: str, text: T | str | None, language: str, *, alert: bool = False) -> None:
        """Answer a pressed button, with a short text (200 characters at most) or silently."""
        params: dict[str, Any] = {"callback_query_id": callback_query_id}
        if text is not None:
            params |= {"text": self.texts.say(text, language)[:200], "show_alert": alert}
        await enqueue(self.session, self._message(None, "answerCallbackQuery", params))

    async def copy(
        self,
        to: Person | Place,
        from_chat_id: int,
        message_ids: Sequence[int],
        *,
        without_captions: bool = False,
        lane: Lane = Lane.ANSWER,
        subject: str | None = None,
        replaces: str | None = None,
        wait: timedelta = timedelta(0),
    ) -> None:
        """Copy messages, an album as an album. Never forward: a copy does not say who wrote it, and captions that may can stay out.

        ``wait`` gives those that belong to it, found by what it ``replaces``, time to join it.
        """
        place = self.place(to)
        if place is None:
            return
        params: dict[str, Any] = {"from_chat_id": from_chat_id, "message_ids": sorted(message_ids)}
        if without_captions:
            params["remove_caption"] = True
        message = self._message(place, "copyMessages", params, lane=lane, subject=subject)
        await enqueue(self.session, message | {"replaces": replaces, "due_at": self.now + wait})

    async def call(
        self, method: str, params: dict[str, Any], *, chat_id: int | None = None, subject: str | None = None, lane: Lane = Lane.ANSWER
    ) -> None:
        """Queue any other Bot API call, such as making a topic; ``subject`` is told of the outcome."""
        await enqueue(self.session, self._message(None, method, params, subject=subject, lane=lane) | {"chat_id": chat_id})

    async def queue(
        self,
        place: Place,
        method: str,
        params: dict[str, Any],
        *,
        lane: Lane = Lane.ANSWER,
        subject: str | None = None,
        attachment: Attachment | None = None,
    ) -> int:
        """Queue a call into a chat as it is, and return its number."""
        return await enqueue(self.session, self._message(place, method, params, lane=lane, subject=subject, attachment=attachment))

    async def attach(self, name: str, content: bytes, kind: AttachmentKind = AttachmentKind.DOCUMENT) -> Attachment:
        """Keep a file that will be sent, perhaps to many. Of its name goes what no computer takes in one."""
        attachment = Attachment(kind=kind, name=_NOT_IN_A_NAME.sub("_", plain(name)), content=content)
        self.session.add(attachment)
        await self.session.flush()
        return attachment

    def deep_link(self, payload: str) -> str:
        """An address that opens the bot with a payload of at most 64 characters."""
        return f"https://t.me/{self.bot_username}?start={payload}"

    @staticmethod
    def place(to: Person | Place) -> Place | None:
        if isinstance(to, Place):
            return to
        return Place(to.telegram_id, to.language) if to.telegram_id is not None else None

    def _message(
        self,
        place: Place | None,
        method: str,
        params: dict[str, Any],
        *,
        lane: Lane = Lane.ANSWER,
        subject: str | None = None,
        attachment: Attachment | None = None,
    ) -> dict[str, Any]:
        if place is not None and place.thread_id is not None and not method.startswith(("edit", "delete")):
            params["message_thread_id"] = place.thread_id
        return {
            "chat_id": place.chat_id if place else None,
            "circle_id": place.circle_id if place else None,
            "method": method,
            "params": params,
            "lane": lane,
            "subject": subject,
            "attachment_id": attachment.id if attachment else None,
            "created_at": self.now,
            "due_at": self.now,
        }
