"""Who may read which issues, and the selections in which they are listed and counted."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import CircleMember, CircleSpecialty
from models.consultations import IssueConsultation
from models.issues import LIVE, Issue, IssueState
from models.people import Person, PersonSpecialty, Role
from models.referrals import Referral
from models.remarks import Remark
from models.rules import NotAllowed

SEES_ALL = (Role.OFFICE, Role.LEADER)
OF_AREA = (Role.DEPUTY, Role.GROUP_LEADER, Role.AREA_STAFF)


class Scope(enum.StrEnum):
    """Whose issues are looked at."""

    OWN = "o"
    AREA = "a"
    CIRCLE = "c"
    EVERYONE = "e"


class Standing(enum.StrEnum):
    """In which state they are: one state, all that are not over, or any."""

    LIVE = "l"
    ANY = "*"
    OPEN = "o"
    REFERRED = "r"
    ADVISED = "a"
    CLOSED = "c"
    WITHDRAWN = "w"

    @property
    def states(self) -> tuple[IssueState, ...]:
        if self is Standing.LIVE:
            return LIVE
        return () if self is Standing.ANY else (IssueState[self.name],)


class Age(enum.StrEnum):
    """How long ago an issue was shared, in whole days gone by."""

    ANY = "0"
    FRESH = "1"
    DAYS = "2"
    WEEKS = "3"
    LONG = "4"


AGE_STARTS = {Age.FRESH: 0, Age.DAYS: 3, Age.WEEKS: 8, Age.LONG: 31}
"""With how many whole days each age begins: 0–2, 3–7, 8–30, and more than 30."""


class By(enum.StrEnum):
    """What issues are counted by, and narrowed down by."""

    STATE = "s"
    SPECIALTY = "p"
    AREA = "a"
    AGE = "g"


@dataclass(frozen=True)
class Selection:
    """Some issues: whose, in which state, of which specialty and area, and how old. Zero is any."""

    scope: Scope
    standing: Standing = Standing.LIVE
    specialty_id: int = 0
    area_id: int = 0
    age: Age = Age.ANY

    def narrowed(self, by: By, choice: Standing | Age | int) -> Selection:
        """The same, with another choice of one kind."""
        field = {By.STATE: "standing", By.SPECIALTY: "specialty_id", By.AREA: "area_id", By.AGE: "age"}[by]
        return replace(self, **{field: choice})  # type: ignore[arg-type]  # the choice is of the field's kind

    def without(self, by: By) -> Selection:
        """The same, open in this respect."""
        return self.narrowed(by, Standing.ANY if by is By.STATE else Age.ANY if by is By.AGE else 0)


def scopes_of(person: Person) -> list[Scope]:
    """Which issues a person may look at, the nearest first."""
    scopes = []
    if person.has(Role.DEPUTY):
        scopes.append(Scope.OWN)
    if person.has(*SEES_ALL):
        scopes.append(Scope.EVERYONE)
    if person.has(*OF_AREA) and person.area_id is not None:
        scopes.append(Scope.AREA)
    if person.has(Role.DEPUTY):
        scopes.append(Scope.CIRCLE)
    return scopes


def readable(person: Person) -> ColumnElement[bool]:
    """The issues of which a person may read what was shared: one's own, those one was asked about or spoke on, those of one's circle,
    specialty and area; the office and the leaders read all. What was withdrawn stays with its deputy, the office and the leaders."""
    numbered = and_(Issue.number.is_not(None), true() if person.active else literal(False))
    if person.has(*SEES_ALL):
        return numbered
    shared: list[ColumnElement[bool]] = [literal(False)]
    own: ColumnElement[bool] = literal(False)
    if person.serves:
        own = Issue.deputy_id == person.id
        shared.append(Issue.id.in_(select(Referral.issue_id).where(Referral.person_id == person.id)))
        shared.append(Issue.id.in_(select(Remark.issue_id).where(Remark.author_id == person.id)))
        shared.append(_of_circle(person))
    if person.has(*OF_AREA) and person.area_id is not None:
        shared.append(Issue.area_id == person.area_id)
    return and_(numbered, or_(own, and_(Issue.state != IssueState.WITHDRAWN, or_(*shared))))


async def may_read(session: AsyncSession, person: Person, issue: Issue) -> bool:
    """Whether the person may read what was shared of this issue, and the opinions on it."""
    return await session.scalar(select(Issue.id).where(Issue.id == issue.id, readable(person))) is not None


async def concerns(session: AsyncSession, person: Person, issue: Issue) -> bool:
    """Whether the issue is one of the person's circles or specialties."""
    return await session.scalar(select(Issue.id).where(Issue.id == issue.id, _of_circle(person))) is not None


