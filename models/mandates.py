"""Mandates (代表资格): by whom a seat is held, from when, until when and why it ended; and who follows in a by-election (补选)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.circles import Circle, CircleMember
from models.links import PersonalLink
from models.people import Area, Person, Role, serving
from models.rules import Gone, RuleBroken
from models.session_posts import PostHolder, SessionPost
from models.terms import Term, TermState, open_term

SEAT_LIMIT, WORDS_LIMIT = 80, 200
AT_ONCE = 100


class EndReason(enum.StrEnum):
    """Why a mandate ended. The office names one of the first five."""

    RESIGNED = "resigned"
    RECALLED = "recalled"
    MOVED_AWAY = "moved_away"
    DIED = "died"
    OTHER = "other"
    TERM_ENDED = "term_ended"


NAMED_BY_OFFICE = (EndReason.RESIGNED, EndReason.RECALLED, EndReason.MOVED_AWAY, EndReason.DIED, EndReason.OTHER)


class MandateOver(RuleBroken):
    """The mandate has ended already."""

    key = "mandate.over"


class EndDayBad(RuleBroken):
    """A mandate ends between its first day and today."""

    key = "mandate.end_day_bad"


class DeputyAlready(RuleBroken):
    """Whoever is to fill the seat is a deputy already."""

    key = "mandate.deputy_already"


class SeatFilled(RuleBroken):
    """Somebody was elected for the seat already."""

    key = "mandate.seat_filled"


class Mandate(Base):
    """One person's mandate in one term. Open while ``ended_on`` is None; of a person one is open at most, and a seat is filled once."""

    __tablename__ = "mandates"
    __table_args__ = (
        Index(
            "uq_mandates_open",
            "person_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_mandates_term_end", "term_id", "ended_on"),
        Index("ix_mandates_again", "term_id", sqlite_where=text("again = 1"), postgresql_where=text("again")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """Where they were elected; the home area of a person may change, this does not."""
    seat: Mapped[str] = mapped_column(String(SEAT_LIMIT), default="")
    """The electoral district or unit in words, where the area does not say it."""
    began_on: Mapped[date]
    ended_on: Mapped[date | None]
    reason: Mapped[EndReason | None]
    reason_words: Mapped[str] = mapped_column(String(WORDS_LIMIT), default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    fills_id: Mapped[int | None] = mapped_column(ForeignKey("mandates.id"), unique=True)
    """Whose seat it fills, by a by-election."""
    left_json: Mapped[dict[str, Any]] = mapped_column("left_behind", default=dict)
    """The circles left and the roles taken at its end, so that somebody elected again, or taken off by mistake, gets them back."""
    again: Mapped[bool] = mapped_column(default=False)
    """Marked by the office as elected again, after its term was closed."""

    person: Mapped[Person] = relationship(lazy="selectin", foreign_keys=[person_id])
    term: Mapped[Term] = relationship(lazy="selectin")
    area: Mapped[Area | None] = relationship(lazy="selectin")
    ended_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[ended_by_id])
    fills: Mapped[Mandate | None] = relationship(lazy="selectin", remote_side=[id], foreign_keys=[fills_id], join_depth=1)

    @property
    def where(self) -> str:
        """Where the seat is: its own words, else its area."""
        return self.seat or (self.area.name if self.area is not None else "")

    @property
    def circles_left(self) -> list[int]:
        return list(self.left_json.get("circles", []))

    @property
    def roles_left(self) -> list[Role]:
        return [Role(role) for role in self.left_json.get("roles", [Role.DEPUTY])]

    def require_open(self) -> None:
        """Raise MandateOver for one that has ended."""
        if self.ended_on is not None:
            raise MandateOver(name=self.person.name)


@dataclass(frozen=True)
class Parting:
    """Who has just stopped being a deputy. ``out_of`` are the circles left by somebody who had joined their group."""

    person: Person
    mandate: Mandate
    out_of: Sequence[tuple[Person, Circle]]
    stays: bool
    """Whether they keep another role, and so the Home."""


async def mandate_by_id(session: AsyncSession, id: int, *, lock: bool = False) -> Mandate:
    """The mandate; ``lock`` lets nobody else end or fill it meanwhile. Raises Gone."""
    found = await session.get(Mandate, id, with_for_update={"of": Mandate} if lock else None, populate_existing=lock)
    if found is None:
        raise Gone
    return found


async def open_mandate_of(session: AsyncSession, person: Person) -> Mandate | None:
    """The mandate a person holds now."""
    found: Mandate | None = await session.scalar(select(Mandate).where(Mandate.person_id == person.id, Mandate.ended_on.is_(None)))
    return found


async def mandates_of(session: AsyncSession, person: Person) -> Sequence[Mandate]:
    """All of a person's mandates, the newest first."""
    return (await session.scalars(select(Mandate).where(Mandate.person_id == person.id).order_by(Mandate.id.desc()))).all()


def give_mandate(
    session: AsyncSession, person: Person, term: Term, *, began_on: date, actor: Person | None, now: datetime, **seat: Any
) -> Mandate:
    """Write a mandate down; ``seat`` may name ``area``, ``seat`` and whom it ``fills``. The caller sees that the person is a deputy."""
    mandate = Mandate(
        person=person,
        term=term,
        area=seat.get("area", person.area),
        seat=seat.get("seat", ""),
        fills=seat.get("fills"),
        began_on=began_on,
        reason_words="",
        left_json={},
        again=False,
    )
    session.add(mandate)
    details = {"person": person.id, "fills": mandate.fills.id if mandate.fills is not None else None}
    record(session, actor, "mandate.begun", f"person:{person.id}", now=now, term=term.id, **details)
    return mandate


async def end_mandate(
    session: AsyncSession,
    mandate: Mandate,
    actor: Person | None,
    reason: EndReason,
    *,
    on: date,
    now: datetime,
    today: date,
    words: str = "",
) -> Parting:
    """The person is no deputy from now on; other roles stay. Without an actor the Home itself did it.

    Raises NotAllowed, MandateOver, EndDayBad.
    """
    if actor is not None:
        actor.require(Role.OFFICE)
    mandate.require_open()
    if not mandate.began_on <= on <= today and reason is not EndReason.TERM_ENDED:
        raise EndDayBad(since=mandate.began_on.isoformat())
    person = mandate.person
    rows = (
        await session.execute(
            select(Circle, CircleMember.joined_at)
            .join(CircleMember, CircleMember.circle_id == Circle.id)
            .where(CircleMember.person_id == person.id)
            .order_by(Circle.id)
        )
    ).all()
    await session.execute(delete(CircleMember).where(CircleMember.person_id == person.id))
    await session.execute(
        update(PersonalLink)
        .where(PersonalLink.person_id == person.id, PersonalLink.used_at.is_(None), PersonalLink.expires_at > now)
        .values(expires_at=now)
    )
    # A delegation is headed by one of its deputies; the secretary-general may be somebody else.
    heads = PostHolder.post == SessionPost.DELEGATION_HEAD
    await session.execute(delete(PostHolder).where(PostHolder.person_id == person.id, heads))
    mandate.ended_on, mandate.reason, mandate.reason_words = on, reason, words[:WORDS_LIMIT]
    # A deputies' group is led by a deputy.
    roles = [role for role in (Role.DEPUTY, Role.GROUP_LEADER) if role in person.roles]
    for role in roles:
        person.take(role)
    mandate.ended_at, mandate.ended_by = now, actor
    mandate.left_json = {"circles": [circle.id for circle, _ in rows], "roles": [role.value for role in roles]}
    person.active = stays = person.active and bool(person.roles)
    details = {"mandate": mandate.id, "reason": reason.value, "on": on.isoformat()}
    record(session, actor, "mandate.ended", f"person:{person.id}", now=now, **details)
    await session.flush()
    return Parting(person, mandate, [(person, circle) for circle, joined_at in rows if joined_at is not None], stays)


async def add_person(session: AsyncSession, name: str, phone: str, actor: Person, *, now: datetime) -> Person:
    """Somebody new on the roster, without a role yet. Raises NotAllowed, DeputyAlready for a number that is somebody's."""
    actor.require(Role.OFFICE)
    if (known := await session.scalar(select(Person).where(Person.phone == phone))) is not None:
        raise DeputyAlready(name=known.name)
    person = Person(name=name, phone=phone, employer="", role_rows=[], specialties=[])
    session.add(person)
    await session.flush()
    record(session, actor, "roster.added", f"person:{person.id}", now=now)
    return person


async def elect(session: AsyncSession, vacant: Mandate, person: Person, actor: Person, *, on: date, today: date, now: datetime) -> Mandate:
    """A by-election fills a vacant seat with somebody who is no deputy. Raises NotAllowed, SeatFilled, DeputyAlready, EndDayBad, Gone."""
    actor.require(Role.OFFICE)
    term = await open_term(session)
    if term is None or vacant.term_id != term.id or vacant.ended_on is None or vacant.reason is EndReason.TERM_ENDED:
        raise Gone
    if await session.scalar(select(Mandate.id).where(Mandate.fills_id == vacant.id)) is not None:
        raise SeatFilled(name=vacant.person.name)
    if person.has(Role.DEPUTY) or await open_mandate_of(session, person) is not None:
        raise DeputyAlready(name=person.name)
    if not vacant.ended_on <= on <= today:
        raise EndDayBad(since=vacant.ended_on.isoformat())
    person.active = True
    person.give(Role.DEPUTY)
    if Role.AREA_STAFF not in person.roles and vacant.area is not None:  # staff stay with the area they work for
        person.area = vacant.area
    person.group = person.group or vacant.person.group
    mandate = give_mandate(session, person, term, began_on=on, actor=actor, now=now, area=vacant.area, seat=vacant.seat, fills=vacant)
    await session.flush()
    return mandate


def _filled() -> ColumnElement[bool]:
    other = aliased(Mandate)
    return select(other.id).where(other.fills_id == Mandate.id).exists()


def _vacant(term: Term) -> tuple[ColumnElement[bool], ...]:
    return (Mandate.term_id == term.id, Mandate.ended_on.is_not(None), Mandate.reason != EndReason.TERM_ENDED, ~_filled())


async def vacancies(session: AsyncSession, term: Term, *, offset: int = 0, limit: int = 50) -> Sequence[Mandate]:
    """Seats of the term that nobody holds, those longest vacant first."""
    found = select(Mandate).where(*_vacant(term)).order_by(Mandate.ended_on, Mandate.id)
    return (await session.scalars(found.offset(offset).limit(limit))).all()


async def mandate_counts(session: AsyncSession, term: Term) -> tuple[int, int, int]:
    """How many mandates of a term are held, how many ended, and how many seats are vacant."""
    held = select(func.count()).where(Mandate.term_id == term.id, Mandate.ended_on.is_(None))
    ended = select(func.count()).where(Mandate.term_id == term.id, Mandate.ended_on.is_not(None))
    vacant = select(func.count()).select_from(Mandate).where(*_vacant(term))
    return tuple([await session.scalar(count) or 0 for count in (held, ended, vacant)])  # type: ignore[return-value]  # three of them


def left_with_their_term(person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether somebody stopped being a deputy because the term ended, and was not elected since."""
    later = aliased(Mandate)
    newer = select(later.id).where(later.person_id == Mandate.person_id, later.id > Mandate.id).exists()
    return exists().where(Mandate.person_id == person_id, Mandate.reason == EndReason.TERM_ENDED, ~newer)


async def deputies_on(session: AsyncSession, day: date) -> set[int]:
    """Who held a mandate on this day, whatever became of it since."""
    held = select(Mandate.person_id).where(Mandate.began_on <= day, or_(Mandate.ended_on.is_(None), Mandate.ended_on >= day))
    return set(await session.scalars(held))


async def return_to_circles(session: AsyncSession, mandate: Mandate) -> None:
    """Back on the rosters of the circles that were left when the mandate ended."""
    there = select(CircleMember.circle_id).where(CircleMember.person_id == mandate.person_id)
    circles = select(Circle.id).where(Circle.id.in_(mandate.circles_left), Circle.id.not_in(there))
    session.add_all([CircleMember(circle_id=id, person_id=mandate.person_id) for id in await session.scalars(circles)])


async def give_back(session: AsyncSession, person: Person, actor: Person, *, now: datetime) -> None:
    """Whoever was taken off the roster by mistake has mandate, roles and circles again, unless the seat was filled."""
    term = await open_term(session)
    taken = await _taken_by_mistake(session, person, term) if term is not None else None
    if taken is None:
        return
    for role in taken.roles_left:
        person.give(role)
    await return_to_circles(session, taken)
    _restore(session, taken, actor, now=now)


async def keep_mandates(session: AsyncSession, *, today: date, now: datetime) -> list[Parting]:
    """Whatever changed the roster, mandates follow it: every deputy has one, and nobody else. Gives those that ended."""
    term = await open_term(session)
    if term is None:
        return []
    held = exists().where(Mandate.person_id == Person.id, Mandate.ended_on.is_(None))
    new = (await session.scalars(select(Person).where(serving(), ~held).order_by(Person.id).limit(AT_ONCE))).all()
    for person in new:
        await _take_up(session, person, term, today=today, now=now)
    if len(new) < AT_ONCE and term.state is TermState.RUNNING and term.rostered_at is None:
        any_held = select(Mandate.id).where(Mandate.term_id == term.id).limit(1)
        # A roster that fills its last piece exactly is complete with the next look, which finds nobody new.
        term.rostered_at = now if new or await session.scalar(any_held) is not None else None
    gone = select(Mandate).where(Mandate.ended_on.is_(None), Mandate.person.has(~serving()))
    partings = []
    for mandate in (await session.scalars(gone.order_by(Mandate.person_id).limit(AT_ONCE))).all():
        on = max(today, mandate.began_on)
        partings.append(await end_mandate(session, mandate, None, EndReason.OTHER, on=on, today=on, now=now))
    return partings


async def _take_up(session: AsyncSession, person: Person, term: Term, *, today: date, now: datetime) -> None:
    """A deputy without a mandate gets one; what was taken by mistake, and nobody has filled since, is theirs again."""
    taken = await _taken_by_mistake(session, person, term)
    if taken is not None:
        _restore(session, taken, None, now=now)
    else:
        began_on = term.starts_on if term.rostered_at is None else max(term.starts_on, today)
        give_mandate(session, person, term, began_on=began_on, actor=None, now=now)
    await session.flush()


async def _taken_by_mistake(session: AsyncSession, person: Person, term: Term) -> Mandate | None:
    """The mandate that the Home itself ended when the person was a deputy no more, if nobody has filled the seat since."""
    own = select(Mandate).where(Mandate.person_id == person.id, Mandate.term_id == term.id, Mandate.ended_by_id.is_(None))
    last = await session.scalar(own.where(Mandate.ended_on.is_not(None), ~_filled()).order_by(Mandate.id.desc()).limit(1))
    return last if last is not None and last.reason is EndReason.OTHER else None


def _restore(session: AsyncSession, mandate: Mandate, actor: Person | None, *, now: datetime) -> None:
    mandate.ended_on = mandate.reason = mandate.ended_at = None
    mandate.left_json = {}
    record(session, actor, "mandate.restored", f"person:{mandate.person_id}", now=now, mandate=mandate.id)
