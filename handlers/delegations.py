"""Delegation: a main leader names somebody who decides leave in their place for some days. Nobody else can, and it ends by itself."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from telegram import Update

from handlers.context import HomeContext
from handlers.dates import DateUnclear, read_moment
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button, rows
from handlers.leave_card import cards_follow, take_all_cards_away
from handlers.leave_presses import BatchDo, BatchPress, DelegateDo, DelegatePress
from handlers.menu import BACK_TO_MENU
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.delegations import Delegation, delegate, delegation_by, delegations_open, end_delegation, next_turn, require_days, require_fit
from models.forms import close_form, form_of, open_form
from models.people import Person, Role
from models.roster_search import find_people
from models.rules import Gone, RuleBroken

FORM = "delegate"
SPANS = {"today": 0, "three_days": 2, "week": 6}
LISTED = 20
_RANGE = re.compile(r"\s*(?:到|至|~|～|—+|–|\bto\b|\buntil\b)\s*")


async def overview(update: Update, context: HomeContext) -> None:
    """``/delegate``: to whom the leader has delegated, and how to change it."""
    context.person.require(Role.LEADER)
    form = await form_of(context.session, context.person.id, FORM)
    if form is not None:
        await close_form(context.session, context.person.id)
    given = await delegation_by(context.session, context.person)
    if given is not None:
        change = Button(t("delegation.end"), DelegatePress(DelegateDo.END, given.id))
    else:
        change = Button(t("delegation.choose"), DelegatePress(DelegateDo.CHOOSE))
    await context.show("leave/delegation", keyboard=[[change], [BACK_TO_MENU]], delegation=given, last=_last_moment(given))


def _last_moment(delegation: Delegation | None) -> datetime | None:
    return delegation.until - timedelta(minutes=1) if delegation is not None else None


async def press(update: Update, context: HomeContext) -> None:
    """The leader's buttons. Raises NotAllowed for anybody else."""
    pressed = DelegatePress.unpack(context.pressed)
    context.person.require(Role.LEADER)
    match pressed.do:
        case DelegateDo.OVERVIEW:
            await overview(update, context)
        case DelegateDo.CHOOSE:
            await open_form(context.session, context.person.id, FORM, "name", now=context.now)
            await context.show("plain", keyboard=[[_back()]], text=t("delegation.whom"))
        case DelegateDo.DAYS:
            await _ask_days(context, await _person(context, pressed.number))
        case DelegateDo.PREVIEW:
            await _preview(context, await _person(context, pressed.number), *_days(pressed))
        case DelegateDo.GIVE:
            await _give(context, await _person(context, pressed.number), *_days(pressed))
        case DelegateDo.END:
            await _end(context, pressed.number)


def _back() -> Button:
    return Button(t("activity.back"), DelegatePress(DelegateDo.OVERVIEW))


def _days(pressed: DelegatePress) -> tuple[date, date]:
    try:
        return date.fromordinal(pressed.first), date.fromordinal(pressed.last)
    except (ValueError, OverflowError) as error:
        raise Gone from error


async def _person(context: HomeContext, person_id: int) -> Person:
    person = await context.session.get(Person, person_id)
    if person is None or not person.active:
        raise Gone
    require_fit(person)
    return person


