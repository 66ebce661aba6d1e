"""The office's card of an activity: it keeps itself up to date while the notice goes out and answers come in."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import or_, select

from handlers.budget_presses import BudgetDo, BudgetPress
from handlers.call_presses import CallDo, CallPress, NoticeRecordPress, NoticeTimesPress, TimesDo
from handlers.checkin_presses import DeskDo, DeskPress
from handlers.invitation_card import InvitationPress
from handlers.keyboards import Button, Keyboard, Press, rows
from handlers.post import Post
from handlers.record_presses import record_buttons
from handlers.series_presses import SeriesDo, SeriesPress
from handlers.texts import t
from handlers.whom_words import whom_values
from models.activities import OPEN, Activity, ActivityState
from models.budgets import may_see_budget
from models.final_account import Account, account_of, accounts_of, take_final_account
from models.invitations import own_invitations
from models.organising import organises
from models.people import Person, Role, people_with
from models.turnout import Figures

SHOWN_ANEW_EVERY = timedelta(seconds=3)
STAYS_LIVE = timedelta(days=1)
"""For so long after its end a card still follows late decisions."""
BAR_LENGTH = 10


class Do(enum.StrEnum):
    """What the organiser's buttons do."""

    OPEN = "open"
    NAMES = "names"
    SHEET = "sheet"
    CHANGE = "change"
    NEW_TIME = "time"
    NEW_PLACE = "place"
    NEW_TITLE = "title"
    NEW_LENGTH = "length"
    NEW_NOTES = "notes"
    NEW_CAPACITY = "places"
    NEW_WHOM = "whom"
    MORE = "more"
    CONFIRM_CHANGE = "move"
    POSTPONE = "postpone"
    CONFIRM_POSTPONE = "postpone2"
    CANCEL = "cancel"
    CONFIRM_CANCEL = "cancel2"
    LEAVE_IT = "leave_it"


@dataclass(frozen=True)
class ActivityPress(Press):
    prefix: ClassVar[str] = "ac"
    activity_id: int
    do: Do


def bar(figures: Figures) -> str:
    """How far the notice has gone out: ▓▓▓░░."""
    filled = BAR_LENGTH * figures.round_done // figures.round_total if figures.round_total else 0
    return "▓" * filled + "░" * (BAR_LENGTH - filled)


def organiser_buttons(activity: Activity, person: Person, *, now: datetime) -> Keyboard:
    """What can be looked at, then what the day itself and its papers need, then what changes it; each for those who may."""

    def button(do: Do) -> Button:
        return Button(t(f"activity.do.{do}"), ActivityPress(activity.id, do))

    office, may = person.has(Role.OFFICE), may_change(person, activity)
    postponed = activity.state is ActivityState.POSTPONED
    to_come = activity.state in OPEN and now < activity.starts_at
    off = postponed or activity.state is ActivityState.CANCELLED
    call, notified = CallPress(CallDo.SHEET, activity.id), NoticeRecordPress(activity.id, 0)
    desk, budget = DeskPress(activity.id, DeskDo.OPEN), BudgetPress(activity.id, BudgetDo.OPEN)
    times, repeat = NoticeTimesPress(activity.id, TimesDo.OPEN), SeriesPress(SeriesDo.REPEAT, activity.id)
    return [
        [button(Do.NAMES), *([button(Do.SHEET)] if office else [])],
        [*([Button(t("calls.do.sheet"), call)] if to_come and office else []), Button(t("calls.do.record"), notified)],
        [
            *([Button(t("checkin.do.desk"), desk)] if may and not off else []),
            *record_buttons(activity, person, now=now),
            *([Button(t("budget.do.open"), budget)] if may_see_budget(person, activity) else []),
        ],
        *rows(
            [
                *([button(Do.CHANGE)] if may and (to_come or postponed) else []),
                *([Button(t("calls.do.times"), times)] if may and to_come else []),
                *([button(Do.CANCEL)] if may and (to_come or postponed) else []),
                *([Button(t("series.do.repeat"), repeat)] if may and not off else []),
            ],
            2,  # four side by side break their words on a phone
        ),
    ]


def may_change(person: Person, activity: Activity) -> bool:
    return organises(person, activity)


async def card_values(post: Post, activity: Activity, account: Account) -> dict[str, Any]:
    """What the template ``activity/card`` needs."""
    figures, quiet = account.figures, post.policy.quiet_hours
    sent = [notice for notice in activity.notices if notice.sent_at is not None]
    waiting = [(notice.goes_out_at(quiet), notice.kind) for notice in activity.notices if notice.sent_at is None and not notice.void]
    return {
        "activity": activity,
        "figures": figures,
        "reach": account.reach,
        "final": account.final,
        "bar": bar(figures),
        "last": sent[-1] if sent else None,
        "next": min(waiting, default=None) if activity.state in OPEN and not account.final else None,
        **await whom_values(post.session, activity.audience),
    }


async def show_cards(post: Post, activity: Activity) -> None:
    """Show the card, as it stands now, to everybody of the office and to whoever made the activity."""
    await _show_cards(post, activity, await account_of(post.session, activity, now=post.now))


async def _show_cards(post: Post, activity: Activity, account: Account) -> None:
    activity.card_shown, activity.card_shown_at = _fingerprint(activity, account), post.now
    office = await people_with(post.session, Role.OFFICE)
    maker = [activity.created_by] if activity.created_by.active and activity.created_by not in office else []
    for person in [*office, *maker]:
        await show_card(post, activity, person, account)


async def show_card(post: Post, activity: Activity, person: Person, account: Account, *, afresh: bool = False) -> None:
    """One person's card; ``afresh`` brings it to the chat's end. Somebody who is called too can answer there."""
    keyboard = [*organiser_buttons(activity, person, now=post.now)]
    if await own_invitations(post.session, person, [activity]):
        keyboard.append([Button(t("activity.own_answer"), InvitationPress(activity.id))])
    values = await card_values(post, activity, account)
    await post.card(f"activity:{activity.id}", person, "activity/card", keyboard=keyboard, afresh=afresh, **values)


async def refresh_cards(post: Post) -> None:
    """Show those cards anew whose figures have changed; one card changes at most every three seconds, as Telegram's limits ask.

    From the start on they are the final account, and only late decisions change it.
    """
    live = select(Activity).where(
        Activity.state.in_(ActivityState),  # any: so the index of states and ends is of use
        Activity.ends_at > post.now - STAYS_LIVE,
        or_(Activity.card_shown_at.is_(None), Activity.card_shown_at <= post.now - SHOWN_ANEW_EVERY),
    )
    activities = (await post.session.scalars(live)).all()
    if not activities:
        return
    for activity in activities:
        await take_final_account(post.session, activity, now=post.now)
    accounts = await accounts_of(post.session, activities, now=post.now)
    for activity in activities:
        if _fingerprint(activity, accounts[activity.id]) != activity.card_shown:
            await _show_cards(post, activity, accounts[activity.id])


def _fingerprint(activity: Activity, account: Account) -> str:
    numbers = (*dataclasses.astuple(account.figures), *dataclasses.astuple(account.reach))
    return ",".join(str(part) for part in (activity.state, activity.sequence, activity.capacity, int(account.final), *numbers))
