"""The call sheet to take to the telephone: a spreadsheet, and a sheet of paper with boxes to tick."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from handlers.answers_sheet import delivery_of
from handlers.call_card import answer_of
from handlers.spreadsheet import write_table
from handlers.texts import T, t
from models.activities import Activity
from models.call_sheet import Line, Sheet
from models.phone_calls import CallResult
from models.plain_text import plain

if TYPE_CHECKING:
    from docx.document import Document

SPREADSHEET = {
    "number": 6,
    "name": 12,
    "phone": 16,
    "area": 16,
    "group": 16,
    "answer": 14,
    "delivery": 22,
    "calls": 36,
    "result": 18,
    "remark": 30,
}
"""Each column's text key and its width in characters."""
PAPER = {"number": 10, "name": 22, "phone": 34, "area": 32, "answer": 24, "result": 34, "remark": 24}
"""Each column's text key and its width in millimetres: together what an A4 page holds between its margins."""
FONT, LATIN_FONT, TITLE_SIZE, TEXT_SIZE = "宋体", "Times New Roman", 16, 10.5

Say = Callable[[T], str]
Moment = Callable[[datetime], str]


def call_spreadsheet(activity: Activity, sheet: Sheet, *, say: Say, moment: Moment) -> bytes:
    """An xlsx file: one row a person to call, with room for the result."""
    rows = [[_value(column, place, line, say, moment) for column in SPREADSHEET] for place, line in enumerate(sheet.lines, 1)]
    headings = [say(t(f"calls.column.{column}")) for column in SPREADSHEET]
    return write_table(say(t("calls.title")), headings, rows, widths=tuple(SPREADSHEET.values()))


def _value(column: str, place: int, line: Line, say: Say, moment: Moment) -> str:
    invitation, person = line.invitation, line.invitation.person
    made = [say(t("calls.made", at=moment(call.at), by=call.by.name, result=t(f"calls.result.{call.result}"))) for call in line.calls]
    values = {
        "number": str(place),
        "name": person.name,
        "phone": person.phone or "",
        "area": person.area.name if person.area else "",
        "group": person.group.name if person.group else "",
        "answer": say(answer_of(invitation)),
        "delivery": say(t(f"activity.delivery.{delivery_of(invitation)}")),
        "calls": say(t("calls.semicolon")).join(made),
    }
    return values.get(column, "")


def call_document(activity: Activity, sheet: Sheet, *, say: Say, moment: Moment) -> bytes:
    """A Word file on A4: a table whose heading is repeated on each page, with boxes to tick."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin = section.bottom_margin = Mm(18)
    _line(document, say(t("calls.title")), size=TITLE_SIZE, bold=True, centred=True)
    _line(document, say(t("calls.paper.activity", title=activity.title)))
    _line(document, say(t("calls.paper.when", at=moment(activity.starts_at), place=activity.place)))
    _line(document, say(t("calls.paper.count", count=len(sheet.lines))))
    table = document.add_table(rows=1, cols=len(PAPER))
    table.style, table.autofit = "Table Grid", False
    boxes = "\n".join("□ " + say(t(f"calls.result.{result}")) for result in CallResult)
    _fill(table.rows[0], [say(t(f"calls.column.{column}")) for column in PAPER], bold=True)
    _repeat_on_each_page(table.rows[0])
    for place, line in enumerate(sheet.lines, 1):
        row = table.add_row()
        _fill(row, [boxes if column == "result" else _value(column, place, line, say, moment) for column in PAPER])
        _keep_whole(row)
    _line(document, say(t("calls.paper.signature")))
    document.core_properties.title, document.core_properties.author = plain(activity.title), ""
    document.core_properties.comments = ""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _write(paragraph: Any, text: str, *, size: float = TEXT_SIZE, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(plain(text))
    run.font.name, run.font.size, run.font.bold = LATIN_FONT, Pt(size), bold
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)


def _line(document: Document, text: str, *, size: float = TEXT_SIZE, bold: bool = False, centred: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.add_paragraph()
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, text, size=size, bold=bold)


def _fill(row: Any, texts: list[str], *, bold: bool = False) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.shared import Mm

    for cell, text, width in zip(row.cells, texts, PAPER.values(), strict=True):
        cell.width, cell.vertical_alignment = Mm(width), WD_ALIGN_VERTICAL.CENTER
        _write(cell.paragraphs[0], text, bold=bold)


def _repeat_on_each_page(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    """A person's row is not torn between two pages."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
