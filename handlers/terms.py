"""Terms (届次) as the office sees them: which one runs, how many seats are held and vacant, and what may be done."""

from __future__ import annotations

from datetime import date

from telegram import Update

from handlers.by_elections import SeatDo, SeatPress
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU
from handlers.past_days import read_past_day
from handlers.pieces import words_of
from handlers.term_presses import BACK_TO_TERMS, TermDo, TermPress
from handlers.texts import t
from models.forms import Form, close_form, form_of, open_form
from models.mandates import keep_mandates, mandate_counts
from models.next_term import again_counts, carried_counts
from models.people import Role
from models.rules import Gone
from models.terms import Term, TermState, all_terms, begin_first_term, change_term, checked_name, term_in

FORM = "term_set"


async def overview(update: Update, context: HomeContext) -> None:
    """The term that runs, or what stands between two."""
    context.person.require(Role.OFFICE)
    term = await term_in(context.session, TermState.CLOSING, TermState.RUNNING, TermState.PREPARED)
    closing = await term_in(context.session, TermState.CLOSING)
    term = closing or term
    if term is None:
        keyboard = [[Button(t("term.do.set"), TermPress(TermDo.SET))], [BACK_TO_MENU]]
        await context.show("terms/none", keyboard=keyboard)
        return
    held, ended, vacant = await mandate_counts(context.session, term)
    everybody, again = await again_counts(context.session)
    issues, drafts = await carried_counts(context.session)
    await context.show(
        "terms/overview",
        keyboard=[*_buttons(term, vacant, everybody, issues + drafts), [BACK_TO_MENU]],
        term=term,
        held=held,
        ended=ended,
        vacant=vacant,
        everybody=everybody,
        again=again,
        issues=issues,
        drafts=drafts,
        earlier=[other for other in await all_terms(context.session) if other.state is TermState.CLOSED],
    )


def _buttons(term: Term, vacant: int, everybody: int, carried: int) -> list[list[Button]]:
    """What may be done at this point of a term."""
    seats = [Button(t("term.do.vacancies", count=vacant), SeatPress(SeatDo.LIST))] if vacant else []
    left = [Button(t("term.do.carried", count=carried), TermPress(TermDo.CARRIED))] if carried else []
    if term.state is TermState.CLOSING:
        return []
    again = [Button(t("term.do.again"), TermPress(TermDo.AGAIN))] if everybody else []
    if term.state is TermState.PREPARED:
        return [again, [Button(t("term.do.start"), TermPress(TermDo.ASK_START))] if term.start_asked_at is None else [], left, seats]
    change = [Button(t("term.do.change"), TermPress(TermDo.SET)), Button(t("term.do.close"), TermPress(TermDo.CLOSE))]
    return [seats, left, again, change]


async def ask_name(update: Update, context: HomeContext) -> None:
    """Set the first term, or put the running one right: its name first."""
    context.person.require(Role.OFFICE)
    term = await _to_change(context)
    await open_form(context.session, context.person.id, FORM, "name", now=context.now, term=term.id if term is not None else 0)
    keep = [Button(t("term.keep_name", name=term.name), TermPress(TermDo.NAME))] if term is not None else []
    await context.show("plain", keyboard=[keep, [BACK_TO_TERMS]], text=t("term.type_name"))


async def keep_name(update: Update, context: HomeContext) -> None:
    """The name stays, the day is asked for."""
    context.person.require(Role.OFFICE)
    form, term = await form_of(context.session, context.person.id, FORM), await _to_change(context)
    if form is None or term is None:
        raise Gone
    await _ask_day(context, form, term.name)


async def take_words(update: Update, context: HomeContext) -> None:
    """The name, then the first day."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    if form.step == "name":
        await _ask_day(context, form, checked_name(words))
        return
    starts_on, today = read_past_day(words, today=_today(context)), _today(context)
    try:
        term = await _to_change(context)
        if term is None:
            await begin_first_term(context.session, context.person, form.data["name"], starts_on, today=today, now=context.now)
        else:
            await change_term(
                context.session, term, context.person, name=form.data["name"], starts_on=starts_on, today=today, now=context.now
            )
    except Gone as refusal:
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    await close_form(context.session, context.person.id)
    await keep_mandates(context.session, today=today, now=context.now)
    await overview(update, context)


async def _ask_day(context: HomeContext, form: Form, name: str) -> None:
    form.step, form.data["name"], form.updated_at = "day", name, context.now
    await context.show("plain", keyboard=[[BACK_TO_TERMS]], text=t("term.type_first_day", name=name))


async def _to_change(context: HomeContext) -> Term | None:
    """The running term; None where there was never any. Raises Gone between two terms."""
    running = await term_in(context.session, TermState.RUNNING)
    if running is None and await all_terms(context.session):
        raise Gone
    return running


def _today(context: HomeContext) -> date:
    return context.now.astimezone(context.policy.timezone).date()


JOURNEY = Journey(entries=(Entry("terms", overview),), forms={FORM: take_words})
