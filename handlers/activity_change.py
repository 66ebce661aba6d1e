"""Changing an activity: another time, another place, put off, or called off. Always read back and confirmed first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from telegram import Update

from handlers.activity_answers import within
from handlers.activity_card import ActivityPress, Do, may_change, show_cards
from handlers.context import HomeContext
from handlers.dates import read_moment
from handlers.keyboards import Button
from handlers.leave_card import refresh_leave_cards
from handlers.texts import t
from models.activities import Activity, ActivityState
from models.changes import cancel_activity, move_activity, postpone_activity
from models.forms import Form, close_form, form_of, open_form
from models.invitations import activity_by_id
from models.leave import undecided_for
from models.rules import Gone, NotAllowed, RuleBroken
from models.turnout import figures_of

Step = Callable[[Update, HomeContext, Activity], Awaitable[None]]


def _button(activity: Activity, do: Do) -> Button:
    return Button(t(f"activity.do.{do}"), ActivityPress(activity.id, do))


def _require(context: HomeContext, activity: Activity) -> None:
    if not may_change(context.person, activity):
        raise NotAllowed
    activity.require_changeable(now=context.now)


async def choose(update: Update, context: HomeContext, activity: Activity) -> None:
    _require(context, activity)
    keyboard = [[_button(activity, Do.NEW_TIME), _button(activity, Do.NEW_PLACE)], [_button(activity, Do.LEAVE_IT)]]
    if activity.state is not ActivityState.POSTPONED:
        keyboard.insert(1, [_button(activity, Do.POSTPONE)])
    await context.reply("activity/change", keyboard=keyboard, activity=activity)


async def ask_time(update: Update, context: HomeContext, activity: Activity) -> None:
    await _ask(context, activity, "time")


async def ask_place(update: Update, context: HomeContext, activity: Activity) -> None:
    await _ask(context, activity, "place")


async def _ask(context: HomeContext, activity: Activity, step: str) -> None:
    _require(context, activity)
    await open_form(context.session, context.person.id, "move", step, now=context.now, activity=activity.id)
    await context.show("activity/change_ask", keyboard=[[_button(activity, Do.LEAVE_IT)]], activity=activity, step=step)


async def take_change(update: Update, context: HomeContext) -> None:
    """The new time or place, typed; read back before anything changes. What is typed next replaces it."""
    form, message = await form_of(context.session, context.person.id, "move"), update.message
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
    if form.step == "time":
        form.data["value"] = read_moment(text, now=context.now, timezone=context.policy.timezone).isoformat()
    else:
        form.data["value"] = within("place", text)
    figures = await figures_of(context.session, activity)
    keyboard: Sequence[Sequence[Button]] = [[_button(activity, Do.CONFIRM_CHANGE), _button(activity, Do.LEAVE_IT)]]
    time, place = _new_values(form)
    await context.reply(
        "activity/change_preview", keyboard=keyboard, activity=activity, time=time, place=place, called=figures.called, told=activity.told
    )


def _new_values(form: Form) -> tuple[datetime | None, str | None]:
    value = form.data["value"]
    return (datetime.fromisoformat(value), None) if form.step == "time" else (None, value)


async def confirm_change(update: Update, context: HomeContext, activity: Activity) -> None:
    _require(context, activity)
    form = await form_of(context.session, context.person.id, "move")
    if form is None or form.data["activity"] != activity.id or "value" not in form.data:
        raise Gone
    time, place = _new_values(form)
    await move_activity(context.session, activity, context.person, now=context.now, to=time, place=place)
    await close_form(context.session, context.person.id)
    for request in await undecided_for(context.session, activity):
        await refresh_leave_cards(context.post, request)
    await context.show("activity/changed", activity=activity, told=activity.told)
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
    form = await form_of(context.session, context.person.id, "move")
    if form is not None and form.data["activity"] == activity.id:
        await close_form(context.session, context.person.id)
    await context.show("activity/unchanged", activity=activity)


STEPS: Mapping[Do, Step] = {
    Do.CHANGE: choose,
    Do.NEW_TIME: ask_time,
    Do.NEW_PLACE: ask_place,
    Do.CONFIRM_CHANGE: confirm_change,
    Do.POSTPONE: ask_postpone,
    Do.CONFIRM_POSTPONE: confirm_postpone,
    Do.CANCEL: ask_cancel,
    Do.CONFIRM_CANCEL: confirm_cancel,
    Do.LEAVE_IT: leave_it,
}
