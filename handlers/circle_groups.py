"""Groups the bot is added to: two taps make one a circle's own, or give every circle a topic of a forum group."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import select
from telegram import Chat as TelegramChat
from telegram import ChatMember, ChatMemberAdministrator, ChatMemberUpdated, Update

from handlers.circle_links import link_made, make_link
from handlers.circle_welcome import show_welcome
from handlers.context import HomeContext
from handlers.keyboards import Button, Keyboard, Press, TelegramId, rows
from handlers.lost_places import bot_stands
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import (
    Standing,
    ask_for_topics,
    bind,
    circles_in,
    head_counts,
    move_group_row,
    note_standing,
    unbound_circles,
)
from models.circles import Chat, Circle
from models.outbox import Card, OutboxMessage, OutboxState
from models.people import Person, Role, people_with
from models.rules import Gone

CHOICES = 90
"""Circles offered at once; Telegram allows a hundred buttons."""


class GroupAct(enum.StrEnum):
    SHOW = "s"
    CHOOSE = "c"
    BIND = "b"
    OFFER_TOPICS = "o"
    MAKE_TOPICS = "t"
    LEAVE = "l"


@dataclass(frozen=True)
class GroupPress(Press):
    """Something done with a group; ``circle`` is 0 where none is meant."""

    prefix: ClassVar[str] = "grp"
    chat: TelegramId
    does: GroupAct
    circle: int = 0


async def standing_changed(update: Update, context: HomeContext) -> None:
    """The bot was added, given rights, or removed. Whoever of the office added it is asked what for; the group hears nothing."""
    change = update.my_chat_member
    if change is None or change.chat.type not in (TelegramChat.GROUP, TelegramChat.SUPERGROUP):
        return
    standing = _standing(change)
    chat, came_in = await note_standing(context.session, change.chat.id, change.chat.title or "", bool(change.chat.is_forum), standing)
    action = "group.entered" if came_in else ("group.rights" if standing.is_member else "group.left")
    record(context.session, context.work.person, action, f"chat:{chat.id}", now=context.now, title=chat.title)
    if came_in:
        await _greet_group(context, chat, change)
    elif standing.is_member:
        await refresh_group_card(context.post, chat)
    elif not await circles_in(context.session, chat.id):
        await _tell_of_removal(context.post, chat)
    await bot_stands(context.post, chat, change)
    await make_link(context.post, chat)


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
    if (watcher := await _watcher(post, chat)) is not None:
        await post.card(f"group:{chat.id}", watcher, "circles/bot_removed", title=chat.title)


async def group_press(update: Update, context: HomeContext) -> None:
    """The office decides what a group is for."""
    press = GroupPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    chat = await context.session.get(Chat, press.chat)
    if chat is None or not chat.is_member:
        raise Gone
    match press.does:
        case GroupAct.SHOW:
            await _see_to_it(context, chat)
        case GroupAct.CHOOSE:
            circle = await _circle(context, press)
            await _ask(context, chat, "circles/confirm_bind", GroupPress(chat.id, GroupAct.BIND, circle.id), names=[circle.name])
        case GroupAct.BIND:
            await _bind(context, chat, await _circle(context, press))
        case GroupAct.OFFER_TOPICS:
            names = [circle.name for circle in await unbound_circles(context.session)]
            await _ask(context, chat, "circles/confirm_topics", GroupPress(chat.id, GroupAct.MAKE_TOPICS), names=names)
        case GroupAct.MAKE_TOPICS:
            await _make_topics(context, chat)
        case GroupAct.LEAVE:
            await _leave(context, chat)


async def _circle(context: HomeContext, press: GroupPress) -> Circle:
    circle = await context.session.get(Circle, press.circle)
    if circle is None:
        raise Gone
    return circle


async def _see_to_it(context: HomeContext, chat: Chat) -> None:
    chat.added_by_id = context.person.id
    query = context.work.update.callback_query
    card = await context.session.scalar(select(Card).where(Card.key == f"group:{chat.id}", Card.chat_id == context.here.chat_id))
    stands_here = card is not None and query is not None and query.message is not None and card.message_id == query.message.message_id
    await show_group_card(context.post, chat, context.person, afresh=not stands_here)


async def _ask(context: HomeContext, chat: Chat, template: str, yes: GroupPress, *, names: list[str]) -> None:
    keyboard = [[Button(t("circles.confirm"), yes), Button(t("circles.back"), GroupPress(chat.id, GroupAct.SHOW))]]
    await context.show(template, keyboard=keyboard, title=chat.title, names=names)


async def _bind(context: HomeContext, chat: Chat, circle: Circle) -> None:
    await bind(context.session, circle, chat, context.person, now=context.now)
    await show_welcome(context.post, circle)
    await _see_to_it(context, chat)
    await make_link(context.post, chat)


async def _make_topics(context: HomeContext, chat: Chat) -> None:
    for circle in await ask_for_topics(context.session, chat, context.person, now=context.now):
        await context.post.call("createForumTopic", {"name": circle.name}, chat_id=chat.id, subject=f"topic:{circle.id}")
    await _see_to_it(context, chat)


async def _leave(context: HomeContext, chat: Chat) -> None:
    if await circles_in(context.session, chat.id):
        raise Gone
    chat.is_member = False
    record(context.session, context.person, "group.left", f"chat:{chat.id}", now=context.now)
    await context.post.call("leaveChat", {}, chat_id=chat.id)
    await context.show("plain", text=t("circles.left_group", title=chat.title))


async def topic_made(post: Post, message: OutboxMessage, result: Any) -> None:
    """A circle's topic is there, or could not be made; the last one brings the group's link."""
    circle = await post.session.get(Circle, int((message.subject or "").split(":")[1]))
    chat = await post.session.get(Chat, message.chat_id)
    if circle is None or chat is None or not circle.awaits_topic or circle.chat_id != chat.id:
        return
    circle.awaits_topic = False
    if message.state is OutboxState.SENT and isinstance(result, dict):
        circle.thread_id = result["message_thread_id"]
        record(post.session, None, "circle.bound", f"circle:{circle.id}", now=post.now, chat=chat.id, thread=circle.thread_id)
        await post.session.flush()
        await show_welcome(post, circle)
    else:
        circle.chat = None
        await post.session.flush()
        if (watcher := await _watcher(post, chat)) is not None:
            await post.tell(watcher, "plain", text=t("circles.topic_failed", name=circle.name))
    await refresh_group_card(post, chat)
    await make_link(post, chat)


async def invite_made(post: Post, message: OutboxMessage, result: Any) -> None:
    chat = await link_made(post, message, result)
    if chat is not None:
        await refresh_group_card(post, chat)


async def follow_group(post: Post, old: int, new: int) -> None:
    """A group became a supergroup: its circles, its card and its links follow. Doing so twice changes nothing."""
    chat = await move_group_row(post.session, old, new)
    if chat is None:
        return
    for word in ("group", "link", "lost", "rights"):
        taken = set(await post.session.scalars(select(Card.chat_id).where(Card.key == f"{word}:{new}")))
        for card in await post.session.scalars(select(Card).where(Card.key == f"{word}:{old}", Card.chat_id.not_in(taken))):
            card.key = f"{word}:{new}"
    await post.session.flush()
    await refresh_group_card(post, chat)
    await make_link(post, chat)


async def show_group_card(post: Post, chat: Chat, person: Person, *, afresh: bool = False) -> None:
    """The one card about a group: what it is for, what is missing, what can be done."""
    circles = await circles_in(post.session, chat.id)
    counts = await head_counts(post.session)
    await post.card(
        f"group:{chat.id}",
        person,
        "circles/group",
        keyboard=await _keyboard(post, chat, circles),
        afresh=afresh,
        chat=chat,
        circles=[(circle, *counts.get(circle.id, (0, 0))) for circle in circles],
        making=sum(circle.awaits_topic for circle in circles),
        has_link=any(circle.invite_link for circle in circles),
        all_bound=not await unbound_circles(post.session),
    )


async def refresh_group_card(post: Post, chat: Chat) -> None:
    if (watcher := await _watcher(post, chat)) is not None:
        await show_group_card(post, chat, watcher)


async def _keyboard(post: Post, chat: Chat, circles: Any) -> Keyboard:
    if any(circle.thread_id is None and not circle.awaits_topic for circle in circles):
        return [[BACK_TO_MENU]]
    unbound = await unbound_circles(post.session)
    topics = [[Button(t("circles.topics"), GroupPress(chat.id, GroupAct.OFFER_TOPICS))]] if chat.is_forum and unbound else []
    if circles:
        return [*topics, [BACK_TO_MENU]]
    choices = [Button(circle.name, GroupPress(chat.id, GroupAct.CHOOSE, circle.id)) for circle in unbound[:CHOICES]]
    return [*topics, *rows(choices, 2), [Button(t("circles.leave_group"), GroupPress(chat.id, GroupAct.LEAVE))]]


async def _watcher(post: Post, chat: Chat) -> Person | None:
    return await post.session.get(Person, chat.added_by_id) if chat.added_by_id is not None else None


def _standing(change: ChatMemberUpdated) -> Standing:
    member = change.new_chat_member
    if isinstance(member, ChatMemberAdministrator):
        return Standing(True, bool(member.can_invite_users), bool(member.can_manage_topics), bool(member.can_restrict_members))
    return Standing(member.status in (ChatMember.MEMBER, ChatMember.RESTRICTED))
