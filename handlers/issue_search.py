"""Search: by words, a number, a time, in any mixture. ``/search 停车 上周``, or the button that asks for words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup, escape
from telegram import Update

from handlers.context import HomeContext
from handlers.issue_lists import PAGE
from handlers.issue_presses import IssuesPress, SearchPress
from handlers.issue_views import show_issue
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.search_words import read_wanted
from handlers.texts import t
from models.forms import close_form, open_form
from models.issue_reading import Selection, scopes_of
from models.issue_search import IssueSearch, Wanted, found, keep_search, nearest, search_by_id
from models.issues import Issue, issue_by_id
from models.rules import NotAllowed

TYPED_LIMIT = 60
"""Longer than anybody searches for."""
AROUND = 22
"""Signs shown on each side of a word that was found."""


async def search(update: Update, context: HomeContext) -> None:
    """``/search words``; without words they are asked for."""
    words = " ".join(context.args or []).strip()
    await (_search(context, words) if words else _ask(context))


async def press(update: Update, context: HomeContext) -> None:
    pressed = SearchPress.unpack(context.pressed)
    if not pressed.search_id:
        await _ask(context)
        return
    kept = await search_by_id(context.session, pressed.search_id, context.person)
    if not pressed.issue_id:
        await _show_found(context, kept, max(pressed.page, 0))
        return
    back = Button(t("views.do.to_found"), SearchPress(kept.id, pressed.page))
    issue = await issue_by_id(context.session, pressed.issue_id, lock=False)
    whole = Button(t("views.do.whole"), IssuesPress.whole_of(issue.id))
    await show_issue(context, issue, whole=whole, back=[back])


async def _ask(context: HomeContext) -> None:
    scopes = scopes_of(context.person)
    if not scopes:
        raise NotAllowed
    await open_form(context.session, context.person.id, "search", "words", now=context.now)
    await context.show("views/ask_search", keyboard=[[Button(t("issue.do.to_list"), IssuesPress.of(Selection(scopes[0]))), BACK_TO_MENU]])


async def take_words(update: Update, context: HomeContext) -> None:
    """The words in a message. A whole story, a picture or a voice is hardly meant to be searched for: the search is left."""
    words = (update.message.text or "").strip() if update.message else ""
    await close_form(context.session, context.person.id)
    if not words or words.startswith("/") or len(words) > TYPED_LIMIT:
        await context.reply("plain", text=t("views.search_left"))
        return
    await _search(context, words)


async def _search(context: HomeContext, words: str) -> None:
    if not scopes_of(context.person):
        raise NotAllowed
    await _show_found(context, await keep_search(context.session, context.person, words, now=context.now), 0)


async def _show_found(context: HomeContext, kept: IssueSearch, page: int) -> None:
    wanted = read_wanted(kept.words, now=kept.searched_at, timezone=context.policy.timezone)
    issues, near = await _found(context, wanted, page)
    marked = [*wanted.words, *wanted.numbers, *(wanted.pairs if near else ())]
    numbers = [Button(issue.number or "", SearchPress(kept.id, page, issue.id)) for issue in issues[:PAGE]]
    pages = turns(page, lambda other: SearchPress(kept.id, other), more=len(issues) > PAGE, newest_first=not near)
    again = [Button(t("views.do.search_again"), SearchPress()), BACK_TO_MENU]
    await context.show(
        "views/found",
        keyboard=[*rows(numbers, 2), pages, again],
        typed=kept.words,
        wanted=wanted,
        last_day=wanted.until - timedelta(days=1) if wanted.until is not None else None,
        issues=[(issue, snippet(issue.shared_text, marked)) for issue in issues[:PAGE]],
        near=near,
    )


async def _found(context: HomeContext, wanted: Wanted, page: int) -> tuple[Sequence[Issue], bool]:
    """What fits; where nothing does and words may run together, what is nearest, and that it is so."""
    if wanted.nothing:
        return [], False
    issues = await found(context.session, context.person, wanted, offset=page * PAGE, limit=PAGE + 1)
    if issues or not wanted.runs_together or (page and await found(context.session, context.person, wanted, offset=0, limit=1)):
        return issues, False
    return await nearest(context.session, context.person, wanted, offset=page * PAGE, limit=PAGE + 1), True


def snippet(text: str, words: Sequence[str]) -> Markup:
    """Where the text says one of the words, with them set bold; its beginning where it says none."""
    line = " ".join(text.split())
    marks = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)", re.IGNORECASE)
    first = marks.search(line)
    start = max(first.start() - AROUND, 0) if first else 0
    end = (first.end() if first else 0) + (AROUND if first else 2 * AROUND)
    shown, at = Markup("…" if start else ""), start
    for match in marks.finditer(line, start, min(end, len(line))):
        shown += escape(line[at : match.start()]) + Markup("<b>") + escape(match[0]) + Markup("</b>")
        at = match.end()
    return shown + escape(line[at:end]) + ("…" if end < len(line) else "")


JOURNEY = Journey(
    entries=(Entry("search", search, in_menu=False),),
    presses={SearchPress: press},
    forms={"search": take_words},
)
