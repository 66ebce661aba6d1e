"""The activities' figures (活动统计): attendance, answers in time, how soon people were notified; as a card, a picture, a spreadsheet.

The office and the leaders read everybody's, a group leader the own group's, area staff the own area's, a deputy the own.
"""

from __future__ import annotations

from typing import Any

from telegram import Update

from handlers.context import HomeContext
from handlers.figures_picture import draw_figures
from handlers.figures_presses import FiguresDo, FiguresPress
from handlers.figures_sheet import figures_sheet
from handlers.figures_words import line_name, percent, period_name, usual_periods, whose
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.periods import read_period
from handlers.pieces import words_of
from handlers.texts import T, t
from models.activity_figures import By, Reach, View, guests, lines, notifying, reaches, whole
from models.audit import record
from models.forms import close_form, form_of, open_form
from models.outbox import AttachmentKind
from models.periods import year_of
from models.rules import NotAllowed

PAGE = 12
FORM = "figures"
TABLES = {
    Reach.ALL: (By.GROUP, By.AREA, By.KIND, By.ACTIVITY, By.PERSON),
    Reach.GROUP: (By.KIND, By.ACTIVITY, By.PERSON),
    Reach.AREA: (By.GROUP, By.KIND, By.ACTIVITY, By.PERSON),
    Reach.OWN: (By.KIND, By.ACTIVITY),
}
"""What each may be read by: a deputy's own figures stand beside nobody else's."""


async def open_figures(update: Update, context: HomeContext) -> None:
    """``/figures``: this year's, of as many people as the reader may see. Raises NotAllowed."""
    allowed = reaches(context.person)
    if not allowed:
        raise NotAllowed
    year = year_of(context.now.astimezone(context.policy.timezone).date())
    await _show_whole(context, FiguresPress.of(FiguresDo.WHOLE, allowed[0], year))


async def press(update: Update, context: HomeContext) -> None:
    """Every button of the figures. Raises NotAllowed for figures that are not the reader's to see."""
    pressed = FiguresPress.unpack(context.pressed)
    form = await form_of(context.session, context.person.id, FORM)
    if form is not None:
        await close_form(context.session, context.person.id)
    if pressed.reach not in reaches(context.person):
        raise NotAllowed
    if pressed.do is FiguresDo.WHOLE:
        await _show_whole(context, pressed)
    elif pressed.do is FiguresDo.PICTURE:
        await _show_picture(context, pressed)
    elif pressed.do is FiguresDo.SHEET:
        await _send_sheet(context, pressed)
    elif pressed.do is FiguresDo.PERIOD:
        await _ask_period(context, pressed)
    else:
        await _show_lines(context, pressed, By(pressed.do.value))


def _view(context: HomeContext, pressed: FiguresPress) -> View:
    return View(context.person, pressed.reach, pressed.period, context.policy, context.now)


def _said(context: HomeContext, view: View) -> dict[str, Any]:
    """What every card begins with."""
    return {"whose": whose(view), "period": period_name(view.period, context.post.texts, context.language), "percent": percent}


async def _show_whole(context: HomeContext, pressed: FiguresPress) -> None:
    view = _view(context, pressed)
    count = await whole(context.session, view)
    await context.show(
        "figures/whole",
        keyboard=_buttons(context, pressed, any_there=count.called > 0),
        own=view.reach is Reach.OWN,
        count=count,
        guests=await guests(context.session, view),
        notifying=await notifying(context.session, view),
        cutoff=context.policy.leave_cutoff,
        **_said(context, view),
    )


