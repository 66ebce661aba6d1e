"""Changing an activity: any of its facts, put off, or called off. Always read back, all changes at once, and confirmed first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from telegram import Update

from handlers.activity_answers import places_of, within
from handlers.activity_card import ActivityPress, Do, may_change, show_cards
from handlers.activity_changes import Changes, LengthUnclear
from handlers.clock_words import read_lengths
from handlers.context import HomeContext
from handlers.dates import read_span
from handlers.day_warnings import day_warnings
from handlers.following import follow
from handlers.keyboards import Button, rows
from handlers.leave_card import refresh_leave_cards
from handlers.texts import t
from handlers.whom_words import read_called, whom_values
from models.activities import Activity, ActivityState
from models.audience import Audience, called_people
from models.changes import cancel_activity, move_activity, postpone_activity
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id, call_others, invitations_of
from models.leave import undecided_for
from models.people import Role
from models.rules import Gone, NotAllowed, RuleBroken
from models.turnout import figures_of
from models.waiting_list import set_capacity

Step = Callable[[Update, HomeContext, Activity], Awaitable[None]]
FORM = "move"
LONGEST = timedelta(days=14)
FIELDS: Mapping[Do, str] = {
    Do.NEW_TIME: "time",
    Do.NEW_PLACE: "place",
    Do.NEW_TITLE: "title",
    Do.NEW_LENGTH: "length",
    Do.NEW_NOTES: "notes",
    Do.NEW_CAPACITY: "capacity",
    Do.NEW_WHOM: "whom",
}


def _fields(context: HomeContext, activity: Activity) -> list[list[Button]]:
    """What may be changed; whom an activity calls is for the office alone to change."""
    return rows([_button(activity, do) for do in FIELDS if do is not Do.NEW_WHOM or context.person.has(Role.OFFICE)], 2)


def _button(activity: Activity, do: Do) -> Button:
    return Button(t(f"activity.do.{do}"), ActivityPress(activity.id, do))


def _require(context: HomeContext, activity: Activity) -> None:
    if not may_change(context.person, activity):
        raise NotAllowed
    activity.require_changeable(now=context.now)


async def choose(update: Update, context: HomeContext, activity: Activity) -> None:
    """What to change, begun anew."""
    _require(context, activity)
    await _close(context, activity)
    postpone = [] if activity.state is ActivityState.POSTPONED else [_button(activity, Do.POSTPONE)]
    keyboard = [*_fields(context, activity), postpone, [_button(activity, Do.LEAVE_IT)]]
    await context.reply("activity/change", keyboard=keyboard, activity=activity)


async def choose_more(update: Update, context: HomeContext, activity: Activity) -> None:
    """Another thing to change together with what was changed already."""
    _require(context, activity)
    await _changes(context, activity)
    keyboard = [*_fields(context, activity), [_button(activity, Do.LEAVE_IT)]]
    await context.show("activity/change", keyboard=keyboard, activity=activity)


def _asking(do: Do) -> Step:
    async def ask(update: Update, context: HomeContext, activity: Activity) -> None:
        _require(context, activity)
        form = await form_of(context.session, context.person.id, FORM)
        so_far = form.data.get("changes", {}) if form is not None and form.data["activity"] == activity.id else {}
        step = FIELDS[do]
        await open_form(context.session, context.person.id, FORM, step, now=context.now, activity=activity.id, changes=so_far)
        await context.show("activity/change_ask", keyboard=[[_button(activity, Do.LEAVE_IT)]], activity=activity, step=step)

    return ask


async def take_change(update: Update, context: HomeContext) -> None:
    """What was typed; read back before anything changes. What is typed next replaces it."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    text = (message.text or "").strip() if message else ""
    if form is None:
        return
    activity = await activity_by_id(context.session, form.data["activity"])
    try:
        _require(context, activity)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    if not text:
        await context.reply("activity/change_ask", keyboard=[[_button(activity, Do.LEAVE_IT)]], activity=activity, step=form.step)
        return
    changes = Changes(form.data.get("changes", {}))
    if form.step == "whom":
        called = await read_called(context.session, text)
        for trouble in called.troubles:
            await context.reply("plain", text=trouble)
        if called.audience == Audience():
            return
        changes.set_audience((changes.audience or activity.audience).joined(called.audience))
    else:
        _take(context, activity, changes, form.step, text)
    form.data["changes"] = changes.data
    await _preview(context, activity, changes)


def _take(context: HomeContext, activity: Activity, changes: Changes, field: str, text: str) -> None:
    """Read one answer. Raises what says how to write it."""
    now, timezone = context.now, context.policy.timezone
    if field == "time":
        changes.set_time(*read_span(text, now=now, timezone=timezone))
    elif field == "length":
        changes.set_length(_length(context, activity, changes, text))
    elif field == "capacity":
        changes.set_capacity(places_of(text))
    elif field == "notes" and text in ("无", "没有", "-", "none"):
        changes.set_text("notes", "")
    else:
        changes.set_text(field, within(field, text))


