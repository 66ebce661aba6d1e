"""The office ends a deputy's mandate by buttons: why, when, what it means, and one tap to confirm."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Press, rows
from handlers.partings import follow_parting
from handlers.past_days import read_past_day
from handlers.pieces import words_of
from handlers.texts import T, t
from models.forms import close_form, form_of, open_form
from models.mandates import NAMED_BY_OFFICE, WORDS_LIMIT, EndDayBad, EndReason, Mandate, end_mandate, keep_mandates, open_mandate_of
from models.parting_figures import leaves_behind
from models.people import Person, Role
from models.rules import Gone, RuleBroken
from models.terms import require_open_term

ASKED, KEPT = "mandate_end", "mandate_words"
"""The form that waits for words, and the one that only keeps a reason typed: nothing more is asked of whoever has it open."""


class MandateDo(enum.StrEnum):
    WHY = "w"
    WHEN = "d"
    OTHER_DAY = "o"
    LOOK = "l"
    END = "y"
    BACK = "b"


@dataclass(frozen=True)
class MandatePress(Press):
    """``day`` is a date's ordinal, 0 for none."""

    prefix: ClassVar[str] = "mdt"
    does: MandateDo
    person_id: int
    reason: EndReason = EndReason.OTHER
    day: int = 0


def mandate_buttons(person: Person) -> list[list[Button]]:
    """What the office may do about somebody's mandate, for the person's card."""
    return [[Button(t("mandate.do.end"), MandatePress(MandateDo.WHY, person.id))]] if person.serves else []


async def press(update: Update, context: HomeContext) -> None:
    pressed = MandatePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    mandate = await _mandate(context, pressed.person_id)
    if pressed.reason not in NAMED_BY_OFFICE:
        raise Gone
    match pressed.does:
        case MandateDo.WHY:
            why = [
                Button(t(f"mandate.reason.{reason}"), MandatePress(MandateDo.WHEN, pressed.person_id, reason)) for reason in NAMED_BY_OFFICE
            ]
            await context.show("terms/why", keyboard=[*rows(why, 2), [_back(mandate)]], mandate=mandate)
        case MandateDo.WHEN if pressed.reason is EndReason.OTHER:
            await open_form(context.session, context.person.id, ASKED, "words", now=context.now, person=pressed.person_id)
            await context.show("plain", keyboard=[[_back(mandate)]], text=t("mandate.which_reason", name=mandate.person.name))
        case MandateDo.WHEN:
            await _ask_day(context, mandate, pressed.reason)
        case MandateDo.OTHER_DAY:
            data = {"person": pressed.person_id, "reason": pressed.reason.value, "words": await _words(context, pressed)}
            await open_form(context.session, context.person.id, ASKED, "day", now=context.now, **data)
            await context.show("plain", keyboard=[[_back(mandate)]], text=t("mandate.type_day"))
        case MandateDo.LOOK:
            await _preview(context, mandate, pressed.reason, _day(context, mandate, pressed.day), await _words(context, pressed))
        case MandateDo.END:
            await _end(context, mandate, pressed)
        case MandateDo.BACK:
            form = await form_of(context.session, context.person.id)
            if form is not None and form.kind in (ASKED, KEPT):
                await close_form(context.session, context.person.id)
            await context.show("plain", text=t("mandate.kept", name=mandate.person.name))


async def take_words(update: Update, context: HomeContext) -> None:
    """A reason in the office's own words, or a day."""
    form, words = await form_of(context.session, context.person.id, ASKED), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    try:
        mandate = await _mandate(context, form.data["person"])
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    if not words or words.startswith("/"):
        again = t("mandate.type_day") if form.step == "day" else t("mandate.which_reason", name=mandate.person.name)
        await context.reply("plain", keyboard=[[_back(mandate)]], text=again)
    elif form.step == "words":
        data = {"person": mandate.person_id, "words": words[:WORDS_LIMIT]}
        await open_form(context.session, context.person.id, KEPT, "kept", now=context.now, **data)
        await _ask_day(context, mandate, EndReason.OTHER)
    else:
        day = _day(context, mandate, read_past_day(words, today=_today(context)).toordinal())
        reason, said = EndReason(form.data["reason"]), form.data["words"]
        await open_form(context.session, context.person.id, KEPT, "kept", now=context.now, person=mandate.person_id, words=said)
        await _preview(context, mandate, reason, day, said)


