"""The printed sheet: A4 pages of slips to cut apart, each with a name, where they belong, and their code.

Every page is a black and white picture of 300 dots an inch, so that it prints the same wherever it is opened: no font is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import segno

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

DPI = 300
WIDTH, HEIGHT = 2480, 3508
"""A4, in dots."""
COLUMNS, ROWS = 3, 4
PER_PAGE = COLUMNS * ROWS
EDGE, TOP, FOOT = 120, 330, 130
"""Dots left free at the sides (10 mm: no printer reaches the very edge), above the slips, and below."""
CODE, LINE = 520, 1.25
"""The code with its quiet zone is at most so wide: 44 mm, which any phone reads at arm's length."""
TITLE, SMALL, NAME = 76, 40, 64
MASK = 2


@dataclass(frozen=True)
class Slip:
    """One person's."""

    name: str
    where: str
    link: str


@dataclass(frozen=True)
class Words:
    """What is printed besides; ``page`` has places for ``number`` and ``of``."""

    title: str
    how: str
    until: str
    page: str
    secret: str


def draw_sheet(slips: Sequence[Slip], words: Words) -> bytes:
    """A PDF of as many pages as it takes."""
    pages = _pages(slips, words)
    out = io.BytesIO()
    next(pages).save(out, "PDF", resolution=DPI, save_all=True, append_images=pages, title=words.title)
    return out.getvalue()


def draw_page(slips: Sequence[Slip], words: Words, number: int, of: int) -> Image:
    """One page, in black and white."""
    from PIL import Image, ImageDraw

    page = Image.new("1", (WIDTH, HEIGHT), 1)
    draw = ImageDraw.Draw(page)
    draw.fontmode = "1"  # letters in black and white too
    draw.text((WIDTH // 2, 110), words.title, fill=0, font=_fitting(words.title, TITLE, WIDTH - 2 * EDGE), anchor="mm")
    draw.text((WIDTH // 2, 195), words.how, fill=0, font=_fitting(words.how, SMALL, WIDTH - 2 * EDGE), anchor="mm")
    draw.text((WIDTH // 2, 255), words.until, fill=0, font=_fitting(words.until, SMALL, WIDTH - 2 * EDGE), anchor="mm")
    wide, high = (WIDTH - 2 * EDGE) // COLUMNS, (HEIGHT - TOP - FOOT) // ROWS
    for place, slip in enumerate(slips):
        row, column = divmod(place, COLUMNS)
        _draw_slip(page, draw, slip, words, EDGE + column * wide, TOP + row * high, wide, high)
    foot = words.page.format(number=number, of=of)
    draw.text((WIDTH // 2, HEIGHT - 70), foot, fill=0, font=_font(SMALL), anchor="mm")
    return page


def _pages(slips: Sequence[Slip], words: Words) -> Iterator[Image]:
    of = max(-(-len(slips) // PER_PAGE), 1)
    for number in range(of):
        yield draw_page(slips[number * PER_PAGE : (number + 1) * PER_PAGE], words, number + 1, of)


def _draw_slip(page: Image, draw: ImageDraw, slip: Slip, words: Words, left: int, top: int, wide: int, high: int) -> None:
    _dashed(draw, left, top, wide, high)
    picture = _code(slip.link)
    middle = left + wide // 2
    page.paste(picture, (middle - picture.width // 2, top + 20))
    below, room = top + 20 + CODE, wide - 40
    draw.text((middle, below + 30), slip.name, fill=0, font=_fitting(slip.name, NAME, room), anchor="mm")
    draw.text((middle, below + 105), slip.where, fill=0, font=_fitting(slip.where, SMALL, room), anchor="mm")
    draw.text((middle, below + 165), words.secret, fill=0, font=_fitting(words.secret, SMALL - 6, room), anchor="mm")


def _code(link: str) -> Image:
    """The code, every module the same whole number of dots. Its mask is given: to look for the best of eight takes most of the time."""
    from PIL import Image

    rows = list(segno.make(link, error="m", micro=False, mask=MASK).matrix_iter(border=4))
    size = len(rows)
    small = Image.frombytes("L", (size, size), bytes(0 if module else 255 for row in rows for module in row)).convert("1")
    scale = CODE // size
    return small.resize((size * scale, size * scale), Image.Resampling.NEAREST)


def _dashed(draw: ImageDraw, left: int, top: int, wide: int, high: int) -> None:
    """Where to cut."""
    for x in range(left, left + wide, 30):
        for y in (top, top + high):
            draw.line([(x, y), (min(x + 14, left + wide), y)], fill=0, width=2)
    for y in range(top, top + high, 30):
        for x in (left, left + wide):
            draw.line([(x, y), (x, min(y + 14, top + high))], fill=0, width=2)


def _fitting(text: str, height: int, room: int) -> FreeTypeFont:
    """The font at this height, smaller where the words would not fit."""
    font = _font(height)
    width = font.getlength(text)
    return font if width <= room else _font(max(int(height * room / width), 12))


@lru_cache(maxsize=64)
def _font(height: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"), height)
