"""Text and captions of calls: parse mode, given entities, lengths."""

from __future__ import annotations

from typing import Any

from .detection import detect
from .entities import Json, parse_html, trim, utf16
from .errors import bad_request
from .markdown import parse_markdown_v2
from .sandbox import Sandbox

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


def formatted(sandbox: Sandbox, raw: str, parse_mode: str | None, given: list[Any] | None) -> tuple[str, list[Json]]:
    """Plain text and every entity, as Telegram would keep it."""
    entities: list[Json] = []
    text = raw
    if parse_mode:
        mode = parse_mode.lower()
        if mode == "html":
            text, entities = parse_html(raw)
        elif mode == "markdownv2":
            text, entities = parse_markdown_v2(raw)
        else:
            raise bad_request("unsupported parse_mode")
    elif given:
        entities = [_checked(entity, utf16(raw)) for entity in given]
    if entities:
        entities = [_with_user(sandbox, entity) for entity in entities]
    text, entities = trim(text.replace("\r", ""), entities)
    return text, detect(text, entities)


def _checked(entity: Any, length: int) -> Json:
    if not isinstance(entity, dict) or not {"type", "offset", "length"} <= entity.keys():
        raise bad_request("can't parse MessageEntity: Can't find field \"type\"")
    if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > length:
        raise bad_request("entity beginning or end is out of the text")
    return entity


def _with_user(sandbox: Sandbox, entity: Json) -> Json:
    if entity["type"] != "text_mention" or "user_id" not in entity:
        return entity
    rest = {key: value for key, value in entity.items() if key != "user_id"}
    user = sandbox.world.users.get(entity["user_id"])
    return {**rest, "user": (user or sandbox.bot).as_user()}


def text_content(sandbox: Sandbox, raw: str | None, parse_mode: str | None, given: list[Any] | None) -> Json:
    text, entities = formatted(sandbox, raw or "", parse_mode, given)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(sandbox: Sandbox, raw: str | None, parse_mode: str | None, given: list[Any] | None) -> Json:
    if not raw:
        return {}
    text, entities = formatted(sandbox, raw, parse_mode, given)
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}
