"""Coming in and going: a request to join is granted to those on the circle's list only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from telegram import ChatMember, Update, User

from handlers.circle_groups import refresh_group_card
from handlers.circle_links import remove_from_group, show_joined
from handlers.context import HomeContext
from handlers.keyboards import Button, Press, TelegramId
from handlers.post import Place, Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import circles_in, memberships_in
from models.circles import Chat
from models.outbox import OutboxMessage
from models.people import Person, Role, people_with, person_by_telegram_id
from models.rules import Gone

INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)


@dataclass(frozen=True)
class RemovePress(Press):
    prefix: ClassVar[str] = "out"
    chat: TelegramId
    user: TelegramId


async def join_asked(update: Update, context: HomeContext) -> None:
    """Somebody asks to come in. Groups that are nobody's circle are none of the bot's business."""
    request = update.chat_join_request
    if request is None or not await circles_in(context.session, request.chat.id):
        return
    person = context.work.person
    memberships = await memberships_in(context.session, person, request.chat.id) if person is not None else []
    if person is None or not memberships:
        # Telegram lets a bot write to somebody unknown only while their request is open: the refusal follows the explanation.
        place = Place(request.user_chat_id, context.language)
        template = "circles/not_on_list" if person is not None else "people/stranger"
        subject = f"decline:{request.chat.id}:{request.from_user.id}"
        await context.post.tell(place, template, subject=subject, title=request.chat.title, mailbox=False)
        return
    for membership in memberships:
        membership.asked_to_join_at = context.now
    await context.post.call("approveChatJoinRequest", {"user_id": request.from_user.id}, chat_id=request.chat.id)
    record(context.session, person, "circle.let_in", f"person:{person.id}", now=context.now, chat=request.chat.id)


async def explained(post: Post, message: OutboxMessage, result: Any) -> None:
    """Whether or not the explanation arrived, the request is declined."""
    _, chat_id, user_id = (message.subject or "").split(":")
    await post.call("declineChatJoinRequest", {"user_id": int(user_id)}, chat_id=int(chat_id))


async def member_changed(update: Update, context: HomeContext) -> None:
    """Told to the bot where it is an administrator."""
    change = update.chat_member
    if change is None:
        return
    was_inside, is_inside = _inside(change.old_chat_member), _inside(change.new_chat_member)
    if was_inside != is_inside:
        await _note(context, change.chat.id, change.new_chat_member.user, is_inside)


async def people_came_or_went(update: Update, context: HomeContext) -> None:
    """What the group itself is told: the only sign where the bot is no administrator."""
    message = update.message
    if message is None:
        return
    for user in message.new_chat_members:
        await _note(context, message.chat.id, user, True)
    if message.left_chat_member is not None:
        await _note(context, message.chat.id, message.left_chat_member, False)


async def _note(context: HomeContext, chat_id: int, user: User, is_inside: bool) -> None:
    """Told twice changes nothing."""
    chat = await context.session.get(Chat, chat_id)
    if chat is None or user.is_bot or not await circles_in(context.session, chat_id):
        return
    person = await person_by_telegram_id(context.session, user.id)
    memberships = await memberships_in(context.session, person, chat_id) if person is not None else []
    changed = [membership for membership in memberships if (membership.joined_at is not None) != is_inside]
    for membership in changed:
        membership.joined_at = context.now if is_inside else None
    if person is not None and changed:
        await context.session.flush()
        record(context.session, person, "circle.joined" if is_inside else "circle.left", f"chat:{chat_id}", now=context.now)
        await refresh_group_card(context.post, chat)
        if is_inside:
            await show_joined(context.post, person, chat)
    if is_inside and not memberships:
        await _tell_of_outsider(context.post, chat, user, person)


async def _tell_of_outsider(post: Post, chat: Chat, user: User, person: Person | None) -> None:
    """Somebody came in past the list. The office decides; its own people and the leaders may sit in any circle."""
    if person is not None and person.has(Role.OFFICE, Role.LEADER):
        return
    keyboard = [[Button(t("circles.remove"), RemovePress(chat.id, user.id))]] if chat.can_restrict else []
    name = person.name if person is not None else user.full_name
    for colleague in await people_with(post.session, Role.OFFICE):
        key = f"outsider:{chat.id}:{user.id}"
        await post.card(key, colleague, "circles/outsider", keyboard=keyboard, title=chat.title, name=name, on_roster=person is not None)


async def remove_outsider(update: Update, context: HomeContext) -> None:
    """The office takes out somebody who is not on the list, if that is still so."""
    press = RemovePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    chat = await context.session.get(Chat, press.chat)
    person = await person_by_telegram_id(context.session, press.user)
    belongs = person is not None and await memberships_in(context.session, person, press.chat)
    if chat is None or not chat.is_member or not chat.can_restrict or belongs or not await circles_in(context.session, press.chat):
        raise Gone
    await remove_from_group(context.post, chat, press.user)
    record(context.session, context.person, "circle.removed", f"chat:{chat.id}", now=context.now, user=press.user)
    await context.show("plain", text=t("circles.removed", title=chat.title))


def _inside(member: ChatMember) -> bool:
    return member.status in INSIDE or (member.status == ChatMember.RESTRICTED and bool(getattr(member, "is_member", False)))
