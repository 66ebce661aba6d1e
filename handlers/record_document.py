"""A record as a Word file, as an archive takes it: number, facts, who was there, the sections, photos two a row, signatures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from handlers.record_minutes import Minutes
from handlers.word_documents import (
    HEADING_FONT,
    TEXT_FONT,
    TEXT_SIZE,
    TITLE_FONT,
    TITLE_SIZE,
    at_the_right,
    centred,
    finished,
    line,
    new_document,
    paragraph,
    set_font,
)
from models.plain_text import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

NUMERALS = "一二三四五六七八九"
TABLE_SIZE, CAPTION_SIZE = 14, 12
PHOTO_WIDTH, PHOTO_HEIGHT = 74, 62
"""Millimetres: two of them fill a line, three rows a page."""
HEADING_WIDTH, VALUE_WIDTH = 34, 122
"""Millimetres: together they are as wide as the text."""


@dataclass(frozen=True)
class Picture:
    """A photo and what it shows; ``content`` is None where Telegram has not given it yet."""

    content: bytes | None
    caption: str


def record_document(minutes: Minutes, pictures: Sequence[Picture], day: datetime, home_name: str) -> bytes:
    """The file's bytes."""
    document = new_document()
    _numbered(document, minutes, home_name)
    centred(document, minutes.title, TITLE_FONT, TITLE_SIZE)
    centred(document, "活动纪实" if minutes.number else "活动纪实（草稿）", TEXT_FONT, TEXT_SIZE)
    line(document, "")
    _facts(document, minutes)
    line(document, "")
    headings = iter(NUMERALS)
    _heading(document, next(headings), "出席情况")
    for heading, names in minutes.attendance or [("", "（无）")]:
        line(document, f"{heading}：{names}" if heading else names)
    for heading, text in minutes.sections:
        _heading(document, next(headings), heading)
        said = [part.strip() for part in text.splitlines() if part.strip()]
        for part in said or ["（无）"]:
            line(document, part)
    if minutes.files:
        _heading(document, next(headings), "附件材料（另存）")
        for file in minutes.files:
            line(document, file)
    if pictures:
        _heading(document, next(headings), "活动照片")
        _photos(document, pictures)
    _signed(document, minutes, day)
    return finished(document, minutes.title, minutes.keeper)


def _numbered(document: Document, minutes: Minutes, home_name: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    year, _, serial = minutes.number.partition("-")
    number = f"编号：〔{year}〕{serial}号" if minutes.number else "编号：（确认后编号）"
    paragraph(document, f"{home_name}  {number}", TEXT_FONT, TABLE_SIZE).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _heading(document: Document, numeral: str, text: str) -> None:
    """Kept with what follows it."""
    line(document, f"{numeral}、{text}", font=HEADING_FONT)
    document.paragraphs[-1].paragraph_format.keep_with_next = True


def _facts(document: Document, minutes: Minutes) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=2)
    table.style, table.autofit = "Table Grid", False
    for heading, value in minutes.facts:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Mm(HEADING_WIDTH), Mm(VALUE_WIDTH)
        _into(cells[0], heading, TABLE_SIZE, centre=True, font=HEADING_FONT)
        _into(cells[1], value, TABLE_SIZE)


def _into(cell: _Cell, text: str, size: int, *, centre: bool = False, font: str = TEXT_FONT) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    inside = cell.paragraphs[-1]
    if centre:
        inside.alignment = WD_ALIGN_PARAGRAPH.CENTER
    set_font(inside.add_run(plain(text)), font, size)


def _photos(document: Document, pictures: Sequence[Picture]) -> None:
    """Two a row, each over its caption; a row is not torn apart by the end of a page."""
    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    for start in range(0, len(pictures), 2):
        cells = table.add_row().cells
        _keep_row(table)
        for place, picture in enumerate(pictures[start : start + 2]):
            _photo(cells[place], picture, start + place + 1)


def _photo(cell: _Cell, picture: Picture, number: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    cell.width = Mm(PHOTO_WIDTH + 4)
    place = cell.paragraphs[0]
    place.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if picture.content is None:
        set_font(place.add_run("（照片尚未取回，请重新导出）"), TEXT_FONT, CAPTION_SIZE)
    else:
        shape = place.add_run().add_picture(io.BytesIO(picture.content))
        smaller = min(Mm(PHOTO_WIDTH) / shape.width, Mm(PHOTO_HEIGHT) / shape.height)
        shape.width, shape.height = round(shape.width * smaller), round(shape.height * smaller)
    cell.add_paragraph()
    _into(cell, f"图{number}　{picture.caption}".rstrip(), CAPTION_SIZE, centre=True)


def _keep_row(table: Table) -> None:
    from docx.oxml import OxmlElement

    table.rows[-1]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _signed(document: Document, minutes: Minutes, day: datetime) -> None:
    line(document, "")
    line(document, f"记录人：{minutes.keeper}　　　　　审核人：{minutes.confirmed_by or '＿＿＿＿＿＿'}")
    at_the_right(document, f"{day.year}年{day.month}月{day.day}日")
