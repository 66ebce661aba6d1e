"""Word files set as official documents are (GB/T 9704): A4, 方正小标宋 titles, 仿宋 text, 28 points a line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from models.plain_text import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

TITLE_FONT, HEADING_FONT, TEXT_FONT, LATIN_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
STANDS_IN = {TITLE_FONT: "宋体", TEXT_FONT: "仿宋", HEADING_FONT: "SimHei"}
"""What Word takes where a computer lacks the font."""
TITLE_SIZE, TEXT_SIZE, PAGE_SIZE, LINE = 22, 16, 14, 28
"""Points: 二号, 三号, 四号."""


def new_document() -> Document:
    """An empty A4 page with an official document's margins."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    set_font(document.styles["Normal"], TEXT_FONT, TEXT_SIZE)
    return document


def set_font(properties: Any, font: str, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    properties.font.name, properties.font.size = LATIN_FONT, Pt(size)
    properties.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def paragraph(document: Document, text: str, font: str, size: int) -> Paragraph:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    added = document.add_paragraph()
    layout = added.paragraph_format
    layout.space_before, layout.space_after = Pt(0), Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE if size <= TEXT_SIZE else LINE + 7)
    set_font(added.add_run(plain(text)), font, size)
    return added


def centred(document: Document, text: str, font: str, size: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph(document, text, font, size).alignment = WD_ALIGN_PARAGRAPH.CENTER


def line(document: Document, text: str, *, font: str = TEXT_FONT) -> None:
    """A paragraph that begins two characters in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(2 * TEXT_SIZE * 20))
    paragraph(document, text, font, TEXT_SIZE)._p.get_or_add_pPr().append(indent)


def at_the_right(document: Document, text: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    added = paragraph(document, text, TEXT_FONT, TEXT_SIZE)
    added.alignment, added.paragraph_format.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(4 * TEXT_SIZE)
    added.paragraph_format.space_before = Pt(LINE)


def _number_pages(document: Document) -> None:
    """— 1 — at the foot of each page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    set_font(foot.add_run("— "), "宋体", PAGE_SIZE)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = foot.add_run("1")
    set_font(number, "宋体", PAGE_SIZE)
    field.append(number._r)
    foot._p.append(field)
    set_font(foot.add_run(" —"), "宋体", PAGE_SIZE)


def _name_stand_ins(document: Document) -> None:
    """The font table tells which font stands in for one that is missing; the library has no word for it."""
    from docx.opc.oxml import serialize_part_xml
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            table = parse_xml(part.blob)
            for font, other in STANDS_IN.items():
                table.append(parse_xml(f'<w:font {nsdecls("w")} w:name="{font}"><w:altName w:val="{other}"/></w:font>'))
            part._blob = serialize_part_xml(table)


def finished(document: Document, title: str, author: str) -> bytes:
    """The file's bytes, with its pages numbered."""
    _number_pages(document)
    _name_stand_ins(document)
    document.core_properties.title, document.core_properties.author = plain(title)[:250], plain(author)
    document.core_properties.comments = ""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
