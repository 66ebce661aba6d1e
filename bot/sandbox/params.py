"""The parameters of a call, whatever body they came in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import bad_request

# What a form can only carry as text, and the log shall show as it is meant.
STRUCTURED = frozenset(
    [
        "reply_markup",
        "entities",
        "caption_entities",
        "media",
        "allowed_updates",
        "commands",
        "scope",
        "menu_button",
        "link_preview_options",
        "reply_parameters",
        "permissions",
        "message_ids",
        "rights",
    ]
)
NUMBERS = frozenset(
    [
        "chat_id",
        "from_chat_id",
        "message_id",
        "message_thread_id",
        "user_id",
        "offset",
        "limit",
        "timeout",
        "duration",
        "width",
        "height",
        "length",
        "member_limit",
        "expire_date",
        "icon_color",
        "cache_time",
        "max_connections",
        "until_date",
        "reply_to_message_id",
    ]
)


@dataclass(slots=True)
class Upload:
    """A file part of a multipart body."""

    name: str
    data: bytes
    mime: str


class Params:
    """Reads a value as the type the method needs, refusing in Telegram's words."""

    __slots__ = ("files", "values")

    def __init__(self, values: dict[str, Any], files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        found = self.maybe_integer(name)
        return default if found is None else found

    def maybe_integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f'can\'t parse "{name}": expected an integer') from None

    def number(self, name: str) -> float:
        try:
            return float(self.values[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(f"{name} must be non-empty") from None

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "true", "True", "1", "yes")

    def parsed(self, name: str) -> Any:
        """A structured value, given as JSON text or, in a JSON body, as it is."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self.parsed(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request("object expected as " + name.replace("_", " "))
        return value

    def sequence(self, name: str) -> list[Any] | None:
        value = self.parsed(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array of {name}")
        return value

    def for_log(self) -> dict[str, Any]:
        """Values decoded, files by name; a part that a value names by attach:// is no parameter."""
        logged = dict(self.values)
        for name, value in logged.items():
            if isinstance(value, str):
                if name in STRUCTURED and value[:1] in ("{", "["):
                    try:
                        logged[name] = json.loads(value)
                    except ValueError:
                        continue
                elif name in NUMBERS and value.lstrip("-").isdigit():
                    logged[name] = int(value)
                elif value in ("true", "false", "True", "False") and name not in ("text", "caption", "name", "title"):
                    logged[name] = value in ("true", "True")
        named = " ".join(value for value in self.values.values() if isinstance(value, str) and "attach://" in value)
        for name, upload in self.files.items():
            if f"attach://{name}" not in named:
                logged.setdefault(name, upload.name)
        return logged
