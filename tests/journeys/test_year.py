"""A year of activities for two hundred deputies, played on their phones: the attendance table against the players' count."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from tests.journeys.dying import connections_held
from tests.journeys.year.agenda import AGENDA, Planned
from tests.journeys.year.cast import gather_people
from tests.journeys.year.claims import disagreements, never_happened, set_aside
from tests.journeys.year.play import play
from tests.village import Village, village

NEW_YEAR = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
"""Thursday, 1 January 2026, 9:00 in Shanghai."""
NOVEMBER = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
AT_THE_END = ("十一月接待选民日", "年终述职评议", "跨年值守慰问")


@pytest.fixture
async def held() -> AsyncIterator[None]:
    """Outlasts the Home: a crash leaves connections that close late."""
    async with connections_held():
        yield


async def a_year(database_url: str, begins: datetime, deputies: int, agenda: Sequence[Planned]) -> None:
    async with village(database_url, at=begins) as home:
        await _play_out(home, deputies, agenda)


async def _play_out(home: Village, deputies: int, agenda: Sequence[Planned]) -> None:
    home.patience = 120.0  # a crowded machine takes its time; what does not come to rest at all is found all the same
    year = await gather_people(home, random.Random(20260101), deputies)

    await play(year, agenda)

    async with home.session() as session:
        assert never_happened(year) == []
        assert await disagreements(session, year) == []
        assert await set_aside(session, year) == []


@pytest.mark.minutes
async def test_the_end_of_a_year_makes_an_attendance_table_that_agrees_with_a_count(held: None, database_url: str) -> None:
    await a_year(database_url, NOVEMBER, 24, [planned for planned in AGENDA if planned.title in AT_THE_END])


@pytest.mark.years
async def test_a_year_of_forty_activities_makes_an_attendance_table_that_agrees_with_a_count(held: None, database_url: str) -> None:
    await a_year(database_url, NEW_YEAR, 200, AGENDA)
