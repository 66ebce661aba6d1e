"""Another account, another number: the office is asked, and decides once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.identity import (
    AccountInUse,
    AskedTooOften,
    IdentityChange,
    IdentityRequest,
    PhoneInUse,
    RequestSettled,
    RequestState,
    ask_office,
    begin_request,
    candidates,
    confirm,
    refuse,
)
from models.people import Person, Role, link_account, person_by_telegram_id
from models.policy import Policy
from models.rules import NotAllowed
from tests.rules.district import District

POLICY = Policy()


@pytest.fixture
async def office(session: AsyncSession, now: datetime) -> Person:
    person = await District(session, now).deputy("刘敏", linked=False)
    person.telegram_id = 900
    person.give(Role.OFFICE)
    await session.flush()
    return person


async def deputy_called(session: AsyncSession, name: str, phone: str, telegram_id: int | None) -> Person:
    person = Person(name=name, phone=phone, telegram_id=telegram_id, role_rows=[], specialties=[])
    person.give(Role.DEPUTY)
    session.add(person)
    await session.flush()
    return person


async def stranger_asks(
    session: AsyncSession, now: datetime, name: str, phone: str, *, account: int = 7, new_phone: str = ""
) -> IdentityRequest:
    request = await begin_request(
        session, account, IdentityChange.ACCOUNT, POLICY, account_name="新号", language="zh_CN", now=now, new_phone=new_phone
    )
    await ask_office(session, request, now=now, said_name=name, said_phone=phone)
    return request


async def test_name_and_old_number_together_find_the_person_and_confirming_moves_the_account(
    session: AsyncSession, office: Person, now: datetime
) -> None:
    deputy = await deputy_called(session, "王建国", "13956780001", 5)

    request = await stranger_asks(session, now, "王建国", "139 5678 0001", new_phone="13700000000")
    old = await confirm(session, request, deputy, office, now=now)

    assert old == 5
    assert (deputy.telegram_id, deputy.phone) == (7, "13700000000")
    assert await person_by_telegram_id(session, 5) is None
    with pytest.raises(RequestSettled):
        await confirm(session, request, deputy, office, now=now)
    with pytest.raises(RequestSettled):
        refuse(session, request, office, now=now)


@pytest.mark.parametrize(("name", "phone", "found"), [("李四", "13956780001", 1), ("王建国", "13000000000", 1), ("李四", "13000000000", 0)])
async def test_what_fits_in_part_only_is_for_the_office_to_look_at(
    session: AsyncSession, office: Person, now: datetime, name: str, phone: str, found: int
) -> None:
    await deputy_called(session, "王建国", "13956780001", 5)

    request = await stranger_asks(session, now, name, phone)

    assert request.person is None
    assert len(await candidates(session, request)) == found


async def test_an_account_asks_three_times_a_day_and_a_newer_request_takes_the_olders_place(
    session: AsyncSession, office: Person, now: datetime
) -> None:
    first, *_, last = [await stranger_asks(session, now, "王建国", "13956780001") for _ in range(3)]

    with pytest.raises(AskedTooOften):
        await stranger_asks(session, now, "王建国", "13956780001")

    assert (first.state, last.state) == (RequestState.REPLACED, RequestState.OPEN)
    await stranger_asks(session, now + timedelta(days=1, seconds=1), "王建国", "13956780001")
    assert await session.scalar(select(func.count()).select_from(IdentityRequest)) == 4


async def test_a_number_of_somebody_else_and_an_account_of_somebody_else_are_not_given(
    session: AsyncSession, office: Person, now: datetime
) -> None:
    deputy, other = await deputy_called(session, "王建国", "13956780001", 5), await deputy_called(session, "李国栋", "13700000000", None)
    request = await stranger_asks(session, now, "王建国", "13956780001", new_phone="13700000000")

    with pytest.raises(PhoneInUse):
        await confirm(session, request, deputy, office, now=now)
    request.new_phone = ""
    await link_account(session, other, 7, language="zh_CN", now=now)
    with pytest.raises(AccountInUse):
        await confirm(session, request, deputy, office, now=now)

    assert deputy.telegram_id == 5


async def test_only_the_office_decides(session: AsyncSession, office: Person, now: datetime) -> None:
    deputy = await deputy_called(session, "王建国", "13956780001", 5)
    request = await stranger_asks(session, now, "王建国", "13956780001")

    with pytest.raises(NotAllowed):
        await confirm(session, request, deputy, deputy, now=now)
    with pytest.raises(NotAllowed):
        refuse(session, request, deputy, now=now)


async def test_the_account_of_somebody_who_has_left_is_free_for_somebody_else(session: AsyncSession, now: datetime) -> None:
    former, new = await deputy_called(session, "王建国", "13956780001", 5), await deputy_called(session, "王建国", "13700000000", None)
    former.active = False
    await session.flush()

    await link_account(session, new, 5, language="zh_CN", now=now)

    assert (former.telegram_id, new.telegram_id) == (None, 5)
