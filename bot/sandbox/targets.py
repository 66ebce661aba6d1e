"""From what a call names to what is meant: the chat, the thread, the message replied to."""

from __future__ import annotations

from typing import Any

from .errors import ApiError, bad_request, forbidden
from .messages import Message
from .params import Params
from .sandbox import Sandbox
from .world import Chat, Member, User

KINDS_SENT = {
    "text": ("can_send_messages", "text messages"),
    "photo": ("can_send_photos", "photos"),
    "video": ("can_send_videos", "videos"),
    "document": ("can_send_documents", "documents"),
    "audio": ("can_send_audios", "music"),
    "voice": ("can_send_voice_notes", "voice notes"),
    "video_note": ("can_send_video_notes", "video notes"),
    "sticker": ("can_send_other_messages", "stickers"),
}
"""By a message's kind: the permission it needs, and what Telegram calls it in a refusal."""


def find_chat(sandbox: Sandbox, params: Params, name: str = "chat_id") -> Chat:
    """A chat the bot knows."""
    value = params.text(name)
    if value is None or value == "":
        raise bad_request(f"{name} is empty")
    try:
        chat_id = int(value)
    except ValueError:
        raise bad_request("chat not found") from None
    world = sandbox.world
    if chat_id > 0:
        user = world.users.get(chat_id)
        if user is None:
            raise bad_request("chat not found")
        return world.chat_with_bot(user)
    chat = world.groups.get(chat_id)
    if chat is None or sandbox.bot.id not in chat.members or (chat.deleted and chat.type == "supergroup"):
        raise bad_request("chat not found")
    return chat


def own_standing(sandbox: Sandbox, chat: Chat) -> Member:
    """The bot's membership in a group; refuses when it is out or the group has moved."""
    kind = "supergroup chat" if chat.type == "supergroup" else "group chat"
    member = chat.members[sandbox.bot.id]
    if chat.deleted:
        raise forbidden(f"the {kind.removeprefix('super')} was deleted")
    if member.status == "kicked":
        raise forbidden(f"bot was kicked from the {kind}")
    if not member.present:
        raise forbidden(f"bot is not a member of the {kind}")
    if chat.migrated_to is not None:
        raise bad_request("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to})
    return member


def reachable(sandbox: Sandbox, chat: Chat) -> None:
    """Refuses where the bot may not write."""
    if not chat.private:
        own_standing(sandbox, chat)
        return
    user = chat.people[0]
    if user.blocked:
        raise forbidden("bot was blocked by the user")
    if not user.started and not any(user.id in group.requests for group in sandbox.world.groups.values()):
        raise forbidden("bot can't initiate conversation with a user")


def open_chat(sandbox: Sandbox, params: Params) -> Chat:
    """The chat to write to."""
    chat = find_chat(sandbox, params)
    reachable(sandbox, chat)
    return chat


def may_send(sandbox: Sandbox, chat: Chat, content: dict[str, Any]) -> None:
    """Refuses what the group, or whoever restricted the bot, does not let it send."""
    if chat.private or chat.members[sandbox.bot.id].status in ("creator", "administrator"):
        return
    permission, called = next((what for kind, what in KINDS_SENT.items() if kind in content), KINDS_SENT["text"])
    own = chat.members[sandbox.bot.id]
    if permission in chat.forbidden or (own.status == "restricted" and not own.rights.get(permission, True)):
        raise bad_request(f"not enough rights to send {called} to the chat")


def group_for(sandbox: Sandbox, params: Params, right: str | None = None, doing: str = "") -> Chat:
    """A group the bot is in, with the right the call needs."""
    chat = find_chat(sandbox, params)
    if chat.private:
        raise bad_request("method is available only for supergroup and channel chats" if right else "chat not found")
    member = own_standing(sandbox, chat)
    if right and not member.may(right):
        raise bad_request(f"not enough rights to {doing}")
    return chat


def find_thread(sandbox: Sandbox, chat: Chat, params: Params) -> int | None:
    """The topic to write to; none for the General one."""
    thread = params.maybe_integer("message_thread_id")
    if not thread:
        return None
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.members[sandbox.bot.id].may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread


def find_reply(chat: Chat, params: Params, thread: int | None) -> Message | None:
    """The message answered, by reply_parameters or the older reply_to_message_id."""
    reply: Any = params.mapping("reply_parameters")
    message_id = reply.get("message_id") if reply else params.maybe_integer("reply_to_message_id")
    if not message_id:
        return None
    message = chat.messages.get(int(message_id))
    if message is None or (chat.is_forum and thread is not None and message.thread != thread):
        if (reply or {}).get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return message


def find_message(chat: Chat, params: Params, doing: str) -> Message:
    """`doing` is the word in "message to … not found"."""
    if "message_id" not in params.values:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {doing} not found")
    return message


def find_user(sandbox: Sandbox, params: Params) -> User:
    user_id = params.maybe_integer("user_id")
    if user_id is None:
        raise bad_request("invalid user_id specified")
    if user_id == sandbox.bot.id:
        return sandbox.bot
    user = sandbox.world.users.get(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return user


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")
