"""Finding people of the roster: by name or its pinyin initials, the end of a phone number, area, deputies' group or specialty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import CircleMember
from models.people import Area, DeputyGroup, Person, PersonSpecialty, Specialty, normalise_phone
from models.roster_rows import Field

END_OF_PHONE, PART_OF_PHONE = 3, 4
"""So many digits are looked for at a number's end, and so many anywhere in it."""
_NUMBER = re.compile(r"[\d\s+()（）-]+")


@dataclass(frozen=True)
class Found:
    """One page of those found, and how many there are in all."""

    people: Sequence[Person]
    total: int


async def find_people(session: AsyncSession, words: str, *, limit: int) -> Sequence[Person]:
    """Active people by part of the name, its initials, or the phone number."""
    wanted = _is_called(words) | _has_phone(words)
    return (await session.scalars(select(Person).where(Person.active, wanted).order_by(_nearest(words), Person.id).limit(limit))).all()


async def search_roster(session: AsyncSession, words: str, *, offset: int, limit: int) -> Found:
    """Active people to whom each of the words applies, best first: 云溪 法治 are those of one area with one specialty."""
    each = [or_(_is_called(word), _has_phone(word), _belongs_to(word)) for word in words.split()]
    wanted = or_(_has_phone(words), and_(*each)) if each else false()
    return await _page(session, select(Person).where(wanted).order_by(_nearest(words), Person.id), offset=offset, limit=limit)


async def people_in(session: AsyncSession, what: Field, id: int, *, offset: int, limit: int) -> Found:
    """Active people of one area, deputies' group, specialty or circle, in the roster's order. Raises KeyError for any other field."""
    wanted = {
        Field.AREA: Person.area_id == id,
        Field.GROUP: Person.group_id == id,
        Field.SPECIALTIES: Person.id.in_(select(PersonSpecialty.person_id).where(PersonSpecialty.specialty_id == id)),
        Field.CIRCLES: Person.id.in_(select(CircleMember.person_id).where(CircleMember.circle_id == id)),
    }[what]
    return await _page(session, select(Person).where(wanted).order_by(Person.id), offset=offset, limit=limit)


async def _page(session: AsyncSession, people: Select[Person], *, offset: int, limit: int) -> Found:
    active = people.where(Person.active)
    total = await session.scalar(select(func.count()).select_from(active.order_by(None).subquery()))
    return Found((await session.scalars(active.offset(offset).limit(limit))).all(), total or 0)


def _is_called(word: str) -> ColumnElement[bool]:
    word = word.strip().lower()
    called = func.lower(Person.name).contains(word, autoescape=True)
    if not re.fullmatch(r"[a-z\d]+", word):
        return called
    if len(word) == 1:  # one letter is in half of all names
        return called | Person.initials.startswith(word) | Person.initials.contains(f" {word}")
    return called | Person.initials.contains(word)


def _has_phone(words: str) -> ColumnElement[bool]:
    digits = normalise_phone(words)
    if not _NUMBER.fullmatch(words) or len(digits) < END_OF_PHONE:
        return false()
    return Person.phone.endswith(digits) if len(digits) < PART_OF_PHONE else Person.phone.contains(digits)


def _belongs_to(word: str) -> ColumnElement[bool]:
    areas = select(Area.id).where(Area.name.contains(word, autoescape=True))
    groups = select(DeputyGroup.id).where(DeputyGroup.name.contains(word, autoescape=True))
    specialties = select(PersonSpecialty.person_id).join(Specialty, Specialty.id == PersonSpecialty.specialty_id)
    specialised = specialties.where(Specialty.name.contains(word, autoescape=True))
    return or_(Person.area_id.in_(areas), Person.group_id.in_(groups), Person.id.in_(specialised))


def _nearest(words: str) -> ColumnElement[int]:
    """Whoever has just this name or number comes first, then those whose name begins so."""
    words = words.strip().lower()
    digits = normalise_phone(words) if _NUMBER.fullmatch(words) else ""
    name = func.lower(Person.name)
    ends = [(Person.phone.endswith(digits), 1)] if digits else []
    return case(
        ((name == words) | (Person.initials == words), 0),
        *ends,
        (name.startswith(words, autoescape=True) | Person.initials.startswith(words, autoescape=True), 2),
        (name.contains(words, autoescape=True), 3),
        else_=4,
    )
