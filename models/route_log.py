"""The log of routes: what was said, and which specialty it turned out to concern.

The log is the truth; the model is made from it and can be made again at any time.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, and_, exists, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.base import Base
from models.issues import Issue
from models.people import Specialty
from models.route_model import Case

KEPT = 3
"""So many of what was proposed are kept: as many as are ever offered by themselves."""
OWN = "own routes"
LAST = 500
"""The outcomes that tell how sure a proposal is; older ones come from a model that knew less."""


LEARNT = 10_000
"""Cases of which a model is made: more take longer and teach next to nothing, and what a Home does changes with the years."""
TAKEN_BACK = "(source = 'corrected' OR erased_at IS NOT NULL)"
"""As the index says it: so neither database has to read the whole log."""


class RouteSource(enum.StrEnum):
    """How a route came to be known."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    IMPORTED = "imported"


class Route(Base):
    """One entry of the log. Entries are added, never changed, save that erasure takes the words out."""

    __tablename__ = "routes"
    __table_args__ = (Index("ix_routes_taken_back", "id", sqlite_where=text(TAKEN_BACK), postgresql_where=text(TAKEN_BACK)),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    source: Mapped[RouteSource]
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"), index=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    """The masked text, as it was shared."""
    proposed: Mapped[list[list[float]]] = mapped_column(default=list)
    """What the Home proposed before anybody chose: specialties' ids, each with its probability, the best first."""
    erased_at: Mapped[datetime | None]


@dataclass(frozen=True)
class LogState:
    """How far the log has come: its newest entry, how many it has, and how many of them took something back."""

    newest: int
    entries: int
    taken_back: int


NOTHING = LogState(0, 0, 0)


@dataclass(frozen=True)
class Outcome:
    """How a proposal turned out: the probabilities of the first two, and the place of what it really was; 0 for none of those kept."""

    first: float
    second: float
    place: int


async def log_route(
    session: AsyncSession, issue: Issue, specialty: Specialty, ranking: Sequence[tuple[int, float]], *, now: datetime
) -> None:
    """Write down where an issue goes, and the ranking there was: specialties' ids with their probabilities, best first.

    A second word on the same issue is a correction, judged by what was proposed at first.
    """
    before = await session.scalar(select(Route).where(Route.issue_id == issue.id).order_by(Route.id.desc()).limit(1))
    if before is not None and before.specialty_id == specialty.id:
        return
    route = Route(
        at=now,
        source=RouteSource.CORRECTED if before else RouteSource.CONFIRMED,
        issue_id=issue.id,
        specialty_id=specialty.id,
        text=issue.shared_text,
        proposed=before.proposed if before else [[key, round(probability, 4)] for key, probability in ranking[:KEPT]],
    )
    session.add(route)
    await session.flush()
    session.info.setdefault(OWN, {}).setdefault(session.sync_session.get_transaction(), route.id)


async def erase_routes(session: AsyncSession, issue: Issue, *, now: datetime) -> None:
    """Take an issue's words out of the log: what it taught is forgotten with the next rebuild."""
    for route in await session.scalars(select(Route).where(Route.issue_id == issue.id, Route.erased_at.is_(None))):
        route.text, route.erased_at = "", now


def first_own(session: AsyncSession) -> int | None:
    """The first entry of the transaction under way: what may be rolled back yet must not be learnt."""
    first: int | None = session.info.get(OWN, {}).get(session.sync_session.get_transaction())
    return first


async def log_state(session: AsyncSession, *, before: int | None = None, since: LogState = NOTHING) -> LogState:
    """Where the log stands, as far as the entry ``before``; a model made from the same state has learnt the same. Entries are never
    deleted, so that only those ``since`` an earlier state are counted."""
    newer = select(func.max(Route.id), func.count()).select_from(Route).where(Route.id > since.newest, _before(before))
    newest, entries = (await session.execute(newer)).one()
    back = await session.scalar(select(func.count()).select_from(Route).where(text(TAKEN_BACK), _before(before)))
    return LogState(newest or since.newest, since.entries + entries, back or 0)


async def cases_of(session: AsyncSession, *, after: int = 0, before: int | None = None) -> list[Case]:
    """What there is to learn, from entries between ``after`` and ``before``: the last word on each issue, and what was imported; of very
    many the newest."""
    query = select(Route.text, Route.specialty_id).where(Route.id > after, _before(before), Route.erased_at.is_(None), _last_word())
    rows = await session.execute(query.order_by(Route.id.desc()).limit(LEARNT))
    return [Case(text, specialty) for text, specialty in reversed(rows.all())]


async def count_confirmed(session: AsyncSession, *, at_most: int) -> int:
    """How many issues somebody has settled the specialty of; counted as far as ``at_most``."""
    issues = select(Route.issue_id).where(Route.issue_id.is_not(None)).distinct().limit(at_most).subquery()
    return await session.scalar(select(func.count()).select_from(issues)) or 0


async def last_outcomes(session: AsyncSession) -> list[Outcome]:
    """How the last proposals turned out."""
    query = select(Route.proposed, Route.specialty_id).where(Route.issue_id.is_not(None), _last_word())
    rows = await session.execute(query.order_by(Route.id.desc()).limit(LAST))
    return [_outcome(proposed, specialty) for proposed, specialty in rows if proposed]


def _outcome(proposed: list[list[float]], specialty: int) -> Outcome:
    keys, probabilities = [int(key) for key, _ in proposed], [probability for _, probability in proposed]
    return Outcome(probabilities[0], sum(probabilities[1:2]), keys.index(specialty) + 1 if specialty in keys else 0)


def _before(entry: int | None) -> ColumnElement[bool]:
    return true() if entry is None else Route.id < entry


def _last_word() -> ColumnElement[bool]:
    later = aliased(Route)
    return ~exists().where(and_(later.issue_id == Route.issue_id, later.id > Route.id))
