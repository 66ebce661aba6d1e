"""Invite links."""

from __future__ import annotations

import secrets
from typing import Any

from ..errors import bad_request
from ..params import Params
from ..sandbox import Sandbox
from ..targets import group_for
from ..world import Chat, InviteLink
from .registry import method

Json = dict[str, Any]


def _group(sandbox: Sandbox, params: Params) -> Chat:
    return group_for(sandbox, params, "can_invite_users", "manage chat invite link")


def _new(sandbox: Sandbox, chat: Chat, *, primary: bool = False) -> InviteLink:
    link = InviteLink(f"https://t.me/+{secrets.token_urlsafe(12)}", sandbox.bot, is_primary=primary)
    chat.links[link.invite_link] = link
    return link


def _shape(link: InviteLink, params: Params) -> Json:
    name = params.text("name")
    if name and len(name) > 32:
        raise bad_request("INVITE_LINK_NAME_TOO_LONG")
    limit, request = params.maybe_integer("member_limit"), params.flag("creates_join_request")
    if limit and request:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    if limit is not None and not 0 <= limit <= 99999:
        raise bad_request("MEMBER_LIMIT_INVALID")
    link.name, link.member_limit, link.creates_join_request = name, limit, request
    link.expire_date = params.maybe_integer("expire_date")
    return link.as_link()


def _named(sandbox: Sandbox, params: Params) -> tuple[Chat, InviteLink]:
    chat = _group(sandbox, params)
    link = chat.links.get(params.text("invite_link") or "")
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    return chat, link


@method("createChatInviteLink")
def create_chat_invite_link(sandbox: Sandbox, params: Params) -> Json:
    chat = _group(sandbox, params)
    shape = _shape(InviteLink("", sandbox.bot), params)
    link = _new(sandbox, chat)
    return _shape(link, params) if shape else {}


@method("editChatInviteLink")
def edit_chat_invite_link(sandbox: Sandbox, params: Params) -> Json:
    _, link = _named(sandbox, params)
    if link.is_revoked:
        raise bad_request("INVITE_HASH_EXPIRED")
    return _shape(link, params)


@method("revokeChatInviteLink")
def revoke_chat_invite_link(sandbox: Sandbox, params: Params) -> Json:
    chat, link = _named(sandbox, params)
    link.is_revoked = True
    if link.is_primary:
        _new(sandbox, chat, primary=True)
    return link.as_link()


@method("exportChatInviteLink")
def export_chat_invite_link(sandbox: Sandbox, params: Params) -> str:
    chat = _group(sandbox, params)
    for link in chat.links.values():
        if link.is_primary:
            link.is_revoked = True
    return _new(sandbox, chat, primary=True).invite_link
