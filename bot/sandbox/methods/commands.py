"""The bot's commands and its menu button."""

from __future__ import annotations

from typing import Any

from ..commands import checked, scope_of
from ..params import Params
from ..sandbox import Sandbox
from .registry import method

Json = dict[str, Any]


def _key(params: Params) -> tuple[Any, str]:
    return scope_of(params.parsed("scope")), params.text("language_code") or ""


@method("setMyCommands")
def set_my_commands(sandbox: Sandbox, params: Params) -> bool:
    sandbox.commands.write(*_key(params), checked(params.sequence("commands") or []))
    sandbox.events.emit("commands")
    return True


@method("getMyCommands")
def get_my_commands(sandbox: Sandbox, params: Params) -> list[Json]:
    return sandbox.commands.read(*_key(params))


@method("deleteMyCommands")
def delete_my_commands(sandbox: Sandbox, params: Params) -> bool:
    sandbox.commands.write(*_key(params), [])
    sandbox.events.emit("commands")
    return True


@method("setChatMenuButton")
def set_chat_menu_button(sandbox: Sandbox, params: Params) -> bool:
    sandbox.menu_buttons[params.maybe_integer("chat_id")] = dict(params.mapping("menu_button")) or {"type": "default"}
    return True


@method("getChatMenuButton")
def get_chat_menu_button(sandbox: Sandbox, params: Params) -> Json:
    default = sandbox.menu_buttons.get(None, {"type": "default"})
    return sandbox.menu_buttons.get(params.maybe_integer("chat_id"), default)
