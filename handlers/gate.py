"""The gate: who speaks is found out first, and whether it is too much. A stranger may come in or write to the mailbox, no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.context import HomeContext
from handlers.journey import Taker, taken
from handlers.mailbox_offer import refuse_politely
from handlers.reach import note_reachable, note_unreachable
from handlers.texts import t
from models.people import person_by_telegram_id
from models.strangers import STRANGERS, Heard, heard, measure_of_members


class Gate:
    """``takers``, ``group_takers`` and the presses whose callback data ``is_open`` allows are all that strangers are heard with, besides
    ``/start``."""

    def __init__(self, *, takers: Sequence[Taker], group_takers: Sequence[Taker], is_open: Callable[[str | None], bool]) -> None:
        self._takers, self._group_takers, self._is_open = takers, group_takers, is_open

    async def identify(self, update: Update, context: HomeContext) -> None:
        """Find the person behind the update; stop here for other bots, what nobody in particular said, and most of what strangers do."""
        work, user = context.work, update.effective_user
        if update.my_chat_member or update.chat_member or update.chat_join_request or _changes_a_group(update):
            if user is not None:
                work.person = await person_by_telegram_id(context.session, user.id)
            if update.my_chat_member is not None and update.my_chat_member.chat.type == ChatType.PRIVATE:
                await _note_blocked(update.my_chat_member, context)
                raise ApplicationHandlerStop
            if update.chat_join_request is not None and user is not None:
                await self._require_measure(update, context, user.id)
            return
        if user is None or user.is_bot or update.effective_chat is None:
            raise ApplicationHandlerStop
        work.person = await person_by_telegram_id(context.session, user.id)
        in_private = update.effective_chat.type == ChatType.PRIVATE
        if work.person is not None:
            await self._require_measure(update, context, user.id)
            if in_private:
                await note_reachable(context.post, work.person)
            return
        if not in_private and update.callback_query is None:
            if update.message is not None:
                await taken(self._group_takers, update, context)
            raise ApplicationHandlerStop
        await self._require_measure(update, context, user.id)
        if not in_private or not await self._let_through(update, context):
            if update.callback_query is not None:
                await context.toast(t("people.stranger"), alert=True)
            raise ApplicationHandlerStop

    async def _require_measure(self, update: Update, context: HomeContext, telegram_id: int) -> None:
        """Go on with what somebody says while it is not too much. Whatever goes beyond is not answered: nobody fills the outbox."""
        member = context.work.person is not None
        measure = measure_of_members(context.policy.hears_a_minute) if member else STRANGERS
        met = await heard(context.session, update.update_id, telegram_id, measure, at_most=context.work.said_at_most)
        if met is Heard.GLADLY:
            return
        in_private = update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE
        if met is Heard.TOO_MUCH and (in_private or update.callback_query is not None):
            await context.toast(t("people.slow_down" if member else "mailbox.slow_down"), alert=True)
        context.work.press_answered = True
        raise ApplicationHandlerStop

    async def _let_through(self, update: Update, context: HomeContext) -> bool:
        """Whether a stranger's update goes on inside; a message of theirs is dealt with here."""
        if update.callback_query is not None:
            return self._is_open(update.callback_query.data)
        if update.message is None and update.edited_message is None:
            return False
        if update.message is not None and re.match(r"/start(\s|@|$)", update.message.text or ""):
            return True
        if not await taken(self._takers, update, context) and update.message is not None:
            await refuse_politely(context)
        return False


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
