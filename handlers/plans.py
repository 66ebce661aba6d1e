"""Annual plans: all of them at a glance, one by months, one item; and activities that grow out of an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlalchemy import select
from telegram import Update

from handlers.activity_card import ActivityPress, Do
from handlers.activity_form import NoGroup, new_draft
from handlers.activity_steps import show_step
from handlers.context import HomeContext
from handlers.idle_quarters import remind_idle
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.plan_file import ask_file, decide, file_came, send_plan, take_file
from handlers.plan_form import answer, ask_change, begin_item, take_answer
from handlers.plan_presses import OFFICE, ItemDo, ItemPress, ItemStepPress, PlanDo, PlanFilePress, PlanPress
from handlers.plan_words import month_name
from handlers.series_presses import SeriesDo, SeriesPress
from handlers.texts import t
from models.audience import Audience, Part
from models.idle_quarters import next_review
from models.people import DeputyGroup, Role
from models.plans import (
    YEARS_AHEAD,
    YEARS_BACK,
    PlanItem,
    Standing,
    activities_of,
    may_change_plan,
    plan_item,
    plan_of,
    plans_of_year,
    remove_item,
    require_plan,
    standing_of,
)
from models.rules import Gone

PLANS_SHOWN, ITEMS_SHOWN, ACTIVITIES_SHOWN = 20, 8, 6


async def open_plans(update: Update, context: HomeContext) -> None:
    """``/plan``: every plan for the office and leaders, the own group's for who leads it. Raises NoGroup."""
    year = this_year(context)
    if context.person.has(Role.OFFICE, Role.LEADER):
        await _show_all(context, year, 0)
    elif context.person.group_id is None:
        raise NoGroup
    else:
        await show_plan(context, context.person.group_id, year)


def this_year(context: HomeContext) -> int:
    return context.now.astimezone(context.policy.timezone).year


async def press(update: Update, context: HomeContext) -> None:
    """Raises Gone for years out of sight, NotAllowed for plans of others."""
    pressed = PlanPress.unpack(context.pressed)
    if not -YEARS_BACK <= pressed.year - this_year(context) <= YEARS_AHEAD or not 0 <= pressed.page <= 1000 or pressed.owner < 0:
        raise Gone
    if pressed.do is PlanDo.ALL:
        context.person.require(Role.OFFICE, Role.LEADER)
        await _show_all(context, pressed.year, pressed.page)
        return
    require_plan(context.person, pressed.group_id, to_change=pressed.do in (PlanDo.ADD, PlanDo.IMPORT))
    if pressed.group_id is not None and await context.session.get(DeputyGroup, pressed.group_id) is None:
        raise Gone
    if pressed.do is PlanDo.OPEN:
        await show_plan(context, pressed.group_id, pressed.year, pressed.page)
    elif pressed.do is PlanDo.ADD:
        await begin_item(context, pressed.group_id, pressed.year)
    elif pressed.do is PlanDo.IMPORT:
        await ask_file(context, pressed.group_id, pressed.year)
    else:
        await send_plan(context, pressed.group_id, pressed.year)


async def _show_all(context: HomeContext, year: int, page: int) -> None:
    groups = list(await context.session.scalars(select(DeputyGroup).order_by(DeputyGroup.id)))
    plans = await plans_of_year(context.session, year, now=context.now, timezone=context.policy.timezone)
    owners: list[DeputyGroup | None] = [None, *groups]
    shown = owners[page * PLANS_SHOWN : (page + 1) * PLANS_SHOWN]
    lines = [(owner, Counter(planned.standing for planned in plans.get(owner.id if owner else None, []))) for owner in shown]
    buttons = [
        Button(owner.name if owner else t("plan.office"), PlanPress(PlanDo.OPEN, owner.id if owner else OFFICE, year)) for owner in shown
    ]
    turning = turns(page, lambda to: PlanPress(PlanDo.ALL, OFFICE, year, to), more=len(owners) > (page + 1) * PLANS_SHOWN)
    await context.show(
        "plans/all",
        keyboard=[*rows(buttons, 2), turning, _years(context, PlanDo.ALL, OFFICE, year), _to_series(context), [BACK_TO_MENU]],
        year=year,
        lines=lines,
        standings=list(Standing),
    )


def _years(context: HomeContext, do: PlanDo, owner: int, year: int) -> list[Button]:
    """To the years before and after, as far as there may be plans."""
    near = (other for other in (year - 1, year + 1) if -YEARS_BACK <= other - this_year(context) <= YEARS_AHEAD)
    return [Button(t("plan.do.year", year=other), PlanPress(do, owner, other)) for other in near]


def _to_series(context: HomeContext) -> list[Button]:
    return [Button(t("series.do.list"), SeriesPress(SeriesDo.LIST, 0))] if context.person.has(Role.OFFICE, Role.GROUP_LEADER) else []


