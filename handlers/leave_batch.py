"""Many requests at once: those that wait, by activity; tick, and approve what was seen with one tap, or look at them one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.leave_card import half_day_names, show_leave_card
from handlers.leave_decisions import carry_out
from handlers.leave_presses import BatchDo, BatchPress, DelegateDo, DelegatePress
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.texts import t
from models.leave import LeaveRequest, undecided
from models.leave_deciders import deciders_now
from models.leave_terms import counts_of, span_at
from models.people import Person, Role
from models.rules import NotAllowed

PAGE = 8
"""With a whole reason each, so many fit into a message."""
ACTIVITIES = 20
SHOWN_AT_ONCE = 3


async def decides(session: AsyncSession, person: Person, now: datetime) -> bool:
    """Whether somebody who is no leader decides leave, as a delegate or by a post."""
    return (await deciders_now(session, now=now)).includes(person)


async def open_pending(update: Update, context: HomeContext) -> None:
    """``/leave``: what waits, by activity; a few are shown at once."""
    await _require_decider(context)
    waiting = await _waiting(context)
    activities = {request.invitation.activity_id: request.invitation.activity for request in waiting}
    counts = [(each, sum(r.invitation.activity_id == each.id for r in waiting)) for each in activities.values()]
    counts.sort(key=lambda pair: pair[0].starts_at)
    opening = [
        [Button(t("leave.of_activity", title=each.title, count=count), BatchPress(BatchDo.SHOW, each.id))]
        for each, count in counts[:ACTIVITIES]
    ]
    delegate = [[Button(t("menu.delegate"), DelegatePress(DelegateDo.OVERVIEW))]] if context.person.has(Role.LEADER) else []
    await context.show("activity/leave_pending", keyboard=[*opening, *delegate, [BACK_TO_MENU]], count=len(waiting))
    if len(waiting) <= SHOWN_AT_ONCE:
        for request in waiting:
            await show_leave_card(context.post, request, context.person)


async def press(update: Update, context: HomeContext) -> None:
    pressed = BatchPress.unpack(context.pressed)
    await _require_decider(context)
    if pressed.do is BatchDo.ALL:
        await open_pending(update, context)
        return
    those = [r for r in await _waiting(context) if r.invitation.activity_id == pressed.activity_id]
    page = min(max(pressed.page, 0), max(len(those) - 1, 0) // PAGE)
    shown = those[page * PAGE : (page + 1) * PAGE]
    if not shown:
        await open_pending(update, context)
        return
    unchanged = pressed.seen == _fingerprint(shown)
    if pressed.do is BatchDo.EACH:
        for request in shown:
            await show_leave_card(context.post, request, context.person)
    elif pressed.do is BatchDo.APPROVE and unchanged:
        await _approve(context, [request for place, request in enumerate(shown) if pressed.chosen >> place & 1], pressed.activity_id)
    else:
        if pressed.seen and not unchanged:
            await context.toast(t("leave.batch_changed"), alert=True)
        chosen = pressed.chosen if pressed.seen and unchanged else _at_first(shown, context.person)
        await _show(context, those, page, chosen)


async def _require_decider(context: HomeContext) -> None:
    if not await decides(context.session, context.person, context.now):
        raise NotAllowed


async def _waiting(context: HomeContext) -> list[LeaveRequest]:
    deciders = await deciders_now(context.session, now=context.now)
    mine = context.person.id
    return [r for r in await undecided(context.session) if any(decider.person.id == mine for decider in deciders.of(r))]


def _at_first(shown: Sequence[LeaveRequest], person: Person) -> int:
    """All are ticked but one's own, and those whose deputy has yet to answer a question."""
    ticked = [not request.asked_back and request.invitation.person_id != person.id for request in shown]
    return sum(1 << place for place, tick in enumerate(ticked) if tick)


def _fingerprint(shown: Sequence[LeaveRequest]) -> str:
    return hashlib.sha256(repr([request.version for request in shown]).encode()).hexdigest()[:8]


async def _show(context: HomeContext, those: Sequence[LeaveRequest], page: int, chosen: int) -> None:
    shown = those[page * PAGE : (page + 1) * PAGE]
    activity, seen, policy = shown[0].invitation.activity, _fingerprint(shown), context.policy
    span = await span_at(context.session, activity.starts_at, policy)
    lines = []
    for place, request in enumerate(shown):
        invitation = request.invitation
        counts = await counts_of(context.session, invitation.person_id, span, policy, besides=invitation.id)
        half_days = half_day_names(context.post, request.half_days, context.language)
        lines.append({"request": request, "ticked": chosen >> place & 1, "counts": counts, "half_days": half_days})

    def batch(do: BatchDo, chosen: int = chosen, page: int = page, seen: str = seen) -> BatchPress:
        return BatchPress(do, activity.id, page, chosen, seen)

    ticks = []
    for place, request in enumerate(shown):
        key = "leave.ticked" if chosen >> place & 1 else "leave.unticked"
        label = t(key, number=page * PAGE + place + 1, name=request.invitation.person.name)
        ticks.append(Button(label, batch(BatchDo.SHOW, chosen=chosen ^ 1 << place)))
    count = chosen.bit_count()
    approve = [Button(t("leave.approve_chosen", count=count), batch(BatchDo.APPROVE))] if count else []
    each = [Button(t("leave.one_by_one"), batch(BatchDo.EACH))]
    back = [Button(t("activity.back"), BatchPress(BatchDo.ALL))]
    turn = turns(page, lambda to: BatchPress(BatchDo.SHOW, activity.id, to), more=len(those) > (page + 1) * PAGE)
    await context.show(
        "leave/batch",
        keyboard=[*rows(ticks, 2), approve, each, turn, back],
        activity=activity,
        lines=lines,
        first=page * PAGE,
        total=len(those),
        term=t("leave.span.term" if span.is_term else "leave.span.year"),
    )


async def _approve(context: HomeContext, chosen: Sequence[LeaveRequest], activity_id: int) -> None:
    """Approve those ticked; what was confirmed is what was seen."""
    if not chosen:
        await context.toast(t("leave.none_ticked"), alert=True)
        return
    for request in chosen:
        await carry_out(context.post, request, context.person, approve=True)
    again = [Button(t("leave.further"), BatchPress(BatchDo.SHOW, activity_id)), Button(t("activity.back"), BatchPress(BatchDo.ALL))]
    names = [request.invitation.person.name for request in chosen]
    await context.show("leave/batch_done", keyboard=[again], activity=chosen[0].invitation.activity, names=names)


JOURNEY = Journey(entries=(Entry("leave", open_pending, lets_in=decides),), presses={BatchPress: press})
