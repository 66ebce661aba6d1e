"""The activities' figures as a picture: what came of the invitations, and the rates beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from handlers.charts import BLUE, GREEN, GREY, ORANGE, RED, SKY, Bar, Section, bars_picture
from handlers.figures_words import line_name, period_name, whose
from handlers.post import Post
from handlers.texts import T, t
from models.activity_figures import By, Count, Line, View, lines, whole

COLOURS = {By.GROUP: BLUE, By.AREA: SKY, By.KIND: GREEN}
"""What is drawn, each in its colour; people and single activities stand in the spreadsheet."""
BARS = 12
Say = Callable[[T | str], str]


async def draw_figures(post: Post, view: View, tables: Sequence[By]) -> bytes:
    """A PNG in the reader's language. Raises NotAllowed."""

    def say(text: T | str) -> str:
        return post.texts.say(text, view.reader.language)

    count, empty = await whole(post.session, view), say(t("figures.nothing"))
    sections = [Section(say(t("figures.chart.whole")), _whole(count, say), empty)]
    for by in (by for by in COLOURS if by in tables):
        found = await lines(post.session, view, by)
        heading = say(t(f"figures.chart.{by}")) + (say(t("figures.chart.first", count=BARS)) if len(found) > BARS else "")
        sections.append(Section(heading, [_bar(line, by, say) for line in found[:BARS]], empty, top=100))
    parts = [say(whose(view)), period_name(view.period, post.texts, view.reader.language)]
    if count.provisional:
        parts.append(say(t("figures.chart.provisional", count=count.provisional)))
    # In a thread: drawing takes a moment in which the Home goes on hearing.
    return await asyncio.to_thread(bars_picture, say(t("figures.title")), " · ".join(parts), sections)


def _whole(count: Count, say: Say) -> list[Bar]:
    values = [
        ("present", count.present, GREEN),
        ("late", count.late, ORANGE),
        ("excused", count.excused, GREY),
        ("absent", count.absent, RED),
    ]
    return [Bar(say(t(f"figures.attendance.{name}")), value, colour) for name, value, colour in values]


def _bar(line: Line, by: By, say: Say) -> Bar:
    rate = line.count.rate
    return Bar(say(line_name(line, by)), None if rate is None else rate * 100, COLOURS[by], "{:.1f}%")
