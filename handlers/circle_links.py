"""The way into a circle: one invite link for each group, made when the bot may, and given to those on the circle's list only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select

from handlers.keyboards import Button
from handlers.post import Post
from handlers.texts import t
from models.circle_groups import circles_in, circles_of, memberships_in, not_joined
from models.circles import Chat, Circle
from models.outbox import Lane, OutboxMessage, OutboxState
from models.people import Person, Role, people_with

LINK_NAME_LIMIT = 32


async def make_link(post: Post, chat: Chat) -> None:
    """See that all circles of a group have its link, if the bot may make one. Nothing happens twice."""
    circles = await circles_in(post.session, chat.id)
    lacking = [circle for circle in circles if circle.invite_link is None]
    if not lacking or not chat.is_member or any(circle.awaits_topic for circle in circles):
        return
    known = next((circle.invite_link for circle in circles if circle.invite_link), None)
    if known is not None:
        await _give_link(post, lacking, known)
    elif chat.can_invite and not await _being_made(post, chat):
        name = circles[0].name if len(circles) == 1 else chat.title
        params = {"name": name[:LINK_NAME_LIMIT], "creates_join_request": True}
        await post.call("createChatInviteLink", params, chat_id=chat.id, subject=f"invite:{chat.id}")


async def link_made(post: Post, message: OutboxMessage, result: Any) -> Chat | None:
    """Keep a link that was made, and send it to those who are waiting; gives the group."""
    chat = await post.session.get(Chat, message.chat_id)
    if chat is not None and message.state is OutboxState.SENT and isinstance(result, dict):
        lacking = [circle for circle in await circles_in(post.session, chat.id) if circle.invite_link is None]
        await _give_link(post, lacking, result["invite_link"])
    return chat


async def offer_links(post: Post, person: Person) -> None:
    """Give a person the links to the groups of their circles which they are not in yet: one message for each group."""
    if person.telegram_id is None:
        return
    rows = [(c, m) for c, m in await circles_of(post.session, person) if c.lives and c.chat is not None]
    for _, group in groupby(sorted(rows, key=lambda row: row[0].chat_id or 0), key=lambda row: row[0].chat_id):
        own = list(group)
        chat = own[0][0].chat
        fresh = [(circle, membership) for circle, membership in own if membership.joined_at is None]
        if not fresh or chat is None:
            continue
        names = [circle.name for circle, _ in fresh]
        if len(fresh) < len(own):  # they are in this group already: another of its topics has become theirs
            for _, membership in fresh:
                membership.joined_at = post.now
            await post.tell(person, "circles/another_topic", lane=Lane.NOTICE, title=chat.title, names=names)
        elif link := fresh[0][0].invite_link:
            keyboard = [[Button(t("circles.join"), link)]]
            await post.card(
                f"link:{chat.id}", person, "circles/link", keyboard=keyboard, lane=Lane.NOTICE, afresh=True, title=chat.title, names=names
            )


async def show_joined(post: Post, person: Person, chat: Chat) -> None:
    """They are in: the message with the link says so, and its button goes."""
    names = [circle.name for circle, _ in await circles_of(post.session, person) if circle.chat_id == chat.id]
    await post.card(f"link:{chat.id}", person, "circles/joined", title=chat.title, names=names)


async def void_link(post: Post, circle: Circle) -> None:
    """Before a circle leaves its group: its link ends, unless other circles of the group use it; those invited are told."""
    if circle.chat_id is None or circle.invite_link is None:
        return
    others = [other for other in await circles_in(post.session, circle.chat_id) if other.id != circle.id]
    if any(other.invite_link == circle.invite_link for other in others):
        return
    if circle.chat is not None and circle.chat.is_member:
        await post.call("revokeChatInviteLink", {"invite_link": circle.invite_link}, chat_id=circle.chat_id)
    for person in await not_joined(post.session, [circle]):
        await post.card(f"link:{circle.chat_id}", person, "circles/link_void", lane=Lane.NOTICE, names=[circle.name])


async def tell_of_leaving(post: Post, out_of: Sequence[tuple[Person, Circle]]) -> None:
    """People who no longer belong to a circle leave its group, unless another circle keeps them there."""
    for person, circle in out_of:
        chat = circle.chat
        if chat is None or person.telegram_id is None or await memberships_in(post.session, person, chat.id):
            continue
        await post.tell(person, "circles/out", lane=Lane.NOTICE, name=circle.name, title=chat.title)
        if chat.can_restrict and chat.is_member:
            await remove_from_group(post, chat, person.telegram_id)
        else:
            for colleague in await people_with(post.session, Role.OFFICE):
                await post.tell(colleague, "circles/take_out_by_hand", lane=Lane.NOTICE, person=person, title=chat.title)


async def take_out_everywhere(post: Post, person: Person) -> None:
    """The account of somebody who is about to lose it leaves the groups it had joined."""
    joined = [(circle, membership) for circle, membership in await circles_of(post.session, person) if membership.joined_at is not None]
    chats = {circle.chat.id: circle.chat for circle, _ in joined if circle.chat is not None}
    for _, membership in joined:
        membership.joined_at = membership.asked_to_join_at = None
    for chat in chats.values():
        if chat.can_restrict and chat.is_member and person.telegram_id is not None:
            await remove_from_group(post, chat, person.telegram_id)


async def remove_from_group(post: Post, chat: Chat, user_id: int) -> None:
    """Removed, but not barred: they may ask to join again one day."""
    await post.call("banChatMember", {"user_id": user_id}, chat_id=chat.id)
    await post.call("unbanChatMember", {"user_id": user_id, "only_if_banned": True}, chat_id=chat.id)


async def _give_link(post: Post, circles: Sequence[Circle], link: str) -> None:
    for circle in circles:
        circle.invite_link = link
    await post.session.flush()
    for person in await not_joined(post.session, circles):
        await offer_links(post, person)


async def _being_made(post: Post, chat: Chat) -> bool:
    on_the_way = OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    asked = select(OutboxMessage.id).where(OutboxMessage.chat_id == chat.id, OutboxMessage.method == "createChatInviteLink", on_the_way)
    return await post.session.scalar(asked.limit(1)) is not None
