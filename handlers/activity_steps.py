"""How each step of the guided form looks: the question, what was told so far, and the buttons."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import func, select

from handlers.activity_draft import CAPACITY, PREVIEW, STEPS, Draft
from handlers.context import HomeContext
from handlers.day_warnings import day_warnings
from handlers.keyboards import Button, Keyboard, Press, rows
from handlers.paging import turns
from handlers.texts import T, t
from handlers.whom_form import WhomForm
from handlers.whom_words import names_that_fit, whom_values
from models.activities import USUAL_LENGTH, Activity, ActivityKind
from models.audience import TABLES, Member, Part, Side, called_people
from models.circles import Circle
from models.notices import outside_quiet_hours, planned
from models.people import Person, Role, people_with
from models.rules import Gone

MOMENT = "%Y%m%d%H%M"
"""A moment in callback data, local time."""
CAPACITIES = (10, 20, 30, 50, 100)
NAMES_ON_A_PAGE = 60
ROWS_AT_MOST = 80
"""Telegram allows a hundred buttons on one message."""


class Ask(enum.StrEnum):
    """What a button of the form does; ``value`` says which."""

    KIND = "kind"
    WHEN = "when"
    PLACE = "place"
    TAB = "tab"
    SIDE = "side"
    NAMES = "names"
    CAPACITY = "places"
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


MakeButton = Callable[[T | str, Ask, str], Button]
"""Makes a button of the form that the chooser stands in."""


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
        "first_names": names_that_fit([person.name for person in called]) if _shows_people(draft) else [],
        "warnings": None,
        **await whom_values(context.session, draft.audience),
    }
    if draft.form.step == PREVIEW and draft.starts_at is not None:
        notices = planned(draft.starts_at, draft.offsets(context.policy), now=context.now)
        values["notices"] = outside_quiet_hours(notices, draft.starts_at, context.policy.quiet_hours, now=context.now)
        values["now"] = context.now
        values["warnings"] = await day_warnings(context.post, draft.audience, draft.starts_at, values["ends_at"])
        values["no_leader"] = not any(leader.telegram_id for leader in await people_with(context.session, Role.LEADER))
    template = "activity/preview" if draft.form.step == PREVIEW else "activity/form"
    keyboard = _steps_to_edit(draft) if editing else [*await _choices(context, draft), _ways_out(draft)]
    await context.post.card(draft.card_key, context.person, template, keyboard=keyboard, afresh=afresh, **values)


def _shows_people(draft: Draft) -> bool:
    """Where the audience is chosen or checked, unless it consists of names already."""
    return draft.form.step in ("whom", PREVIEW) and (draft.audience.everyone or set(draft.audience.parts) != {Part.PERSON})


def _button(draft: Draft, label: T | str, ask: Ask, value: str = "") -> Button:
    return Button(label, FormPress(draft.token, ask, value))


def _ways_out(draft: Draft) -> list[Button]:
    out = [_button(draft, t("activity.discard"), Ask.DISCARD)]
    if draft.form.step in (*draft.done, CAPACITY):
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
        return await audience_buttons(context, draft, partial(_button, draft))
    if step == "notes":
        return [[_button(draft, t("activity.skip"), Ask.SKIP)]]
    if step == CAPACITY:
        unlimited = _button(draft, t("audience.unlimited"), Ask.CAPACITY, "0")
        return rows([unlimited, *(_button(draft, str(places), Ask.CAPACITY, str(places)) for places in CAPACITIES)], 3)
    if step == PREVIEW:
        count = len(await called_people(context.session, draft.audience))
        return [
            [_button(draft, t("activity.publish"), Ask.PUBLISH)],
            [_button(draft, t("activity.edit"), Ask.EDIT), _button(draft, t("activity.other_offsets"), Ask.OFFSETS)],
            [
                _button(draft, t("audience.places_button"), Ask.GO_TO, CAPACITY),
                *(_names_button(partial(_button, draft), count) if count else []),
            ],
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


async def audience_buttons(context: HomeContext, draft: WhomForm, button: MakeButton) -> list[list[Button]]:
    """Everyone; whether a tap calls or leaves out; a tab for each part, what the open tab holds; done."""
    audience, tab, side = draft.audience, draft.tab, draft.side
    chosen = audience.of(tab, side)
    mark = {Side.WITH: "☑", Side.WITHOUT: "☒"}[side]
    sides = [button(t(f"audience.side_{'open' if each is side else 'closed'}.{each}"), Ask.SIDE, each) for each in Side]
    tabs = [button(t(f"activity.tab_open.{part}") if part is tab else t(f"activity.tab.{part}"), Ask.TAB, part) for part in Part]
    toggles = [
        button(t("audience.marked", mark=mark if member in chosen else "☐", name=name), Ask.TOGGLE, f"{tab}-{member}")
        for member, name in await _members(context, draft)
    ]
    everyone = t("activity.everyone_on" if audience.everyone else "activity.everyone_off")
    count = len(await called_people(context.session, audience))
    done = [[button(t("activity.whom_done", count=count), Ask.DONE, "")], _names_button(button, count)] if count else []
    return [[button(everyone, Ask.EVERYONE, "")], sides, *rows(tabs, 3), *rows(toggles, 2), *done]


async def _members(context: HomeContext, draft: WhomForm) -> list[tuple[Member, T | str]]:
    """What the open tab can choose from."""
    tab = draft.tab
    if tab is Part.ROLE:
        return [(role, t(f"role.{role}")) for role in Role]
    if tab is Part.PERSON:  # the roster is too long for buttons: people are named by typing, and taken away by a tap
        named = draft.audience.of(tab, draft.side) | set(draft.form.data.get("namesakes", []))
        people = await context.session.scalars(select(Person).where(Person.id.in_(named)).order_by(Person.id).limit(ROWS_AT_MOST))
        return [(person.id, f"{person.name} · {person.area.name}" if person.area else person.name) for person in people]
    table = TABLES[tab]
    listed = select(table.id, table.name).order_by(table.id).limit(ROWS_AT_MOST)
    if tab is Part.CIRCLE:
        listed = listed.where(Circle.retired_at.is_(None))
    return [(id, name) for id, name in await context.session.execute(listed)]


def _names_button(button: MakeButton, count: int) -> list[Button]:
    return [button(t("audience.all_names", count=count), Ask.NAMES, "new")]


async def show_called(context: HomeContext, draft: WhomForm, page: str, press: Callable[[Ask, str], Press]) -> None:
    """Everybody who would be called, by name, page by page below the form."""
    if page != "new" and not page.isdecimal():
        raise Gone
    people = await called_people(context.session, draft.audience)
    number = 0 if page == "new" else min(int(page), len(people) // NAMES_ON_A_PAGE)
    shown = people[number * NAMES_ON_A_PAGE : (number + 1) * NAMES_ON_A_PAGE]
    more = len(people) > (number + 1) * NAMES_ON_A_PAGE
    values = {"people": shown, "first": number * NAMES_ON_A_PAGE + 1, "count": len(people)}
    keyboard = [turns(number, lambda to: press(Ask.NAMES, str(to)), more=more)]
    say = context.reply if page == "new" else context.show
    await say("audience/called", keyboard=keyboard, **values)
