"""After a term: who is elected again, what nobody carries on, and the beginning of the next."""

from __future__ import annotations

from telegram import Update

from handlers.circle_links import offer_links
from handlers.command_list import commands_follow
from handlers.context import HomeContext
from handlers.following import asked_every_tick
from handlers.journey import Due, Handler, Journey
from handlers.keyboards import Button, rows
from handlers.outcome_presses import HandoverDo, HandoverPress
from handlers.paging import turns
from handlers.post import Post
from handlers.suggestion_card import show_suggestion
from handlers.term_closing import ask, ask_word
from handlers.term_presses import BACK_TO_TERMS, TermDo, TermPress
from handlers.terms import ask_name, keep_name, overview
from handlers.texts import t
from models.forms import close_form, form_of
from models.handovers import possible_homes
from models.mandates import Mandate, mandate_by_id
from models.next_term import (
    again_counts,
    ask_start,
    carried_counts,
    carried_drafts,
    carried_issues,
    hand_on_draft,
    last_mandates,
    mark_again,
    return_some,
    start,
)
from models.outbox import Lane
from models.people import Person, Role, people_with
from models.rules import Gone
from models.suggestion_drafts import suggestion_by_id

NAMES, ITEMS = 20, 10


async def press(update: Update, context: HomeContext) -> None:
    """The buttons of terms, for the office alone."""
    pressed = TermPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    match pressed.does:
        case TermDo.OVERVIEW:
            form = await form_of(context.session, context.person.id)
            if form is not None and form.kind in ("term_set", "term_close", "by_election", "by_election_new"):
                await close_form(context.session, context.person.id)
            await overview(update, context)
        case TermDo.AGAIN:
            await _list_again(context, max(pressed.number, 0))
        case TermDo.MARK:
            mandate = await mandate_by_id(context.session, pressed.number, lock=True)
            await mark_again(context.session, mandate, context.person, again=not mandate.again, now=context.now)
            await _list_again(context, max(pressed.other, 0))
        case TermDo.MARK_PAGE:
            page = max(pressed.number, 0)
            for mandate in await last_mandates(context.session, offset=page * NAMES, limit=NAMES):
                await mark_again(context.session, mandate, context.person, again=True, now=context.now)
            await _list_again(context, page)
        case TermDo.ASK_START:
            await _ask_start(context)
        case TermDo.START:
            term = await ask_start(context.session, context.person, now=context.now)
            await context.show("plain", text=t("term.starting", name=term.name))
        case TermDo.CARRIED:
            await _list_carried(context, max(pressed.number, 0))
        case TermDo.DRAFT:
            await _choose_lead(context, pressed.number, max(pressed.other, 0))
        case TermDo.GIVE:
            await _give(context, pressed.number, pressed.other)
        case _:
            await STEPS[pressed.does](update, context)


STEPS: dict[TermDo, Handler] = {TermDo.SET: ask_name, TermDo.NAME: keep_name, TermDo.CLOSE: ask, TermDo.WORD: ask_word}


async def _list_again(context: HomeContext, page: int) -> None:
    """The deputies of the last term, each with a mark to tap."""
    await context.session.flush()
    mandates = await last_mandates(context.session, offset=page * NAMES, limit=NAMES + 1)
    everybody, again = await again_counts(context.session)
    names = rows([Button(_marked(mandate), TermPress(TermDo.MARK, mandate.id, page)) for mandate in mandates[:NAMES]], 2)
    whole = [Button(t("term.do.mark_page"), TermPress(TermDo.MARK_PAGE, page))] if mandates else []
    pages = turns(page, lambda other: TermPress(TermDo.AGAIN, other), more=len(mandates) > NAMES)
    await context.show("terms/again", keyboard=[*names, whole, pages, [BACK_TO_TERMS]], everybody=everybody, again=again)


def _marked(mandate: Mandate) -> str:
    mark = "✅ " if mandate.person.serves else "☑️ " if mandate.again else ""
    return mark + " · ".join(filter(None, (mandate.person.name, mandate.where)))


