"""The way into a circle: an invite link of its own, made when the bot may, and given to those on the circle's list only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from handlers.keyboards import Button
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.circle_groups import NoInviteRight, NoLink, circles_in, circles_of, memberships_in, not_joined
from models.circle_presence import is_inside
from models.circle_reminders import invited
from models.circles import Chat, Circle
from models.outbox import Lane, OutboxMessage, OutboxState, card_exists, on_their_way
from models.people import Person, Role, people_with

LINK_NAME_LIMIT = 32


async def make_links(post: Post, chat: Chat) -> None:
    """See that every circle of a group has a link of its own, if the bot may make one. Nothing happens twice.

    All links of a forum group lead into the same group. Each circle has its own all the same: one that leaked is revoked
    without the others, and one that is retired takes its link along.
    """
    circles = await circles_in(post.session, chat.id)
    if not chat.is_member or not chat.can_invite or any(circle.awaits_topic for circle in circles):
        return
    lacking = [circle for circle in circles if circle.invite_link is None]
    asked = await on_their_way(post.session, [link_subject(circle) for circle in lacking])
    for circle in lacking:
        if link_subject(circle) not in asked:
            params = {"name": circle.name[:LINK_NAME_LIMIT], "creates_join_request": True}
            await post.call("createChatInviteLink", params, chat_id=chat.id, subject=link_subject(circle))


def link_subject(circle: Circle) -> str:
    """Whoever makes links hears of it."""
    return f"invite:{circle.id}"


async def link_made(post: Post, message: OutboxMessage, result: Any) -> Chat | None:
    """Keep a link that was made; once all links of the group are there, those who are waiting get theirs, and the group is given.

    One that came too late, since the circle has moved or has another, is revoked.
    """
    chat = await post.session.get(Chat, message.chat_id, with_for_update=True)
    circle = await post.session.get(Circle, int((message.subject or "").split(":")[1]))
    if chat is None:
        return None
    if message.state is OutboxState.SENT and isinstance(result, dict):
        if circle is None or circle.chat_id != chat.id or circle.invite_link is not None:
            await post.call("revokeChatInviteLink", {"invite_link": result["invite_link"]}, chat_id=chat.id)
        else:
            circle.invite_link = result["invite_link"]
            await post.session.flush()
    circles = await circles_in(post.session, chat.id)
    if await on_their_way(post.session, [link_subject(each) for each in circles]):
        return None
    waiting = await not_joined(post.session, [each for each in circles if each.invite_link is not None])
    being_checked = await on_their_way(post.session, [f"inside:{chat.id}:{person.telegram_id}" for person in waiting])
    for person in waiting:
        if f"inside:{chat.id}:{person.telegram_id}" not in being_checked:
            await offer_links(post, person, only=chat)
    return chat


async def offer_links(post: Post, person: Person, *, only: Chat | None = None) -> None:
    """Give a person the links to the groups of their circles which they are not in yet: one message for each group."""
    if person.telegram_id is None:
        return
    rows = [(c, m) for c, m in await circles_of(post.session, person) if c.lives and c.chat is not None]
    rows = [(c, m) for c, m in rows if only is None or c.chat_id == only.id]
    for _, group in groupby(sorted(rows, key=lambda row: row[0].chat_id or 0), key=lambda row: row[0].chat_id):
        own = list(group)
        chat = own[0][0].chat
        fresh = [(circle, membership) for circle, membership in own if membership.joined_at is None]
        if not fresh or chat is None:
            continue
        names = [circle.name for circle, _ in fresh]
        if len(fresh) < len(own) or await is_inside(post.session, chat.id, person.telegram_id):  # another of its topics is theirs now
            for _, membership in fresh:
                membership.joined_at = post.now
            if own[0][0].thread_id is None:
                await show_joined(post, person, chat)
            else:
                await post.tell(person, "circles/another_topic", lane=Lane.NOTICE, title=chat.title, names=names)
        elif link := next((circle.invite_link for circle, _ in fresh if circle.invite_link), None):
            for _, membership in fresh:
                invited(membership, post.policy, now=post.now)
            await show_link(post, person, chat, names, link)


async def show_link(post: Post, person: Person, chat: Chat, names: Sequence[str], link: str, *, again: bool = False) -> None:
    """The message with the button that leads in; sent anew, since an older one is far up in the chat or leads nowhere."""
    keyboard = [[Button(t("circles.join"), link)]]
    await post.card(
        f"link:{chat.id}",
        person,
        "circles/link",
        keyboard=keyboard,
        lane=Lane.NOTICE,
        afresh=True,
        title=chat.title,
        names=names,
        again=again,
    )


async def show_joined(post: Post, person: Person, chat: Chat) -> None:
    """They are in: the message with the link says so, and its button goes."""
    names = [circle.name for circle, _ in await circles_of(post.session, person) if circle.chat_id == chat.id]
    await post.card(f"link:{chat.id}", person, "circles/joined", title=chat.title, names=names)


async def renew_link(post: Post, circle: Circle, officer: Person) -> None:
    """A link has leaked: it ends at once, another is made, and those who are not in yet get it.

    Raises NotAllowed, NoLink, NoInviteRight.
    """
    officer.require(Role.OFFICE)
    if circle.chat is None or circle.invite_link is None:
        raise NoLink(name=circle.name)
    if not circle.chat.can_invite or not circle.chat.is_member:
        raise NoInviteRight(title=circle.chat.title)
    leaked = circle.invite_link
    for other in await circles_in(post.session, circle.chat.id):
        if other.invite_link == leaked:
            other.invite_link = None
    await post.session.flush()
    record(post.session, officer, "circle.link_renewed", f"circle:{circle.id}", now=post.now)
    await post.call("revokeChatInviteLink", {"invite_link": leaked}, chat_id=circle.chat.id, subject=f"leaked:{circle.id}")
    await make_links(post, circle.chat)


async def void_link(post: Post, circle: Circle, *, for_good: bool = False) -> None:
    """Before a circle leaves its group: its link ends, unless other circles of the group use it; those invited are told.

    ``for_good`` when the circle itself comes to an end.
    """
    if circle.chat_id is None or circle.invite_link is None:
        return
    others = [other for other in await circles_in(post.session, circle.chat_id) if other.id != circle.id]
    if any(other.invite_link == circle.invite_link for other in others):
        return
    if circle.chat is not None and circle.chat.is_member:
        await post.call("revokeChatInviteLink", {"invite_link": circle.invite_link}, chat_id=circle.chat_id)
    for person in await not_joined(post.session, [circle]):
        await _take_link_back(post, person, circle, "circles.link_over" if for_good else "circles.link_void")


async def _take_link_back(post: Post, person: Person, circle: Circle, why: str) -> None:
    """The message with a circle's link changes: to what still leads in, or to nothing."""
    if circle.chat is None or not await card_exists(post.session, f"link:{circle.chat_id}", person.telegram_id):
        return
    still = [
        (other, membership)
        for other, membership in await circles_of(post.session, person)
        if other.chat_id == circle.chat_id and other.id != circle.id and other.lives and membership.joined_at is None
    ]
    link = next((other.invite_link for other, _ in still if other.invite_link), None)
    if link is not None:
        await show_link(post, person, circle.chat, [other.name for other, _ in still], link)
    else:
        await post.card(f"link:{circle.chat_id}", person, "plain", lane=Lane.NOTICE, text=t(why, name=circle.name))


