"""deleteMessage(s)."""

from __future__ import annotations

from ..errors import bad_request
from ..messages import Message
from ..params import Params
from ..posting import delete
from ..sandbox import Sandbox
from ..targets import find_chat, find_message, own_standing
from ..world import Chat
from .registry import method

TWO_DAYS = 48 * 3600


def _may_delete(sandbox: Sandbox, chat: Chat, message: Message) -> bool:
    """Own messages for 48 hours, others' with the right, in a private chat both for 48 hours."""
    young = sandbox.clock.timestamp() - message.date < TWO_DAYS
    if chat.private:
        return young
    member = own_standing(sandbox, chat)
    if member.may("can_delete_messages"):
        return young or chat.type == "supergroup"
    return young and message.sender is sandbox.bot


@method("deleteMessage")
def delete_message(sandbox: Sandbox, params: Params) -> bool:
    chat = find_chat(sandbox, params)
    if not chat.private:
        own_standing(sandbox, chat)
    message = find_message(chat, params, "delete")
    if not _may_delete(sandbox, chat, message):
        raise bad_request("message can't be deleted for everyone" if message.sender is sandbox.bot else "message can't be deleted")
    delete(sandbox, [message])
    return True


@method("deleteMessages")
def delete_messages(sandbox: Sandbox, params: Params) -> bool:
    chat = find_chat(sandbox, params)
    ids = params.sequence("message_ids") or []
    if not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified" if not ids else "too many message identifiers specified")
    # Those not found or not allowed are skipped, as Telegram documents it.
    found = [chat.messages[i] for i in map(int, ids) if i in chat.messages]
    delete(sandbox, [m for m in found if _may_delete(sandbox, chat, m)])
    return True