async def _mandate(context: HomeContext, person_id: int) -> Mandate:
    """The mandate a person holds. Raises Gone for somebody who is no deputy, TermMissing or TermClosing."""
    person = await context.session.get(Person, person_id)
    if person is None:
        raise Gone
    await require_open_term(context.session)
    found = await open_mandate_of(context.session, person)
    if found is None and person.serves:  # a deputy of this very moment
        await keep_mandates(context.session, today=_today(context), now=context.now)
        found = await open_mandate_of(context.session, person)
    if found is None:
        raise Gone
    return found


async def _ask_day(context: HomeContext, mandate: Mandate, reason: EndReason) -> None:
    today = _today(context)

    def on(label: T, day: date) -> Button:
        return Button(label, MandatePress(MandateDo.LOOK, mandate.person_id, reason, day.toordinal()))

    days = [on(t("mandate.today"), today)]
    if mandate.began_on < today:
        days.append(on(t("mandate.yesterday"), today - timedelta(days=1)))
    other = Button(t("mandate.other_day"), MandatePress(MandateDo.OTHER_DAY, mandate.person_id, reason))
    text = t("mandate.which_day", name=mandate.person.name, reason=t(f"mandate.reason.{reason}"))
    await context.show("plain", keyboard=[days, [other], [_back(mandate)]], text=text)


async def _preview(context: HomeContext, mandate: Mandate, reason: EndReason, day: date, words: str) -> None:
    """What ending it means, in numbers."""
    left = await leaves_behind(context.session, mandate.person, now=context.now)
    end = Button(t("mandate.do.confirm"), MandatePress(MandateDo.END, mandate.person_id, reason, day.toordinal()))
    values = {"mandate": mandate, "reason": t(f"mandate.reason.{reason}"), "words": words, "on": day, "left": left}
    stays_as = [t(f"role.{role}") for role in left.stays_as]
    await context.show("terms/ask_end", keyboard=[[end, _back(mandate)]], stays_as=stays_as, **values)


async def _end(context: HomeContext, mandate: Mandate, pressed: MandatePress) -> None:
    words = await _words(context, pressed)
    if pressed.reason is EndReason.OTHER and not words:
        raise Gone
    left = await leaves_behind(context.session, mandate.person, now=context.now)
    parting = await end_mandate(
        context.session,
        mandate,
        context.person,
        pressed.reason,
        on=_day(context, mandate, pressed.day),
        today=_today(context),
        now=context.now,
        words=words,
    )
    await close_form(context.session, context.person.id)
    await follow_parting(context.post, parting)
    await context.show("terms/ended", mandate=mandate, reason=t(f"mandate.reason.{pressed.reason}"), left=left, stays=parting.stays)


async def _words(context: HomeContext, pressed: MandatePress) -> str:
    """The reason typed for this person."""
    form = await form_of(context.session, context.person.id, KEPT)
    return str(form.data["words"]) if form is not None and form.data["person"] == pressed.person_id else ""


def _day(context: HomeContext, mandate: Mandate, ordinal: int) -> date:
    """Raises EndDayBad for a day before the mandate or after today."""
    if not mandate.began_on.toordinal() <= ordinal <= _today(context).toordinal():
        raise EndDayBad(since=mandate.began_on.isoformat())
    return date.fromordinal(ordinal)


def _today(context: HomeContext) -> date:
    return context.now.astimezone(context.policy.timezone).date()


def _back(mandate: Mandate) -> Button:
    return Button(t("mandate.do.back"), MandatePress(MandateDo.BACK, mandate.person_id))


JOURNEY = Journey(presses={MandatePress: press}, forms={ASKED: take_words})
