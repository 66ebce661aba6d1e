"""One queued message as one Bot API call, and Telegram's answer as what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import Bot, InputFile, InputMediaPhoto, Message, MessageId, TelegramObject
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.logs import without_tokens
from models.circles import Loss
from models.outbox import Attachment, AttachmentKind, OutboxMessage, OutboxState

# The library changes the case of what Telegram says, so all is compared in lower case.
LOST_CARD = ("message to edit not found", "message can't be edited", "message_id_invalid")
NOT_REACHABLE = ("chat not found", "user is deactivated", "peer_id_invalid")
THREAD_GONE = ("message thread not found", "topic_id_invalid", "topic_deleted")
LOST_PLACE = (
    *((sign, Loss.TOPIC_DELETED) for sign in THREAD_GONE),
    ("topic_closed", Loss.CLOSED),
    ("bot was kicked", Loss.REMOVED),
    ("bot is not a member", Loss.REMOVED),
    ("group chat was deleted", Loss.GONE),
    ("chat not found", Loss.GONE),
    ("group chat was deactivated", Loss.GONE),
    ("not enough rights to send", Loss.MUTED),
    ("have no rights to send", Loss.MUTED),
    ("chat_write_forbidden", Loss.MUTED),
    ("chat_restricted", Loss.MUTED),
)
"""What Telegram says of a place in a group where the bot cannot speak now."""
ALREADY_SO = (
    "message is not modified",
    "message to delete not found",
    "message can't be deleted",
    "user_already_participant",
    "hide_requester_missing",
    "topic_not_modified",
)


@dataclass(frozen=True)
class Answer:
    """What Telegram said. ``state`` None means: try again, after ``wait`` seconds; ``passing``, for as long as it takes."""

    state: OutboxState | None
    said: Any = None
    """Telegram's answer as the library gives it."""
    error: str | None = None
    wait: float = 0.0
    limited: bool = False
    passing: bool = False
    moved_to: int | None = None
    card_lost: bool = False
    lost: Loss | None = None
    """What became of the circle it was for: the message waits."""

    @property
    def result(self) -> Any:
        """Telegram's answer as it came, in JSON's types; few want to know it."""
        return _plain(self.said)

    @property
    def message_id(self) -> int | None:
        return next(iter(self._message_ids), None)

    @property
    def further_message_ids(self) -> list[int]:
        """Where one call brought several messages, such as an album: all but the first."""
        return self._message_ids[1:]

    @property
    def _message_ids(self) -> list[int]:
        brought = self.said if isinstance(self.said, (list, tuple)) else [self.said]
        return [each.message_id for each in brought if isinstance(each, (Message, MessageId))]


async def make_call(bot: Bot, message: OutboxMessage, content: bytes | None) -> Answer:
    """Make the call. Every failure becomes an Answer; nothing is raised but by a mistake of ours."""
    method, params = resolve(message, content)
    function = getattr(bot, re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower())
    try:
        if method == "getFile":
            return Answer(OutboxState.SENT, await _fetch(bot, params))
        return Answer(OutboxState.SENT, await function(**params))
    except TelegramError as error:
        return judge(error, message)


def resolve(message: OutboxMessage, content: bytes | None) -> tuple[str, dict[str, Any]]:
    """The Bot API method and its parameters. A card is sent where it does not stand yet, and edited where it does."""
    params: dict[str, Any] = {"chat_id": message.chat_id} if message.chat_id is not None else {}
    params |= message.params
    method, card = message.method, message.card
    if method in ("setMyCommands", "deleteMyCommands", "getFile"):
        params.pop("chat_id", None)
    if method == "card":
        file = message.attachment
        if card is not None and card.message_id is not None:
            params["message_id"] = card.message_id
            if file is not None and file.kind is AttachmentKind.PHOTO:
                return "editMessageMedia", _with_picture(params, file, content)
            params.pop("message_thread_id", None)
            method = "editMessageCaption" if card.has_media else "editMessageText"
            params = _as_caption(params) if card.has_media else params
        else:
            method = f"send{message.attachment.kind.capitalize()}" if message.attachment else "sendMessage"
            params = _as_caption(params) if message.attachment else params
            if not params["reply_markup"]["inline_keyboard"]:
                del params["reply_markup"]
    if message.attachment is not None and method in ("sendDocument", "sendPhoto"):
        file = message.attachment
        params[file.kind.value] = file.file_id or InputFile(content or b"", filename=file.name)
    if "text" in params and method.endswith(("Message", "Text")):
        params |= {"parse_mode": ParseMode.HTML, "link_preview_options": {"is_disabled": True}}
    if "caption" in params:
        params["parse_mode"] = ParseMode.HTML
    return method, params


def judge(error: TelegramError, message: OutboxMessage) -> Answer:
    """What a failure means for the message."""
    text = without_tokens(error.message)
    said = text.lower()
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return Answer(None, error=text, wait=wait.total_seconds() if isinstance(wait, timedelta) else wait, limited=True)
    if isinstance(error, ChatMigrated):
        if message.params.get("from_chat_id", 0) < 0:  # it may be the group that is copied from which moved: nobody else may become it
            return Answer(None, error=text, wait=5.0)
        return Answer(None, error=text, moved_to=error.new_chat_id)
    lost = next((loss for sign, loss in LOST_PLACE if sign in said), None)
    if lost is Loss.GONE and "from_chat_id" in message.params:  # it may be the chat that is copied from
        lost = None
    if lost is not None and message.circle_id is not None:
        return Answer(OutboxState.WAITING, error=text, lost=lost)
    if isinstance(error, Forbidden) or any(sign in said for sign in NOT_REACHABLE):
        return Answer(OutboxState.UNREACHABLE, error=text)
    if isinstance(error, InvalidToken):
        return Answer(None, error=text, wait=60.0, passing=True)
    if isinstance(error, BadRequest):
        if any(sign in said for sign in ALREADY_SO) or message.method == "answerCallbackQuery":
            return Answer(OutboxState.SENT, error=text)
        if message.card is not None and message.card.message_id is not None and any(sign in said for sign in LOST_CARD):
            return Answer(None, error=text, card_lost=True)
        return Answer(OutboxState.FAILED, error=text)
    if isinstance(error, NetworkError):  # timeouts too: the call may have arrived, and at least once is the promise
        return Answer(None, error=text, wait=2.0 ** min(message.attempts, 6), passing=True)
    return Answer(None, error=text, wait=min(5.0 * 2**message.attempts, 300.0))


async def _fetch(bot: Bot, params: dict[str, Any]) -> bytes:
    file = await bot.get_file(params["file_id"])
    return bytes(await file.download_as_bytearray())


def _with_picture(params: dict[str, Any], file: Attachment, content: bytes | None) -> dict[str, Any]:
    """The card's words as the caption of a picture that takes the place of the one that stands there."""
    picture = file.file_id or InputFile(content or b"", filename=file.name, attach=True)
    media = InputMediaPhoto(picture, caption=params["text"], parse_mode=ParseMode.HTML)
    return {"media": media, **{name: value for name, value in params.items() if name not in ("text", "message_thread_id")}}


def _as_caption(params: dict[str, Any]) -> dict[str, Any]:
    return {("caption" if name == "text" else name): value for name, value in params.items()}


def _plain(result: Any) -> Any:
    if isinstance(result, TelegramObject):
        return result.to_dict()
    if isinstance(result, (list, tuple)):
        return [_plain(item) for item in result]
    return result
