"""Coming in and going: a request to join is granted to those on the circle's list only."""

from __future__ import annotations

from typing import Any

from telegram import Update

from handlers.circle_links import ask_to_take_out, remove_from_group
from handlers.circle_presence import NOT_THERE, RemovePress, note_presence, settle_outsider, stands_inside
from handlers.circle_rights import note_refused
from handlers.context import HomeContext
from handlers.post import Place, Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import circles_in, memberships_in
from models.circles import Chat, Circle
from models.outbox import Lane, OutboxMessage, OutboxState
from models.people import Role, people_with, person_by_telegram_id
from models.rules import Gone


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
    subject = f"letin:{request.chat.id}:{request.from_user.id}"
    await context.post.call("approveChatJoinRequest", {"user_id": request.from_user.id}, chat_id=request.chat.id, subject=subject)
    record(context.session, person, "circle.let_in", f"person:{person.id}", now=context.now, chat=request.chat.id)


async def explained(post: Post, message: OutboxMessage, result: Any) -> None:
    """Whether or not the explanation arrived, the request is declined; unless they have been put on the list meanwhile."""
    _, chat_id, user_id = (message.subject or "").split(":")
    person = await person_by_telegram_id(post.session, int(user_id))
    belongs = person is not None and await memberships_in(post.session, person, int(chat_id))
    method = "approveChatJoinRequest" if belongs else "declineChatJoinRequest"
    await post.call(method, {"user_id": int(user_id)}, chat_id=int(chat_id), subject=f"letin:{chat_id}:{user_id}")


async def request_answered(post: Post, message: OutboxMessage, result: Any) -> None:
    """A request that could not be answered lies in the group for its administrators: the office is told."""
    if message.state is not OutboxState.FAILED:
        return
    await note_refused(post, message)
    chat = await post.session.get(Chat, message.chat_id)
    if chat is not None:
        for colleague in await people_with(post.session, Role.OFFICE):
            await post.card(f"requests:{chat.id}", colleague, "circles/request_stuck", lane=Lane.NOTICE, afresh=True, title=chat.title)


async def member_changed(update: Update, context: HomeContext) -> None:
    """Told to the bot where it is an administrator."""
    change = update.chat_member
    if change is None:
        return
    chat = await context.session.get(Chat, change.chat.id)
    member, user = change.new_chat_member.to_dict(), change.new_chat_member.user
    if chat is not None and not user.is_bot:
        is_admin = member["status"] in ("administrator", "creator")
        await note_presence(
            context.post, chat, user.id, user.full_name, stands_inside(member), is_admin=is_admin, by_home=change.from_user.is_bot
        )


async def people_came_or_went(update: Update, context: HomeContext) -> None:
    """What the group itself is told: the only sign where the bot is no administrator."""
    message = update.message
    chat = await context.session.get(Chat, message.chat.id) if message is not None else None
    if message is None or chat is None:
        return
    for user in message.new_chat_members:
        if not user.is_bot:
            await note_presence(context.post, chat, user.id, user.full_name, True)
    gone = message.left_chat_member
    if gone is not None and not gone.is_bot:
        by_home = message.from_user is not None and message.from_user.is_bot
        await note_presence(context.post, chat, gone.id, gone.full_name, False, by_home=by_home)


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
    await settle_outsider(context.post, chat, press.user, t("circles.removed", title=chat.title))
    await context.show("plain", text=t("circles.removed", title=chat.title))


async def taken_out(post: Post, message: OutboxMessage, result: Any) -> None:
    """Telegram refuses to remove administrators, and everybody where the bot lost the right: then the office does it by hand."""
    user_id = (message.subject or "").split(":")[2]
    chat = await post.session.get(Chat, message.chat_id)
    if message.state is not OutboxState.FAILED or chat is None or any(sign in (message.error or "").lower() for sign in NOT_THERE):
        return
    await note_refused(post, message)
    person = await person_by_telegram_id(post.session, int(user_id))
    await ask_to_take_out(post, chat, person.name if person is not None else f"id {user_id}")


async def leaked_link_ended(post: Post, message: OutboxMessage, result: Any) -> None:
    """A leaked link that could not be revoked still leads to the door: its owner has to end it."""
    circle = await post.session.get(Circle, int((message.subject or "").split(":")[1]))
    if message.state is OutboxState.SENT or circle is None or "invite_hash_expired" in (message.error or "").lower():
        return
    await note_refused(post, message)
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.tell(colleague, "circles/link_not_ended", name=circle.name, link=message.params["invite_link"])
