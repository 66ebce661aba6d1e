"""editMessage…: text, caption, media, keyboard; pins."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..markup import sort_markup
from ..media import media_content, uploaded_or_reused
from ..messages import Message
from ..params import Params
from ..posting import edited, post
from ..sandbox import Sandbox
from ..targets import find_chat, find_message, group_for, own_standing
from ..texts import caption_content, text_content
from .registry import method

Json = dict[str, Any]

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def _own_message(sandbox: Sandbox, params: Params) -> Message:
    if params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = find_chat(sandbox, params)
    if not chat.private:
        own_standing(sandbox, chat)
    message = find_message(chat, params, "edit")
    if message.sender is not sandbox.bot or message.is_service:
        raise bad_request("message can't be edited")
    return message


def _change(sandbox: Sandbox, message: Message, content: Json, params: Params) -> Json:
    markup, _, _ = sort_markup(params.parsed("reply_markup"))
    if content == message.content and markup == message.reply_markup:
        raise bad_request(NOT_MODIFIED)
    message.content, message.reply_markup = content, markup
    edited(sandbox, message)
    return message.seen_by(sandbox.bot.id)


@method("editMessageText")
def edit_message_text(sandbox: Sandbox, params: Params) -> Json:
    message = _own_message(sandbox, params)
    content = text_content(sandbox, params.text("text"), params.text("parse_mode"), params.sequence("entities"))
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    preview = params.parsed("link_preview_options")
    if preview:
        content["link_preview_options"] = preview
    kept = {k: v for k, v in message.content.items() if k not in ("text", "entities", "link_preview_options")}
    return _change(sandbox, message, {**kept, **content}, params)


@method("editMessageCaption")
def edit_message_caption(sandbox: Sandbox, params: Params) -> Json:
    message = _own_message(sandbox, params)
    if message.media is None or message.media in ("video_note", "sticker"):
        raise bad_request("there is no caption in the message to edit")
    caption = caption_content(sandbox, params.text("caption"), params.text("parse_mode"), params.sequence("caption_entities"))
    kept = {k: v for k, v in message.content.items() if k not in ("caption", "caption_entities")}
    return _change(sandbox, message, {**kept, **caption}, params)


@method("editMessageMedia")
def edit_message_media(sandbox: Sandbox, params: Params) -> Json:
    message = _own_message(sandbox, params)
    media = params.mapping("media")
    kind = media.get("type")
    if kind not in ("photo", "video", "audio", "document"):
        raise bad_request("wrong type of the media specified" if media else "media must be non-empty")
    if message.media in ("voice", "video_note", "sticker"):
        raise bad_request("message can't be edited")
    caption = caption_content(sandbox, media.get("caption"), media.get("parse_mode"), media.get("caption_entities"))
    stored = uploaded_or_reused(sandbox, kind, media.get("media"), params, **media)
    album: Json = {k: message.content[k] for k in ("media_group_id", "has_protected_content") if k in message.content}
    return _change(sandbox, message, {**media_content(stored), **caption, **album}, params)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(sandbox: Sandbox, params: Params) -> Json:
    message = _own_message(sandbox, params)
    return _change(sandbox, message, message.content, params)


def _may_pin(sandbox: Sandbox, params: Params) -> Any:
    chat = find_chat(sandbox, params)
    if not chat.private:
        group_for(sandbox, params, "can_pin_messages", "manage pinned messages in the chat")
    return chat


@method("pinChatMessage")
def pin_chat_message(sandbox: Sandbox, params: Params) -> bool:
    chat = _may_pin(sandbox, params)
    message = find_message(chat, params, "pin")
    if message.message_id not in chat.pinned:
        chat.pinned.append(message.message_id)
        post(sandbox, chat, sandbox.bot, {}, thread=message.thread, pins=message)
    return True


@method("unpinChatMessage")
def unpin_chat_message(sandbox: Sandbox, params: Params) -> bool:
    chat = _may_pin(sandbox, params)
    message_id = params.maybe_integer("message_id")
    if message_id is None and chat.pinned:
        message_id = chat.pinned[-1]
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(sandbox: Sandbox, params: Params) -> bool:
    _may_pin(sandbox, params).pinned.clear()
    return True
