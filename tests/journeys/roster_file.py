"""Roster files as an office would send them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ("姓名", "手机号", "归属地", "代表小组", "专长", "工作圈", "角色", "工作单位")


def roster_file(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS, above: Iterable[Sequence[Any]] = ()) -> bytes:
    """An xlsx with these rows below the headings; ``above`` are title rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, headings, *rows):
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