def _buttons(context: HomeContext, pressed: FiguresPress, *, any_there: bool) -> Keyboard:
    today = context.now.astimezone(context.policy.timezone).date()
    tables = [Button(t(f"figures.by.{by}"), pressed.to(FiguresDo(by.value))) for by in TABLES[pressed.reach]]
    files = [Button(t(f"figures.do.{do}"), pressed.to(do)) for do in (FiguresDo.PICTURE, FiguresDo.SHEET)]
    periods = [Button(name, FiguresPress.of(FiguresDo.WHOLE, pressed.reach, period)) for name, period in usual_periods(today)]
    typed = Button(t("figures.do.period"), pressed.to(FiguresDo.PERIOD))
    others = [reach for reach in reaches(context.person) if reach is not pressed.reach]
    switches = [Button(t(f"figures.to.{reach}"), FiguresPress.of(FiguresDo.WHOLE, reach, pressed.period)) for reach in others]
    found = [*rows(tables, 3), files] if any_there else []
    return [*found, *rows([*periods, typed], 3), switches, [BACK_TO_MENU]]


async def _show_lines(context: HomeContext, pressed: FiguresPress, by: By) -> None:
    if by not in TABLES[pressed.reach]:
        raise NotAllowed
    view = _view(context, pressed)
    found = await lines(context.session, view, by)
    page = max(0, min(pressed.page, (len(found) - 1) // PAGE))
    shown = found[page * PAGE : (page + 1) * PAGE]
    paging = turns(page, lambda to: pressed.to(pressed.do, to), more=len(found) > (page + 1) * PAGE)
    await context.show(
        "figures/lines",
        keyboard=[paging, [Button(t("figures.do.back"), pressed.to(FiguresDo.WHOLE))]],
        by=by.value,
        own=view.reach is Reach.OWN,
        lines=[(line_name(line, by), line) for line in shown],
        first=page * PAGE + 1,
        total=len(found),
        **_said(context, view),
    )


async def _show_picture(context: HomeContext, pressed: FiguresPress) -> None:
    view = _view(context, pressed)
    content = await draw_figures(context.post, view, TABLES[view.reach])
    picture = await context.post.attach("figures.png", content, AttachmentKind.PHOTO)
    # One picture in the chat: a later one takes its place, at the end.
    await context.post.card("figures_picture", context.person, "figures/caption", attachment=picture, afresh=True, **_said(context, view))


async def _send_sheet(context: HomeContext, pressed: FiguresPress) -> None:
    view, texts, language = _view(context, pressed), context.post.texts, context.language

    def say(text: T | str) -> str:
        return texts.say(text, language)

    content = await figures_sheet(context.session, view, say=say, period=period_name(view.period, texts, language))
    record(
        context.session,
        context.person,
        "figures.exported",
        f"figures:{view.reach}",
        now=context.now,
        since=pressed.since,
        until=pressed.until,
    )
    attachment = await context.post.attach(
        say(t("figures.sheet.file", day=f"{context.now.astimezone(view.policy.timezone):%Y-%m-%d}")), content
    )
    await context.post.tell(context.here, "figures/caption", attachment=attachment, **_said(context, view))


async def _ask_period(context: HomeContext, pressed: FiguresPress) -> None:
    data = {"reach": pressed.reach.value, "since": pressed.since, "until": pressed.until}
    await open_form(context.session, context.person.id, FORM, "period", now=context.now, **data)
    await context.show("plain", keyboard=[[Button(t("figures.do.back"), pressed.to(FiguresDo.WHOLE))]], text=t("figures.ask_period"))


async def take_period(update: Update, context: HomeContext) -> None:
    """The period, typed. Raises what says how to write it; the form stays."""
    form = await form_of(context.session, context.person.id, FORM)
    if form is None:
        return
    reach = Reach(form.data["reach"])
    if reach not in reaches(context.person):
        await close_form(context.session, context.person.id)
        await context.refuse(NotAllowed())
        return
    period = read_period(words_of(update.message), now=context.now, timezone=context.policy.timezone)
    await close_form(context.session, context.person.id)
    await _show_whole(context, FiguresPress.of(FiguresDo.WHOLE, reach, period))


JOURNEY = Journey(
    entries=(Entry("figures", open_figures),),
    presses={FiguresPress: press},
    forms={FORM: take_period},
)
