"""Reading an update: what it says, without what nobody can see. Kept it is as Telegram gave it."""

from __future__ import annotations

import json
from typing import Any

from models.plain_text import hides_something, plain

LONGEST = 8192
"""Characters of any one text; Telegram lets nobody say more than half of it. Whoever stands in for Telegram may: the rest is cut off."""
_ENTITIES = {"text": "entities", "caption": "caption_entities", "quote": "quote_entities"}


def read_update(payload: str) -> dict[str, Any]:
    """The update, every text in it plain and no longer than any can be, and the entities of a text where they then stand.

    Raises ValueError for what is no JSON object.
    """
    update = _read(json.loads(payload))
    if not isinstance(update, dict):
        raise ValueError("an update is an object")
    return update


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value[:LONGEST]) if hides_something(value[:LONGEST]) else value[:LONGEST]
    if isinstance(value, list):
        return [_read(each) for each in value]
    if not isinstance(value, dict):
        return value
    read = {name: _read(each) for name, each in value.items()}
    for name, entities in _ENTITIES.items():
        text = value.get(name)
        text = text[:LONGEST] if isinstance(text, str) else None
        if text is not None and isinstance(value.get(entities), list) and read[name] != text:
            read[entities] = [moved for each in value[entities] if (moved := _moved(each, text)) is not None]
    return read


def _moved(entity: Any, text: str) -> Any:
    """The entity where it stands once the text is plain; None when nothing is left of it. What is no entity stays as it is."""
    start, length = (entity.get("offset"), entity.get("length")) if isinstance(entity, dict) else (None, None)
    if not isinstance(start, int) or not isinstance(length, int):
        return entity
    units = text.encode("utf-16-le", "surrogatepass")

    def upto(place: int) -> int:
        before = plain(units[: 2 * max(place, 0)].decode("utf-16-le", "surrogatepass"))
        return len(before.encode("utf-16-le")) // 2

    begins, ends = upto(start), upto(start + length)
    return {**entity, "offset": begins, "length": ends - begins} if ends > begins else None
