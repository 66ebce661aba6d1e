"""Recurring activities: chosen by buttons from an activity, previewed date by date, made ahead of time, and ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from telegram import Update

from handlers.activity_card import ActivityPress, Do, show_cards
from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.leave_card import refresh_leave_cards
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.series_presses import DatePress, RepeatPress, SeriesDo, SeriesPress, Step
from handlers.series_preview import day_words, preview_values, rule_words
from handlers.texts import T, t
from models.activities import NOT_HELD, Activity, ActivityOff, ActivityState
from models.invitations import activity_by_id
from models.outbox import Lane
from models.people import Role
from models.recurrence import Every, Until, rule_of, stands_for
from models.rules import Gone, NotAllowed
from models.series import (
    NothingToRepeat,
    Repetition,
    Series,
    begin_series,
    end_series,
    made_of,
    make_due_activities,
    make_early,
    may_repeat,
    next_to_make,
    previewed,
    running_series,
    series_by_id,
    series_of,
    still_to_make,
    untold,
)

SERIES_SHOWN, DATES_SHOWN, CANCELLED_NAMED = 20, 12, 15


async def press(update: Update, context: HomeContext) -> None:
    """Raises Gone, NotAllowed."""
    pressed = SeriesPress.unpack(context.pressed)
    if pressed.do is SeriesDo.REPEAT:
        await _repeat(context, await activity_by_id(context.session, pressed.id))
    elif pressed.do is SeriesDo.LIST:
        await _list(context)
    else:
        series = await series_by_id(context.session, pressed.id, context.person, to_change=pressed.do is not SeriesDo.OPEN)
        if pressed.do is SeriesDo.OPEN:
            await _show(context, series)
        elif pressed.do is SeriesDo.END:
            await _ask_end(context, series)
        else:
            await _end(context, series, cancel=pressed.do is SeriesDo.END_CANCEL)


async def _repeat(context: HomeContext, activity: Activity) -> None:
    """From an activity's card, which stays what it is: the series it belongs to, or the choice of a rule."""
    if not may_repeat(context.person, activity):
        raise NotAllowed
    series = await series_of(context.session, activity)
    if series is not None:
        await series_by_id(context.session, series.id, context.person)
        await _show(context, series, below=True)
        return
    _require_repeatable(activity)
    await context.reply("series/rules", keyboard=_rules(context, activity), activity=activity)


def _require_repeatable(activity: Activity) -> None:
    if activity.state in NOT_HELD:
        raise ActivityOff


def _rules(context: HomeContext, activity: Activity) -> Keyboard:
    """The usual rules; every month also on the dates the activity may stand for, where days off lie just before it."""
    starts = activity.starts_at.astimezone(context.policy.timezone)

    def button(every: Every, back: int = 0) -> Button:
        words = rule_words(every, starts - timedelta(days=back), context.post, context.language)
        label = t("series.stands_for", rule=words) if back else words
        return Button(label, RepeatPress(Step.UNTIL, activity.id, activity.sequence, every, back))

    earlier = [button(Every.MONTH, back) for back in range(1, len(stands_for(starts.date())))]
    return [
        [button(Every.MONTH)],
        *rows(earlier, 2),
        [button(Every.NTH_WEEKDAY)],
        [button(Every.WEEK), button(Every.QUARTER)],
        [_stop(activity)],
    ]


def _stop(activity: Activity) -> Button:
    return Button(t("series.do.stop"), RepeatPress(Step.STOP, activity.id, activity.sequence))


