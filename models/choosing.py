"""Who is asked to advise: the order of asking, who is left out, and why somebody comes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Select, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.absence import away_now
from models.base import Base
from models.issues import LIVE, Issue
from models.people import Person, PersonSpecialty, serving
from models.previews import about_to_be_asked
from models.referrals import Referral, ReferralState
from models.rules import RuleBroken
from models.units import names_unit

REMEMBERED = 20
"""How many of somebody's latest offers their record is made of."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any offer: whoever had fewer than are remembered is remembered from then on."""
PRIOR_ANSWERED, PRIOR_OFFERS = 3, 4
"""Whoever has no record yet is taken for one who answers three of four: newcomers are neither first nor last."""
RELIABLE, FAIR = 0.7, 0.4
"""Records are compared by these steps only: were 10 of 10 always put before 9 of 10, one person would get all the work."""


class NotToBeAsked(RuleBroken):
    """The rules leave this person out: the asker, somebody of the unit concerned, away, or not reachable."""

    key = "advice.not_to_be_asked"


class WishedSpecialist(Base):
    """Whom the home deputy wants to be asked first, picked before the draft is shared."""

    __tablename__ = "wished_specialists"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


@dataclass(frozen=True)
class Facts:
    """What puts somebody where they are in the order of asking."""

    person_id: int
    open_now: int
    """Offers and promises on issues that are not over."""
    offers: int
    in_time: int
    """Of the latest offers that came to an end, how many there were, and how many were answered in time."""
    asked_at: datetime | None
    """When last asked."""

    @property
    def record(self) -> int:
        """How reliably somebody answers: 2, 1 or 0."""
        share = (self.in_time + PRIOR_ANSWERED) / (self.offers + PRIOR_OFFERS)
        return 2 if share >= RELIABLE else 1 if share >= FAIR else 0

    def place(self, soon: int = 0) -> tuple[int, int, float, int]:
        """Sorts candidates: fewest open or about to be, then the best record, then whoever has waited longest."""
        return self.open_now + soon, -self.record, self.asked_at.timestamp() if self.asked_at else 0.0, self.person_id


@dataclass(frozen=True)
class Candidate(Facts):
    """Somebody who may be asked."""

    person: Person


async def candidates(session: AsyncSession, issue: Issue, *, now: datetime, specialty_id: int | None = None) -> list[Candidate]:
    """Who may be asked, in the order of asking; of the issue's own specialty, or of another that is consulted.

    Never the asker, nobody from the unit concerned, nobody away, nobody asked before.
    """
    able = await _in_order(session, issue, now, specialty_id)
    return _of(await session.scalars(select(Person).where(Person.id.in_([each.person_id for each in able]))), able)


async def _in_order(session: AsyncSession, issue: Issue, now: datetime, specialty_id: int | None) -> list[Facts]:
    wanted = specialty_id if specialty_id is not None else issue.specialty_id
    of_specialty = select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id == wanted)
    asked = select(Referral.person_id).where(Referral.issue_id == issue.id, Referral.state != ReferralState.ENDED)
    able = _able(issue, now).where(Person.id.in_(of_specialty), Person.id.not_in(asked)).with_only_columns(Person.id, Person.employer)
    words = _words(issue)
    facts = await _facts(session, [id for id, employer in await session.execute(able) if not names_unit(words, employer)])
    soon = await about_to_be_asked(session, besides=issue, now=now)
    return sorted(facts, key=lambda each: each.place(soon[each.person_id]))


def _of(people: Iterable[Person], facts: Sequence[Facts]) -> list[Candidate]:
    """The people of these facts, in the facts' order."""
    by_id = {person.id: person for person in people}
    return [Candidate(**vars(each), person=by_id[each.person_id]) for each in facts]


async def choose_specialist(
    session: AsyncSession, issue: Issue, *, now: datetime, specialty_id: int | None = None, preferred: int | None = None
) -> Candidate | None:
    """Whom to ask next: the one the deputy was shown or picked, if that one may still be asked, or else the first."""
    able = await _in_order(session, issue, now, specialty_id)  # of hundreds only one is looked at
    wished = preferred or await wished_for(session, issue)
    chosen = next((each for each in able if each.person_id == wished), able[0] if able else None)
    return _of([await session.get_one(Person, chosen.person_id)], [chosen])[0] if chosen is not None else None


