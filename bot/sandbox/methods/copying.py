"""copyMessage(s) and forwardMessage(s)."""

from __future__ import annotations

import secrets
from typing import Any

from ..errors import bad_request
from ..forwarding import forwarded_content
from ..messages import Message
from ..params import Params
from ..posting import post
from ..sandbox import Sandbox
from ..targets import find_chat, find_message, find_thread, open_chat
from ..texts import caption_content
from .registry import method
from .sending import send

Json = dict[str, Any]

NEVER_COPIED = ("forward_origin", "media_group_id", "has_protected_content")


def _copied_content(message: Message, verb: str) -> Json:
    if message.is_service:
        raise bad_request(f"message can't be {verb}")
    return {k: v for k, v in message.content.items() if k not in NEVER_COPIED}


@method("copyMessage")
def copy_message(sandbox: Sandbox, params: Params) -> Json:
    source = find_chat(sandbox, params, "from_chat_id")
    message = find_message(source, params, "copy")
    content = _copied_content(message, "copied")
    if message.content.get("has_protected_content"):
        raise bad_request("message can't be copied")
    if params.text("caption") is not None and message.media:
        content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        content |= caption_content(sandbox, params.text("caption"), params.text("parse_mode"), params.sequence("caption_entities"))
    return {"message_id": send(sandbox, params, content)["message_id"]}


def _many(sandbox: Sandbox, params: Params, verb: str) -> list[Message]:
    source = find_chat(sandbox, params, "from_chat_id")
    ids = [int(i) for i in params.sequence("message_ids") or []]
    if not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified" if not ids else f"too many messages to {verb}")
    if ids != sorted(set(ids)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    found = [source.messages[i] for i in ids if i in source.messages]
    found = [m for m in found if not m.is_service and not m.content.get("has_protected_content")]
    if not found:
        raise bad_request(f"there are no messages to {verb}")
    return found


def _albums() -> Any:
    """New album ids for old ones, so that albums stay albums."""
    groups: dict[str, str] = {}
    return lambda old: groups.setdefault(old, str(secrets.randbits(52)))


@method("copyMessages")
def copy_messages(sandbox: Sandbox, params: Params) -> list[Json]:
    messages = _many(sandbox, params, "copy")
    album, ids = _albums(), []
    for message in messages:
        content = _copied_content(message, "copied")
        if params.flag("remove_caption"):
            content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        if "media_group_id" in message.content:
            content["media_group_id"] = album(message.content["media_group_id"])
        ids.append({"message_id": send(sandbox, params, content)["message_id"]})
    return ids


def _forward(sandbox: Sandbox, params: Params, message: Message, group: str | None) -> Message:
    chat = open_chat(sandbox, params)
    content = forwarded_content(message, group)
    if params.flag("protect_content"):
        content["has_protected_content"] = True
    return post(sandbox, chat, sandbox.bot, content, thread=find_thread(sandbox, chat, params))


@method("forwardMessage")
def forward_message(sandbox: Sandbox, params: Params) -> Json:
    source = find_chat(sandbox, params, "from_chat_id")
    message = find_message(source, params, "forward")
    if message.is_service or message.content.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    return _forward(sandbox, params, message, None).seen_by(sandbox.bot.id)


@method("forwardMessages")
def forward_messages(sandbox: Sandbox, params: Params) -> list[Json]:
    album, ids = _albums(), []
    for message in _many(sandbox, params, "forward"):
        old = message.content.get("media_group_id")
        ids.append({"message_id": _forward(sandbox, params, message, album(old) if old else None).message_id})
    return ids
