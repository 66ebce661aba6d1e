"""Reply markup: what Telegram refuses in keyboards."""

from __future__ import annotations

from typing import Any

from .errors import bad_request

Json = dict[str, Any]

_ACTIONS = frozenset(
    [
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    ]
)


def inline_keyboard(markup: Json) -> Json | None:
    """The keyboard to hang on a message; none when it has no buttons."""
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("inline keyboard must be an Array of Arrays of InlineKeyboardButton")
    kept = []
    for row in rows:
        for button in row:
            _check_button(button)
        if row:
            kept.append(row)
    if sum(len(row) for row in kept) > 100:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if _ACTIONS.isdisjoint(button):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://", "ton://")) and "." not in str(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def reply_keyboard(markup: Json) -> Json:
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays')
    keyboard = [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]
    for button in (button for row in keyboard for button in row):
        if not isinstance(button, dict) or not isinstance(button.get("text"), str):
            raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    return {**markup, "keyboard": keyboard}


def sort_markup(markup: Any) -> tuple[Json | None, Json | None, bool]:
    """Inline keyboard, reply keyboard, and whether the reply keyboard shall go."""
    if markup is None or markup == {}:
        return None, None, False
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return inline_keyboard(markup), None, False
    if "keyboard" in markup:
        return None, reply_keyboard(markup), False
    return None, None, bool(markup.get("remove_keyboard"))
