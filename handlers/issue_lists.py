"""Lists of issues, each narrowed down by buttons: one's own, the area's, the circles', and for the office and the leaders all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_card import draft_button
from handlers.issue_cards import title_of
from handlers.issue_presses import BoardDo, BoardPress, IssueDo, IssuePress, IssuesPress, ListDo, SearchPress
from handlers.issue_views import show_issue, show_whole
from handlers.issues_sheet import issues_sheet
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.texts import T, t
from models.audit import record
from models.drafts import drafts_of
from models.forms import close_form, form_of
from models.issue_figures import names
from models.issue_reading import SEES_ALL, Age, By, Scope, Selection, Standing, counted, how_many, scopes_of, selected
from models.issue_sheet import SHEET_LIMIT, sheet_rows
from models.issues import Issue, IssueState, issue_by_id
from models.people import Area, Role, Specialty
from models.rules import NotAllowed

PAGE = 8
CHOICES = 40
TABS = (Standing.LIVE, Standing.CLOSED, Standing.ANY)
NARROWED_BY = {
    Scope.OWN: (),
    Scope.AREA: (ListDo.BY_SPECIALTY, ListDo.BY_AGE, ListDo.BY_STATE),
    Scope.CIRCLE: (ListDo.BY_SPECIALTY, ListDo.BY_AREA, ListDo.BY_AGE),
    Scope.EVERYONE: (ListDo.BY_SPECIALTY, ListDo.BY_AREA, ListDo.BY_AGE, ListDo.BY_STATE),
}


async def list_issues(update: Update, context: HomeContext) -> None:
    """``/issues``: a deputy's own; the office and the leaders see all; area staff those of their area."""
    scopes = scopes_of(context.person)
    if not scopes:
        raise NotAllowed
    await show_list(context, Selection(scopes[0]))


async def press(update: Update, context: HomeContext) -> None:
    pressed = IssuesPress.unpack(context.pressed)
    chosen, do, page = pressed.selection, pressed.do, max(pressed.page, 0)
    if do is ListDo.LIST:
        await _leave_search(context)
        await show_list(context, chosen, page)
    elif do is ListDo.EXPORT:
        await _export(context, chosen)
    elif do is ListDo.VIEW:
        back = Button(t("issue.do.to_list"), IssuesPress.of(chosen, page=page))
        whole = Button(t("views.do.whole"), IssuesPress.whole_of(pressed.issue_id))
        await show_issue(context, await issue_by_id(context.session, pressed.issue_id, lock=False), whole=whole, back=[back])
    elif do is ListDo.WHOLE:
        await show_whole(context, await issue_by_id(context.session, pressed.issue_id, lock=False))
    else:
        await _choose(context, chosen, By(do))


async def _leave_search(context: HomeContext) -> None:
    """Whoever goes back to the list will not type what to search for."""
    if await form_of(context.session, context.person.id, "search") is not None:
        await close_form(context.session, context.person.id)


async def show_list(context: HomeContext, chosen: Selection, page: int = 0) -> None:
    """A page of a selection. Raises NotAllowed."""
    person, session, now = context.person, context.session, context.now
    found = await selected(session, person, chosen, offset=page * PAGE, limit=PAGE + 1, now=now)
    states = await counted(session, person, chosen.without(By.STATE), By.STATE, now=now)
    drafts = await drafts_of(session, person) if chosen.scope is Scope.OWN and page == 0 else []
    titles = [[Button(title_of(issue, context.post, person), _opens(issue, chosen, page))] for issue in found[:PAGE]]
    titles = [*([draft_button(draft)] for draft in drafts[:PAGE]), *titles]
    pages = turns(page, lambda other: IssuesPress.of(chosen, page=other), more=len(found) > PAGE, newest_first=True)
    await context.show(
        "views/list",
        keyboard=[*titles, pages, *_ways_on(context, chosen)],
        scope=t(f"views.scope.{chosen.scope.name.lower()}"),
        area=person.area.name if chosen.scope is Scope.AREA and person.area else "",
        narrowed=await _narrowed(context, chosen),
        counts=[(state, states[state]) for state in IssueState if state in states],
        total=await how_many(session, person, chosen, now=now),
        empty=not found,
        first=not drafts and not states and chosen.scope is Scope.OWN,
    )


def _opens(issue: Issue, chosen: Selection, page: int) -> IssuePress | IssuesPress:
    if chosen.scope is Scope.OWN:
        return IssuePress(issue.id, IssueDo.OPEN)
    return IssuesPress.of(chosen, ListDo.VIEW, page=page, issue_id=issue.id)


