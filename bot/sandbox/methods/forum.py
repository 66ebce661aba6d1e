"""Forum topics."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..params import Params
from ..posting import post
from ..sandbox import Sandbox
from ..targets import group_for
from ..topics import COLORS, create_topic, delete_topic
from ..world import Chat, Topic
from .registry import method

Json = dict[str, Any]


def _forum(sandbox: Sandbox, params: Params, right: str = "can_manage_topics", doing: str = "manage topics in the chat") -> Chat:
    chat = group_for(sandbox, params, right, doing)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    return chat


def _topic(chat: Chat, params: Params) -> Topic:
    topic = chat.topics.get(params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _name(params: Params) -> str:
    name = (params.text("name") or "").strip()
    if not 1 <= len(name) <= 128:
        raise bad_request("topic name is empty" if not name else "TOPIC_TITLE_TOO_LONG")
    return name


@method("createForumTopic")
def create_forum_topic(sandbox: Sandbox, params: Params) -> Json:
    chat = _forum(sandbox, params, doing="create a topic")
    color = params.integer("icon_color", COLORS[0])
    if color not in COLORS:
        raise bad_request("wrong icon color specified")
    topic = create_topic(sandbox, chat, sandbox.bot, _name(params), color, params.text("icon_custom_emoji_id"))
    answer: Json = {"message_thread_id": topic.message_thread_id, "name": topic.name, "icon_color": topic.icon_color}
    if topic.icon_custom_emoji_id:
        answer["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
    return answer


@method("editForumTopic")
def edit_forum_topic(sandbox: Sandbox, params: Params) -> bool:
    chat = _forum(sandbox, params)
    topic = _topic(chat, params)
    change: Json = {}
    if params.text("name"):
        change["name"] = topic.name = _name(params)
    if params.text("icon_custom_emoji_id") is not None:
        change["icon_custom_emoji_id"] = topic.icon_custom_emoji_id = params.text("icon_custom_emoji_id")
    if not change:
        raise bad_request("TOPIC_NOT_MODIFIED")
    post(sandbox, chat, sandbox.bot, {"forum_topic_edited": change}, thread=topic.message_thread_id)
    return True


def _close(sandbox: Sandbox, params: Params, *, closed: bool) -> bool:
    chat = _forum(sandbox, params)
    topic = _topic(chat, params)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    content: Json = {"forum_topic_closed" if closed else "forum_topic_reopened": {}}
    post(sandbox, chat, sandbox.bot, content, thread=topic.message_thread_id)
    return True


@method("closeForumTopic")
def close_forum_topic(sandbox: Sandbox, params: Params) -> bool:
    return _close(sandbox, params, closed=True)


@method("reopenForumTopic")
def reopen_forum_topic(sandbox: Sandbox, params: Params) -> bool:
    return _close(sandbox, params, closed=False)


@method("deleteForumTopic")
def delete_forum_topic(sandbox: Sandbox, params: Params) -> bool:
    chat = _forum(sandbox, params, "can_delete_messages", "delete messages in the chat")
    delete_topic(sandbox, chat, _topic(chat, params))
    return True