async def _ask_start(context: HomeContext) -> None:
    everybody, again = await again_counts(context.session)
    deputies = len(await people_with(context.session, Role.DEPUTY))
    yes = Button(t("term.do.confirm_start"), TermPress(TermDo.START))
    await context.show("terms/ask_start", keyboard=[[yes, BACK_TO_TERMS]], everybody=everybody, again=again, deputies=deputies)


async def begin_next(post: Post) -> None:
    """Those elected again come back, some at a time; when all are, the term begins and the office hears what is to be handed on."""
    returned = await return_some(post.session, now=post.now)
    for person in returned:
        await commands_follow(post, person)
        await post.tell(person, "terms/you_are_back", lane=Lane.NOTICE, home_name=post.policy.home_name)
        await offer_links(post, person)
    if returned:
        return
    term = await start(post.session, post.policy, now=post.now)
    if term is None:
        return
    issues, drafts = await carried_counts(post.session)
    carried = [[Button(t("term.do.carried", count=issues + drafts), TermPress(TermDo.CARRIED))]] if issues + drafts else []
    deputies = len(await people_with(post.session, Role.DEPUTY))
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.tell(colleague, "terms/begun", keyboard=carried, term=term, issues=issues, drafts=drafts, deputies=deputies)


async def _list_carried(context: HomeContext, page: int) -> None:
    """Issues first, each opened by its number; then the drafts of suggestions."""
    issues_total, drafts_total = await carried_counts(context.session)
    issues = await carried_issues(context.session, offset=page * ITEMS, limit=ITEMS)
    drafts = await carried_drafts(context.session, offset=max(page * ITEMS - issues_total, 0), limit=ITEMS - len(issues))
    drafts = drafts if len(issues) < ITEMS else []
    buttons = [
        *(Button(f"{issue.number} · {issue.deputy.name}", HandoverPress(issue.id, HandoverDo.OPEN)) for issue in issues),
        *(Button(t("term.draft_of", title=draft.title[:20], name=draft.lead.name), TermPress(TermDo.DRAFT, draft.id)) for draft in drafts),
    ]
    more = (page + 1) * ITEMS < issues_total + drafts_total
    pages = turns(page, lambda other: TermPress(TermDo.CARRIED, other), more=more)
    await context.show(
        "terms/carried", keyboard=[*rows(buttons, 1), pages, [BACK_TO_TERMS]], issues=issues_total, drafts=drafts_total, listed=issues
    )


async def _choose_lead(context: HomeContext, draft_id: int, page: int) -> None:
    draft = await suggestion_by_id(context.session, draft_id)
    if draft.lead.serves:
        raise Gone
    deputies = await possible_homes(context.session, draft.issue, offset=page * NAMES, limit=NAMES + 1)
    names = rows([Button(person.name, TermPress(TermDo.GIVE, draft.id, person.id)) for person in deputies[:NAMES]], 2)
    pages = turns(page, lambda other: TermPress(TermDo.DRAFT, draft.id, other), more=len(deputies) > NAMES)
    back = Button(t("term.do.carried_back"), TermPress(TermDo.CARRIED))
    await context.show("terms/choose_lead", keyboard=[*names, pages, [back]], draft=draft, none=not deputies)


async def _give(context: HomeContext, draft_id: int, person_id: int) -> None:
    draft, deputy = await suggestion_by_id(context.session, draft_id), await context.session.get(Person, person_id)
    if deputy is None:
        raise Gone
    await hand_on_draft(context.session, draft, deputy, context.person, now=context.now)
    await context.post.tell(deputy, "terms/draft_is_yours", draft=draft, office=context.person)
    await show_suggestion(context.post, draft)
    back = Button(t("term.do.carried_back"), TermPress(TermDo.CARRIED))
    await context.show("plain", keyboard=[[back]], text=t("term.draft_given", title=draft.title, name=deputy.name))


JOURNEY = Journey(presses={TermPress: press}, due=(Due(begin_next, asked_every_tick),))
