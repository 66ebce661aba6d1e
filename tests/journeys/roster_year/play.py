"""The year from day to day: each entry of the calendar at its time, the Mondays' digests noted, and time passing in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from tests.journeys.roster_year.calendar import Entry
from tests.journeys.roster_year.cast import SHANGHAI, Manner, RosterYear
from tests.journeys.roster_year.groups import join, make_groups
from tests.journeys.roster_year.opening import everybody_comes_in, open_home
from tests.village import Village

AT_MOST, A_LITTLE = timedelta(days=10), timedelta(minutes=1)


async def play(home: Village, count: int, calendar: Sequence[Entry], *, afterwards: timedelta) -> RosterYear:
    """Play it with so many deputies; ``afterwards`` is how long the second term goes on after the last entry."""
    year = await open_home(home, count)
    await everybody_comes_in(year)
    await make_groups(year)
    await join(year, Manner.QUICK)
    mondays = _mondays(year.now)
    monday = next(mondays)
    for entry in sorted(calendar, key=lambda each: each.when):
        while monday < entry.when:
            await _until_monday(year, monday)
            monday = next(mondays)
        await pass_until(home, entry.when)
        await entry.doing(year)
        year.played[entry.kind] += 1
    end = year.now + afterwards
    while monday < end:
        await _until_monday(year, monday)
        monday = next(mondays)
    await pass_until(home, end)
    return year


def _mondays(after: datetime) -> Iterator[datetime]:
    """Every Monday when the digests are to be told."""
    day = after.astimezone(SHANGHAI).date() + timedelta(days=1)
    while True:
        if day.weekday() == 0:
            yield datetime.combine(day, time(8, 30, 30), SHANGHAI)
        day += timedelta(days=1)


async def _until_monday(year: RosterYear, monday: datetime) -> None:
    """Note which circles are told of the week that has ended: those to whose specialties something happened."""
    await pass_until(year.home, monday)
    begins = monday.date() - timedelta(days=7)
    since, until = (datetime.combine(day, time(0), SHANGHAI) for day in (begins, monday.date()))
    events = {specialty for at, specialty in year.book.happened if since <= at < until}
    for circle, row in year.book.circles.items():
        if row["group"] is not None and row["specialties"] & events:
            year.book.digests[circle, begins] += 1
            year.book.told[row["name"]] += 1


async def pass_until(home: Village, at: datetime) -> None:
    """Let time pass, looking up a little after the Home has something to do: what falls due within a minute is done together."""
    while (now := home.clock.now()) < at:
        due = await home.home.next_due()
        stop = min(at, now + AT_MOST, due + A_LITTLE if due is not None and due > now else at)
        await home.passes(max(stop - home.clock.now(), timedelta()))
