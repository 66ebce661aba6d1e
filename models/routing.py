"""Which specialty an issue concerns. The one place that decides it; everything else asks here.

The model in memory is a copy of what the log says. Whoever asks lets it catch up first, so a route is learnt as soon as it is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.issues import Issue
from models.people import Specialty
from models.policy import Policy
from models.route_confidence import MOST, how_many
from models.route_log import NOTHING, LogState, cases_of, count_confirmed, first_own, last_outcomes, log_route, log_state
from models.route_model import RouteModel
from models.route_weights import kept_at, kept_weights
from models.route_words import Field

AT_ONCE = 50
"""More new cases than this are left to the rebuild: nobody should wait for them."""
GROWTH, FEW = 0.1, 20
"""A model is made anew when the cases have grown by this share, and by so many at least."""
NIGHT = time(3, 0)


@dataclass(frozen=True)
class Proposal:
    """A specialty and how likely it is the one; all of a text's add up to one."""

    specialty: Specialty
    probability: float


class Router:
    """The Home's model in memory, and up to where in the log it has learnt."""

    def __init__(self) -> None:
        self.model: RouteModel | None = None
        self._learnt = self._built = NOTHING
        self._built_at: datetime | None = None
        self._kept_at: datetime | None = None
        """When the model was made that was kept last, as far as this process has looked."""

    @property
    def learnt(self) -> LogState:
        """How much of the log the model knows."""
        return self._learnt

    def take(self, model: RouteModel, built: LogState, *, at: datetime | None) -> None:
        """Go on with a model that was made from this state of the log."""
        self.model, self._built, self._learnt, self._built_at = model, built, built, at
        self._kept_at = at or self._kept_at

    def wants_rebuild(self, fields: tuple[Field, ...], state: LogState, *, now: datetime, timezone: ZoneInfo) -> bool:
        """Whether to make the model anew: other words, something taken back, much new, or a new night with anything new."""
        if self.model is None:
            return state.entries > 0
        grown = state.entries - self._built.entries
        if self.model.fields != fields or state.taken_back != self._built.taken_back or grown >= max(FEW, GROWTH * self._built.entries):
            return True
        return grown > 0 and (self._built_at is None or _night(self._built_at, timezone) < _night(now, timezone))

    async def take_up(self, session: AsyncSession, fields: tuple[Field, ...]) -> None:
        """Go on with the model that was kept, if it fits: where there is none yet, or another process has made one since."""
        made_at = await kept_at(session)
        if made_at is None or made_at == self._kept_at:
            return
        self._kept_at = made_at
        if (kept := await kept_weights(session, fields)) is not None:
            self.take(kept[0], kept[1].state, at=kept[1].made_at)

    async def catch_up(self, session: AsyncSession, fields: tuple[Field, ...]) -> RouteModel:
        """The model, with what was confirmed since the last time, by whoever has finished. What was kept is taken up first; without any, it
        is made from the log."""
        own = first_own(session)
        state = await log_state(session, before=own, since=self._learnt)
        await self.take_up(session, fields)
        if self.model is None:
            self.take(RouteModel.of(fields, await cases_of(session, before=own)), state, at=None)
        assert self.model is not None
        if self._learnt.newest < state.newest and state.entries - self._learnt.entries <= AT_ONCE:
            for case in await cases_of(session, after=self._learnt.newest, before=own):
                self.model.learn(case)
            self._learnt = state
        return self.model


def router_of(session: AsyncSession) -> Router:
    """The model that goes with a session's database."""
    router: Router = session.info.setdefault("router", Router())
    return router


async def fields_of(session: AsyncSession) -> tuple[Field, ...]:
    """The Home's specialties as the model knows them."""
    return tuple(map(_field, await _specialties(session)))


async def propose_specialties(session: AsyncSession, text: str) -> list[Proposal]:
    """All specialties, best first; one that the model does not know yet stands last."""
    specialties = await _specialties(session)
    model = await router_of(session).catch_up(session, tuple(map(_field, specialties)))
    likely = {ranked.key: ranked.probability for ranked in model.rank(text)}
    proposals = [Proposal(specialty, likely.get(specialty.id, 0.0)) for specialty in specialties]
    return sorted(proposals, key=lambda proposal: -proposal.probability)


async def settle_route(session: AsyncSession, issue: Issue, specialty: Specialty, *, now: datetime) -> None:
    """Somebody said where a shared issue goes: it is logged with what the Home would have proposed, and learnt from."""
    proposals = await propose_specialties(session, issue.shared_text)
    await log_route(session, issue, specialty, [(each.specialty.id, each.probability) for each in proposals], now=now)


async def how_many_to_offer(session: AsyncSession, proposals: Sequence[Proposal], policy: Policy) -> int:
    """One, two or three of them: three until the Home has seen enough to know how sure it may be."""
    if await count_confirmed(session, at_most=policy.routing_learns_for) < policy.routing_learns_for:
        return MOST
    return how_many([proposal.probability for proposal in proposals], await last_outcomes(session), policy.routing_right)


async def _specialties(session: AsyncSession) -> Sequence[Specialty]:
    return (await session.scalars(select(Specialty).order_by(Specialty.id))).all()


def _field(specialty: Specialty) -> Field:
    return Field(specialty.id, tuple(specialty.keywords), specialty.description, tuple(specialty.topics))


def _night(at: datetime, timezone: ZoneInfo) -> int:
    """A number for each night; it begins at NIGHT."""
    local = at.astimezone(timezone)
    return local.toordinal() - (local.time() < NIGHT)
