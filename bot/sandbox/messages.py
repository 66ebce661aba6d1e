"""Messages: how they are kept and how they look to whoever reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .world import Chat, User

Json = dict[str, Any]

SERVICE = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "group_chat_created",
        "supergroup_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
    }
)
MEDIA = ("photo", "video", "voice", "video_note", "audio", "document", "sticker")


@dataclass(slots=True, eq=False)
class Message:
    """One message. `content` is replaced, never changed in place: updates share it."""

    chat: Chat
    message_id: int
    sender: User
    date: int
    content: Json
    reply_to: Message | None = None
    thread: int | None = None
    edit_date: int | None = None
    reply_markup: Json | None = None
    pins: Message | None = None

    @property
    def is_service(self) -> bool:
        return not SERVICE.isdisjoint(self.content) or self.pins is not None

    @property
    def media(self) -> str | None:
        return next((kind for kind in MEDIA if kind in self.content), None)

    @property
    def words(self) -> tuple[str, list[Json]]:
        """The text or caption with its entities."""
        content = self.content
        if "text" in content:
            return content["text"], content.get("entities", [])
        return content.get("caption", ""), content.get("caption_entities", [])

    def seen_by(self, viewer: int, *, nested: bool = False) -> Json:
        """The Bot API's `Message`, as this reader sees it."""
        message: Json = {
            "message_id": self.message_id,
            "from": self.sender.as_user(),
            "chat": self.chat.seen_by(viewer),
            "date": self.date,
            **self.content,
        }
        if self.edit_date is not None:
            message["edit_date"] = self.edit_date
        if self.thread is not None:
            message["message_thread_id"] = self.thread
            message["is_topic_message"] = True
        if self.reply_markup is not None:
            message["reply_markup"] = self.reply_markup
        if nested:
            return message
        if self.pins is not None:
            message["pinned_message"] = self.pins.seen_by(viewer, nested=True)
        if self.reply_to is not None and self.reply_to.message_id in self.chat.messages:
            message["reply_to_message"] = self.reply_to.seen_by(viewer, nested=True)
        elif self.thread is not None and self.thread != self.message_id:
            # Telegram lets every message of a topic answer the message that opened it.
            opening = self.chat.messages.get(self.thread)
            if opening is not None:
                message["reply_to_message"] = opening.seen_by(viewer, nested=True)
        return message

    def for_person(self, uid: int) -> Json:
        return {**self.seen_by(uid), "out": self.sender.id == uid}