async def choose(update: Update, context: HomeContext) -> None:
    """A step of the choice. Where the activity was changed meanwhile, the choice begins anew. Raises Gone, NotAllowed, ActivityOff."""
    pressed = RepeatPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id, to_change=pressed.step is Step.CONFIRM)
    if not may_repeat(context.person, activity):
        raise NotAllowed
    if pressed.step is Step.STOP:
        await context.show("plain", text=t("series.stopped"))
        return
    _require_repeatable(activity)
    if pressed.sequence != activity.sequence or pressed.step is Step.RULES:
        if pressed.sequence != activity.sequence:
            await context.toast(t("series.changed_meanwhile"), alert=True)
        await context.show("series/rules", keyboard=_rules(context, activity), activity=activity)
    elif pressed.step is Step.UNTIL:
        await _ask_until(context, activity, pressed)
    elif pressed.step is Step.PREVIEW:
        await _preview(context, activity, pressed)
    else:
        series = await begin_series(context.session, activity, context.person, _chosen(pressed), policy=context.policy, now=context.now)
        await context.toast(t("series.begun"))
        await _show(context, series)


def _chosen(pressed: RepeatPress) -> Repetition:
    if not 0 <= pressed.back <= 31:
        raise Gone
    return Repetition(pressed.every, pressed.back, pressed.until, shift=bool(pressed.shift))


def _step(pressed: RepeatPress, step: Step, *, until: Until | None = None, shift: int | None = None) -> RepeatPress:
    return RepeatPress(
        step,
        pressed.activity_id,
        pressed.sequence,
        pressed.every,
        pressed.back,
        pressed.until if until is None else until,
        pressed.shift if shift is None else shift,
    )


async def _ask_until(context: HomeContext, activity: Activity, pressed: RepeatPress) -> None:
    """Until when; what gives no further date is not offered."""
    first = _chosen(pressed).first(activity, context.policy.timezone)
    choices: list[Button] = []
    for until in Until:
        press = _step(pressed, Step.PREVIEW, until=until)
        try:
            previewed(activity, _chosen(press), now=context.now, timezone=context.policy.timezone)
        except NothingToRepeat:
            continue
        count = until.in_all
        label = t("series.until.count", count=count) if count is not None else t("series.until.year", year=first.year + int(until[1:]))
        choices.append(Button(label, press))
    if not choices:
        raise NothingToRepeat
    back = Button(t("series.do.rules"), _step(pressed, Step.RULES))
    words = rule_words(pressed.every, first, context.post, context.language)
    await context.show("series/until", keyboard=[*rows(choices, 2), [back, _stop(activity)]], activity=activity, rule=words)


async def _preview(context: HomeContext, activity: Activity, pressed: RepeatPress) -> None:
    """All dates as they will be held."""
    choice = _chosen(pressed)
    days = previewed(activity, choice, now=context.now, timezone=context.policy.timezone)
    toggle = Button(
        t("series.do.shift_on" if choice.shift else "series.do.shift_off"), _step(pressed, Step.PREVIEW, shift=int(not choice.shift))
    )
    keyboard = [
        [Button(t("series.do.confirm"), _step(pressed, Step.CONFIRM))],
        [toggle],
        [Button(t("series.do.until"), _step(pressed, Step.UNTIL)), _stop(activity)],
    ]
    await context.show(
        "series/preview",
        keyboard=keyboard,
        activity=activity,
        rule=rule_words(pressed.every, choice.first(activity, context.policy.timezone), context.post, context.language),
        **preview_values(days, pressed.every, choice.shift, context.post, context.language),
    )


async def _list(context: HomeContext) -> None:
    """The series that go on."""
    context.person.require(Role.OFFICE, Role.GROUP_LEADER)
    running = await running_series(context.session, context.person, limit=SERIES_SHOWN)
    buttons = [[Button(series.title, SeriesPress(SeriesDo.OPEN, series.id))] for series in running]
    lines = [(series, _words(context, series)) for series in running]
    await context.show("series/list", keyboard=[*buttons, [BACK_TO_MENU]], lines=lines)


def _words(context: HomeContext, series: Series) -> T:
    return rule_words(*rule_of(series.rule, context.policy.timezone), context.post, context.language)