async def selected(session: AsyncSession, person: Person, chosen: Selection, *, offset: int, limit: int, now: datetime) -> Sequence[Issue]:
    """The issues of a selection that the person may read, the newest first. Raises NotAllowed."""
    return (await session.scalars(of_selection(person, chosen, now=now).offset(offset).limit(limit))).all()


def of_selection(person: Person, chosen: Selection, *, now: datetime) -> Select[Issue]:
    """The query for it. Raises NotAllowed."""
    return select(Issue).where(*_conditions(person, chosen, now)).order_by(Issue.id.desc())


async def how_many(session: AsyncSession, person: Person, chosen: Selection, *, now: datetime) -> int:
    """How many issues a selection holds for the person. Raises NotAllowed."""
    return await session.scalar(select(func.count()).select_from(Issue).where(*_conditions(person, chosen, now))) or 0


async def counted(session: AsyncSession, person: Person, chosen: Selection, by: By, *, now: datetime) -> dict[Any, int]:
    """How many issues there are of each state (IssueState), specialty or area (its id, None for none), or age (Age). Raises NotAllowed."""
    column: Any = {By.STATE: Issue.state, By.SPECIALTY: Issue.specialty_id, By.AREA: Issue.area_id, By.AGE: _age(now)}[by]
    grouped = select(column.label("kind"), func.count()).where(*_conditions(person, chosen, now)).group_by("kind")
    rows = (await session.execute(grouped)).all()
    return {(Age(kind) if by is By.AGE else kind): count for kind, count in rows}


def _conditions(person: Person, chosen: Selection, now: datetime) -> list[ColumnElement[bool]]:
    if chosen.scope not in scopes_of(person):
        raise NotAllowed
    conditions = [readable(person)]
    if chosen.scope is Scope.OWN:
        conditions.append(Issue.deputy_id == person.id)
    elif chosen.scope is Scope.AREA:
        conditions.append(Issue.area_id == person.area_id)
    elif chosen.scope is Scope.CIRCLE:
        conditions.append(_of_circle(person))
    if chosen.standing.states:
        conditions.append(Issue.state.in_(chosen.standing.states))
    if chosen.specialty_id:
        conditions.append(Issue.specialty_id == chosen.specialty_id)
    if chosen.area_id:
        conditions.append(Issue.area_id == chosen.area_id)
    if chosen.age is not Age.ANY:
        conditions.append(_age(now) == chosen.age.value)
    return conditions


def of_specialties(ids: Any) -> ColumnElement[bool]:
    """The issues of these specialties, and those on which they were asked for a second opinion. ``ids`` is a list or a query."""
    # Issue by issue: of all that a specialty was ever asked about there are tens of thousands.
    asked = select(IssueConsultation.id).where(IssueConsultation.issue_id == Issue.id, IssueConsultation.specialty_id.in_(ids))
    return or_(Issue.specialty_id.in_(ids), asked.correlate(Issue).exists())


def _of_circle(person: Person) -> ColumnElement[bool]:
    """The issues that concern the person's circles and specialties."""
    circles = select(CircleMember.circle_id).where(CircleMember.person_id == person.id)
    of_circles = select(CircleSpecialty.specialty_id).where(CircleSpecialty.circle_id.in_(circles))
    own = select(PersonSpecialty.specialty_id).where(PersonSpecialty.person_id == person.id)
    mine = union(of_circles, own).cte()  # PostgreSQL would ask for them anew with every issue
    return of_specialties(select(mine.c.specialty_id))


def age_of(issue: Issue, *, now: datetime) -> Age:
    """How old an issue is; nothing is older than fresh before it is shared."""
    days = (now - issue.confirmed_at).days if issue.confirmed_at is not None else 0
    return max((age for age, start in AGE_STARTS.items() if days >= start), key=AGE_STARTS.__getitem__, default=Age.FRESH)


def _age(now: datetime) -> ColumnElement[str]:
    """The age of an issue, in SQL."""
    older = sorted(AGE_STARTS.items(), key=lambda age: -age[1])
    whens = [(Issue.confirmed_at <= now - timedelta(days=days), age.value) for age, days in older if days]
    return case(*whens, else_=Age.FRESH.value)