async def show_plan(context: HomeContext, group_id: int | None, year: int, page: int = 0) -> None:
    """One plan by months."""
    plan = await plan_of(context.session, group_id, year, now=context.now, timezone=context.policy.timezone)
    shown = plan[page * ITEMS_SHOWN : (page + 1) * ITEMS_SHOWN]
    owner = group_id or OFFICE
    items = [
        [
            Button(
                t("plan.item_button", month=month_name(planned.item.month), topic=planned.item.topic),
                ItemPress(ItemDo.OPEN, planned.item.id),
            )
        ]
        for planned in shown
    ]
    turning = turns(page, lambda to: PlanPress(PlanDo.OPEN, owner, year, to), more=len(plan) > (page + 1) * ITEMS_SHOWN)
    may_change = may_change_plan(context.person, group_id)
    dos = [PlanDo.ADD, PlanDo.IMPORT, PlanDo.EXPORT] if may_change else [PlanDo.EXPORT]
    sees_all = context.person.has(Role.OFFICE, Role.LEADER)
    back = [Button(t("plan.do.all"), PlanPress(PlanDo.ALL, OFFICE, year))] if sees_all else [BACK_TO_MENU]
    await context.show(
        "plans/plan",
        keyboard=[
            *items,
            turning,
            [Button(t(f"plan.do.{do}"), PlanPress(do, owner, year)) for do in dos],
            _years(context, PlanDo.OPEN, owner, year),
            [] if sees_all else _to_series(context),
            back,
        ],
        owner=await owner_name(context, group_id),
        year=year,
        counts=[(standing, count) for standing in Standing if (count := sum(planned.standing is standing for planned in plan))],
        plan=plan,
        shown=shown,
        may_change=may_change,
    )


async def owner_name(context: HomeContext, group_id: int | None) -> str | None:
    """The group's name; None for the office, which is called differently in each language."""
    group = await context.session.get(DeputyGroup, group_id) if group_id is not None else None
    return group.name if group is not None else None


async def show_item(context: HomeContext, item: PlanItem) -> None:
    """One item, what grew out of it, and what may be done with it."""
    planned = await standing_of(context.session, item, now=context.now, timezone=context.policy.timezone)
    activities = await activities_of(context.session, item)
    language = context.language
    keyboard = [
        [Button(f"{context.post.texts.day(activity.starts_at, language)} {activity.title}", ActivityPress(activity.id, Do.OPEN))]
        for activity in activities[:ACTIVITIES_SHOWN]
    ]
    if may_change_plan(context.person, item.group_id):
        keyboard.append([_item_button(item, ItemDo.CALL)])
        keyboard.append([_item_button(item, do) for do in (ItemDo.MONTH, ItemDo.KIND)])
        keyboard.append([_item_button(item, do) for do in (ItemDo.TOPIC, ItemDo.RESPONSIBLE)])
        keyboard.append([_item_button(item, ItemDo.REMOVE)])
    keyboard.append(_back(item))
    await context.show(
        "plans/item", keyboard=keyboard, item=item, planned=planned, activities=activities[:ACTIVITIES_SHOWN], count=len(activities)
    )


def _item_button(item: PlanItem, do: ItemDo) -> Button:
    return Button(t(f"plan.item.{do}"), ItemPress(do, item.id))


def _back(item: PlanItem) -> list[Button]:
    return [Button(t("plan.do.back"), PlanPress(PlanDo.OPEN, item.group_id or OFFICE, item.year))]


async def press_item(update: Update, context: HomeContext) -> None:
    """Raises Gone for an item that was removed, NotAllowed."""
    pressed = ItemPress.unpack(context.pressed)
    item = await plan_item(context.session, pressed.item_id, context.person, to_change=pressed.do is not ItemDo.OPEN)
    await ITEM_STEPS.get(pressed.do, ask_change_by(pressed.do))(context, item)


async def _call(context: HomeContext, item: PlanItem) -> None:
    """The form for a new activity, with what the item says filled in; the rest is asked for."""
    draft = await new_draft(context)
    draft.kind, draft.title = item.kind, item.topic
    draft.form.data["plan_item"] = item.id
    if item.group_id is not None and "whom" not in draft.fixed:
        draft.audience = Audience().plus(Part.GROUP, [item.group_id])
        draft.answered("whom")
    draft.answered("kind")
    draft.answered("title")
    await show_step(context, draft)


async def _ask_remove(context: HomeContext, item: PlanItem) -> None:
    keyboard: Keyboard = [[_item_button(item, ItemDo.CONFIRM_REMOVE)], [Button(t("plan.do.keep"), ItemPress(ItemDo.OPEN, item.id))]]
    count = len(await activities_of(context.session, item))
    await context.show("plans/sure", keyboard=keyboard, item=item, count=count)


async def _remove(context: HomeContext, item: PlanItem) -> None:
    group_id, year = item.group_id, item.year
    await remove_item(context.session, item, context.person, now=context.now)
    await context.toast(t("plan.removed"))
    await show_plan(context, group_id, year)


def ask_change_by(do: ItemDo) -> Callable[[HomeContext, PlanItem], Awaitable[None]]:
    async def ask(context: HomeContext, item: PlanItem) -> None:
        await ask_change(context, item, do.value)

    return ask


ITEM_STEPS: Mapping[ItemDo, Callable[[HomeContext, PlanItem], Awaitable[None]]] = {
    ItemDo.OPEN: show_item,
    ItemDo.CALL: _call,
    ItemDo.REMOVE: _ask_remove,
    ItemDo.CONFIRM_REMOVE: _remove,
}

JOURNEY = Journey(
    entries=(Entry("plan", open_plans),),
    presses={PlanPress: press, ItemPress: press_item, ItemStepPress: answer, PlanFilePress: decide},
    forms={"plan_item": take_answer, "plan_import": take_file},
    patient_forms={"plan_import": timedelta.max},
    due=(Due(remind_idle, next_review),),
    outcomes={"plan_file": file_came},
)
