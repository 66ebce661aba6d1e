"""Chats as the bot sees them: getChat and the lists of members; leaving; the title."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..membership import leave
from ..params import Params
from ..posting import post
from ..sandbox import Sandbox
from ..targets import find_chat, find_user, group_for, own_standing
from ..world import Chat, Member
from .registry import method

Json = dict[str, Any]


def _readable(sandbox: Sandbox, params: Params) -> Chat:
    chat = find_chat(sandbox, params)
    if not chat.private:
        own_standing(sandbox, chat)
    elif not chat.people[0].started and not chat.messages:
        raise bad_request("chat not found")
    return chat


@method("getChat")
def get_chat(sandbox: Sandbox, params: Params) -> Json:
    chat = _readable(sandbox, params)
    info: Json = {
        **chat.seen_by(sandbox.bot.id),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    if chat.pinned:
        info["pinned_message"] = chat.messages[chat.pinned[-1]].seen_by(sandbox.bot.id, nested=True)
    if not chat.private and chat.members[sandbox.bot.id].may("can_invite_users"):
        primary = next((link for link in chat.links.values() if link.is_primary and not link.is_revoked), None)
        if primary:
            info["invite_link"] = primary.invite_link
    return info


@method("getChatMember")
def get_chat_member(sandbox: Sandbox, params: Params) -> Json:
    chat = _readable(sandbox, params)
    user = find_user(sandbox, params)
    if chat.private:
        if user not in chat.people:
            raise bad_request("user not found")
        return Member(user, "member").as_chat_member()
    member = chat.members.get(user.id) or Member(user, "left")
    return member.as_chat_member(is_forum=chat.is_forum)


@method("getChatMemberCount")
def get_chat_member_count(sandbox: Sandbox, params: Params) -> int:
    return sum(1 for _ in _readable(sandbox, params).present())


@method("getChatAdministrators")
def get_chat_administrators(sandbox: Sandbox, params: Params) -> list[Json]:
    chat = _readable(sandbox, params)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    admins = [m for m in chat.members.values() if m.status in ("creator", "administrator")]
    # Other bots are left out; this one is told of itself.
    return [m.as_chat_member(is_forum=chat.is_forum) for m in admins]


@method("leaveChat")
def leave_chat(sandbox: Sandbox, params: Params) -> bool:
    chat = group_for(sandbox, params)
    leave(sandbox, chat, sandbox.bot, by=sandbox.bot, status="left")
    return True


@method("setChatTitle")
def set_chat_title(sandbox: Sandbox, params: Params) -> bool:
    chat = group_for(sandbox, params, "can_change_info", "change chat title")
    title = (params.text("title") or "").strip()
    if not 1 <= len(title) <= 128:
        raise bad_request("chat title is empty" if not title else "chat title is too long")
    if title == chat.title:
        raise bad_request("chat title is not modified")
    chat.title = title
    post(sandbox, chat, sandbox.bot, {"new_chat_title": title})
    return True
