"""The gate: who speaks is found out first, and a stranger gets no further than a polite refusal."""

from __future__ import annotations

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.context import HomeContext
from handlers.reach import note_reachable, note_unreachable
from handlers.texts import t
from models.people import person_by_telegram_id


async def identify(update: Update, context: HomeContext) -> None:
    """Find the person behind the update; stop here for strangers, other bots, and what nobody in particular said."""
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
    message = update.message
    if in_private and message is not None and ((message.text or "").startswith("/start") or message.contact is not None):
        return
    if update.callback_query is not None:
        await context.toast(t("people.stranger"), alert=True)
    elif in_private and message is not None:
        await context.reply("people/stranger")
    raise ApplicationHandlerStop


async def _note_blocked(change: ChatMemberUpdated, context: HomeContext) -> None:
    if context.work.person is not None:
        blocked = change.new_chat_member.status == ChatMember.BANNED
        await (note_unreachable if blocked else note_reachable)(context.post, context.work.person)


def _changes_a_group(update: Update) -> bool:
    """Whether the message is the group's own word that it moved, or that somebody came or went: heard of strangers too."""
    message = update.message
    if message is None or message.chat.type == ChatType.PRIVATE:
        return False
    moved = message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None
    return moved or bool(message.new_chat_members) or message.left_chat_member is not None
