"""One's own activities in the chat: month by month with one's answer, and all of them as one calendar file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from telegram import Update

from handlers.calendar_file import own_calendar
from handlers.context import HomeContext
from handlers.invitation_card import InvitationPress
from handlers.journey import Journey
from handlers.keyboards import Button, Press
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.texts import t
from models.own_activities import all_own, month_to_begin_with, neighbouring_months, own_of_month
from models.rules import Gone

PAGE = 8


@dataclass(frozen=True)
class OwnMonthPress(Press):
    """``month`` such as 202603; 0 begins with the month of the next activity."""

    prefix: ClassVar[str] = "om"
    month: int
    page: int = 0


@dataclass(frozen=True)
class OwnCalendarPress(Press):
    prefix: ClassVar[str] = "ocal"


async def show_own(context: HomeContext, month: date | None = None, page: int = 0) -> None:
    """A month of one's own activities; a button opens each."""
    person, timezone, session = context.person, context.policy.timezone, context.session
    month = month or await month_to_begin_with(session, person, now=context.now, timezone=timezone)
    own = await own_of_month(session, person, month, timezone=timezone)
    page = min(max(page, 0), max(len(own) - 1, 0) // PAGE)
    shown = own[page * PAGE : (page + 1) * PAGE]
    buttons = [
        [
            Button(
                f"{context.post.texts.day(one.activity.starts_at, context.language)} {one.activity.title}", InvitationPress(one.activity_id)
            )
        ]
        for one in shown
    ]
    turning = turns(page, lambda to: OwnMonthPress(_number(month), to), more=len(own) > (page + 1) * PAGE)
    before, after = await neighbouring_months(session, person, month, timezone=timezone)
    months = [
        Button(t(f"audience.month.{way}", month=there.month), OwnMonthPress(_number(there)))
        for way, there in (("before", before), ("after", after))
        if there is not None
    ]
    file = [Button(t("audience.do.calendar"), OwnCalendarPress())] if own or months else []
    keyboard = [*buttons, turning, months, file, [BACK_TO_MENU]]
    await context.show("audience/own", keyboard=keyboard, own=shown, month=month, now=context.now)


def _number(month: date) -> int:
    return month.year * 100 + month.month


async def press(update: Update, context: HomeContext) -> None:
    pressed = OwnMonthPress.unpack(context.pressed)
    try:
        month = date(pressed.month // 100, pressed.month % 100, 1) if pressed.month else None
        if month is not None and not 2000 <= month.year <= 2100:
            raise Gone
    except ValueError as error:
        raise Gone from error
    await show_own(context, month, pressed.page)


async def send_calendar(update: Update, context: HomeContext) -> None:
    """All of them in one file, below the list."""
    own = await all_own(context.session, context.person)
    content = own_calendar(own, home_name=context.policy.home_name, now=context.now)
    name = context.post.texts.say(t("audience.calendar_file", name=context.person.name), context.language)
    await context.post.tell(context.here, "audience/calendar", attachment=await context.post.attach(name, content), count=len(own))


JOURNEY = Journey(presses={OwnMonthPress: press, OwnCalendarPress: send_calendar}, side_by_side=frozenset({OwnMonthPress}))
