"""The weekly figures, on Monday morning and whenever the office or a leader asks; and the last weeks as a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date

from handlers.charts import BLUE, GREEN, RED, Panel, Series, panels_picture
from handlers.context import HomeContext
from handlers.issue_presses import BoardDo, BoardPress
from handlers.journey import Due, Journey
from handlers.keyboards import Button
from handlers.post import Post
from handlers.texts import T, t
from models.issue_reading import SEES_ALL
from models.issue_weeks import WEEK, Load, Week, load, monday_of, next_telling, ratings, week_to_tell, weeks
from models.outbox import AttachmentKind, Lane
from models.people import Person, people_with

WEEKS_DRAWN = 8
PEOPLE_SHOWN, SPECIALTIES_SHOWN = 10, 12
PICTURE = Button(t("views.do.weeks"), BoardPress(BoardDo.WEEKS))


async def show_week(context: HomeContext) -> None:
    """Last week against the week before, and how this one goes."""
    this = monday_of(context.now, context.policy.timezone)
    values = await _figures(context.post, this - WEEK)
    back = Button(t("views.do.board"), BoardPress(BoardDo.BOARD))
    await context.show("views/week", keyboard=[[PICTURE, back]], this=(await _weeks(context.post, this, 1))[0], **values)


async def tell_week(post: Post) -> None:
    """On Monday morning, to the office and the leaders; a Home in which nothing happened keeps quiet."""
    monday = await week_to_tell(post.session, post.policy, now=post.now)
    if monday is None:
        return
    values = await _figures(post, monday)
    if not (values["week"].whole.shared or values["before"].whole.shared or values["week"].closed or values["carried"]):
        return
    for person in await people_with(post.session, *SEES_ALL):
        await post.tell(person, "views/week", keyboard=[[PICTURE]], lane=Lane.NOTICE, subject=f"week:{monday}", this=None, **values)


async def _figures(post: Post, monday: date) -> dict[str, Any]:
    before, week = await _weeks(post, monday, 2)
    carried = await load(post.session, monday, timezone=post.policy.timezone)
    return {
        "week": week,
        "before": before,
        "since": _morning(monday, post),
        "until": _morning(monday + timedelta(days=6), post),
        "specialties": [(name or t("views.others"), answering) for name, answering in week.by_specialty[:SPECIALTIES_SHOWN]],
        "ratings": await ratings(post.session, monday, timezone=post.policy.timezone),
        "carried": carried[:PEOPLE_SHOWN],
        "more": _sum(carried[PEOPLE_SHOWN:]),
    }


def _sum(carried: Sequence[Load]) -> tuple[int, int]:
    """How many more people carry how much together."""
    return len(carried), sum(one.open for one in carried)


def _morning(day: date, post: Post) -> datetime:
    return datetime.combine(day, time(12), post.policy.timezone)


async def _weeks(post: Post, last: date, count: int) -> list[Week]:
    return await weeks(post.session, last, count, timezone=post.policy.timezone, now=post.now)


async def show_weeks_picture(context: HomeContext) -> None:
    last = monday_of(context.now, context.policy.timezone) - WEEK
    drawn = await _weeks(context.post, last, WEEKS_DRAWN)
    content = await draw_weeks(context.post, drawn, context.person)
    picture = await context.post.attach("weeks.png", content, AttachmentKind.PHOTO)
    await context.post.card("weeks_picture", context.person, "views/weeks_caption", attachment=picture, afresh=True)


async def draw_weeks(post: Post, drawn: Sequence[Week], reader: Person) -> bytes:
    """Some weeks as a PNG in the reader's language."""

    def say(text: T) -> str:
        return post.texts.say(text, reader.language)

    wholes = [week.whole for week in drawn]
    hours = [whole.median.total_seconds() / 3600 if whole.median is not None else None for whole in wholes]
    shares = [whole.share * 100 if whole.share is not None else None for whole in wholes]
    empty, few = say(t("views.nothing")), all(value is None or value < 10 for value in hours)
    panels = [
        Panel(
            say(t("views.chart.flow")),
            [
                Series(say(t("views.chart.shared")), [whole.shared for whole in wholes], BLUE),
                Series(say(t("views.chart.closed")), [week.closed for week in drawn], GREEN),
            ],
            empty,
        ),
        Panel(say(t("views.chart.hours")), [Series("", hours, RED, "{:.1f}" if few else "{:.0f}")], empty, line=True),
        Panel(say(t("views.chart.share")), [Series("", shares, BLUE, "{:.0f}%")], empty, top=100),
    ]
    columns = [format_date(week.monday, say(t("views.chart.day_format")), locale=reader.language) for week in drawn]
    subtitle = say(t("views.chart.weeks", count=len(drawn)))
    return await asyncio.to_thread(panels_picture, say(t("views.week_title")), subtitle, columns, panels)


JOURNEY = Journey(due=(Due(tell_week, next_telling),))