async def _show(context: HomeContext, series: Series, *, below: bool = False) -> None:
    """One series: its coming dates, each of which opens its activity; one that is none yet becomes one by that."""
    made = await made_of(context.session, series, now=context.now)
    waiting = await still_to_make(context.session, series, context.policy.timezone, now=context.now)
    dates: list[Button] = [
        Button(
            t(
                "series.made_date",
                day=context.post.texts.day(activity.starts_at, context.language),
                state=t(f"activity.state.{activity.state}"),
            ),
            ActivityPress(activity.id, Do.OPEN),
        )
        for activity in made
    ]
    dates += [
        Button(day_words(day.held_on, context.post, context.language), DatePress(series.id, day.by_rule.toordinal()))
        for day in waiting
        if day.held_on is not None
    ]
    end = [[Button(t("series.do.end"), SeriesPress(SeriesDo.END, series.id))]] if series.ended_at is None else []
    keyboard = [*rows(dates[:DATES_SHOWN], 2), *end, [Button(t("series.do.list"), SeriesPress(SeriesDo.LIST, 0))]]
    say = context.reply if below else context.show
    await say(
        "series/series",
        keyboard=keyboard,
        series=series,
        rule=_words(context, series),
        starts_at=rule_of(series.rule, context.policy.timezone)[1],
        count=len(dates),
        waiting=len(waiting),
        beyond=max(len(dates) - DATES_SHOWN, 0),
    )


async def open_date(update: Update, context: HomeContext) -> None:
    """Make the activity of a date before its time, so that it can be moved or called off. Raises Gone, NotAllowed, NobodyCalled."""
    pressed = DatePress.unpack(context.pressed)
    series = await series_by_id(context.session, pressed.series_id, context.person, to_change=True)
    if not 0 < pressed.ordinal <= date.max.toordinal():
        raise Gone
    original_on = date.fromordinal(pressed.ordinal)
    activity = await make_early(context.session, series, original_on, policy=context.policy, now=context.now)
    await context.toast(t("series.made_early"))
    await show_cards(context.post, activity)
    await _show(context, series)


async def _ask_end(context: HomeContext, series: Series) -> None:
    coming = await made_of(context.session, series, now=context.now)
    unheard = untold(coming)
    choices = [[Button(t("series.do.end_keep" if unheard else "series.do.end_sure"), SeriesPress(SeriesDo.END_KEEP, series.id))]]
    if unheard:
        choices.insert(0, [Button(t("series.do.end_cancel", count=len(unheard)), SeriesPress(SeriesDo.END_CANCEL, series.id))])
    stay = [Button(t("series.do.go_on"), SeriesPress(SeriesDo.OPEN, series.id))]
    told = [activity for activity in coming if activity.told and activity.state is not ActivityState.CANCELLED]
    await context.show(
        "series/sure",
        keyboard=[*choices, stay],
        series=series,
        told=told,
        unheard=unheard[:CANCELLED_NAMED],
        more=len(unheard[CANCELLED_NAMED:]),
    )


async def _end(context: HomeContext, series: Series, *, cancel: bool) -> None:
    cancelled, requests = await end_series(context.session, series, context.person, cancel=cancel, now=context.now)
    for request in requests:
        await refresh_leave_cards(context.post, request)
    for activity in cancelled:
        await show_cards(context.post, activity)
    back = [[Button(t("series.do.list"), SeriesPress(SeriesDo.LIST, 0))]]
    await context.show("series/ended", keyboard=back, series=series, cancelled=len(cancelled))


async def make_due(post: Post) -> None:
    """Make the activities of all series ahead of time; who organises them gets the card, and a word of where it comes from."""
    for activity in await make_due_activities(post.session, policy=post.policy, now=post.now):
        first = min((notice.due_at for notice in activity.notices), default=post.now)
        await post.tell(activity.created_by, "series/made", lane=Lane.NOTICE, activity=activity, first=_not_before(first, post.now))
        await show_cards(post, activity)


def _not_before(at: datetime, now: datetime) -> datetime | None:
    """When the first notice goes out; None for at once."""
    return at if at > now else None


JOURNEY = Journey(
    presses={SeriesPress: press, RepeatPress: choose, DatePress: open_date},
    due=(Due(make_due, next_to_make),),
)
