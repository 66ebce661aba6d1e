"""The office changes one field of one person: what is checked, and that nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.mandates import give_back
from models.people import Person, PersonRole, Role, Specialty, normalise_phone
from models.pinyin import initials_of, sound_alike
from models.roster import circles_by_person, values_of
from models.roster_changes import Concerned, all_names, apply_change, free_number
from models.roster_rows import NAMED, Change, Field, Values
from models.roster_stamps import mark_of
from models.roster_words import LIMITS, is_phone, tidy_line
from models.rules import Gone, RuleBroken

WRITTEN = (Field.NAME, Field.PHONE, Field.EMPLOYER)
CHOSEN = (Field.AREA, Field.GROUP, Field.LANGUAGE)
SEVERAL = (Field.SPECIALTIES, Field.CIRCLES, Field.ROLES)
NAMEABLE = (Field.AREA, Field.GROUP, Field.SPECIALTIES)
"""Whoever needs a new one of these just writes its name."""


class CardStale(RuleBroken):
    """A colleague has changed this since the card was shown."""

    key = "card.stale"


class NameNeeded(RuleBroken):
    """Nobody is without a name."""

    key = "card.name_needed"


class FieldTooLong(RuleBroken):
    """More than the roster holds."""

    key = "card.too_long"


class PhoneWrong(RuleBroken):
    """No phone number looks like this."""

    key = "card.phone_wrong"


class PhoneHeld(RuleBroken):
    """Somebody else on the roster has this number."""

    key = "card.phone_held"


class OwnOffice(RuleBroken):
    """Nobody takes the office's role from themselves."""

    key = "card.own_office"


class LastOffice(RuleBroken):
    """Somebody of the office must be left who has come in."""

    key = "card.last_office"


class LastRole(RuleBroken):
    """Without any role somebody could do nothing here; whoever has none leaves the roster."""

    key = "card.last_role"


async def card_of(session: AsyncSession, person: Person) -> dict[Field, Values]:
    """What stands on somebody's card, field by field."""
    return values_of(person, await circles_by_person(session, person))


async def seen(session: AsyncSession, person: Person, what: Field) -> str:
    """Tells what of a card's field was before somebody's eyes, and whose card it was; six signs."""
    values = (await card_of(session, person))[what]
    return mark_of((person.name, what.value, *values))


def read_phone(said: str) -> str:
    """A phone number as it is kept. Raises PhoneWrong."""
    number = normalise_phone(tidy_line(said))
    if not is_phone(number):
        raise PhoneWrong(number=tidy_line(said)[:20])
    return number


def read_name(said: str) -> str:
    """A name as it is kept. Raises NameNeeded, FieldTooLong."""
    name = read_text(Field.NAME, said)
    if not initials_of(name):
        raise NameNeeded
    return name


def read_text(what: Field, said: str) -> str:
    """Any other text of a card. Raises FieldTooLong."""
    text = tidy_line(said)
    if len(text) > LIMITS[what.value]:
        raise FieldTooLong(limit=LIMITS[what.value], length=len(text))
    return text


async def holder_of(session: AsyncSession, phone: str) -> Person | None:
    """Whoever has this number, on the roster or no longer."""
    found: Person | None = await session.scalar(select(Person).where(Person.phone == phone))
    return found


async def alike(session: AsyncSession, name: str, *, but: Person | None = None) -> Sequence[Person]:
    """Those on the roster, or once on it, whose name is this one or sounds like it."""
    readings = [Person.initials.contains(reading, autoescape=True) for reading in initials_of(name).split()]
    named = select(Person).where(or_(func.lower(Person.name) == name.lower(), *readings))
    others = named.where(Person.id != but.id) if but is not None else named
    return [person for person in await session.scalars(others.order_by(Person.id)) if sound_alike(person.name, name)]


