"""Lists of issues: a deputy's own, and for the office all that are not over."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.issue_cards import title_of
from handlers.issue_presses import IssueDo, IssuePress, IssuesPress
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.issues import IssueState, counts_by_state, draft_of, issues_of, live_issues
from models.people import Role

PAGE = 8


async def list_issues(update: Update, context: HomeContext) -> None:
    """``/issues``: a deputy's own; the office sees the figures, and all that are not over."""
    await _show_list(context, everyone=not context.person.has(Role.DEPUTY), page=0)


async def turn_page(update: Update, context: HomeContext) -> None:
    pressed = IssuesPress.unpack(context.pressed)
    everyone = bool(pressed.everyone)
    context.person.require(Role.OFFICE if everyone else Role.DEPUTY)
    await _show_list(context, everyone=everyone, page=max(pressed.page, 0))


async def _show_list(context: HomeContext, *, everyone: bool, page: int) -> None:
    person, session = context.person, context.session
    if everyone:
        found = list(await live_issues(session, offset=page * PAGE, limit=PAGE + 1))
    else:
        found = list(await issues_of(session, person, offset=page * PAGE, limit=PAGE + 1))
    draft = None if everyone else await draft_of(session, person)
    buttons = [[Button(title_of(issue, context.post, person), IssuePress(issue.id, IssueDo.OPEN))] for issue in found[:PAGE]]
    if draft is not None:
        buttons.insert(0, [Button(t("issue.do.draft"), IssuePress(draft.id, IssueDo.OPEN))])
    turns = [Button(t("issue.do.newer"), IssuesPress(int(everyone), page - 1))] if page else []
    turns += [Button(t("issue.do.older"), IssuesPress(int(everyone), page + 1))] if len(found) > PAGE else []
    other = []
    if person.has(Role.OFFICE) and person.has(Role.DEPUTY):
        other = [Button(t("issue.do.own" if everyone else "issue.do.everyone"), IssuesPress(int(not everyone), 0))]
    counts = await counts_by_state(session) if everyone else {}
    await context.show(
        "issues/list",
        keyboard=[*buttons, turns, other, [BACK_TO_MENU]],
        everyone=everyone,
        counts=[(state, counts[state]) for state in IssueState if state in counts],
        empty=not buttons,
    )


JOURNEY = Journey(
    entries=(Entry("issues", list_issues, frozenset({Role.DEPUTY, Role.OFFICE})),),
    presses={IssuesPress: turn_page},
)
