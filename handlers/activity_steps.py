"""How each step of the guided form looks: the question, what was told so far, and the buttons."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from sqlalchemy import func, select

from handlers.activity_draft import PREVIEW, STEPS, Draft
from handlers.context import HomeContext
from handlers.keyboards import Button, Keyboard, Press, rows
from handlers.texts import T, t
from models.activities import USUAL_LENGTH, Activity, ActivityKind
from models.audience import TABLES, Part, called_people, names_of
from models.notices import planned
from models.people import Role, people_with

MOMENT = "%Y%m%d%H%M"
"""A moment in callback data, local time."""
TABS = (Part.CIRCLE, Part.GROUP, Part.AREA, Part.PERSON)
ROWS_AT_MOST = 80
"""Telegram allows a hundred buttons on one message."""


class Ask(enum.StrEnum):
    """What a button of the form does; ``value`` says which."""

    KIND = "kind"
    WHEN = "when"
    PLACE = "place"
    TAB = "tab"
    EVERYONE = "all"
    TOGGLE = "toggle"
    DONE = "done"
    SKIP = "skip"
    KEEP = "keep"
    BACK = "back"
    EDIT = "edit"
    GO_TO = "goto"
    OFFSETS = "offsets"
    PUBLISH = "publish"
    DISCARD = "discard"


@dataclass(frozen=True)
class FormPress(Press):
    prefix: ClassVar[str] = "af"
    token: int
    ask: Ask
    value: str


async def show_step(context: HomeContext, draft: Draft, *, afresh: bool = False, editing: bool = False) -> None:
    """Show the form's card as it stands; ``afresh`` moves it below what was just typed, ``editing`` offers the steps to change."""
    called = await called_people(context.session, draft.audience)
    values: dict[str, Any] = {
        "draft": draft,
        "step": draft.form.step,
        "number": STEPS.index(draft.form.step) + 1 if draft.form.step in STEPS else 0,
        "steps": len(STEPS),
        "ends_at": draft.ends_at or (draft.starts_at + USUAL_LENGTH if draft.starts_at else None),
        "called": len(called),
        "everyone": draft.audience.everyone,
        "names": await names_of(context.session, draft.audience),
    }
    if draft.form.step == PREVIEW and draft.starts_at is not None:
        values["notices"] = planned(draft.starts_at, draft.offsets(context.policy), now=context.now)
        values["now"] = context.now
        values["no_leader"] = not any(leader.telegram_id for leader in await people_with(context.session, Role.LEADER))
    template = "activity/preview" if draft.form.step == PREVIEW else "activity/form"
    keyboard = _steps_to_edit(draft) if editing else [*await _choices(context, draft), _ways_out(draft)]
    await context.post.card(draft.card_key, context.person, template, keyboard=keyboard, afresh=afresh, **values)


def _button(draft: Draft, label: T | str, ask: Ask, value: str = "") -> Button:
    return Button(label, FormPress(draft.token, ask, value))


def _ways_out(draft: Draft) -> list[Button]:
    out = [_button(draft, t("activity.discard"), Ask.DISCARD)]
    if draft.form.step in draft.done:
        out.insert(0, _button(draft, t("activity.keep"), Ask.KEEP))
    if draft.form.step != STEPS[0]:
        out.insert(0, _button(draft, t("activity.back"), Ask.BACK))
    return out


def _steps_to_edit(draft: Draft) -> Keyboard:
    steps = [_button(draft, t(f"activity.step.{step}"), Ask.GO_TO, step) for step in STEPS if step not in draft.fixed]
    return [*rows(steps, 3), [_button(draft, t("activity.back"), Ask.KEEP)]]


async def _choices(context: HomeContext, draft: Draft) -> list[list[Button]]:
    step = draft.form.step
    if step == "kind":
        return rows([_button(draft, t(f"activity.kind.{kind}"), Ask.KIND, kind) for kind in ActivityKind], 3)
    if step == "when":
        return rows([_button(draft, label, Ask.WHEN, at.strftime(MOMENT)) for label, at in quick_times(context)], 2)
    if step == "place":
        places = await recent_places(context)
        draft.form.data["places"] = places
        return [[_button(draft, place, Ask.PLACE, str(number))] for number, place in enumerate(places)]
    if step == "whom":
        return await _audience_buttons(context, draft)
    if step == "notes":
        return [[_button(draft, t("activity.skip"), Ask.SKIP)]]
    if step == PREVIEW:
        return [
            [_button(draft, t("activity.publish"), Ask.PUBLISH)],
            [_button(draft, t("activity.edit"), Ask.EDIT), _button(draft, t("activity.other_offsets"), Ask.OFFSETS)],
        ]
    return []


def quick_times(context: HomeContext) -> list[tuple[T, datetime]]:
    """Usual times: tomorrow and the day after at nine, next Monday at nine, next Wednesday at half past two."""
    zone = context.policy.timezone
    today = context.now.astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    nine, afternoon = time(9), time(14, 30)
    times = {
        "tomorrow": datetime.combine(today + timedelta(days=1), nine, zone),
        "day_after": datetime.combine(today + timedelta(days=2), nine, zone),
        "monday": datetime.combine(monday, nine, zone),
        "wednesday": datetime.combine(monday + timedelta(days=2), afternoon, zone),
    }
    return [(t(f"activity.quick.{name}", time=f"{at:%H:%M}"), at) for name, at in times.items()]


async def recent_places(context: HomeContext) -> list[str]:
    """The places of the latest activities, newest first."""
    newest_first = select(Activity.place).group_by(Activity.place).order_by(func.max(Activity.id).desc()).limit(4)
    return list(await context.session.scalars(newest_first))


async def _audience_buttons(context: HomeContext, draft: Draft) -> list[list[Button]]:
    """Everyone; a tab for circles, groups, areas and named people; what the open tab holds; done."""
    audience = draft.audience
    tab = Part(draft.form.data.get("tab", Part.CIRCLE.value))
    chosen = audience.of(tab)
    table = TABLES[tab]
    listed = select(table.id, table.name).order_by(table.id).limit(ROWS_AT_MOST)
    if tab is Part.PERSON:  # the roster is too long for buttons: people are named by typing, and taken away by a tap
        listed = listed.where(table.id.in_(chosen | set(draft.form.data.get("namesakes", []))))
    tabs = [_button(draft, t(f"activity.tab_open.{part}") if part is tab else t(f"activity.tab.{part}"), Ask.TAB, part) for part in TABS]
    toggles = [
        _button(draft, f"{'☑' if id in chosen else '☐'} {name}", Ask.TOGGLE, f"{tab}-{id}")
        for id, name in await context.session.execute(listed)
    ]
    everyone = t("activity.everyone_on" if audience.everyone else "activity.everyone_off")
    count = len(await called_people(context.session, audience))
    done = [[_button(draft, t("activity.whom_done", count=count), Ask.DONE)]] if count else []
    return [[_button(draft, everyone, Ask.EVERYONE)], tabs, *rows(toggles, 2), *done]
