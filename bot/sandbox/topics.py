"""Making and deleting forum topics, by the bot or by a person."""

from __future__ import annotations

from typing import Any

from .membership import chats_changed
from .posting import delete, post
from .sandbox import Sandbox
from .world import Chat, Topic, User

COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def create_topic(
    sandbox: Sandbox, chat: Chat, by: User, name: str, color: int = COLORS[0], icon_custom_emoji_id: str | None = None
) -> Topic:
    content: dict[str, Any] = {"name": name, "icon_color": color}
    if icon_custom_emoji_id:
        content["icon_custom_emoji_id"] = icon_custom_emoji_id
    message = post(sandbox, chat, by, {"forum_topic_created": content})
    topic = chat.topics[message.message_id] = Topic(message.message_id, name, color, icon_custom_emoji_id)
    chats_changed(sandbox, chat)
    return topic


def delete_topic(sandbox: Sandbox, chat: Chat, topic: Topic) -> None:
    """The topic goes with all its messages."""
    del chat.topics[topic.message_thread_id]
    delete(sandbox, [m for m in chat.messages.values() if m.thread == topic.message_thread_id])
    chats_changed(sandbox, chat)
