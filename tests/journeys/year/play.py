"""The year itself: every activity from its call to its record, with whatever comes in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from models.policy import Policy
from tests.journeys.dying import away
from tests.journeys.year.agenda import Planned, Twist
from tests.journeys.year.attending import answer, arrive, arrive_late, open_desk
from tests.journeys.year.calling import call, call_off, change_place, decide, die_while_sending, move, put_off
from tests.journeys.year.cast import Fact, Happening, Year
from tests.journeys.year.diary import Diary
from tests.journeys.year.fates import fate_of
from tests.journeys.year.keeping import confirm, keep, submit

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ROUNDS = (7 * DAY - 2 * HOUR, 3 * DAY - 2 * HOUR, DAY - 2 * HOUR)
"""How long before the start people answer: some time after the pre-notice, the formal notice, and the reminder of the day before."""
FORMAL, LAST_REMINDER = 3 * DAY, 2 * HOUR
RECORD_DELAYS = (2 * HOUR, 2 * HOUR, 5 * HOUR, 4 * DAY, 8 * DAY)
"""How long after the end a record is submitted; the last ones only after they were chased."""


async def play(year: Year, agenda: Sequence[Planned]) -> None:
    diary = Diary()
    for number, planned in enumerate(agenda):
        happening = Happening(planned, planned.starts_at, planned.ends_at)
        happening.called = [deputy for deputy in year.deputies if deputy.is_called(planned.whom)]
        happening.fates = {deputy.id: fate_of(year.chance, deputy.manner) for deputy in happening.called}
        happening.facts = {deputy.id: Fact() for deputy in happening.called}
        year.happenings.append(happening)
        diary.note(planned.starts_at - 12 * DAY, partial(_begin, year, diary, happening, number))
    await diary.live(year.home)


async def _begin(year: Year, diary: Diary, happening: Happening, number: int) -> None:
    await call(year, happening)
    twist, starts_at = happening.planned.twist, happening.starts_at
    if twist is Twist.MOVED:
        _answers(year, diary, happening, 1)
        diary.note(starts_at - 5 * DAY, partial(_moved, year, diary, happening, number))
        return
    if twist is Twist.POSTPONED:
        _answers(year, diary, happening, 1)
        diary.note(starts_at - 5 * DAY, partial(put_off, year, happening))
        diary.note(starts_at - 3 * DAY, partial(_given_a_new_time, year, diary, happening, number))
        return
    if twist is Twist.CANCELLED:
        _answers(year, diary, happening, 1, 2)
        diary.note(starts_at - 2 * DAY, partial(call_off, year, happening))
        return
    if twist is Twist.OTHER_PLACE:
        diary.note(starts_at - 2 * DAY, partial(change_place, year, happening))
    if twist is Twist.CRASH:
        diary.note(starts_at - FORMAL - MINUTE, partial(die_while_sending, year, happening))
    if twist is Twist.DOWNTIME:
        diary.note(starts_at - LAST_REMINDER - 30 * MINUTE, partial(away, year.home, 2 * HOUR))
    _answers(year, diary, happening, 1, 2, 3)
    _day_itself(year, diary, happening, number)


async def _moved(year: Year, diary: Diary, happening: Happening, number: int) -> None:
    await move(year, happening, happening.starts_at + 2 * DAY)
    _answers(year, diary, happening, 2, 3)
    _day_itself(year, diary, happening, number)


async def _given_a_new_time(year: Year, diary: Diary, happening: Happening, number: int) -> None:
    await move(year, happening, happening.starts_at + 12 * DAY)
    _answers(year, diary, happening, 1, 2, 3)
    _day_itself(year, diary, happening, number)


def _answers(year: Year, diary: Diary, happening: Happening, *rounds: int) -> None:
    for each in rounds:
        at = _awake(happening.starts_at - ROUNDS[each - 1])
        diary.note(at, partial(answer, year, happening, each))
        diary.note(at + HOUR, partial(decide, year, happening))


def _awake(at: datetime) -> datetime:
    """Nobody answers at night, when nothing is sent either, but two hours after it has ended."""
    night = Policy().quiet_hours.around(at)
    return at if night is None else night[1] + 2 * HOUR


def _day_itself(year: Year, diary: Diary, happening: Happening, number: int) -> None:
    starts_at, ends_at = happening.starts_at, happening.ends_at
    diary.note(starts_at - 21 * MINUTE, partial(open_desk, year, happening))
    diary.note(starts_at - 20 * MINUTE, partial(arrive, year, happening))
    diary.note(starts_at + 17 * MINUTE, partial(arrive_late, year, happening))
    diary.note(ends_at + HOUR, partial(keep, year, happening))
    submitted_at = ends_at + RECORD_DELAYS[number % len(RECORD_DELAYS)]
    diary.note(submitted_at, partial(submit, year, happening))
    diary.note(submitted_at + 20 * HOUR, partial(confirm, year, happening))
