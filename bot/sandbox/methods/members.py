"""Removing members and letting them back; answering requests to join."""

from __future__ import annotations

from ..errors import bad_request
from ..membership import leave, settle_request, standing
from ..params import Params
from ..sandbox import Sandbox
from ..targets import find_user, group_for
from .registry import method


@method("banChatMember")
def ban_chat_member(sandbox: Sandbox, params: Params) -> bool:
    chat = group_for(sandbox, params, "can_restrict_members", "restrict/unrestrict chat member")
    user = find_user(sandbox, params)
    if user is sandbox.bot:
        raise bad_request("can't restrict self")
    member = chat.members.get(user.id)
    if member and member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member and member.status == "administrator":
        raise bad_request("user is an administrator of the chat")
    chat.requests.pop(user.id, None)
    leave(sandbox, chat, user, by=sandbox.bot, status="kicked")
    return True


@method("unbanChatMember")
def unban_chat_member(sandbox: Sandbox, params: Params) -> bool:
    chat = group_for(sandbox, params, "can_restrict_members", "restrict/unrestrict chat member")
    if chat.type != "supergroup":
        raise bad_request("method is available for supergroup and channel chats only")
    user = find_user(sandbox, params)
    member = chat.members.get(user.id)
    if member and member.status == "kicked":
        standing(sandbox, chat, user, "left", by=sandbox.bot)
    elif member and member.present and not params.flag("only_if_banned"):
        # Telegram documents it: unbanning a member removes them, without barring the way back.
        if member.status == "creator":
            raise bad_request("can't remove chat owner")
        leave(sandbox, chat, user, by=sandbox.bot, status="left")
    return True


def _answer(sandbox: Sandbox, params: Params, *, accept: bool) -> bool:
    chat = group_for(sandbox, params, "can_invite_users", "manage chat join requests")
    user = find_user(sandbox, params)
    if chat.member(user.id):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if not settle_request(sandbox, chat, user, by=sandbox.bot, accept=accept):
        raise bad_request("HIDE_REQUESTER_MISSING")
    return True


@method("approveChatJoinRequest")
def approve_chat_join_request(sandbox: Sandbox, params: Params) -> bool:
    return _answer(sandbox, params, accept=True)


@method("declineChatJoinRequest")
def decline_chat_join_request(sandbox: Sandbox, params: Params) -> bool:
    return _answer(sandbox, params, accept=False)
