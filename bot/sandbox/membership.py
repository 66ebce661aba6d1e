"""Coming, going and rights: the state changes with every update and service message that follows."""

from __future__ import annotations

from typing import Any

from .messages import Message
from .posting import post
from .sandbox import Sandbox
from .world import RIGHTS, Chat, InviteLink, Member, User

Json = dict[str, Any]


def standing(
    sandbox: Sandbox,
    chat: Chat,
    user: User,
    status: str,
    *,
    by: User,
    rights: dict[str, bool] | None = None,
    link: InviteLink | None = None,
    by_request: bool = False,
) -> None:
    """Give somebody a new standing in a group and queue my_chat_member or chat_member."""
    member = chat.members.get(user.id) or Member(user, "left")
    old = member.as_chat_member(is_forum=chat.is_forum)
    chat.members[user.id] = member
    member.status, member.rights = status, rights or {}
    new = member.as_chat_member(is_forum=chat.is_forum)
    if new == old:
        return
    update: Json = {
        "chat": chat.seen_by(sandbox.bot.id),
        "from": by.as_user(),
        "date": sandbox.clock.timestamp(),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    if link is not None:
        update["invite_link"] = link.as_link()
        update["via_join_request"] = by_request
    if user is sandbox.bot:
        sandbox.updates.put("my_chat_member", update)
    else:
        bot = chat.member(sandbox.bot.id)
        if bot is not None and bot.status == "administrator":
            sandbox.updates.put("chat_member", update)
    chats_changed(sandbox, chat)
    sandbox.events.emit("chats", user.id)


def chats_changed(sandbox: Sandbox, chat: Chat) -> None:
    for person in chat.present():
        if not person.is_bot:
            sandbox.events.emit("chats", person.id)


def all_rights(*, is_forum: bool) -> dict[str, bool]:
    rights = dict.fromkeys(RIGHTS, True)
    if is_forum:
        rights["can_manage_topics"] = True
    return rights


def rights_of(admin: Json | bool, *, is_forum: bool) -> dict[str, bool]:
    """`True` is everything; a mapping names what is given. Managing the chat comes with any right."""
    if admin is True:
        return all_rights(is_forum=is_forum)
    given = {name: bool(value) for name, value in (admin or {}).items()}
    return {**given, "can_manage_chat": True}


def join(
    sandbox: Sandbox,
    chat: Chat,
    user: User,
    *,
    by: User,
    link: InviteLink | None = None,
    by_request: bool = False,
    admin: Json | bool = False,
) -> Message:
    """Somebody comes in: added by a person, by a link, or by an accepted request."""
    rights = rights_of(admin, is_forum=chat.is_forum) if admin else {}
    chat.requests.pop(user.id, None)
    if link is not None:
        link.joined += 1
    status = "administrator" if admin else "member"
    standing(sandbox, chat, user, status, by=by, rights=rights, link=link, by_request=by_request)
    return post(sandbox, chat, by, {"new_chat_members": [user.as_user()]})


def leave(sandbox: Sandbox, chat: Chat, user: User, *, by: User, status: str) -> None:
    """Somebody goes ("left") or is removed ("kicked"); the bot hears the service message of its own going too."""
    if chat.member(user.id):
        post(sandbox, chat, by, {"left_chat_member": user.as_user()})
    standing(sandbox, chat, user, status, by=by)


def ask_to_join(sandbox: Sandbox, chat: Chat, user: User, link: InviteLink) -> None:
    """A request to join; a bot that may invite hears of it."""
    if user.id in chat.requests:
        return
    chat.requests[user.id] = link
    link.pending += 1
    bot = chat.member(sandbox.bot.id)
    if bot is not None and bot.may("can_invite_users"):
        sandbox.updates.put(
            "chat_join_request",
            {
                "chat": chat.seen_by(sandbox.bot.id),
                "from": user.as_user(),
                "user_chat_id": user.id,
                "date": sandbox.clock.timestamp(),
                "invite_link": link.as_link(),
            },
        )


def settle_request(sandbox: Sandbox, chat: Chat, user: User, *, by: User, accept: bool) -> bool:
    """Answer a pending request; False when there is none."""
    link = chat.requests.pop(user.id, None)
    if link is None:
        return False
    link.pending -= 1
    if accept:
        join(sandbox, chat, user, by=user, link=link, by_request=True)
    return True


def block(sandbox: Sandbox, user: User, blocked: bool) -> None:
    """A person blocks or unblocks the bot; the bot hears of it."""
    if user.blocked == blocked:
        return
    user.blocked = blocked
    was, now = ("member", "kicked") if blocked else ("kicked", "member")
    sandbox.updates.put(
        "my_chat_member",
        {
            "chat": user.as_chat(),
            "from": user.as_user(),
            "date": sandbox.clock.timestamp(),
            "old_chat_member": Member(sandbox.bot, was).as_chat_member(),
            "new_chat_member": Member(sandbox.bot, now).as_chat_member(),
        },
    )
    sandbox.events.emit("chats", user.id)


def migrate(sandbox: Sandbox, chat: Chat, *, by: User, is_forum: bool) -> Chat:
    """A group becomes a supergroup: a new id, the same people, a fresh count of messages."""
    new = Chat("supergroup", sandbox.world.new_group_id(supergroup=True), title=chat.title, is_forum=is_forum)
    new.instance = str(-new.id)
    new.members = {uid: Member(m.user, m.status, dict(m.rights)) for uid, m in chat.members.items()}
    sandbox.world.groups[new.id] = new
    post(sandbox, chat, by, {"migrate_to_chat_id": new.id})
    chat.migrated_to = new.id
    post(sandbox, new, by, {"migrate_from_chat_id": chat.id})
    chats_changed(sandbox, new)
    return new
