"""What a handler works with: the update's transaction, its time, who speaks, and the post."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot

from handlers.keyboards import Keyboard
from handlers.post import Place, Post
from handlers.texts import T, t
from models.people import Person, Role
from models.policy import Policy
from models.rules import NotAllowed, RuleBroken

if TYPE_CHECKING:
    from handlers.menu import Menu


@dataclass
class Work:
    """One update being worked on. An error is noted here and raised outside, since the library would swallow it."""

    update: Update
    post: Post
    menu: Menu
    person: Person | None = None
    press_answered: bool = False
    error: Exception | None = None
    said_at_most: int | None = None
    """No more than that was said by whoever said this, in the last hour; None where nobody counted."""


current_work: ContextVar[Work] = ContextVar("current_work")

HomeApplication = Application[ExtBot[None], "HomeContext", dict[Any, Any], dict[Any, Any], dict[Any, Any], None]


class HomeContext(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The library's context, with the work at hand."""

    def __init__(self, application: HomeApplication, chat_id: int | None = None, user_id: int | None = None) -> None:
        super().__init__(application=application, chat_id=chat_id, user_id=user_id)
        self.work = current_work.get()

    @property
    def session(self) -> AsyncSession:
        return self.work.post.session

    @property
    def now(self) -> datetime:
        return self.work.post.now

    @property
    def post(self) -> Post:
        return self.work.post

    @property
    def menu(self) -> Menu:
        return self.work.menu

    @property
    def policy(self) -> Policy:
        return self.work.post.policy

    @property
    def person(self) -> Person:
        """Who speaks. Raises NotAllowed for a stranger."""
        if self.work.person is None:
            raise NotAllowed
        return self.work.person

    @property
    def stranger(self) -> bool:
        return self.work.person is None

    @property
    def roles(self) -> frozenset[Role] | None:
        """What whoever speaks holds, as the table of permissions asks for it; None for a stranger."""
        return self.work.person.roles if self.work.person is not None else None

    @property
    def language(self) -> str:
        """The language of whoever speaks."""
        if self.work.person is not None:
            return self.work.person.language
        user = self.work.update.effective_user
        return self.post.texts.language_for(user.language_code if user else None)

    @property
    def pressed(self) -> str | None:
        """The callback data of the pressed button; None where nothing was pressed."""
        query = self.work.update.callback_query
        return query.data if query is not None else None

    @property
    def here(self) -> Place:
        """The chat (and topic) the update came from."""
        chat, message = self.work.update.effective_chat, self.work.update.effective_message
        if chat is None:
            raise NotAllowed
        thread = message.message_thread_id if message is not None and message.is_topic_message else None
        return Place(chat.id, self.language, thread)

    async def reply(self, template: str, *, keyboard: Keyboard = (), **values: Any) -> None:
        """Say something new in the chat the update came from."""
        await self.post.tell(self.here, template, keyboard=keyboard, **values)

    async def show(self, template: str, *, keyboard: Keyboard = (), **values: Any) -> None:
        """Answer in place: a pressed button's message changes; anything else gets a new message."""
        query = self.work.update.callback_query
        if query is None or query.message is None:
            await self.reply(template, keyboard=keyboard, **values)
            return
        has_media = bool(getattr(query.message, "document", None) or getattr(query.message, "photo", None))
        await self.post.edit(self.here, query.message.message_id, template, keyboard=keyboard, has_media=has_media, **values)

    async def refuse(self, refusal: RuleBroken) -> None:
        """Say why a rule forbids it, where what was done so far shall stay."""
        await self.reply("plain", text=t(refusal.key, **refusal.values))

    async def toast(self, text: T, *, alert: bool = False) -> None:
        """Answer the pressed button with a short text; a message, where nothing was pressed."""
        query = self.work.update.callback_query
        if query is None:
            await self.reply("plain", text=text)
        elif not self.work.press_answered:
            await self.post.answer_press(query.id, text, self.language, alert=alert)
            self.work.press_answered = True
