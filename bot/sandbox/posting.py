"""Putting messages into chats, changing and removing them, and telling everyone who should hear."""

from __future__ import annotations

from typing import Any

from .detection import slice_of
from .messages import Message
from .sandbox import Sandbox
from .world import Chat, User

Json = dict[str, Any]

# Service messages a bot hears of even when it caused them itself.
OWN_SERVICE = frozenset(
    {
        "pinned_message",
        "left_chat_member",
        "new_chat_title",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
    }
)


def post(
    sandbox: Sandbox,
    chat: Chat,
    sender: User,
    content: Json,
    *,
    reply_to: Message | None = None,
    thread: int | None = None,
    reply_markup: Json | None = None,
    pins: Message | None = None,
) -> Message:
    """Add a message to a chat, queue the bot's update, tell the watchers."""
    chat.last_id += 1
    sandbox.sequence += 1
    chat.touched = sandbox.sequence
    message = Message(
        chat, chat.last_id, sender, sandbox.clock.timestamp(), content, reply_to, thread, reply_markup=reply_markup, pins=pins
    )
    if "forum_topic_created" in content:
        message.thread = message.message_id
    chat.messages[message.message_id] = message
    if hears(sandbox, message):
        sandbox.updates.put("message", message.seen_by(sandbox.bot.id))
    tell(sandbox, "message", message)
    return message


def tell(sandbox: Sandbox, kind: str, message: Message) -> None:
    """The event for every person in the chat somebody watches."""
    for person in message.chat.present():
        if not person.is_bot and sandbox.events.watched(person.id):
            sandbox.events.emit(kind, person.id, chat=message.chat.key_for(person.id), message=message.for_person(person.id))


def edited(sandbox: Sandbox, message: Message) -> None:
    """After a change of content or keyboard."""
    message.edit_date = sandbox.clock.timestamp()
    if not message.sender.is_bot and hears(sandbox, message):
        sandbox.updates.put("edited_message", message.seen_by(sandbox.bot.id))
    tell(sandbox, "edited_message", message)


def delete(sandbox: Sandbox, messages: list[Message]) -> None:
    """Remove messages of one chat for everyone."""
    if not messages:
        return
    chat, ids = messages[0].chat, [m.message_id for m in messages]
    for message_id in ids:
        chat.messages.pop(message_id, None)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
    for person in chat.present():
        if not person.is_bot:
            sandbox.events.emit("deleted", person.id, chat=chat.key_for(person.id), message_ids=ids)


def hears(sandbox: Sandbox, message: Message) -> bool:
    """Whether the bot gets an update: membership, privacy mode, its own messages."""
    chat, bot = message.chat, sandbox.bot
    if chat.private:
        return not message.sender.is_bot and bot in chat.people
    member = chat.member(bot.id)
    if member is None:
        return False
    if message.is_service:
        return not message.sender.is_bot or message.pins is not None or not OWN_SERVICE.isdisjoint(message.content)
    if message.sender.is_bot:
        return False
    if member.status in ("creator", "administrator"):
        return True
    if message.reply_to is not None and message.reply_to.sender is bot:
        return True
    return addressed(sandbox, message)


def addressed(sandbox: Sandbox, message: Message) -> bool:
    """A command for this bot or for none by name, or a mention of it."""
    text, entities = message.words
    own = f"@{sandbox.bot.username}".lower()
    for entity in entities:
        if entity["type"] == "bot_command":
            _, at, name = slice_of(text, entity).lower().partition("@")
            if not at or f"@{name}" == own:
                return True
        elif entity["type"] == "mention" and slice_of(text, entity).lower() == own:
            return True
    return False
