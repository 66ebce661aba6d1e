"""Formatted text: Telegram's HTML to plain text and entities, with offsets in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import bad_request

Json = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|(\d+))|([a-zA-Z]+));?")
_ATTRIBUTE = re.compile(r"""\s*([a-zA-Z][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?""")


def utf16(text: str) -> int:
    """How many UTF-16 units Telegram counts for this text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _unescape(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return NAMED.get(name, match.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code >= 0x110000 or 0xD800 <= code < 0xE000:
        return match.group()
    return chr(code)


def unescape(text: str) -> str:
    """The four named references of Telegram and the numeric ones; others stay as written."""
    return _REFERENCE.sub(_unescape, text) if "&" in text else text


@dataclass(slots=True)
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str]
    at: int


def _refuse(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities; refuses what Telegram refuses, with its words and byte offsets."""
    if "<" not in source:
        return unescape(source), []
    parts: list[str] = []
    entities: list[Json] = []
    stack: list[_Open] = []
    length = position = 0

    def at(index: int) -> int:
        return len(source[:index].encode())

    while True:
        start = source.find("<", position)
        piece = unescape(source[position : start if start >= 0 else len(source)])
        parts.append(piece)
        length += utf16(piece)
        if start < 0:
            break
        end = _end_of_tag(source, start)
        if end < 0:
            raise _refuse(f"Unclosed {'end' if source[start + 1 : start + 2] == '/' else 'start'} tag at byte offset {at(start)}")
        body = source[start + 1 : end]
        position = end + 1
        if body.startswith("/"):
            name = body[1:].strip().lower()
            if not stack:
                raise _refuse(f"Unexpected end tag at byte offset {at(start)}")
            opened = stack.pop()
            if name and name != opened.tag:
                raise _refuse(f'Unmatched end tag at byte offset {at(start)}, expected "</{opened.tag}>", found "</{name}>"')
            if length > opened.offset:
                entity = _entity(opened, length, "".join(parts), stack)
                if entity:
                    entities.append(entity)
        else:
            stack.append(_open(body, length, at(start)))
    if stack:
        raise _refuse(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    entities.sort(key=lambda e: (e["offset"], -e["length"]))
    return "".join(parts), _merge_code(entities)


def _end_of_tag(source: str, start: int) -> int:
    """A '>' inside a quoted attribute does not end the tag."""
    quote = ""
    for index in range(start + 1, len(source)):
        sign = source[index]
        if quote:
            if sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign == ">":
            return index
    return -1


def _open(body: str, offset: int, at: int) -> _Open:
    match = re.match(r"[^\s>/]*", body)
    tag = match.group().lower() if match else ""
    if tag not in TAGS:
        raise _refuse(f'Unsupported start tag "{tag}" at byte offset {at}')
    attributes = {name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(body[len(tag) :])}
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    return _Open(tag, offset, attributes, at)


def _entity(opened: _Open, length: int, text: str, outer: list[_Open]) -> Json | None:
    entity: Json = {"type": TAGS[opened.tag], "offset": opened.offset, "length": length - opened.offset}
    if opened.tag == "a":
        shown = text.encode("utf-16-le")[opened.offset * 2 :].decode("utf-16-le")
        url = opened.attributes.get("href") or shown
        user = re.fullmatch(r"tg://user\?id=(\d+)", url)
        if user:
            return {**entity, "type": "text_mention", "user_id": int(user[1])}
        if not re.match(r"(https?|tg|ton)://|[\w-]+(\.[\w-]+)+|mailto:|tel:", url):
            return None  # Telegram drops a link it does not understand and keeps the text
        entity["url"] = url if "://" in url or ":" in url.split("/")[0] else f"http://{url}"
        if url.startswith("http") and url.count("/") == 2:
            entity["url"] = f"{url}/"
    elif opened.tag == "blockquote" and "expandable" in opened.attributes:
        entity["type"] = "expandable_blockquote"
    elif opened.tag == "tg-emoji":
        entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
    elif opened.tag == "code" and opened.attributes.get("class", "").startswith("language-") and outer and outer[-1].tag == "pre":
        entity["language"] = opened.attributes["class"].removeprefix("language-")
    return entity


def _merge_code(entities: list[Json]) -> list[Json]:
    """<pre><code class="language-x"> is one entity, and a bare code inside pre is none."""
    blocks = {(e["offset"], e["length"]): e for e in entities if e["type"] == "pre"}
    if not blocks:
        return entities
    merged = []
    for entity in entities:
        block = blocks.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and block is not None:
            if "language" in entity:
                block["language"] = entity["language"]
            continue
        merged.append(entity)
    return merged


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram cuts the white space around a message and shifts the entities with it."""
    tail = text.rstrip()
    body = tail.lstrip()
    if len(body) == len(text):
        return text, entities
    shift, end = utf16(tail) - utf16(body), utf16(body)
    kept = []
    for entity in entities:
        first = max(entity["offset"] - shift, 0)
        last = min(entity["offset"] - shift + entity["length"], end)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return body, kept
