"""Pictures of the figures, drawn for a phone held upright: large signs, few colours, safe for the colour-blind."""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pylopdf_fonts_zh_cn import sans_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

# Okabe and Ito's colours, which colour-blind people tell apart.
BLUE, SKY, GREEN, ORANGE, RED, GREY = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#999999"
INK, FAINT, RAIL = "#222222", "#6b7280", "#eef1f4"

WIDTH, DPI = 7.2, 150
"""In inches: 1,080 pixels, the width of a phone's screen."""
ROW = 0.41
LABEL_CELLS = 20
"""How wide a bar's label may be; a Chinese sign takes two cells."""

_drawing = threading.Lock()


@dataclass(frozen=True)
class Bar:
    """``says`` writes the value down; None where there is none to draw."""

    label: str
    value: float | None
    colour: str = BLUE
    says: str = "{:,}"


@dataclass(frozen=True)
class Section:
    """Some bars under a heading; ``empty`` is said where there are none, and ``top`` is the end of the scale, where it has one."""

    heading: str
    bars: Sequence[Bar]
    empty: str
    top: float | None = None


@dataclass(frozen=True)
class Series:
    """One value for each of the columns; None where there is none. ``says`` writes a value down."""

    name: str
    values: Sequence[float | None]
    colour: str
    says: str = "{:.0f}"


@dataclass(frozen=True)
class Panel:
    """One small chart: columns for each of the series, or a line; ``empty`` is said where there is nothing to draw, and ``top`` is the end
    of the scale, where it has one."""

    heading: str
    series: Sequence[Series]
    empty: str
    line: bool = False
    top: float | None = None


def bars_picture(title: str, subtitle: str, sections: Sequence[Section]) -> bytes:
    """A PNG of sections of horizontal bars, each section to its own scale of one common length."""
    height = 1.5 + sum(0.78 + max(len(section.bars), 1) * ROW for section in sections)
    with _drawing:
        figure = _figure(height)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 1), ylim=(0, height))
        axes.axis("off")
        y = _heading(axes, height, title, subtitle)
        for section in sections:
            y = _section(axes, y, section)
        return _png(figure)


def panels_picture(title: str, subtitle: str, columns: Sequence[str], panels: Sequence[Panel]) -> bytes:
    """A PNG of small charts one below the other, all with the same columns."""
    height = 1.5 + 2.75 * len(panels)
    with _drawing:
        figure = _figure(height)
        canvas = figure.add_axes((0, 0, 1, 1))
        canvas.set(xlim=(0, 1), ylim=(0, height))
        canvas.axis("off")
        y = _heading(canvas, height, title, subtitle)
        for panel in panels:
            canvas.text(0.05, y - 0.25, panel.heading, fontproperties=_font(17), color=INK, va="center")
            _legend(canvas, y - 0.25, panel.series)
            _panel(figure.add_axes((0.05, (y - 2.35) / height, 0.9, 1.75 / height)), columns, panel)
            y -= 2.75
        return _png(figure)


def _heading(axes: Axes, top: float, title: str, subtitle: str) -> float:
    axes.text(0.05, top - 0.5, drawable(title), fontproperties=_font(24), color=INK, va="center")
    axes.text(0.05, top - 0.98, drawable(subtitle), fontproperties=_font(15), color=FAINT, va="center")
    return top - 1.3


def _section(axes: Axes, y: float, section: Section) -> float:
    axes.text(0.05, y - 0.3, drawable(section.heading), fontproperties=_font(17), color=INK, va="center")
    axes.plot((0.05, 0.95), (y - 0.57, y - 0.57), color=RAIL, linewidth=2)
    y -= 0.62
    if not section.bars:
        axes.text(0.05, y - ROW / 2, section.empty, fontproperties=_font(15), color=FAINT, va="center")
        y -= ROW
    most = section.top or max((bar.value or 0 for bar in section.bars), default=0)
    for bar in section.bars:
        middle = y - ROW / 2
        axes.text(0.05, middle, fitted(drawable(bar.label)), fontproperties=_font(15), color=INK, va="center")
        length = 0.46 * (bar.value or 0) / most if most else 0.0
        axes.barh(middle, 0.46, left=0.385, height=0.24, color=RAIL)
        axes.barh(middle, length, left=0.385, height=0.24, color=bar.colour)
        colour = INK if bar.value else FAINT
        said = "–" if bar.value is None else bar.says.format(bar.value)
        axes.text(0.945, middle, said, fontproperties=_font(16), color=colour, va="center", ha="right")
        y -= ROW
    return y - 0.16


def _panel(axes: Axes, columns: Sequence[str], panel: Panel) -> None:
    places = range(len(columns))
    axes.set_xlim(-0.6, len(columns) - 0.4)
    known = [value for series in panel.series for value in series.values if value is not None]
    axes.set_ylim(0, (panel.top or max([*known, 1])) * 1.28)
    for number, series in enumerate(panel.series if any(known) else ()):
        shown = [(place, value) for place, value in zip(places, series.values, strict=True) if value is not None]
        if panel.line:
            values = [float("nan") if value is None else value for value in series.values]
            axes.plot(places, values, color=series.colour, linewidth=3.5, marker="o", markersize=9)
        width = 0.78 / len(panel.series)
        shift = 0.0 if panel.line else (number - (len(panel.series) - 1) / 2) * width
        if not panel.line:
            axes.bar([place + shift for place, _ in shown], [value for _, value in shown], width=width * 0.92, color=series.colour)
        for place in set(places) - {place for place, _ in shown}:
            axes.text(place, 0, "–", fontproperties=_font(13), color=FAINT, ha="center", va="bottom")
        for place, value in shown:
            lift = (0, 13 if panel.line else 4)
            axes.annotate(
                series.says.format(value), (place + shift, value), lift, textcoords="offset points", ha="center", va="bottom",
                fontproperties=_font(13), color=INK,
            )  # fmt: skip
    if not any(known):
        axes.text(0.5, 0.5, panel.empty, transform=axes.transAxes, fontproperties=_font(15), color=FAINT, va="center", ha="center")
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.set_yticks([])
    axes.set_xticks(list(places), list(columns), fontproperties=_font(13), color=FAINT)
    axes.tick_params(length=0, pad=8)


def _legend(axes: Axes, y: float, series: Sequence[Series]) -> None:
    if len(series) < 2:
        return
    x = 0.95
    for one in reversed(series):
        axes.text(x, y, one.name, fontproperties=_font(14), color=INK, va="center", ha="right")
        x -= 0.0148 * _cells(one.name) + 0.02
        axes.plot((x,), (y,), marker="s", markersize=11, color=one.colour)
        x -= 0.035


def drawable(text: str) -> str:
    """The text on one line, without signs that the font does not have, such as emoji: they would be drawn as empty boxes."""
    return "".join(sign for sign in " ".join(text.split()) if ord(sign) in _signs())


@lru_cache
def _signs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(sans_path())).get_charmap())


def fitted(label: str, cells: int = LABEL_CELLS) -> str:
    """The label, cut where it would be wider than its room."""
    if _cells(label) <= cells:
        return label
    kept = ""
    for sign in label:
        if _cells(kept + sign) > cells - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _figure(height: float) -> Figure:
    from matplotlib import rcParams  # half a second that only those who draw shall pay
    from matplotlib.figure import Figure

    rcParams["text.parse_math"] = False  # a name with two dollars in it is no formula
    return Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


@lru_cache
def _font(size: float) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(sans_path()), size=size)
