"""The bot's commands by scope and language, and which of them a person sees where."""

from __future__ import annotations

import re
from typing import Any

from .errors import bad_request
from .world import Chat, User

Json = dict[str, Any]
Scope = tuple[str | int, ...]

SIMPLE = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")


def scope_of(scope: Any) -> Scope:
    """A `BotCommandScope` as a key."""
    if not scope:
        return ("default",)
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind in SIMPLE:
        return (kind,)
    if kind in ("chat", "chat_administrators"):
        return (kind, int(scope["chat_id"]))
    if kind == "chat_member":
        return (kind, int(scope["chat_id"]), int(scope["user_id"]))
    raise bad_request("unsupported bot command scope specified")


def checked(commands: list[Any]) -> list[Json]:
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for command in commands:
        name = str(command.get("command", "")).lstrip("/") if isinstance(command, dict) else ""
        if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
            raise bad_request("BOT_COMMAND_INVALID")
        description = str(command.get("description", ""))
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({**command, "command": name, "description": description})
    return kept


class CommandBook:
    """What setMyCommands wrote."""

    def __init__(self) -> None:
        self._lists: dict[tuple[Scope, str], list[Json]] = {}

    def write(self, scope: Scope, language: str, commands: list[Json]) -> None:
        if commands:
            self._lists[scope, language] = commands
        else:
            self._lists.pop((scope, language), None)

    def read(self, scope: Scope, language: str) -> list[Json]:
        return self._lists.get((scope, language), [])

    def shown_to(self, user: User, chat: Chat) -> list[Json]:
        """The narrowest list wins, the person's language before none, as Telegram documents it."""
        scopes: list[Scope]
        if chat.private:
            scopes = [("chat", user.id), ("all_private_chats",), ("default",)]
        else:
            member = chat.member(user.id)
            scopes = [("chat_member", chat.id, user.id)]
            if member and member.status in ("creator", "administrator"):
                scopes += [("chat_administrators", chat.id), ("chat", chat.id), ("all_chat_administrators",)]
            else:
                scopes.append(("chat", chat.id))
            scopes += [("all_group_chats",), ("default",)]
        language = (user.language_code or "").partition("-")[0]
        for scope in scopes:
            for code in (language, "") if language else ("",):
                found = self._lists.get((scope, code))
                if found:
                    return found
        return []
