"""People: phones, roles, accounts, one-time links, and the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.forms import close_form, form_of, open_form
from models.links import LinkUnusable, PersonalLink, issue_link, redeem_link
from models.people import Person, PhoneTaken, Role, link_account, normalise_phone, person_by_phone, person_by_telegram_id
from models.rules import NotAllowed

FORTNIGHT = timedelta(days=14)


async def somebody(session: AsyncSession, name: str = "王建国", phone: str = "13900000001") -> Person:
    person = Person(name=name, phone=phone, role_rows=[], specialties=[])
    session.add(person)
    await session.flush()
    return person


@pytest.mark.parametrize("written", ["13900000001", "+86 139 0000 0001", "86-139-0000-0001", "0086 13900000001", "139-0000-0001"])
def test_a_phone_number_is_one_number_however_it_is_written(written: str) -> None:
    assert normalise_phone(written) == "13900000001"


async def test_a_person_is_found_by_phone_only_while_active(session: AsyncSession) -> None:
    person = await somebody(session)

    assert await person_by_phone(session, "+8613900000001") is person
    person.active = False
    await session.flush()
    assert await person_by_phone(session, "13900000001") is None
    assert await person_by_phone(session, "no number") is None


async def test_a_role_not_held_is_refused(session: AsyncSession) -> None:
    person = await somebody(session)
    person.give(Role.DEPUTY)

    person.require(Role.DEPUTY, Role.OFFICE)
    with pytest.raises(NotAllowed):
        person.require(Role.OFFICE)


async def test_a_person_keeps_the_first_account_until_the_office_says_otherwise(session: AsyncSession, now: datetime) -> None:
    person = await somebody(session)
    await link_account(session, person, 42, language="zh_CN", now=now)

    with pytest.raises(PhoneTaken):
        await link_account(session, person, 43, language="zh_CN", now=now)


async def test_a_link_works_once(session: AsyncSession, now: datetime) -> None:
    person = await somebody(session)
    secret = await issue_link(session, person, lifetime=FORTNIGHT, now=now)

    await redeem_link(session, secret, 42, name="x", language="zh_CN", now=now)

    with pytest.raises(LinkUnusable):
        await redeem_link(session, secret, 43, name="x", language="zh_CN", now=now)
    assert await person_by_telegram_id(session, 42) is person


async def test_a_link_expires_and_a_new_one_ends_the_old(session: AsyncSession, now: datetime) -> None:
    person = await somebody(session)
    old = await issue_link(session, person, lifetime=FORTNIGHT, now=now)
    new = await issue_link(session, person, lifetime=FORTNIGHT, now=now)

    with pytest.raises(LinkUnusable):
        await redeem_link(session, old, 42, name="x", language="zh_CN", now=now)
    with pytest.raises(LinkUnusable):
        await redeem_link(session, new, 42, name="x", language="zh_CN", now=now + FORTNIGHT)


async def test_only_the_hash_of_a_link_is_stored(session: AsyncSession, now: datetime) -> None:
    secret = await issue_link(session, None, lifetime=FORTNIGHT, now=now)

    [stored] = await session.scalars(select(PersonalLink.secret_hash))

    assert secret not in stored
    assert len(f"p_{secret}") <= 64


async def test_the_office_link_makes_somebody_of_the_office(session: AsyncSession, now: datetime) -> None:
    secret = await issue_link(session, None, lifetime=FORTNIGHT, now=now)

    person = await redeem_link(session, secret, 42, name="周主任", language="zh_CN", now=now)

    assert person.roles == {Role.OFFICE}


async def test_every_change_is_in_the_audit_log(session: AsyncSession, now: datetime) -> None:
    person = await somebody(session)

    await link_account(session, person, 42, language="zh_CN", now=now)

    [entry] = await session.scalars(select(AuditEntry))
    assert (entry.actor_id, entry.action, entry.subject, entry.at) == (person.id, "account.linked", f"person:{person.id}", now)


async def test_a_new_form_takes_the_place_of_the_old(session: AsyncSession, now: datetime) -> None:
    person = await somebody(session)
    await open_form(session, person.id, "activity", "title", now=now)
    await open_form(session, person.id, "roster", "confirm", now=now, rows=[1])

    form = await form_of(session, person.id)
    assert form is not None
    assert (form.kind, form.data) == ("roster", {"rows": [1]})
    assert await form_of(session, person.id, "activity") is None
    await close_form(session, person.id)
    assert await form_of(session, person.id) is None


async def test_a_naive_time_is_refused(session: AsyncSession) -> None:
    person = await somebody(session)
    person.unreachable_since = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test

    with pytest.raises(Exception, match="naive"):
        await session.flush()
