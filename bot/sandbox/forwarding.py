"""Forwarded messages and where they came from."""

from __future__ import annotations

from typing import Any

from .messages import Message

Json = dict[str, Any]


def forwarded_content(message: Message, media_group: str | None) -> Json:
    """The content of a forward; a forward of a forward keeps the first origin."""
    content = {k: v for k, v in message.content.items() if k not in ("media_group_id", "has_protected_content")}
    if "forward_origin" not in content:
        content["forward_origin"] = _origin(message)
    if media_group:
        content["media_group_id"] = media_group
    return content


def _origin(message: Message) -> Json:
    sender = message.sender
    if sender.hides_identity:
        return {"type": "hidden_user", "date": message.date, "sender_user_name": sender.full_name}
    return {"type": "user", "date": message.date, "sender_user": sender.as_user()}
