"""Who is in a circle's group: everything that shows it is written down, and whoever came in past the list is reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from telegram import Update
from telegram.constants import ChatType

from handlers.circle_group_card import refresh_group_card
from handlers.circle_links import offer_links, show_joined
from handlers.context import HomeContext
from handlers.keyboards import Button, Press, TelegramId
from handlers.post import Post
from handlers.texts import T, t
from models.audit import record
from models.circle_groups import circles_in
from models.circle_presence import may_sit_anywhere, see, seen_in
from models.circles import Chat, members_of
from models.outbox import Lane, OutboxMessage, OutboxState, card_exists, on_their_way
from models.people import Person, Role, people_with, person_by_telegram_id

INSIDE = ("member", "administrator", "creator")
NOT_THERE = ("member not found", "user not found", "participant_id_invalid", "user_not_participant", "user_id_invalid")
"""What Telegram says of somebody who never was in the group."""


@dataclass(frozen=True)
class RemovePress(Press):
    prefix: ClassVar[str] = "out"
    chat: TelegramId
    user: TelegramId


async def watch(update: Update, context: HomeContext) -> None:
    """Whatever is said or pressed in a circle's group shows who is there, strangers too, and what the group is called now."""
    message, there = update.message or update.edited_message, update.effective_chat
    if (message is None and update.callback_query is None) or there is None or there.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return
    chat = await context.session.get(Chat, there.id)
    if chat is None:
        return
    if message is not None:
        await _note_group(context, chat, there.title or chat.title, bool(there.is_forum))
    user = update.effective_user
    if user is None or user.is_bot:
        return
    if message is not None and (message.sender_chat is not None or message.left_chat_member is not None):
        return  # an anonymous administrator, or somebody who is about to be gone
    await note_presence(context.post, chat, user.id, user.full_name, True)


async def _note_group(context: HomeContext, chat: Chat, title: str, is_forum: bool) -> None:
    """People rename their group, or turn it into a forum: no update of its own tells the bot of the latter."""
    if (chat.title, chat.is_forum) == (title[:255], is_forum):
        return
    old, chat.title, chat.is_forum = chat.title, title[:255], is_forum
    await context.session.flush()
    record(context.session, None, "group.changed", f"chat:{chat.id}", now=context.now, old=old, title=chat.title, forum=is_forum)
    await refresh_group_card(context.post, chat)


async def note_presence(
    post: Post, chat: Chat, telegram_id: int, name: str, inside: bool, *, is_admin: bool | None = None, by_home: bool = False
) -> None:
    """An account is in a group, or has gone: ``by_home`` when the bot took it out. Told twice changes nothing.

    Groups that are nobody's circle do not matter.
    """
    if not await circles_in(post.session, chat.id):
        return
    seen = await see(post.session, chat, telegram_id, name, inside, now=post.now, is_admin=is_admin)
    if seen.person is not None and seen.changed:
        record(post.session, seen.person, "circle.joined" if inside else "circle.left", f"chat:{chat.id}", now=post.now)
        await refresh_group_card(post, chat)
        if inside:
            await show_joined(post, seen.person, chat)
    if seen.is_new and not seen.memberships:
        await _tell_of_outsider(post, chat, telegram_id, name, seen.person, bool(is_admin))
    if not inside and not by_home:
        await settle_outsider(post, chat, telegram_id, t("circles.outsider_left", title=chat.title))


async def _tell_of_outsider(post: Post, chat: Chat, telegram_id: int, name: str, person: Person | None, is_admin: bool) -> None:
    """Somebody came in past the list. The office decides; its own people and the leaders may sit in any circle."""
    if may_sit_anywhere(person):
        return
    able = chat.can_restrict and not is_admin
    keyboard = [[Button(t("circles.remove"), RemovePress(chat.id, telegram_id))]] if able else []
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.card(
            outsider_key(chat, telegram_id),
            colleague,
            "circles/outsider",
            keyboard=keyboard,
            afresh=True,
            title=chat.title,
            name=person.name if person is not None else name,
            on_roster=person is not None,
            by_hand=not able,
        )


async def settle_outsider(post: Post, chat: Chat, telegram_id: int, text: T) -> None:
    """Whoever of the office was told of an outsider sees what became of it."""
    for colleague in await people_with(post.session, Role.OFFICE):
        if await card_exists(post.session, outsider_key(chat, telegram_id), colleague.telegram_id):
            await post.card(outsider_key(chat, telegram_id), colleague, "plain", text=text)


def outsider_key(chat: Chat, telegram_id: int) -> str:
    return f"outsider:{chat.id}:{telegram_id}"


async def check_inside(post: Post, chat: Chat) -> None:
    """Ask Telegram of everybody who should be in a group, or was seen there, whether they are: it lists members to no bot."""
    accounts = set(await seen_in(post.session, chat.id))
    for circle in await circles_in(post.session, chat.id):
        accounts |= {person.telegram_id for person in await members_of(post.session, circle) if person.telegram_id is not None}
    subjects = {f"inside:{chat.id}:{telegram_id}": telegram_id for telegram_id in sorted(accounts)}
    asked = await on_their_way(post.session, list(subjects))
    for subject, telegram_id in subjects.items():
        if subject not in asked:
            await post.call("getChatMember", {"user_id": telegram_id}, chat_id=chat.id, subject=subject, lane=Lane.NOTICE)


async def inside_read(post: Post, message: OutboxMessage, result: Any) -> None:
    """Who is inside already needs no link; who is not gets it now."""
    telegram_id = int((message.subject or "").split(":")[2])
    chat = await post.session.get(Chat, message.chat_id)
    if chat is None:
        return
    member = result if isinstance(result, dict) else {}
    known = bool(member) or any(sign in (message.error or "").lower() for sign in NOT_THERE)
    if message.state is OutboxState.SENT and member:
        user = member.get("user", {})
        name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
        inside = stands_inside(member)
        await note_presence(post, chat, telegram_id, name, inside, is_admin=member.get("status") in ("administrator", "creator"))
    elif known:
        await note_presence(post, chat, telegram_id, "", False)
    person = await person_by_telegram_id(post.session, telegram_id)
    if person is not None and not stands_inside(member):
        await offer_links(post, person, only=chat)


def stands_inside(member: dict[str, Any]) -> bool:
    """Whether a Bot API ChatMember, as JSON, is in the group."""
    return member.get("status") in INSIDE or (member.get("status") == "restricted" and bool(member.get("is_member")))
