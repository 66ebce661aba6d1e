"""The office's board: how many issues there are by state, specialty, area and age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.issue_reading import Age, By, Scope, Selection, Standing, counted
from models.issues import LIVE, IssueState
from models.people import Area, Named, Person, Specialty


@dataclass(frozen=True)
class Board:
    """Figures of one moment. States count every numbered issue; all else counts those that are not over, the most first."""

    at: datetime
    states: Mapping[IssueState, int]
    specialties: tuple[tuple[str, int], ...]
    areas: tuple[tuple[str, int], ...]
    """An empty name stands for no area."""
    ages: Mapping[Age, int]

    @property
    def live(self) -> int:
        return sum(self.states.get(state, 0) for state in LIVE)

    @property
    def all(self) -> int:
        return sum(self.states.values())


async def board(session: AsyncSession, reader: Person, *, now: datetime) -> Board:
    """The board for the office and the leaders. Raises NotAllowed for others."""
    live = Selection(Scope.EVERYONE)
    states = await counted(session, reader, Selection(Scope.EVERYONE, Standing.ANY), By.STATE, now=now)
    by_specialty = await counted(session, reader, live, By.SPECIALTY, now=now)
    by_area = await counted(session, reader, live, By.AREA, now=now)
    by_age = await counted(session, reader, live, By.AGE, now=now)
    return Board(
        at=now,
        states={state: states[state] for state in IssueState if state in states},
        specialties=_ranked(by_specialty, await names(session, Specialty)),
        areas=_ranked(by_area, await names(session, Area)),
        ages={age: by_age.get(age, 0) for age in Age if age is not Age.ANY},
    )


async def names(session: AsyncSession, table: type[Named]) -> dict[int, str]:
    """The names of all specialties, areas or groups, by id."""
    return {row[0]: row[1] for row in await session.execute(select(table.id, table.name).order_by(table.id))}


def _ranked(counts: Mapping[int | None, int], named: Mapping[int, str]) -> tuple[tuple[str, int], ...]:
    found = [(named.get(id, "") if id is not None else "", count) for id, count in counts.items()]
    return tuple(sorted(found, key=lambda row: (-row[1], row[0])))
