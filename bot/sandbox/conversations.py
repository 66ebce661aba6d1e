"""The person's side: chats and the messages in them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from .errors import bad_input, not_allowed
from .messages import Message
from .personal import (
    Json,
    answering,
    body_of,
    chat_named,
    member_named,
    message_named,
    required,
    user_named,
    whole,
)
from .posting import delete, edited
from .sandbox import Sandbox
from .speaking import forward, say, words
from .world import Chat, User


def chat_json(sandbox: Sandbox, user: User, chat: Chat) -> Json:
    """One row of the chat list."""
    last = chat.messages[next(reversed(chat.messages))] if chat.messages else None
    read, unread = chat.read.get(user.id, 0), 0
    for message_id in reversed(chat.messages):
        if message_id <= read:
            break
        unread += chat.messages[message_id].sender is not user
    with_bot = chat.private and sandbox.bot in chat.people
    return {
        "chat": chat.seen_by(user.id),
        "key": chat.key_for(user.id),
        "title": chat.other(user.id).full_name if chat.private else chat.title,
        "last": last.for_person(user.id) if last else None,
        "unread": unread,
        "topics": [topic.as_topic() for topic in chat.topics.values()],
        "blocked": with_bot and user.blocked,
        "started": user.started if with_bot else True,
        "member": chat.private or chat.member(user.id) is not None,
        "commands": sandbox.commands.shown_to(user, chat) if sandbox.bot in chat.present() else [],
        "reply_keyboard": chat.keyboards.get(user.id),
    }


def _button(message: Message, values: Json) -> str:
    """The callback data of the button pressed."""
    rows = (message.reply_markup or {}).get("inline_keyboard", [])
    if "data" in values:
        data = str(values["data"])
        # A screen that shows an older keyboard can press what is no longer there.
        if not values.get("stale") and not any(button.get("callback_data") == data for row in rows for button in row):
            raise bad_input("the message has no button with this data")
        return data
    try:
        found = rows[whole(values.get("row"), "row")][whole(values.get("column"), "column")].get("callback_data")
    except IndexError:
        found = None
    if found is None:
        raise bad_input("there is no button with callback data at this place")
    return str(found)


def conversation_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """/sandbox/users/{uid}/chats and below."""

    def named(request: Request) -> tuple[User, Chat]:
        user = user_named(sandbox, request.path_params["uid"])
        return user, chat_named(sandbox, user, request.path_params["chat"])

    async def chats(request: Request) -> list[Json]:
        user = user_named(sandbox, request.path_params["uid"])
        found = [chat for chat in sandbox.world.chats_of(user) if chat.migrated_to is None]
        found.sort(key=lambda chat: chat.touched, reverse=True)
        return [chat_json(sandbox, user, chat) for chat in found]

    async def messages(request: Request) -> list[Json]:
        user, chat = named(request)
        query = request.query_params
        before = whole(query["before"], "before") if query.get("before") else None
        limit = whole(query.get("limit", 50), "limit")
        thread = whole(query["thread"], "thread") if query.get("thread") else None
        kept: list[Json] = []
        for message in reversed(chat.messages.values()):
            if len(kept) >= limit:
                break
            if before is not None and message.message_id >= before:
                continue
            if thread is not None and (message.thread or 1) != thread:
                continue
            kept.append(message.for_person(user.id))
        return kept[::-1]

    async def read(request: Request) -> Json:
        user, chat = named(request)
        if chat.read.get(user.id) != chat.last_id:
            chat.read[user.id] = chat.last_id
            sandbox.events.emit("chats", user.id)
        return {}

    async def post_message(request: Request) -> list[Json]:
        user, chat = named(request)
        return [m.for_person(user.id) for m in say(sandbox, user, chat, await body_of(request))]

    async def edit(request: Request) -> Json:
        user, chat = named(request)
        params = await body_of(request)
        message = message_named(chat, required(params, "message_id"))
        if message.sender is not user or message.is_service or "forward_origin" in message.content:
            raise not_allowed("only own messages can be edited")
        caption = "text" not in message.content
        if caption and message.media is None:
            raise bad_input("there is no text in this message")
        old = ("caption", "caption_entities") if caption else ("text", "entities")
        kept = {k: v for k, v in message.content.items() if k not in old}
        content = {**kept, **words(required(params, "text"), caption=caption)}
        if content != message.content:
            message.content = content
            edited(sandbox, message)
        return message.for_person(user.id)

    async def delete_message(request: Request) -> Json:
        user, chat = named(request)
        message = message_named(chat, required(await body_of(request), "message_id"))
        if not chat.private and message.sender is not user and not member_named(chat, user).may("can_delete_messages"):
            raise not_allowed("only own messages can be deleted")
        delete(sandbox, [message])
        return {}

    async def post_forward(request: Request) -> list[Json]:
        user, chat = named(request)
        return [m.for_person(user.id) for m in forward(sandbox, user, chat, await body_of(request))]

    async def press(request: Request) -> Json:
        user, chat = named(request)
        params = await body_of(request)
        message = message_named(chat, required(params, "message_id"))
        if message.sender is not sandbox.bot:
            raise bad_input("only the bot's messages have buttons")
        if not chat.private:
            member_named(chat, user)
        data = _button(message, params.values)
        query_id = sandbox.new_callback(user, message)
        payload: dict[str, Any] = {
            "id": query_id,
            "from": user.as_user(),
            "message": message.seen_by(sandbox.bot.id),
            "chat_instance": chat.instance or str(abs(chat.id)),
            "data": data,
        }
        sandbox.updates.put("callback_query", payload)
        return {"callback_query_id": query_id}

    base = "/sandbox/users/{uid}/chats"
    return [
        Route(base, answering(chats), methods=["GET"]),
        Route(base + "/{chat}/messages", answering(messages), methods=["GET"]),
        Route(base + "/{chat}/messages", answering(post_message), methods=["POST"]),
        Route(base + "/{chat}/read", answering(read), methods=["POST"]),
        Route(base + "/{chat}/edit", answering(edit), methods=["POST"]),
        Route(base + "/{chat}/delete", answering(delete_message), methods=["POST"]),
        Route(base + "/{chat}/forward", answering(post_forward), methods=["POST"]),
        Route(base + "/{chat}/press", answering(press), methods=["POST"]),
    ]
