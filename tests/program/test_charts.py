"""Pictures of figures: they hold whatever a Home may be called and count, and every sign of them can be drawn."""

from __future__ import annotations

from bot.sandbox.samples import image_size
from handlers.charts import Bar, Panel, Section, Series, bars_picture, drawable, fitted, panels_picture


def test_a_board_of_nothing_and_one_of_long_names_and_thousands_are_drawn() -> None:
    names = ("民族宗教侨务与统一战线工作专业委员会", "Economy, finance and budget oversight", "城建环保")
    sections = [
        Section("在办 · 按专长（件）", [Bar(name, value) for name, value in zip(names, (123456, 1, 0), strict=True)], "暂无"),
        Section("在办 · 按地区（件）", [], "暂无"),
    ]

    picture, empty = bars_picture("群众反映问题总览", "3月10日(周二)", sections), bars_picture("总览", "", sections[1:])

    width, height = image_size(picture) or (0, 0)
    assert width == 1080
    assert height > (image_size(empty) or (0, 0))[1] > 0


def test_weeks_with_gaps_and_weeks_of_nothing_are_drawn() -> None:
    columns = ["3/2", "3/9"]
    gaps = [
        Panel("新增与办结（件）", [Series("新增", [5, 1200], "#0072B2"), Series("办结", [0, 3], "#009E73")], "暂无"),
        Panel("用时（小时）", [Series("", [None, 30.5], "#D55E00")], "暂无", line=True),
        Panel("48小时内", [Series("", [0, 100], "#0072B2", "{:.0f}%")], "暂无", top=100),
    ]
    nothing = [Panel("用时（小时）", [Series("", [None, None], "#D55E00")], "暂无", line=True)]

    assert image_size(panels_picture("每周数据", "近2周", columns, gaps)) == (1080, 1462)
    assert image_size(panels_picture("每周数据", "近2周", columns, nothing)) is not None


def test_a_label_is_cut_to_its_room_by_the_width_of_its_signs() -> None:
    assert fitted("城建环保") == "城建环保"
    assert fitted("民族宗教侨务与统一战线工作", 10) == "民族宗教…"
    assert fitted("Economy and finance", 10) == "Economy a…"


def test_a_name_with_dollars_in_it_is_drawn_as_it_is() -> None:
    sections = [Section("各领域", [Bar("$\\frac$_一组", 3.0)], "暂无")]

    assert bars_picture("统计", "$a_$", sections).startswith(b"\x89PNG")


def test_what_the_font_does_not_have_is_left_out() -> None:
    assert drawable("城建环保\t😀一组\n二组") == "城建环保 一组 二组"
