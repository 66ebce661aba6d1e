"""The gate: who speaks is found out first. A stranger may come in or write to the mailbox, and gets no further than that."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.context import HomeContext
from handlers.journey import Taker, taken
from handlers.keyboards import Press
from handlers.mailbox_offer import refuse_politely
from handlers.reach import note_reachable, note_unreachable
from handlers.texts import t
from models.mailbox_senders import Heard, sender_of
from models.people import person_by_telegram_id
from models.rules import RuleBroken


class Gate:
    """``takers``, ``group_takers`` and ``presses`` are all that strangers are heard with, besides ``/start``."""

    def __init__(self, *, takers: Sequence[Taker], group_takers: Sequence[Taker], presses: Sequence[type[Press]]) -> None:
        self._takers, self._group_takers = takers, group_takers
        self._open = re.compile("|".join(press.pattern() for press in presses) or "(?!)")

    async def identify(self, update: Update, context: HomeContext) -> None:
        """Find the person behind the update; stop here for other bots, what nobody in particular said, and most of what strangers do."""
        work, user = context.work, update.effective_user
        if update.my_chat_member or update.chat_member or update.chat_join_request or _changes_a_group(update):
            if user is not None:
                work.person = await person_by_telegram_id(context.session, user.id)
            if update.my_chat_member is not None and update.my_chat_member.chat.type == ChatType.PRIVATE:
                await _note_blocked(update.my_chat_member, context)
                raise ApplicationHandlerStop
            return
        if user is None or user.is_bot or update.effective_chat is None:
            raise ApplicationHandlerStop
        work.person = await person_by_telegram_id(context.session, user.id)
        in_private = update.effective_chat.type == ChatType.PRIVATE
        if work.person is not None:
            if in_private:
                await note_reachable(context.post, work.person)
            return
        if not in_private and update.message is not None:
            await taken(self._group_takers, update, context)
        if not in_private or not await self._let_through(update, context, user.id):
            if update.callback_query is not None:
                await context.toast(t("people.stranger"), alert=True)
            raise ApplicationHandlerStop

    async def _let_through(self, update: Update, context: HomeContext, telegram_id: int) -> bool:
        """Whether a stranger's update goes on inside; a message of theirs is dealt with here."""
        message, query = update.message or update.edited_message, update.callback_query
        if message is None and query is None:
            return False
        heard = (await sender_of(context.session, telegram_id, now=context.now)).hear(now=context.now)
        if heard is not Heard.GLADLY:
            if heard is Heard.TOO_MUCH:
                await context.toast(t("mailbox.slow_down"), alert=True)
            raise ApplicationHandlerStop
        if query is not None:
            return self._open.match(query.data or "") is not None
        if update.message is not None and re.match(r"/start(\s|@|$)", update.message.text or ""):
            return True
        await self._hear(update, context)
        return False

    async def _hear(self, update: Update, context: HomeContext) -> None:
        """A refusal is said here rather than by the worker, who would forget that the message was counted."""
        try:
            async with context.session.begin_nested():
                if await taken(self._takers, update, context):
                    return
        except RuleBroken as refusal:
            await context.refuse(refusal)
            return
        if update.message is not None:
            await refuse_politely(context)


async def _note_blocked(change: ChatMemberUpdated, context: HomeContext) -> None:
    if context.work.person is not None:
        blocked = change.new_chat_member.status == ChatMember.BANNED
        await (note_unreachable if blocked else note_reachable)(context.post, context.work.person)


def _changes_a_group(update: Update) -> bool:
    """Whether the message is the group's own word that it moved, a topic was closed, or somebody came or went: heard of strangers too."""
    message = update.message
    if message is None or message.chat.type == ChatType.PRIVATE:
        return False
    moved = message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None
    shut = message.forum_topic_closed is not None or message.forum_topic_reopened is not None
    return moved or shut or bool(message.new_chat_members) or message.left_chat_member is not None