async def require_askable(session: AsyncSession, issue: Issue, person: Person, *, now: datetime) -> None:
    """Raise NotToBeAsked for somebody whom not even the office may ask, or who is being asked or advises already."""
    able = await session.scalar(_able(issue, now).where(Person.id == person.id))
    busy = select(Referral.id).where(
        Referral.issue_id == issue.id,
        Referral.person_id == person.id,
        Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)),
    )
    if able is None or concerned(person, issue) or await session.scalar(busy) is not None:
        raise NotToBeAsked(name=person.name)


def concerned(person: Person, issue: Issue) -> bool:
    """Whether the issue is about the unit that employs this person."""
    return names_unit(_words(issue), person.employer)


def _words(issue: Issue) -> str:
    return issue.raw_text or issue.shared_text


async def wish(session: AsyncSession, issue: Issue, person: Person) -> None:
    """Keep whom the deputy picked. A draft that goes to somebody else is another than was previewed."""
    wished = await session.get(WishedSpecialist, issue.id)
    if wished is None:
        session.add(WishedSpecialist(issue_id=issue.id, person_id=person.id))
    elif wished.person_id == person.id:
        return
    else:
        wished.person_id = person.id
    issue.version += 1
    await session.flush()


async def wished_for(session: AsyncSession, issue: Issue) -> int | None:
    wished = await session.get(WishedSpecialist, issue.id)
    return wished.person_id if wished is not None else None


def _able(issue: Issue, now: datetime) -> Select[Person]:
    return select(Person).where(
        serving(),
        Person.id != issue.deputy_id,
        Person.telegram_id.is_not(None),
        Person.unreachable_since.is_(None),
        Person.id.not_in(away_now(now)),
    )


async def with_facts(session: AsyncSession, people: Sequence[Person]) -> list[Candidate]:
    """People with what is known of their work, in the order of asking."""
    return _of(people, sorted(await _facts(session, [person.id for person in people]), key=Facts.place))


async def _facts(session: AsyncSession, ids: Sequence[int]) -> list[Facts]:
    # Of everybody, from the issues under way: they are few, and what each was ever asked is not. The states are told by those left out, or
    # SQLite would begin with the index of states, in which every promise stays accepted long after its issue is over.
    live = select(Issue.id).where(Issue.state.in_(LIVE))
    over = [state for state in ReferralState if state not in (ReferralState.OFFERED, ReferralState.ACCEPTED)]
    busy = (
        select(Referral.person_id, func.count())
        .where(Referral.issue_id.in_(live), Referral.state.not_in(over))
        .group_by(Referral.person_id)
    )
    open_now = {row[0]: row[1] for row in await session.execute(busy)}
    offers, in_time, asked_at = await _records(session, ids)
    return [Facts(id, open_now.get(id, 0), offers[id], in_time[id], asked_at.get(id)) for id in ids]


async def _records(session: AsyncSession, ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int], dict[int, datetime]]:
    """Of the latest offers: how many ended by an answer or a lapse, how many were answered in time, and when the last was made."""
    newer = aliased(Referral)
    oldest_remembered = (
        select(newer.offered_at)
        .where(newer.person_id == Person.id, newer.volunteered.is_(False))
        .order_by(newer.offered_at.desc())
        .limit(1)
        .offset(REMEMBERED - 1)
        .scalar_subquery()
    )
    owed = Referral.state.not_in((ReferralState.OFFERED, ReferralState.UNREACHABLE, ReferralState.ENDED))  # else no answer was, or not yet
    late = or_(Referral.state == ReferralState.LAPSED, func.coalesce(Referral.answered_at > Referral.lapses_at, false()))
    latest = (
        select(Referral.person_id, func.count().filter(owed), func.count().filter(owed, ~late), func.max(Referral.offered_at))
        .select_from(Person)
        .join(Referral, Referral.person_id == Person.id)
        .where(Person.id.in_(ids), Referral.volunteered.is_(False))
        .where(Referral.offered_at >= func.coalesce(oldest_remembered, literal(LONG_AGO, Referral.offered_at.type)))
        .group_by(Referral.person_id)
    )
    offers: dict[int, int] = defaultdict(int)
    in_time: dict[int, int] = defaultdict(int)
    asked_at: dict[int, datetime] = {}
    for person_id, owing, answered, last in await session.execute(latest):
        offers[person_id], in_time[person_id], asked_at[person_id] = owing, answered, last
    return offers, in_time, asked_at