def _length(context: HomeContext, activity: Activity, changes: Changes, text: str) -> timedelta:
    """A length (两小时), or the end as a time of day (11:30). Raises LengthUnclear."""
    if lengths := read_lengths(text):
        length = sum(lengths, timedelta(0))
    else:
        starts_at = (changes.starts_at or activity.starts_at).astimezone(context.policy.timezone)
        try:
            _, ends_at = read_span(f"{starts_at:%Y-%m-%d %H:%M}到{text}", now=context.now, timezone=context.policy.timezone)
        except RuleBroken as problem:
            raise LengthUnclear from problem
        if ends_at is None:
            raise LengthUnclear
        length = ends_at - starts_at
    if not timedelta(0) < length <= LONGEST:
        raise LengthUnclear
    return length


async def _preview(context: HomeContext, activity: Activity, changes: Changes) -> None:
    """All changes on one card, with what speaks against the new time."""
    warnings, audience = None, changes.audience or activity.audience
    if changes.starts_at is not None or changes.length is not None or changes.audience is not None:
        starts_at, ends_at = changes.span(activity)
        warnings = await day_warnings(context.post, audience, starts_at, ends_at, but=activity)
    invited = {invitation.person_id: invitation.person.name for invitation in await invitations_of(context.session, activity)}
    wanted = {person.id: person.name for person in await called_people(context.session, audience)}
    keyboard = [[_button(activity, Do.CONFIRM_CHANGE), _button(activity, Do.MORE)], [_button(activity, Do.LEAVE_IT)]]
    figures = await figures_of(context.session, activity)
    await context.reply(
        "activity/change_preview",
        keyboard=keyboard,
        activity=activity,
        changes=changes,
        called=figures.called,
        told=activity.told,
        warnings=warnings,
        joining=[name for id, name in wanted.items() if id not in invited] if changes.audience else [],
        leaving=[name for id, name in invited.items() if id not in wanted] if changes.audience else [],
        **await whom_values(context.session, audience),
    )


async def _changes(context: HomeContext, activity: Activity) -> Changes:
    """What was gathered. Raises Gone where nothing was."""
    form = await form_of(context.session, context.person.id, FORM)
    if form is None or form.data["activity"] != activity.id or not form.data.get("changes"):
        raise Gone
    return Changes(form.data["changes"])


async def confirm_change(update: Update, context: HomeContext, activity: Activity) -> None:
    _require(context, activity)
    changes = await _changes(context, activity)
    if changes.changes_capacity:
        await set_capacity(context.session, activity, context.person, changes.capacity, now=context.now)
    if changes.audience is not None:
        await call_others(context.session, activity, context.person, changes.audience, now=context.now)
        await follow(context.post, activity)
    if changes.tells_people:
        await move_activity(context.session, activity, context.person, now=context.now, **changes.as_move())
    await close_form(context.session, context.person.id)
    for request in await undecided_for(context.session, activity):
        await refresh_leave_cards(context.post, request)
    await context.show("activity/changed", activity=activity, told=activity.told and changes.tells_people)
    await show_cards(context.post, activity)


async def ask_postpone(update: Update, context: HomeContext, activity: Activity) -> None:
    await _ask_sure(context, activity, Do.CONFIRM_POSTPONE)


async def ask_cancel(update: Update, context: HomeContext, activity: Activity) -> None:
    await _ask_sure(context, activity, Do.CONFIRM_CANCEL)


async def _ask_sure(context: HomeContext, activity: Activity, do: Do) -> None:
    _require(context, activity)
    figures = await figures_of(context.session, activity)
    keyboard = [[_button(activity, do), _button(activity, Do.LEAVE_IT)]]
    values = {"activity": activity, "what": do.value, "called": figures.called, "told": activity.told}
    if do is Do.CONFIRM_CANCEL:  # pressed on the office's card, which stays what it is
        await context.reply("activity/sure", keyboard=keyboard, **values)
    else:
        await context.show("activity/sure", keyboard=keyboard, **values)


async def confirm_postpone(update: Update, context: HomeContext, activity: Activity) -> None:
    _require(context, activity)
    await postpone_activity(context.session, activity, context.person, now=context.now)
    await context.show("activity/changed", activity=activity, told=activity.told)
    await show_cards(context.post, activity)


async def confirm_cancel(update: Update, context: HomeContext, activity: Activity) -> None:
    _require(context, activity)
    for request in await cancel_activity(context.session, activity, context.person, now=context.now):
        await refresh_leave_cards(context.post, request)
    await context.show("activity/changed", activity=activity, told=activity.told)
    await show_cards(context.post, activity)


async def leave_it(update: Update, context: HomeContext, activity: Activity) -> None:
    """Nothing changes after all."""
    if not may_change(context.person, activity):
        raise NotAllowed
    await _close(context, activity)
    await context.show("activity/unchanged", activity=activity)


async def _close(context: HomeContext, activity: Activity) -> None:
    form = await form_of(context.session, context.person.id, FORM)
    if form is not None and form.data["activity"] == activity.id:
        await close_form(context.session, context.person.id)


STEPS: Mapping[Do, Step] = {
    Do.CHANGE: choose,
    Do.MORE: choose_more,
    **{do: _asking(do) for do in FIELDS},
    Do.CONFIRM_CHANGE: confirm_change,
    Do.POSTPONE: ask_postpone,
    Do.CONFIRM_POSTPONE: confirm_postpone,
    Do.CANCEL: ask_cancel,
    Do.CONFIRM_CANCEL: confirm_cancel,
    Do.LEAVE_IT: leave_it,
}
