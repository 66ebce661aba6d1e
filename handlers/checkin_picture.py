"""The picture of a check-in: a large code to scan, and the digits for whoever types."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import segno

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH, EDGE = 1080, 50
TITLE, SMALL, DIGITS, COUNT = 56, 42, 300, 52
LINE = 1.35
MOST_LINES = 3
CLOSING = frozenset("》〉」』）】”’，。、；：！？,.;:!?)")
INK, QUIET = 0, 90


@dataclass(frozen=True)
class Poster:
    """What stands on the picture, from top to bottom; ``link`` is what the code to scan opens."""

    title: str
    until: str
    link: str
    code: str
    how: str
    count: str


def draw_poster(poster: Poster) -> bytes:
    """A PNG of a portrait page that fills a phone, and is still read from the last row when a projector shows it."""
    from PIL import Image, ImageDraw

    titles = _lines(poster.title)
    above = EDGE + int(len(titles) * TITLE * LINE) + int(SMALL * LINE)
    code = segno.make(poster.link, error="m", micro=False)
    scale = (WIDTH - EDGE) // int(code.symbol_size()[0])
    size = int(code.symbol_size(scale)[0])
    buffer = io.BytesIO()
    code.save(buffer, kind="png", scale=scale)
    height = above + size + int(DIGITS * 1.05) + int(SMALL * LINE) + int(COUNT * LINE) + EDGE
    page = Image.new("L", (WIDTH, height), 255)
    page.paste(Image.open(buffer).convert("L"), ((WIDTH - size) // 2, above))
    draw = ImageDraw.Draw(page)
    y = EDGE
    title_font = _font(max(titles, key=_face(TITLE).getlength), TITLE)
    for line in titles:
        draw.text((WIDTH // 2, y), line, fill=INK, font=title_font, anchor="mt")
        y += int(TITLE * LINE)
    draw.text((WIDTH // 2, y), poster.until, fill=QUIET, font=_font(poster.until, SMALL), anchor="mt")
    y = above + size + DIGITS // 2
    draw.text((WIDTH // 2, y), " ".join(poster.code), fill=INK, font=_font(poster.code, DIGITS), anchor="mm")
    y += int(DIGITS * 0.55)
    draw.text((WIDTH // 2, y), poster.how, fill=QUIET, font=_font(poster.how, SMALL), anchor="mt")
    y += int(SMALL * LINE) + 10
    draw.text((WIDTH // 2, y), poster.count, fill=INK, font=_font(poster.count, COUNT), anchor="mt")
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def _lines(title: str) -> list[str]:
    """The title in up to three lines of like length, none of which begins with a sign that closes something."""
    count = min(math.ceil(_face(TITLE).getlength(title) / (WIDTH - 2 * EDGE)), MOST_LINES)
    lines: list[str] = []
    for left in range(max(count, 1), 0, -1):
        length = math.ceil(len(title) / left)
        while title[length : length + 1] in CLOSING and length < len(title):
            length += 1
        lines.append(title[:length])
        title = title[length:]
    return [line for line in lines if line] or [""]


def _font(text: str, height: int) -> FreeTypeFont:
    """The font at this height, smaller where the words would not fit on the page."""
    width = _face(height).getlength(text)
    return _face(height if width <= WIDTH - 2 * EDGE else int(height * (WIDTH - 2 * EDGE) / width))


def _face(height: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"), height)