async def tell_of_leaving(post: Post, out_of: Sequence[tuple[Person, Circle]]) -> None:
    """People who no longer belong to a circle leave its group, unless another circle keeps them there."""
    for person, circle in out_of:
        chat = circle.chat
        if chat is None or person.telegram_id is None:
            continue
        kept = bool(await memberships_in(post.session, person, chat.id))
        inside = await is_inside(post.session, chat.id, person.telegram_id)
        if kept or not inside:
            await _take_link_back(post, person, circle, "circles.link_not_yours")
        await post.tell(person, "circles/out", lane=Lane.NOTICE, name=circle.name, title=chat.title, stays=kept)
        if not kept:
            await take_out(post, person, chat)


async def take_out(post: Post, person: Person, chat: Chat) -> None:
    """Somebody who belongs to none of a group's circles leaves it; where the bot may not see to that, the office is asked to."""
    if person.telegram_id is None:
        return
    if chat.can_restrict and chat.is_member:
        await remove_from_group(post, chat, person.telegram_id)
    elif await is_inside(post.session, chat.id, person.telegram_id):
        await ask_to_take_out(post, chat, person.name)


async def ask_to_take_out(post: Post, chat: Chat, name: str) -> None:
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.tell(colleague, "circles/take_out_by_hand", lane=Lane.NOTICE, name=name, title=chat.title)


async def take_out_everywhere(post: Post, person: Person) -> None:
    """The account of somebody who is about to lose it leaves the groups it is in."""
    own = await circles_of(post.session, person)
    joined = {circle.chat_id for circle, membership in own if membership.joined_at is not None}
    chats = {circle.chat.id: circle.chat for circle, _ in own if circle.chat is not None}
    for chat in chats.values():
        if chat.id in joined or await is_inside(post.session, chat.id, person.telegram_id):
            await take_out(post, person, chat)
    for _, membership in own:
        membership.joined_at = membership.asked_to_join_at = membership.remind_at = None


async def remove_from_group(post: Post, chat: Chat, user_id: int) -> None:
    """Removed, but not barred: they may ask to join again one day."""
    await post.call("banChatMember", {"user_id": user_id}, chat_id=chat.id, subject=f"takenout:{chat.id}:{user_id}")
    await post.call("unbanChatMember", {"user_id": user_id, "only_if_banned": True}, chat_id=chat.id)
