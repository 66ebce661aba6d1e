"""The bot's standing in groups: told by Telegram when it changes, asked for when a circle is bound or something was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Chat as TelegramChat
from telegram import ChatMemberUpdated, Update

from handlers.circle_group_card import GroupAct, GroupPress, refresh_group_card, show_group_card, watcher_of
from handlers.circle_links import make_links
from handlers.circle_presence import check_inside, note_presence
from handlers.context import HomeContext
from handlers.keyboards import Button
from handlers.lost_places import bot_stands
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import circles_in
from models.circle_rights import Right, Standing, missing_rights, note_standing, take_standing
from models.circles import Chat
from models.outbox import Lane, OutboxMessage, OutboxState, card_exists
from models.people import Role, people_with

REFUSED = ("not enough rights", "chat_admin_required", "need administrator rights", "bot is not an administrator")
"""What Telegram says when the bot lacks a right it thought it had."""


async def standing_changed(update: Update, context: HomeContext) -> None:
    """The bot was added, given or robbed of rights, or removed. Whoever added it is asked what for; the group hears nothing."""
    change = update.my_chat_member
    if change is None or change.chat.type not in (TelegramChat.GROUP, TelegramChat.SUPERGROUP):
        return
    known = await context.session.get(Chat, change.chat.id)
    missed = missing_rights(known) if known is not None and known.is_member else []
    standing = Standing.from_telegram(change.new_chat_member.to_dict())
    chat, came_in = await note_standing(context.session, change.chat.id, change.chat.title or "", bool(change.chat.is_forum), standing)
    action = "group.entered" if came_in else ("group.rights" if standing.is_member else "group.left")
    record(context.session, context.work.person, action, f"chat:{chat.id}", now=context.now, title=chat.title)
    if came_in:
        await _greet_group(context, chat, change)
        await check_inside(context.post, chat)
    elif standing.is_member:
        await _rights_changed(context.post, chat, missed)
    elif not await circles_in(context.session, chat.id):
        await _tell_of_removal(context.post, chat)
    await bot_stands(context.post, chat, change)
    await make_links(context.post, chat)


async def check_rights(post: Post, chat: Chat) -> None:
    """Ask Telegram who administers a group, the bot among them."""
    await post.call("getChatAdministrators", {}, chat_id=chat.id, subject=f"rights:{chat.id}")


async def rights_read(post: Post, message: OutboxMessage, result: Any) -> None:
    """What the bot may do is written down as Telegram says it, and what is missing is said."""
    chat = await post.session.get(Chat, message.chat_id, with_for_update=True)
    if chat is None or message.state is not OutboxState.SENT or not isinstance(result, list):
        return
    missed = missing_rights(chat)
    own = next((member for member in result if member.get("user", {}).get("username") == post.bot_username), None)
    take_standing(chat, Standing.from_telegram(own) if own is not None else Standing(chat.is_member))
    await post.session.flush()
    for member in result:
        user = member.get("user", {})
        if not user.get("is_bot"):
            name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
            await note_presence(post, chat, user["id"], name, True, is_admin=True)
    await _rights_changed(post, chat, missed)
    if list(missing_rights(chat)) != list(missed):
        await make_links(post, chat)


async def note_refused(post: Post, message: OutboxMessage) -> None:
    """Telegram refused something for want of a right: how things stand is asked, since the news of it may have been lost."""
    said = (message.error or "").lower()
    chat = await post.session.get(Chat, message.chat_id) if message.chat_id is not None else None
    if chat is not None and chat.is_member and any(sign in said for sign in REFUSED):
        await check_rights(post, chat)


async def _rights_changed(post: Post, chat: Chat, missed: Sequence[Right]) -> None:
    """The card follows. When a right is lost that a circle here needs, the whole office hears of it, and again when all is well."""
    await refresh_group_card(post, chat)
    missing, circles = missing_rights(chat), await circles_in(post.session, chat.id)
    if not circles or list(missing) == list(missed):
        return
    watcher = await watcher_of(post, chat)
    worse = not set(missing) <= set(missed)
    for colleague in await people_with(post.session, Role.OFFICE):
        key = f"rights:{chat.id}"
        if worse or await card_exists(post.session, key, colleague.telegram_id):
            await post.card(
                key,
                colleague,
                "circles/rights_lost" if missing else "circles/rights_back",
                keyboard=[[Button(t("circles.check"), GroupPress(chat.id, GroupAct.CHECK))]] if missing else [],
                lane=Lane.NOTICE,
                afresh=worse,
                chat=chat,
                missing=missing,
                names=[circle.name for circle in circles],
                bot=post.bot_username,
            )
        elif not missing and watcher is not None and colleague.id == watcher.id:
            await post.tell(colleague, "circles/rights_back", lane=Lane.NOTICE, chat=chat)


async def _greet_group(context: HomeContext, chat: Chat, change: ChatMemberUpdated) -> None:
    person = context.work.person
    if person is not None and person.has(Role.OFFICE):
        chat.added_by_id = person.id
        await show_group_card(context.post, chat, person, afresh=True)
        return
    chat.added_by_id = None
    for colleague in await people_with(context.session, Role.OFFICE):
        keyboard = [
            [Button(t("circles.see_to_it"), GroupPress(chat.id, GroupAct.SHOW))],
            [Button(t("circles.leave_group"), GroupPress(chat.id, GroupAct.LEAVE))],
        ]
        by = person.name if person is not None else change.from_user.full_name
        await context.post.card(
            f"group:{chat.id}",
            colleague,
            "circles/added_by_other",
            keyboard=keyboard,
            afresh=True,
            title=chat.title,
            by=by,
            on_roster=person is not None,
        )


async def _tell_of_removal(post: Post, chat: Chat) -> None:
    """Of a group that is nobody's circle only whoever wanted to bind it hears."""
    if (watcher := await watcher_of(post, chat)) is not None:
        await post.card(f"group:{chat.id}", watcher, "circles/bot_removed", title=chat.title)
