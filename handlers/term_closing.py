"""Closing a term (换届): name and day of the next, what it would do in numbers, a word typed to confirm; then piece by piece."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button, Keyboard
from handlers.partings import follow_partings
from handlers.past_days import read_past_day
from handlers.pieces import words_of
from handlers.post import Post
from handlers.term_presses import BACK_TO_TERMS, TermDo, TermPress
from handlers.texts import t
from models.forms import Form, close_form, form_of, open_form
from models.mandates import keep_mandates, mandate_counts
from models.next_term import carried_counts
from models.outbox import Lane
from models.people import Role, people_with
from models.rules import Gone, RuleBroken
from models.term_closing import begin_closing, checked_next, closing_numbers, end_some, finish_closing, freeze_some
from models.terms import Term, TermState, all_terms, term_in

FORM = "term_close"


async def ask(update: Update, context: HomeContext) -> None:
    """Begin with the name of the next term."""
    context.person.require(Role.OFFICE)
    term = await _running(context.session)
    await open_form(context.session, context.person.id, FORM, "name", now=context.now, term=term.id)
    await context.show("plain", keyboard=[[BACK_TO_TERMS]], text=t("term.type_next_name", name=term.name))


async def take_words(update: Update, context: HomeContext) -> None:
    """Name, first day, and in the end the word that confirms it."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    try:
        term = await _running(context.session, form)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    form.updated_at = context.now
    if form.step == "name":
        checked_next(await all_terms(context.session), term, words, _today(context), today=_today(context))
        form.data["name"], form.step = words, "day"
        await context.reply("plain", keyboard=[[BACK_TO_TERMS]], text=t("term.type_next_day", name=words))
    elif form.step == "day":
        starts_on = read_past_day(words, today=_today(context))
        checked_next(await all_terms(context.session), term, form.data["name"], starts_on, today=_today(context))
        form.data["day"], form.step = starts_on.isoformat(), "look"
        await _preview(context, term, form)
    elif form.step == "look":
        await _preview(context, term, form)
    elif words.strip() != term.name:
        await context.reply("plain", keyboard=[[BACK_TO_TERMS]], text=t("term.not_the_word", name=term.name))
    else:
        await _close(context, term, form)


async def ask_word(update: Update, context: HomeContext) -> None:
    """The numbers were looked at: now the term's name is typed, which nobody does by accident."""
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, FORM)
    if form is None or form.step not in ("look", "word"):
        raise Gone
    term = await _running(context.session, form)
    form.step, form.updated_at = "word", context.now
    await context.reply("plain", keyboard=[[BACK_TO_TERMS]], text=t("term.type_word", name=term.name))


async def _preview(context: HomeContext, term: Term, form: Form) -> None:
    await keep_mandates(context.session, today=_today(context), now=context.now)
    starts_on = date.fromisoformat(form.data["day"])
    numbers = await closing_numbers(context.session, term, starts_on, context.policy)
    keyboard = [[Button(t("term.do.looked"), TermPress(TermDo.WORD))], [BACK_TO_TERMS]]
    await context.reply("terms/ask_close", keyboard=keyboard, term=term, numbers=numbers, name=form.data["name"], starts_on=starts_on)


async def _close(context: HomeContext, term: Term, form: Form) -> None:
    starts_on, name = date.fromisoformat(form.data["day"]), form.data["name"]
    await keep_mandates(context.session, today=_today(context), now=context.now)
    coming = await begin_closing(
        context.session, term, context.person, next_name=name, starts_on=starts_on, today=_today(context), now=context.now
    )
    await close_form(context.session, context.person.id)
    await context.reply("plain", text=t("term.closing_begun", name=term.name, next=coming.name))
    await _show(context.post, term)


async def close_on(post: Post) -> None:
    """One piece of closing: activities are frozen first, as they stand; then mandates end; then it is over."""
    term = await term_in(post.session, TermState.CLOSING)
    if term is None:
        return
    if not await freeze_some(post.session, term, post.policy, now=post.now):
        today = post.now.astimezone(post.policy.timezone).date()
        partings = await end_some(post.session, term, today=today, now=post.now)
        await follow_partings(post, partings)
        for parting in partings:
            await post.tell(parting.person, "terms/term_over", lane=Lane.NOTICE, term=term, stays=parting.stays)
        if not partings:
            finish_closing(post.session, term, now=post.now)
    await post.session.flush()
    await _show(post, term)


async def next_piece(session: AsyncSession) -> datetime | None:
    """At once, while a term is being closed."""
    term = await term_in(session, TermState.CLOSING)
    return term.closing_began_at if term is not None else None


async def _show(post: Post, term: Term) -> None:
    """The office's card of a closing: how far it came, and in the end what is next."""
    held, ended, _ = await mandate_counts(post.session, term)
    issues, drafts = await carried_counts(post.session)
    closed, coming = term.state is TermState.CLOSED, await term_in(post.session, TermState.PREPARED)
    keyboard: Keyboard = (
        [[Button(t("term.do.again"), TermPress(TermDo.AGAIN)), Button(t("term.do.open"), TermPress(TermDo.OVERVIEW))]] if closed else []
    )
    values: dict[str, Any] = {"term": term, "coming": coming, "held": held, "ended": ended, "issues": issues, "drafts": drafts}
    for person in await people_with(post.session, Role.OFFICE):
        await post.card(f"term:{term.id}", person, "terms/closing", keyboard=keyboard, afresh=closed, closed=closed, **values)


async def _running(session: AsyncSession, form: Form | None = None) -> Term:
    """The term that may be closed, the one the form began with. Raises Gone."""
    term = await term_in(session, TermState.RUNNING)
    if term is None or (form is not None and form.data["term"] != term.id):
        raise Gone
    return term


def _today(context: HomeContext) -> date:
    return context.now.astimezone(context.policy.timezone).date()


JOURNEY = Journey(forms={FORM: take_words}, due=(Due(close_on, next_piece),))
