"""Reading a roster out of whatever an office sends, and writing tables that hide no formula."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from handlers import spreadsheet
from handlers.roster_sheet import roster_workbook
from handlers.spreadsheet import HeadingsMissing, NotReadable, TooLarge, TooManyRows, read_roster, write_table
from tests.journeys.roster_file import roster_file


def test_the_usual_ways_to_write_headings_are_known() -> None:
    headings = ("序号", "姓 名", "联系电话（手机）", "所属选区", "小组", "专业", "圈子", "职务角色", "单位", "备注")

    sheet = read_roster(roster_file((1, "王建国", "1", "甲", "乙", "丙", "丁", "代表", "戊", ""), headings=headings))

    [row] = sheet.rows
    assert (row.name, row.area, row.group, row.specialties, row.circles, row.roles, row.employer) == (
        "王建国",
        "甲",
        "乙",
        ("丙",),
        ("丁",),
        ("代表",),
        "戊",
    )
    assert (sheet.ignored, sheet.absent) == (("序号", "备注"), ())


@pytest.mark.parametrize("cell", [13900000001, 13900000001.0, "13900000001", "+86 139-0000-0001", "１３９" + "0" * 7 + "１"])
def test_a_phone_number_is_read_however_the_cell_holds_it(cell: Any) -> None:
    [row] = read_roster(roster_file(("王建国", cell), headings=("姓名", "手机号"))).rows

    assert row.phone == "13900000001"


def test_several_values_are_separated_in_any_usual_way() -> None:
    [row] = read_roster(roster_file(("甲", "1", "a、b，c,d；e;f/g\nh、a、"), headings=("姓名", "手机号", "专长"))).rows

    assert row.specialties == tuple("abcdefgh")


def test_gaps_inside_chinese_names_close_and_those_in_others_stay() -> None:
    rows = read_roster(roster_file(("王　 伟", "1"), ("John  Smith", "2"), headings=("姓名", "手机号"))).rows

    assert [row.name for row in rows] == ["王伟", "John Smith"]


def test_title_rows_and_empty_rows_are_passed_over_and_lines_keep_their_numbers() -> None:
    file = roster_file(
        ("甲", "1"), (), (None, " "), ("乙", "2"), headings=("姓名", "手机号"), above=[("某区代表名册",), (), ("二〇二六年",)]
    )

    assert [(row.line, row.name) for row in read_roster(file).rows] == [(5, "甲"), (8, "乙")]


def test_headings_below_the_tenth_row_are_not_looked_for() -> None:
    with pytest.raises(HeadingsMissing):
        read_roster(roster_file(("甲", "1"), headings=("姓名", "手机号"), above=[("标题",)] * 10))


@pytest.mark.parametrize(("headings", "missing"), [(("姓名", "归属地"), "手机号"), (("手机",), "姓名"), (("a", "b"), "姓名、手机号")])
def test_missing_headings_are_named(headings: tuple[str, ...], missing: str) -> None:
    with pytest.raises(HeadingsMissing) as refused:
        read_roster(roster_file(headings=headings))

    assert refused.value.values == {"missing": missing}


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 an old xls, or one with a password", packed(a=b"a zip")])
def test_what_is_no_spreadsheet_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read_roster(content)


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read_roster(b"x" * (spreadsheet.FILE_LIMIT + 1))


def test_a_small_file_that_unpacks_into_a_huge_one_is_refused() -> None:
    bomb = packed(**{"xl/worksheets/sheet1.xml": bytes(spreadsheet.UNPACKED_LIMIT + 1)})

    assert len(bomb) < spreadsheet.FILE_LIMIT
    with pytest.raises(TooLarge):
        read_roster(bomb)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "ROW_LIMIT", 20)

    with pytest.raises(TooManyRows):
        read_roster(roster_file(*[("甲", "1")] * 40, headings=("姓名", "手机号")))


def test_the_template_can_be_read_back_and_its_example_is_nobody() -> None:
    sheet = read_roster(roster_workbook([], {"归属地": ["史河街道"], "角色": ["代表"]}, ["填写说明"]))

    assert (sheet.rows, sheet.ignored, sheet.absent) == ((), (), ())


def test_what_people_wrote_stays_text() -> None:
    book = load_workbook(io.BytesIO(write_table("表", ("a", "b"), [("=1+1", 5)])))

    [_, row] = list(book.active.iter_rows())  # type: ignore[union-attr]  # a written book has a sheet
    assert (row[0].data_type, row[0].value, row[1].value) == ("s", "=1+1", 5)
