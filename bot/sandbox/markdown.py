"""MarkdownV2: enough of Telegram's grammar for its own examples, and its refusal of unescaped signs."""

from __future__ import annotations

from .entities import Json, utf16
from .errors import bad_request

RESERVED = set("_*[]()~`>#+-=|{}.!")
MARKS = (("__", "underline"), ("||", "spoiler"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough"))


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities, or "can't parse entities"."""
    out: list[str] = []
    length = position = 0
    entities: list[Json] = []
    stack: list[tuple[str, str, int, int]] = []

    def add(text: str) -> None:
        nonlocal length
        out.append(text)
        length += utf16(text)

    def close(kind: str, offset: int, **more: str) -> None:
        if length > offset:
            entities.append({"type": kind, "offset": offset, "length": length - offset, **more})

    while position < len(source):
        sign = source[position]
        if sign == "\\" and position + 1 < len(source) and ord(source[position + 1]) < 127:
            add(source[position + 1])
            position += 2
            continue
        if sign == "`":
            fence = "```" if source.startswith("```", position) else "`"
            end = source.find(fence, position + len(fence))
            if end < 0:
                raise _unclosed("PreCode" if fence == "```" else "Code", source, position)
            body, offset = source[position + len(fence) : end], length
            language, newline, rest = body.partition("\n")
            if fence == "```" and newline and language and language.isalnum():
                add(rest.replace("\\`", "`").replace("\\\\", "\\"))
                close("pre", offset, language=language)
            else:
                add(body.lstrip("\n").replace("\\`", "`").replace("\\\\", "\\"))
                close("pre" if fence == "```" else "code", offset)
            position = end + len(fence)
            continue
        mark = next(((m, kind) for m, kind in MARKS if source.startswith(m, position)), None)
        if mark:
            position += len(mark[0])
            if stack and stack[-1][0] == mark[0]:
                _, kind, offset, _ = stack.pop()
                close(kind, offset)
            else:
                stack.append((*mark, length, position - len(mark[0])))
            continue
        if sign == "[":
            stack.append(("]", "text_link", length, position))
            position += 1
            continue
        if sign == "]" and stack and stack[-1][0] == "]":
            _, kind, offset, _ = stack.pop()
            end = source.find(")", position)
            if not source.startswith("](", position) or end < 0:
                raise _unclosed("TextUrl", source, position)
            close(kind, offset, url=source[position + 2 : end].replace("\\", ""))
            position = end + 1
            continue
        if sign in RESERVED:
            raise bad_request(f"can't parse entities: Character '{sign}' is reserved and must be escaped with the preceding '\\'")
        add(sign)
        position += 1
    if stack:
        _, kind, _, at = stack[-1]
        names = {"text_link": "TextUrl"}
        raise _unclosed(names.get(kind, kind.capitalize()), source, at)
    entities.sort(key=lambda e: (e["offset"], -e["length"]))
    return "".join(out), entities


def _unclosed(kind: str, source: str, at: int) -> Exception:
    return bad_request(f"can't parse entities: Can't find end of {kind} entity at byte offset {len(source[:at].encode())}")
