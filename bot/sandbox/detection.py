"""Entities Telegram finds by itself in any text: commands, mentions, links, hashtags, addresses."""

from __future__ import annotations

import re

from .entities import Json, utf16

_FOUND = re.compile(
    r"(?P<url>(?:https?://|tg://)[^\s<>\"]*[^\s<>\".,;:!?)\]}，。！？；：）】]"
    r"|(?<![\w@.])(?:[a-zA-Z0-9-]+\.)+(?:com|org|net|cn|me|io|gov)(?:/[^\s<>\"]*)?\b)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?P<bot_command>(?<![\w/.@<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@/])@[a-zA-Z][a-zA-Z0-9_]{3,31}\b)"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)
_SIGNS = re.compile(r"[/@#.]")
_VERBATIM = {"code", "pre", "text_link", "text_mention"}


def detect(text: str, given: list[Json]) -> list[Json]:
    """The given entities plus the detected ones, in order."""
    if not _SIGNS.search(text):
        return given
    taken = [(e["offset"], e["offset"] + e["length"]) for e in given if e["type"] in _VERBATIM]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        offset = utf16(text[: match.start()])
        length = utf16(match.group())
        if not any(first < offset + length and offset < last for first, last in taken):
            found.append({"type": match.lastgroup, "offset": offset, "length": length})
    return sorted([*given, *found], key=lambda e: (e["offset"], -e["length"])) if found else given


def slice_of(text: str, entity: Json) -> str:
    """The part of the text an entity covers."""
    if text.isascii():
        return text[entity["offset"] : entity["offset"] + entity["length"]]
    units = text.encode("utf-16-le")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
