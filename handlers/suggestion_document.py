"""A suggestion draft as a Word file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

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
)

if TYPE_CHECKING:
    from models.suggestion_drafts import SuggestionDraft

TO_BE_FILLED_IN = "（待补充）"


def suggestion_document(draft: SuggestionDraft, day: datetime, specialists: Sequence[str], home_name: str) -> bytes:
    """The file's bytes. It is Chinese whatever language its reader uses: that is what is handed in."""
    document = new_document()
    centred(document, draft.title, TITLE_FONT, TITLE_SIZE)
    centred(document, "（代表建议草稿）", TEXT_FONT, TEXT_SIZE)
    line(document, "")
    for heading, text in (("一、基本情况", draft.situation), ("二、原因分析", draft.analysis), ("三、具体建议", draft.proposal)):
        line(document, heading, font=HEADING_FONT)
        for said in text.splitlines() or [TO_BE_FILLED_IN]:
            if said.strip():
                line(document, said.strip())
    line(document, "")
    line(document, f"领衔代表：{draft.lead.name}")
    line(document, f"附议代表：{'、'.join(person.name for person in draft.agreed()) or '（无）'}")
    if specialists:
        line(document, f"提供专业意见：{'、'.join(specialists)}")
    line(document, f"来源：{home_name}，群众反映的问题{draft.issue.number}")
    at_the_right(document, f"{day.year}年{day.month}月{day.day}日")
    return finished(document, draft.title, draft.lead.name)
