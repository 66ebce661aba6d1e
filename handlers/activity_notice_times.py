"""When the notices of a published activity still go out: shown, typed anew, and confirmed."""

from __future__ import annotations

from telegram import Update

from handlers.activity_answers import LengthsUnclear, read_offsets
from handlers.activity_card import may_change, show_cards
from handlers.call_presses import NoticeTimesPress, TimesDo
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard
from handlers.texts import t
from models.activities import Activity, Offsets
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id
from models.notices import TIMED, change_offsets, outside_quiet_hours, still_planned
from models.rules import Gone, NotAllowed, RuleBroken

KIND = "notice_times"


async def press(update: Update, context: HomeContext) -> None:
    pressed = NoticeTimesPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id, to_change=True)
    _require(context, activity)
    form = await form_of(context.session, context.person.id, KIND)
    form = form if form is not None and form.data["activity"] == activity.id else None
    if pressed.do is TimesDo.OPEN:
        await open_form(context.session, context.person.id, KIND, "times", now=context.now, activity=activity.id)
        waiting = [notice for notice in activity.notices if notice.sent_at is None and not notice.void and notice.kind in TIMED]
        times = [(notice.kind, notice.due_at, activity.starts_at - notice.due_at) for notice in waiting]
        notices = outside_quiet_hours(times, activity.starts_at, context.policy.quiet_hours, now=context.now)
        keyboard = _buttons(activity, TimesDo.LEAVE_IT)
        await context.reply("calls/notice_times", keyboard=keyboard, activity=activity, notices=notices, now=context.now, typed=False)
    elif pressed.do is TimesDo.LEAVE_IT:
        if form is not None:
            await close_form(context.session, context.person.id)
        await context.show("activity/unchanged", activity=activity)
    elif form is None or "offsets" not in form.data:
        raise Gone
    else:
        offsets = Offsets.from_json(form.data["offsets"])
        change_offsets(context.session, activity, offsets, context.person, now=context.now, quiet=context.policy.quiet_hours)
        await context.session.flush()
        await close_form(context.session, context.person.id)
        await context.show("calls/notice_times_changed", activity=activity)
        await show_cards(context.post, activity)


def _require(context: HomeContext, activity: Activity) -> None:
    if not may_change(context.person, activity):
        raise NotAllowed
    activity.require_open(now=context.now)


def _buttons(activity: Activity, *does: TimesDo) -> Keyboard:
    return [[Button(t(f"calls.times.{do.name.lower()}"), NoticeTimesPress(activity.id, do)) for do in does]]


async def take_times(update: Update, context: HomeContext) -> None:
    """The new times, typed; what they would bring is shown before anything changes. What is typed next replaces them."""
    form, message = await form_of(context.session, context.person.id, KIND), update.message
    if form is None:
        return
    activity = await activity_by_id(context.session, form.data["activity"])
    try:
        _require(context, activity)
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    offsets = read_offsets((message.text or "") if message else "")
    if offsets is None:
        raise LengthsUnclear
    form.data["offsets"] = offsets.as_json()
    quiet = context.policy.quiet_hours
    times = still_planned(activity, offsets, quiet, now=context.now)
    notices = outside_quiet_hours(times, activity.starts_at, quiet, now=context.now)
    keyboard = _buttons(activity, TimesDo.CONFIRM, TimesDo.LEAVE_IT)
    await context.reply("calls/notice_times", keyboard=keyboard, activity=activity, notices=notices, now=context.now, typed=True)


JOURNEY = Journey(presses={NoticeTimesPress: press}, forms={KIND: take_times})