def _ways_on(context: HomeContext, chosen: Selection) -> Keyboard:
    tabs = [
        Button(t(f"views.tab.{tab.name.lower()}"), IssuesPress.of(chosen.narrowed(By.STATE, tab)))
        for tab in TABS
        if tab is not chosen.standing
    ]
    narrower = [Button(t(f"views.{do.name.lower()}"), IssuesPress.of(chosen, do)) for do in NARROWED_BY[chosen.scope]]
    scopes = [
        Button(t(f"views.to.{s.name.lower()}"), IssuesPress.of(Selection(s))) for s in scopes_of(context.person) if s is not chosen.scope
    ]
    tools = [Button(t("views.do.search"), SearchPress())]
    if _may_export(context, chosen):
        tools.append(Button(t("views.do.export"), IssuesPress.of(chosen, ListDo.EXPORT)))
    if context.person.has(*SEES_ALL):
        tools.append(Button(t("views.do.board"), BoardPress(BoardDo.BOARD)))
    return [tabs, narrower, scopes, tools, [BACK_TO_MENU]]


async def _narrowed(context: HomeContext, chosen: Selection) -> list[T | str]:
    """What the selection is narrowed down to, in words."""
    words: list[T | str] = [t(f"views.standing.{chosen.standing.name.lower()}")]
    if chosen.specialty_id:
        words.append((await names(context.session, Specialty)).get(chosen.specialty_id, "–"))
    if chosen.area_id:
        words.append((await names(context.session, Area)).get(chosen.area_id, "–"))
    if chosen.age is not Age.ANY:
        words.append(t(f"views.age.{chosen.age.name.lower()}"))
    return words


async def _choose(context: HomeContext, chosen: Selection, by: By) -> None:
    """The choices of one kind, each with how many issues it holds."""
    wide = chosen.without(by)
    counts = await counted(context.session, context.person, wide, by, now=context.now)
    choices = [
        Button(t("views.choice", name=name, count=count), IssuesPress.of(wide.narrowed(by, choice)))
        for choice, name, count in await _choices(context, by, counts)
    ]
    anything = Button(t("views.any"), IssuesPress.of(wide))
    back = Button(t("issue.do.to_list"), IssuesPress.of(chosen))
    await context.show(
        "views/choose", keyboard=[*rows(choices, 2), [anything, back]], by=t(f"views.{ListDo(by).name.lower()}"), empty=not choices
    )


async def _choices(context: HomeContext, by: By, counts: Mapping[Any, int]) -> list[tuple[Any, T | str, int]]:
    if by is By.STATE:
        return [(Standing[state.name], t(f"issue.state.{state}"), counts[state]) for state in IssueState if state in counts]
    if by is By.AGE:
        return [(age, t(f"views.age.{age.name.lower()}"), counts[age]) for age in Age if age in counts]
    session = context.session
    named = await names(session, Specialty) if by is By.SPECIALTY else await names(session, Area)
    ranked = sorted((id for id in counts if id in named), key=lambda id: (-counts[id], id))
    return [(id, named[id], counts[id]) for id in ranked[:CHOICES]]


def _may_export(context: HomeContext, chosen: Selection) -> bool:
    """The office and the leaders export all, a deputy the own issues."""
    if chosen.scope is Scope.EVERYONE:
        return context.person.has(*SEES_ALL)
    return chosen.scope is Scope.OWN and context.person.has(Role.DEPUTY)


async def _export(context: HomeContext, chosen: Selection) -> None:
    if not _may_export(context, chosen):
        raise NotAllowed
    listed = await sheet_rows(context.session, context.person, chosen, now=context.now)
    total = await how_many(context.session, context.person, chosen, now=context.now)
    texts, language, zone = context.post.texts, context.language, context.policy.timezone
    # In a thread, so that the Home goes on hearing while a large sheet is written.
    content = await asyncio.to_thread(issues_sheet, listed, say=lambda text: texts.say(text, language), timezone=zone)
    record(context.session, context.person, "issues.exported", f"person:{context.person.id}", now=context.now, count=len(listed))
    name = texts.say(t("views.sheet.file", day=context.now.astimezone(zone).strftime("%Y-%m-%d")), language)
    await context.post.tell(
        context.here, "views/sheet", attachment=await context.post.attach(name, content), count=len(listed), total=total, limit=SHEET_LIMIT
    )


JOURNEY = Journey(
    entries=(Entry("issues", list_issues),),
    presses={IssuesPress: press},
)
