"""A suggestion draft as a Word file, set as official documents are (GB/T 9704): A4, 方正小标宋 title, 仿宋 text, 28 points a line."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

    from models.suggestion_drafts import SuggestionDraft

TITLE_FONT, HEADING_FONT, TEXT_FONT, LATIN_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
STANDS_IN = {TITLE_FONT: "宋体", TEXT_FONT: "仿宋", HEADING_FONT: "SimHei"}
"""What Word takes where a computer lacks the font."""
TITLE_SIZE, TEXT_SIZE, PAGE_SIZE, LINE = 22, 16, 14, 28
"""Points: 二号, 三号, 四号."""
TO_BE_FILLED_IN = "（待补充）"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def suggestion_document(draft: SuggestionDraft, day: datetime, specialists: Sequence[str], home_name: str) -> bytes:
    """The file's bytes. It is Chinese whatever language its reader uses: that is what is handed in."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    _set_default_font(document)
    _centred(document, draft.title, TITLE_FONT, TITLE_SIZE)
    _centred(document, "（代表建议草稿）", TEXT_FONT, TEXT_SIZE)
    _line(document, "")
    for heading, text in (("一、基本情况", draft.situation), ("二、原因分析", draft.analysis), ("三、具体建议", draft.proposal)):
        _line(document, heading, font=HEADING_FONT)
        for said in text.splitlines() or [TO_BE_FILLED_IN]:
            if said.strip():
                _line(document, said.strip())
    _line(document, "")
    _line(document, f"领衔代表：{draft.lead.name}")
    _line(document, f"附议代表：{'、'.join(person.name for person in draft.agreed()) or '（无）'}")
    if specialists:
        _line(document, f"提供专业意见：{'、'.join(specialists)}")
    _line(document, f"来源：{home_name}，群众反映的问题{draft.issue.number}")
    _at_the_right(document, f"{day.year}年{day.month}月{day.day}日")
    _number_pages(document)
    _name_stand_ins(document)
    document.core_properties.title, document.core_properties.author = _clean(draft.title), draft.lead.name
    document.core_properties.comments = ""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _set_font(properties: Any, font: str, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    properties.font.name, properties.font.size = LATIN_FONT, Pt(size)
    properties.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _set_default_font(document: Document) -> None:
    _set_font(document.styles["Normal"], TEXT_FONT, TEXT_SIZE)


def _paragraph(document: Document, text: str, font: str, size: int) -> Paragraph:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after = Pt(0), Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE if size <= TEXT_SIZE else LINE + 7)
    _set_font(paragraph.add_run(_clean(text)), font, size)
    return paragraph


def _centred(document: Document, text: str, font: str, size: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    _paragraph(document, text, font, size).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _line(document: Document, text: str, *, font: str = TEXT_FONT) -> None:
    """A paragraph that begins two characters in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(2 * TEXT_SIZE * 20))
    _paragraph(document, text, font, TEXT_SIZE)._p.get_or_add_pPr().append(indent)


def _at_the_right(document: Document, text: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = _paragraph(document, text, TEXT_FONT, TEXT_SIZE)
    paragraph.alignment, paragraph.paragraph_format.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(4 * TEXT_SIZE)
    paragraph.paragraph_format.space_before = Pt(LINE)


def _number_pages(document: Document) -> None:
    """— 1 — at the foot of each page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(foot.add_run("— "), "宋体", PAGE_SIZE)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = foot.add_run("1")
    _set_font(number, "宋体", PAGE_SIZE)
    field.append(number._r)
    foot._p.append(field)
    _set_font(foot.add_run(" —"), "宋体", PAGE_SIZE)


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