async def take_typed(update: Update, context: HomeContext) -> None:
    """The delegate's name, or the days."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.LEADER)
    if form.step == "name":
        await _take_name(context, words)
        return
    person = await _person(context, form.data["person"])
    try:
        await _preview(context, person, *_read_days(context, words))
    except RuleBroken as refusal:
        await context.refuse(refusal)
        await context.reply("plain", keyboard=[[_back()]], text=t("delegation.type_days"))
        return
    await close_form(context.session, context.person.id)


async def _take_name(context: HomeContext, words: str) -> None:
    found = await find_people(context.session, words, limit=LISTED) if words and not words.startswith("/") else []
    if not found:
        await context.reply("plain", keyboard=[[_back()]], text=t("delegation.nobody", name=words[:30]))
        return
    buttons = [Button(_named(person), DelegatePress(DelegateDo.DAYS, person.id)) for person in found]
    await context.reply("plain", keyboard=[*rows(buttons, 2), [_back()]], text=t("delegation.which"))


def _named(person: Person) -> str:
    return " · ".join(filter(None, (person.name, person.area.name if person.area is not None else "")))


async def _ask_days(context: HomeContext, person: Person) -> None:
    await open_form(context.session, context.person.id, FORM, "days", now=context.now, person=person.id)
    today = _today(context)
    spans = [
        Button(t(f"delegation.{name}"), DelegatePress(DelegateDo.PREVIEW, person.id, today.toordinal(), today.toordinal() + more))
        for name, more in SPANS.items()
    ]
    await context.show("leave/delegation_days", keyboard=[spans, [_back()]], person=person)


def _today(context: HomeContext) -> date:
    return context.now.astimezone(context.policy.timezone).date()


def _read_days(context: HomeContext, words: str) -> tuple[date, date]:
    """A first and a last day (4月1日到4月10日), or the last day alone. Raises what ``read_moment`` raises."""

    def day(text: str) -> date:  # the end of the day is added, since only the day counts
        return read_moment(f"{text} 23:59", now=context.now, timezone=context.policy.timezone).date()

    first, *rest = [part.strip() for part in _RANGE.split(words)]
    if len(rest) > 1 or not words.strip() or words.startswith("/"):
        raise DateUnclear
    if not rest:
        return _today(context), day(first)
    return (day(first) if first else _today(context)), day(rest[0])


async def _preview(context: HomeContext, person: Person, first: date, last: date) -> None:
    """What would be confirmed; the button carries exactly that."""
    starts_at, until = require_days(first, last, timezone=context.policy.timezone, now=context.now)
    give = Button(t("delegation.confirm"), DelegatePress(DelegateDo.GIVE, person.id, first.toordinal(), last.toordinal()))
    await context.show(
        "leave/delegation_preview", keyboard=[[give], [_back()]], person=person, first=starts_at, last=until - timedelta(minutes=1)
    )


async def _give(context: HomeContext, person: Person, first: date, last: date) -> None:
    timezone = context.policy.timezone
    given = await delegate(context.session, context.person, person, first, last, timezone=timezone, now=context.now)
    if await form_of(context.session, context.person.id, FORM) is not None:
        await close_form(context.session, context.person.id)
    if given.holds(context.now):
        await _begin(context.post, given)
    else:
        await _tell_delegate(context.post, given)
    await overview(context.work.update, context)


async def _end(context: HomeContext, delegation_id: int) -> None:
    given = await context.session.get(Delegation, delegation_id)
    if given is None:
        raise Gone
    await end_delegation(context.session, given, context.person, now=context.now)
    await take_all_cards_away(context.post, given.delegate)
    await context.post.tell(given.delegate, "leave/delegation_ended", delegation=given)
    await context.toast(t("delegation.ended_toast"))
    await overview(context.work.update, context)


async def _begin(post: Post, given: Delegation) -> None:
    """From now on the delegate sees what is undecided."""
    given.begun_at = post.now
    await _tell_delegate(post, given)
    await cards_follow(post)


async def _tell_delegate(post: Post, given: Delegation) -> None:
    look = [[Button(t("leave.look"), BatchPress(BatchDo.ALL))]] if given.begun_at is not None else []
    await post.tell(given.delegate, "leave/delegated", keyboard=look, delegation=given, last=_last_moment(given))


async def turn(post: Post) -> None:
    """Delegations begin, in the morning of their first day, and end by themselves; so does one whose leader is leader no more."""
    at_work = post.now.astimezone(post.policy.timezone).time() >= post.policy.work_starts
    for given in await delegations_open(post.session):
        if given.until <= post.now or not given.leader.has(Role.LEADER) or not given.delegate.active:
            await end_delegation(post.session, given, None, now=post.now)
            await take_all_cards_away(post, given.delegate)
        elif given.begun_at is None and given.holds(post.now) and at_work:
            await _begin(post, given)


JOURNEY = Journey(
    entries=(Entry("delegate", overview, in_menu=False),),
    presses={DelegatePress: press},
    forms={FORM: take_typed},
    due=(Due(turn, next_turn),),
)
