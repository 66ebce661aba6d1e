"""The bot itself: getMe, its name and descriptions; files."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..files import DOWNLOAD_LIMIT
from ..params import Params
from ..sandbox import Sandbox
from .registry import method

Json = dict[str, Any]


@method("getMe")
def get_me(sandbox: Sandbox, params: Params) -> Json:
    return {
        **sandbox.bot.as_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


@method("logOut")
def log_out(sandbox: Sandbox, params: Params) -> bool:
    return True


@method("close")
def close(sandbox: Sandbox, params: Params) -> bool:
    return True


def _texts(name: str, field: str, limit: int) -> None:
    def write(sandbox: Sandbox, params: Params) -> bool:
        value = params.text(field) or ""
        if len(value) > limit:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        sandbox.profile[field, params.text("language_code") or ""] = value
        return True

    def read(sandbox: Sandbox, params: Params) -> Json:
        default = sandbox.bot.first_name if field == "name" else ""
        return {field: sandbox.profile.get((field, params.text("language_code") or ""), default)}

    method(f"setMy{name}")(write)
    method(f"getMy{name}")(read)


_texts("Name", "name", 64)
_texts("Description", "description", 512)
_texts("ShortDescription", "short_description", 120)


@method("getFile")
def get_file(sandbox: Sandbox, params: Params) -> Json:
    stored = sandbox.files.find(params.text("file_id") or "")
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return stored.as_file()
