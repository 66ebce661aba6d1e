"""Groups the bot is added to: two taps make one a circle's own, or give circles a topic of a forum group."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from telegram import Update

from handlers.circle_group_card import GroupAct, GroupPress, refresh_group_card, show_group_card, watcher_of
from handlers.circle_links import link_made, make_links
from handlers.circle_presence import check_inside
from handlers.circle_rights import check_rights, note_refused
from handlers.circle_welcome import show_welcome
from handlers.context import HomeContext
from handlers.keyboards import Button
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import ask_for_topics, bind, circles_in, move_group_row, unbound_circles
from models.circles import Chat, Circle
from models.outbox import Card, OutboxMessage, OutboxState
from models.people import Role
from models.rules import Gone


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
        case GroupAct.CHECK:
            await check_group(context.post, chat)
            await context.toast(t("circles.checking"))
        case GroupAct.CHOOSE:
            circle = await _circle(context, press)
            await _ask(context, chat, "circles/confirm_bind", GroupPress(chat.id, GroupAct.BIND, circle.id), names=[circle.name])
        case GroupAct.BIND:
            await _bind(context, chat, await _circle(context, press))
        case GroupAct.OFFER_TOPICS:
            only = [await _circle(context, press)] if press.circle else await unbound_circles(context.session)
            yes = GroupPress(chat.id, GroupAct.MAKE_TOPICS, press.circle)
            await _ask(context, chat, "circles/confirm_topics", yes, names=[circle.name for circle in only])
        case GroupAct.MAKE_TOPICS:
            await _make_topics(context, chat, await _circle(context, press) if press.circle else None)
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
    await check_group(context.post, chat)
    await _see_to_it(context, chat)
    await make_links(context.post, chat)


async def check_group(post: Post, chat: Chat) -> None:
    """Ask Telegram what the bot may do in a group, and who of its circles is in."""
    await check_rights(post, chat)
    await check_inside(post, chat)


async def _make_topics(context: HomeContext, chat: Chat, only: Circle | None) -> None:
    for circle in await ask_for_topics(context.session, chat, context.person, now=context.now, only=only):
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
    if chat is None:
        return
    if circle is None or not circle.awaits_topic or circle.chat_id != chat.id:
        if message.state is OutboxState.SENT and isinstance(result, dict):  # the circle has left meanwhile: nobody needs the topic
            await post.call("closeForumTopic", {"message_thread_id": result["message_thread_id"]}, chat_id=chat.id)
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
        if (watcher := await watcher_of(post, chat)) is not None:
            await post.tell(watcher, "plain", text=t("circles.topic_failed", name=circle.name))
        await note_refused(post, message)
    if not any(each.awaits_topic for each in await circles_in(post.session, chat.id)):
        await check_group(post, chat)
    await refresh_group_card(post, chat)
    await make_links(post, chat)


async def invite_made(post: Post, message: OutboxMessage, result: Any) -> None:
    if message.state is OutboxState.FAILED:
        await note_refused(post, message)
    chat = await link_made(post, message, result)
    if chat is not None:
        await refresh_group_card(post, chat)


async def follow_group(post: Post, old: int, new: int) -> None:
    """A group became a supergroup: its circles, its card and its links follow. Doing so twice changes nothing."""
    chat = await move_group_row(post.session, old, new)
    if chat is None:
        return
    for word in ("group", "link", "lost", "rights", "requests"):
        taken = set(await post.session.scalars(select(Card.chat_id).where(Card.key == f"{word}:{new}")))
        for card in await post.session.scalars(select(Card).where(Card.key == f"{word}:{old}", Card.chat_id.not_in(taken))):
            card.key = f"{word}:{new}"
    await post.session.flush()
    await refresh_group_card(post, chat)
    await make_links(post, chat)
