"""Small files that unpack into much: refused, or read, within seconds and without filling the memory."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping

import pytest
from openpyxl import Workbook
from PIL import Image

from handlers.record_photos import PIXEL_LIMIT, made_small
from handlers.spreadsheet import CELL_LIMIT, HeadingsMissing, NotReadable, TooLarge, TooManyRows, read_roster
from models.rules import RuleBroken

SHEET, STRINGS, TYPES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "hahahahahahahahahaha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
FILE_OF_OURS = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
SECONDS = 4.0
"""Of the processor, on a slow machine; before there was a limit these files took up to eighty, and six gigabytes."""


def text(words: str) -> str:
    return f'<c t="inlineStr"><is><t>{words}</t></is></c>'


def sheet(rows: str, before: str = "") -> bytes:
    head = f'<row r="1">{text("姓名")}{text("手机号")}</row>'
    return f"{before}<worksheet {NAMESPACE}><sheetData>{head}{rows}</sheetData></worksheet>".encode()


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A workbook with these parts in the place of its own."""
    whole, made = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return made.getvalue()


def with_strings(strings: bytes) -> bytes:
    """A workbook whose words stand in a part of their own."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
    with zipfile.ZipFile(io.BytesIO(packed({}))) as old:
        types = old.read(TYPES).decode()
    if "sharedStrings" not in types:
        types = types.replace("</Types>", override + "</Types>")
    return packed({STRINGS: strings, TYPES: types.encode(), SHEET: sheet("")})


BOMBS = {
    "millions of cells in a row": lambda: packed({SHEET: sheet(f"<row>{'<c/>' * 20_000_000}</row>")}),
    "millions of rows": lambda: packed({SHEET: sheet("<row/>" * 13_000_000)}),
    "millions of cells in little": lambda: packed({SHEET: sheet(f"<row>{'<c/>' * 5_000_000}</row>")}),
    "a gigabyte of nothing": lambda: packed({SHEET: sheet(" " * 300_000_000)}),
    "millions of words": lambda: with_strings(f"<sst {NAMESPACE}>{'<si><t>x</t></si>' * 4_500_000}</sst>".encode()),
    "a row far below": lambda: packed({SHEET: sheet(f'<row r="99999999999">{text("王某")}</row>')}),
    "a laugh that grows": lambda: packed({SHEET: sheet(f"<row>{text('&j;')}</row>", LAUGHS)}),
    "words that grow": lambda: with_strings(f"{LAUGHS}<sst {NAMESPACE}><si><t>&j;</t></si></sst>".encode()),
    "a file of ours": lambda: packed({SHEET: sheet(f"<row>{text('&j;')}</row>", FILE_OF_OURS)}),
    "a number without an end": lambda: packed({SHEET: sheet(f"<row><c><v>1e308</v></c><c><v>{'9' * 100_000}</v></c></row>")}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_roster_file_that_unpacks_into_much_is_refused_at_once(name: str) -> None:
    content = BOMBS[name]()
    began = time.process_time()

    with pytest.raises(RuleBroken) as refused:
        read_roster(content)

    assert refused.type in (TooLarge, TooManyRows, NotReadable, HeadingsMissing)
    assert time.process_time() - began < SECONDS
    assert "root:" not in str(refused.value)


def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    content = packed({SHEET: sheet("<row/>" * 1_000_000)})
    honest = len(sheet("<row/>" * 1_000_000)).to_bytes(4, "little")
    lying = content.replace(honest, (1000).to_bytes(4, "little"))
    assert lying != content

    with pytest.raises(NotReadable):
        read_roster(lying)


def test_a_cell_of_four_megabytes_is_cut_and_its_row_left_out_by_the_plan() -> None:
    content = packed({SHEET: sheet(f"<row>{text('王' * 1_400_000)}{text('13800001234')}</row>")})
    began = time.process_time()

    [row] = read_roster(content).rows

    assert len(row.name) == CELL_LIMIT
    assert time.process_time() - began < SECONDS


def test_a_picture_of_too_many_points_is_none_and_a_large_photo_is_made_small() -> None:
    bomb, photo = io.BytesIO(), io.BytesIO()
    Image.new("1", (8000, PIXEL_LIMIT // 8000 + 8)).save(bomb, "PNG")
    Image.new("RGB", (9000, 6000)).save(photo, "JPEG")

    assert made_small(bomb.getvalue()) is None
    small = made_small(photo.getvalue())
    assert small is not None
    assert max(Image.open(io.BytesIO(small)).size) == 1280
