"""The office's and the leaders' board: the figures of this moment as a card and as a picture, each a way into the issues behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from telegram import Update

from handlers.charts import BLUE, GREEN, GREY, ORANGE, RED, SKY, Bar, Section, bars_picture
from handlers.context import HomeContext
from handlers.issue_presses import BoardDo, BoardPress, IssuesPress, ListDo, SearchPress
from handlers.issue_weeks import show_week, show_weeks_picture
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import T, t
from models.issue_figures import Board, board
from models.issue_reading import SEES_ALL, Age, Scope, Selection
from models.issues import LIVE, IssueState
from models.outbox import AttachmentKind
from models.people import Person

SHOWN = 7
"""Specialties and areas named one by one; the others are counted together."""
STATE_COLOURS = {IssueState.OPEN: RED, IssueState.REFERRED: ORANGE, IssueState.ADVISED: BLUE, IssueState.CLOSED: GREEN}
AGE_COLOURS = {Age.FRESH: SKY, Age.DAYS: BLUE, Age.WEEKS: ORANGE, Age.LONG: RED}
EVERYONE = Selection(Scope.EVERYONE)


async def open_board(update: Update, context: HomeContext) -> None:
    """``/board``: how many issues there are by state, age, specialty and area."""
    context.person.require(*SEES_ALL)
    figures = await board(context.session, context.person, now=context.now)
    narrower = [Button(t(f"views.{do.name.lower()}"), IssuesPress.of(EVERYONE, do)) for do in ListDo if do.name.startswith("BY_")]
    await context.show(
        "views/board",
        keyboard=[
            narrower,
            [Button(t("views.do.picture"), BoardPress(BoardDo.PICTURE)), Button(t("views.do.week"), BoardPress(BoardDo.WEEK))],
            [Button(t("views.do.list"), IssuesPress.of(EVERYONE)), Button(t("views.do.search"), SearchPress())],
            [BACK_TO_MENU],
        ],
        board=figures,
        ages=[(t(f"views.age.{age.name.lower()}"), count) for age, count in figures.ages.items()],
        specialties=_named(figures.specialties),
        areas=_named(figures.areas),
    )


async def press(update: Update, context: HomeContext) -> None:
    context.person.require(*SEES_ALL)
    do = BoardPress.unpack(context.pressed).do
    if do is BoardDo.PICTURE:
        await _show_picture(context)
    elif do is BoardDo.WEEK:
        await show_week(context)
    elif do is BoardDo.WEEKS:
        await show_weeks_picture(context)
    else:
        await open_board(update, context)


async def _show_picture(context: HomeContext) -> None:
    figures = await board(context.session, context.person, now=context.now)
    content = await draw_board(context.post, figures, context.person)
    picture = await context.post.attach("board.png", content, AttachmentKind.PHOTO)
    # One picture in the chat: a later one takes its place, at the end.
    await context.post.card("board_picture", context.person, "views/board_caption", attachment=picture, afresh=True, board=figures)


async def draw_board(post: Post, figures: Board, reader: Person) -> bytes:
    """The board as a PNG in the reader's language."""

    def say(text: T | str) -> str:
        return post.texts.say(text, reader.language)

    empty = say(t("views.nothing"))
    states = [Bar(say(t(f"issue.state.{s}")), figures.states.get(s, 0), STATE_COLOURS.get(s, GREY)) for s in LIVE]
    ages = [Bar(say(t(f"views.age.{age.name.lower()}")), count, AGE_COLOURS[age]) for age, count in figures.ages.items()]
    sections = [
        Section(say(t("views.chart.states")), states, empty),
        Section(say(t("views.chart.ages")), ages, empty),
        Section(say(t("views.chart.specialties")), [Bar(say(name), count) for name, count in _named(figures.specialties)], empty),
        Section(say(t("views.chart.areas")), [Bar(say(name), count) for name, count in _named(figures.areas)], empty),
    ]
    closed, withdrawn = (figures.states.get(state, 0) for state in (IssueState.CLOSED, IssueState.WITHDRAWN))
    subtitle = say(
        t("views.chart.subtitle", at=post.texts.moment(figures.at, reader.language), live=figures.live, closed=closed, withdrawn=withdrawn)
    )
    # In a thread: drawing takes a moment in which the Home goes on hearing.
    return await asyncio.to_thread(bars_picture, say(t("views.board_title")), subtitle, sections)


def _named(counts: Sequence[tuple[str, int]]) -> list[tuple[T | str, int]]:
    """The first so many by name, all others together."""
    many = len(counts) if len(counts) == SHOWN + 1 else SHOWN  # one alone is named like the others
    shown: list[tuple[T | str, int]] = [(name or t("views.no_area"), count) for name, count in counts[:many]]
    rest = sum(count for _, count in counts[many:])
    return [*shown, (t("views.others"), rest)] if rest else shown


JOURNEY = Journey(
    entries=(Entry("board", open_board, in_menu=False),),
    presses={BoardPress: press},
)
