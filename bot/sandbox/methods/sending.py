"""send…: text, media, albums, places, contacts."""

from __future__ import annotations

import secrets
from typing import Any

from ..errors import bad_request
from ..keyboards import apply_keyboard
from ..markup import sort_markup
from ..media import media_content, uploaded_or_reused
from ..params import Params
from ..posting import post
from ..sandbox import Sandbox
from ..targets import find_reply, find_thread, may_send, open_chat
from ..texts import caption_content, text_content
from .registry import method

Json = dict[str, Any]

ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def send(sandbox: Sandbox, params: Params, content: Json) -> Json:
    """What every send does around its content."""
    chat = open_chat(sandbox, params)
    may_send(sandbox, chat, content)
    thread = find_thread(sandbox, chat, params)
    reply_to = find_reply(chat, params, thread)
    if thread is None and reply_to is not None:
        thread = reply_to.thread
    inline, keyboard, remove = sort_markup(params.parsed("reply_markup"))
    if params.flag("protect_content"):
        content = {**content, "has_protected_content": True}
    message = post(sandbox, chat, sandbox.bot, content, reply_to=reply_to, thread=thread, reply_markup=inline)
    if keyboard or remove:
        apply_keyboard(sandbox, chat, keyboard)
    return message.seen_by(sandbox.bot.id)


@method("sendMessage")
def send_message(sandbox: Sandbox, params: Params) -> Json:
    content = text_content(sandbox, params.text("text"), params.text("parse_mode"), params.sequence("entities"))
    preview = params.parsed("link_preview_options")
    if preview:
        content["link_preview_options"] = preview
    return send(sandbox, params, content)


def _send_media(kind: str) -> Any:
    def handler(sandbox: Sandbox, params: Params) -> Json:
        caption = caption_content(sandbox, params.text("caption"), params.text("parse_mode"), params.sequence("caption_entities"))
        open_chat(sandbox, params)
        stored = uploaded_or_reused(sandbox, kind, params.values.get(kind), params, **params.values)
        content = {**media_content(stored), **({} if kind in ("video_note", "sticker") else caption)}
        for name in ("has_spoiler", "show_caption_above_media"):
            if params.flag(name):
                content["has_media_spoiler" if name == "has_spoiler" else name] = True
        return send(sandbox, params, content)

    return handler


for _name, _kind in (
    ("sendPhoto", "photo"),
    ("sendVoice", "voice"),
    ("sendVideo", "video"),
    ("sendVideoNote", "video_note"),
    ("sendAudio", "audio"),
    ("sendDocument", "document"),
    ("sendSticker", "sticker"),
):
    method(_name)(_send_media(_kind))


@method("sendLocation")
def send_location(sandbox: Sandbox, params: Params) -> Json:
    latitude, longitude = params.number("latitude"), params.number("longitude")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong location coordinates specified")
    return send(sandbox, params, {"location": {"latitude": latitude, "longitude": longitude}})


@method("sendContact")
def send_contact(sandbox: Sandbox, params: Params) -> Json:
    contact: Json = {"phone_number": params.text("phone_number") or "", "first_name": params.text("first_name") or ""}
    if not contact["phone_number"]:
        raise bad_request("phone number is empty")
    if not contact["first_name"]:
        raise bad_request("first name is empty")
    for name in ("last_name", "vcard"):
        if params.text(name):
            contact[name] = params.text(name)
    return send(sandbox, params, {"contact": contact})


@method("sendMediaGroup")
def send_media_group(sandbox: Sandbox, params: Params) -> list[Json]:
    media = params.sequence("media") or []
    if not 2 <= len(media) <= 10:
        raise bad_request("there must be 2-10 items in the album" if media else "there is no media to send")
    kinds = {part.get("type") for part in media if isinstance(part, dict)}
    if not kinds <= {"photo", "video", "audio", "document"} or (len(kinds) > 1 and kinds != {"photo", "video"}):
        raise bad_request("document and audio can't be mixed with other media types")
    open_chat(sandbox, params)
    contents = []
    group = str(secrets.randbits(52))
    for part in media:
        caption = caption_content(sandbox, part.get("caption"), part.get("parse_mode"), part.get("caption_entities"))
        stored = uploaded_or_reused(sandbox, part["type"], part.get("media"), params, **part)
        contents.append({**media_content(stored), **caption, "media_group_id": group})
    return [send(sandbox, params, content) for content in contents]


@method("sendChatAction")
def send_chat_action(sandbox: Sandbox, params: Params) -> bool:
    action = params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = open_chat(sandbox, params)
    find_thread(sandbox, chat, params)
    for person in chat.present():
        if not person.is_bot:
            sandbox.events.emit("chat_action", person.id, chat=chat.key_for(person.id), action=action)
    return True
