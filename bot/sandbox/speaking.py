"""A person says something: text, media, albums, places, contacts, forwards."""

from __future__ import annotations

import secrets
from typing import Any

from .detection import detect
from .errors import bad_input, not_allowed, not_found
from .forwarding import forwarded_content
from .keyboards import used
from .media import media_content
from .messages import MEDIA, Message
from .params import Params, Upload
from .personal import Json, chat_named, member_named, message_named, required, whole
from .posting import post
from .samples import sample
from .sandbox import Sandbox
from .texts import CAPTION_LIMIT, TEXT_LIMIT
from .world import Chat, User


def words(text: Any, *, caption: bool = False) -> Json:
    """A person's text or caption, with the entities Telegram finds in it."""
    said = str(text).strip()
    if not said:
        raise bad_input("there is no text")
    if len(said) > (CAPTION_LIMIT if caption else TEXT_LIMIT):
        raise bad_input("the text is too long")
    name, entities = ("caption", "caption_entities") if caption else ("text", "entities")
    found = detect(said, [])
    return {name: said, entities: found} if found else {name: said}


def enter(sandbox: Sandbox, chat: Chat, user: User, thread: int | None = None) -> None:
    """Refuses where this person may not write; writing to the bot starts it."""
    if chat.private:
        if sandbox.bot in chat.people:
            if user.blocked:
                raise not_allowed("the bot is blocked; unblock or start it first")
            user.started = True
        return
    member = member_named(chat, user)
    if thread is not None:
        topic = chat.topics.get(thread)
        if topic is None:
            raise not_found(f"there is no topic {thread}")
        if topic.closed and member.status in ("member", "restricted"):
            raise not_allowed(f"the topic {topic.name} is closed")


def thread_of(params: Params) -> int | None:
    """The topic; 1 is the General one, which has no thread."""
    thread = params.values.get("thread")
    if thread in (None, "", 0, 1, "0", "1"):
        return None
    return whole(thread, "thread")


def say(sandbox: Sandbox, user: User, chat: Chat, params: Params) -> list[Message]:
    """One message, or the parts of an album."""
    thread = thread_of(params)
    enter(sandbox, chat, user, thread)
    reply_to = None
    if params.values.get("reply_to"):
        reply_to = message_named(chat, params.values["reply_to"])
        thread = thread or reply_to.thread
    album = params.parsed("album")
    contents = _album(sandbox, album, params) if album is not None else [_content(sandbox, params.values, params.files.get("file"))]
    said = [post(sandbox, chat, user, content, reply_to=reply_to, thread=thread) for content in contents]
    chat.read[user.id] = chat.last_id
    if "text" in contents[0]:
        used(sandbox, chat, user, contents[0]["text"])
    return said


def _content(sandbox: Sandbox, given: Json, upload: Upload | None) -> Json:
    kind = given.get("kind") or ("text" if "text" in given else None)
    if kind == "text":
        return words(given.get("text", ""))
    if kind == "location":
        try:
            return {"location": {"latitude": float(given["latitude"]), "longitude": float(given["longitude"])}}
        except (KeyError, TypeError, ValueError):
            raise bad_input("a location needs latitude and longitude") from None
    if kind == "contact":
        if not given.get("phone_number") or not given.get("first_name"):
            raise bad_input("a contact needs phone_number and first_name")
        return {"contact": {k: given[k] for k in ("phone_number", "first_name", "last_name") if given.get(k)}}
    if kind not in MEDIA:
        raise bad_input("say text, or one of the kinds " + ", ".join((*MEDIA, "location", "contact")))
    return _media(sandbox, str(kind), given, upload)


def _media(sandbox: Sandbox, kind: str, given: Json, upload: Upload | None) -> Json:
    duration = whole(given.get("duration") or 3, "duration")
    if upload is None:
        upload = Upload(*_sample(kind, duration))
    if given.get("file_name"):
        upload = Upload(str(given["file_name"]), upload.data, upload.mime)
    stored = sandbox.files.add(kind, upload, duration=duration)
    caption = words(given["caption"], caption=True) if given.get("caption") and kind not in ("video_note", "sticker") else {}
    return {**media_content(stored), **caption}


def _sample(kind: str, duration: int) -> tuple[str, bytes, str]:
    data, mime, name = sample(kind, duration=duration)
    return name, data, mime


def _album(sandbox: Sandbox, album: Any, params: Params) -> list[Json]:
    if not isinstance(album, list) or not 2 <= len(album) <= 10:
        raise bad_input("an album has 2 to 10 parts")
    if not all(isinstance(part, dict) and part.get("kind") in ("photo", "video", "document", "audio") for part in album):
        raise bad_input("an album holds photos and videos, or documents, or audio")
    group = str(secrets.randbits(52))
    return [{**_media(sandbox, part["kind"], part, params.files.get(f"file{i}")), "media_group_id": group} for i, part in enumerate(album)]


def forward(sandbox: Sandbox, user: User, chat: Chat, params: Params) -> list[Message]:
    """Forward messages of another chat; albums stay albums."""
    source = chat_named(sandbox, user, required(params, "from"))
    ids = params.parsed("message_ids")
    if not isinstance(ids, list) or not ids:
        raise bad_input("message_ids is missing")
    thread = thread_of(params)
    messages = [message_named(source, message_id) for message_id in ids]
    if any(m.is_service for m in messages):
        raise bad_input("service messages can't be forwarded")
    if any(m.content.get("has_protected_content") for m in messages):
        raise not_allowed("this chat's messages are protected")
    enter(sandbox, chat, user, thread)
    groups: dict[str, str] = {}
    said = []
    for message in messages:
        old = message.content.get("media_group_id")
        group = groups.setdefault(old, str(secrets.randbits(52))) if old else None
        said.append(post(sandbox, chat, user, forwarded_content(message, group), thread=thread))
    chat.read[user.id] = chat.last_id
    return said