async def set_field(
    session: AsyncSession, person: Person, what: Field, said: str, actor: Person, *, when_seen: str, now: datetime
) -> tuple[Change | None, Concerned]:
    """Put one value into a field, or none for an empty one; None instead of a change when it stood there already.

    Raises CardStale when the field is no longer what ``when_seen`` says, NameNeeded, FieldTooLong, PhoneWrong, PhoneHeld.
    """
    if what not in (*WRITTEN, *CHOSEN):
        raise Gone
    if await seen(session, person, what) != when_seen:
        raise CardStale
    value = said
    if what is Field.PHONE:
        value = read_phone(said)
        holder = await holder_of(session, value)
        if holder is not None and holder is not person:
            if holder.active:
                raise PhoneHeld(name=holder.name)
            await free_number(session, value, actor, now=now)
    elif what is Field.NAME:
        value = read_name(said)
    elif what in LIMITS:
        value = read_text(what, said)
    return await _change(session, person, what, (value,) if value else (), actor, now=now)


async def put(
    session: AsyncSession, person: Person, what: Field, name: str, actor: Person, *, on: bool, now: datetime
) -> tuple[Change | None, Concerned]:
    """Give one of several, or take it: what a colleague does to another meanwhile stays. Raises OwnOffice, LastOffice, LastRole."""
    if what not in SEVERAL:
        raise Gone
    old = (await card_of(session, person))[what]
    new = tuple(dict.fromkeys((*old, name))) if on else tuple(each for each in old if each != name)
    if what is Field.ROLES:
        new = await _fit_roles(session, person, {Role(each) for each in new}, actor, on=Role(name) if on else None)
    return await _change(session, person, what, new, actor, now=now)


async def _fit_roles(session: AsyncSession, person: Person, roles: set[Role], actor: Person, *, on: Role | None) -> Values:
    """A deputy leads a deputies' group: who begins to lead is a deputy, and who is none any more leads no longer."""
    if on is Role.GROUP_LEADER:
        roles |= {Role.DEPUTY}
    elif Role.DEPUTY in person.roles and Role.DEPUTY not in roles:
        roles -= {Role.GROUP_LEADER}
    if Role.OFFICE in person.roles and Role.OFFICE not in roles:
        await _require_office_left(session, person, actor)
    if not roles and person.roles:
        raise LastRole
    return tuple(role.value for role in Role if role in roles)


async def _require_office_left(session: AsyncSession, person: Person, actor: Person) -> None:
    if person.id == actor.id:
        raise OwnOffice
    office = select(PersonRole.person_id).where(PersonRole.role == Role.OFFICE)
    others = select(Person.id).where(Person.active, Person.telegram_id.is_not(None), Person.id.in_(office), Person.id != person.id)
    if await session.scalar(others.limit(1)) is None:
        raise LastOffice


async def _change(
    session: AsyncSession, person: Person, what: Field, new: Values, actor: Person, *, now: datetime
) -> tuple[Change | None, Concerned]:
    actor.require(Role.OFFICE)
    if not person.active:
        raise Gone
    concerned = Concerned()
    change = Change(what, (await card_of(session, person))[what], new)
    if set(change.old) == set(change.new):
        return None, concerned
    names = await all_names(session)
    if what in NAMED and not set(new) <= names[what].keys():
        raise Gone
    await apply_change(session, person, change, names, concerned)
    record(session, actor, "roster.changed", f"person:{person.id}", now=now, **{what.value: [list(change.old), list(change.new)]})
    await session.flush()
    return change, concerned


async def make_named(session: AsyncSession, what: Field, name: str, actor: Person, *, now: datetime) -> None:
    """A new area, deputies' group or specialty, unless it is there by now."""
    actor.require(Role.OFFICE)
    if what not in NAMEABLE:
        raise Gone
    table: type[Any] = NAMED[what]
    if await session.scalar(select(table.id).where(table.name == name)) is None:
        made = Specialty(name=name, keywords=[]) if what is Field.SPECIALTIES else table(name=name)
        session.add(made)
        await session.flush()
        record(session, actor, "roster.named", f"{what}:{made.id}", now=now, name=name)


async def return_to_roster(session: AsyncSession, person: Person, actor: Person, *, now: datetime) -> None:
    """Whoever had left is on the roster again, as they were. Raises NotAllowed, Gone for whoever is there."""
    actor.require(Role.OFFICE)
    if person.active:
        raise Gone
    person.active = True
    record(session, actor, "roster.changed", f"person:{person.id}", now=now, active=[[], ["yes"]])
    await give_back(session, person, actor, now=now)
    await session.flush()
