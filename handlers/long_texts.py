"""Long texts: Telegram takes 4096 UTF-16 units in a message, and one message may be too little."""

from __future__ import annotations

from models.plain_text import plain

PART = 3800


def length_of(text: str) -> int:
    """The length as Telegram counts it: signs beyond the basic plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def beginning(text: str, limit: int) -> str:
    """As much of the text as fits into the limit."""
    return text.encode("utf-16-le", "surrogatepass")[: limit * 2].decode("utf-16-le", "ignore")


def shortened(text: str, limit: int) -> str:
    """The text, cut to the limit with … where it is longer."""
    return text if length_of(text) <= limit else beginning(text, limit - 1).rstrip() + "…"


def in_parts(text: str, limit: int = PART) -> list[str]:
    """The whole text in parts that fit, cut at the end of a line or a sentence where there is one near."""
    parts, text = [], plain(text)
    while length_of(text) > limit:
        end = len(beginning(text, limit))
        near = max(text.rfind(sign, end - 400, end) for sign in ("\n", "。", "！", "？"))
        end = near + 1 if near > 0 else end
        parts.append(text[:end].strip())
        text = text[end:]
    return [part for part in [*parts, text.strip()] if part]
