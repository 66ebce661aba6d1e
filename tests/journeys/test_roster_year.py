"""A year in the life of the roster, played on people's phones: two terms, changes, mishaps, and every row compared in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.dying import connections_held
from tests.journeys.roster_year.calendar import CALENDAR, Entry, shortened
from tests.journeys.roster_year.cast import Kind
from tests.journeys.roster_year.claims import differences, groups_otherwise, told_otherwise
from tests.journeys.roster_year.play import play
from tests.village import village

OPENING = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday, 5 January 2026, 9:00 in Shanghai."""


@pytest.fixture
async def held() -> AsyncIterator[None]:
    """Outlasts the Home: one that is away leaves connections that close late."""
    async with connections_held():
        yield


async def a_year(database_url: str, people: int, calendar: Sequence[Entry], *, afterwards: timedelta) -> None:
    async with village(database_url, at=OPENING) as home:
        home.patience = 120.0  # a crowded machine takes its time; what does not come to rest at all is found all the same

        year = await play(home, people, calendar, afterwards=afterwards)

        async with home.session() as session:
            assert await differences(session, year) == []
        assert await groups_otherwise(year) == []
        assert await told_otherwise(year) == []


@pytest.mark.minutes
async def test_a_short_year_of_a_small_roster_ends_right_row_by_row(held: None, database_url: str) -> None:
    await a_year(database_url, 33, shortened(CALENDAR), afterwards=timedelta(days=4))


@pytest.mark.years
async def test_a_year_of_three_hundred_deputies_ends_right_row_by_row(held: None, database_url: str) -> None:
    """Three hundred make just three of the pieces in which mandates are given."""
    assert Counter(entry.kind for entry in CALENDAR)[Kind.CHANGE] >= 40

    await a_year(database_url, 300, CALENDAR, afterwards=timedelta(days=32))
