"""A month at the issue desk: real texts, sixty specialists, and everything that goes wrong in between."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from tests.journeys.dying import connections_held
from tests.journeys.month.cast import gather_people
from tests.journeys.month.claims import (
    RARER,
    USUAL,
    lost_matters,
    never_happened,
    offers_against_the_rules,
    unacceptable_ends,
    uneven_loads,
)
from tests.journeys.month.matters import secrets, texts
from tests.journeys.month.play import play
from tests.journeys.month.record import read_record
from tests.journeys.month.sight import set_aside
from tests.village import Village


@pytest.fixture
async def held() -> AsyncIterator[None]:
    """Outlasts the Home: a crash leaves connections that close late."""
    async with connections_held():
        yield


async def a_month(home: Village, matters: int, *, days: int, expected: tuple[str, ...]) -> None:
    chance = random.Random(20260311)
    home.patience = 120.0  # a crowded machine takes its time; what does not come to rest at all is found all the same
    month = await gather_people(home, chance, texts(matters, chance), secrets(matters, chance))

    sight = await play(month, days)

    async with home.session() as session:
        record = await read_record(session)
        assert never_happened(record, expected) == []
        assert lost_matters(record, month) == []
        assert unacceptable_ends(record, home.clock.now()) == []
        assert offers_against_the_rules(record, month) == []
        assert uneven_loads(record, month) == []
    assert sight.forwarded == []
    assert sight.leaks(month) == []
    assert await set_aside(month) == []


@pytest.mark.long  # a crash in the same process once left the Home that took over waiting for ever: not beside the usual tests
async def test_some_dozens_of_issues_end_well_whatever_goes_wrong(held: None, home: Village) -> None:
    await a_month(home, 40, days=7, expected=USUAL)


@pytest.mark.years
async def test_five_hundred_issues_in_a_month_end_well_whatever_goes_wrong(held: None, home: Village) -> None:
    await a_month(home, 500, days=31, expected=(*USUAL, *RARER))
