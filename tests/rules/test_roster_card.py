"""The office changes one field of one person, and nobody overwrites what they have not seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry
from models.circles import Circle, CircleMember
from models.people import Area, Person, Role, Specialty
from models.roster_card import (
    CardStale,
    FieldTooLong,
    LastOffice,
    LastRole,
    NameNeeded,
    OwnOffice,
    PhoneHeld,
    PhoneWrong,
    alike,
    card_of,
    make_named,
    put,
    return_to_roster,
    seen,
    set_field,
)
from models.roster_rows import Field
from models.rules import Gone, NotAllowed


class Office:
    """Somebody of the office at work on a deputy's card."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.count = session, now, 0

    async def person(self, name: str, *roles: Role, phone: str | None = None, active: bool = True) -> Person:
        self.count += 1
        person = Person(name=name, phone=phone or f"1390000000{self.count}", telegram_id=self.count, active=active)
        for role in roles or (Role.DEPUTY,):
            person.give(role)
        self.session.add(person)
        await self.session.flush()
        await self.session.refresh(person)
        return person

    async def sets(self, person: Person, what: Field, said: str, actor: Person, when_seen: str | None = None) -> Any:
        when_seen = when_seen or await seen(self.session, person, what)
        return await set_field(self.session, person, what, said, actor, when_seen=when_seen, now=self.now)

    async def puts(self, person: Person, what: Field, name: str, actor: Person, *, on: bool = True) -> Any:
        return await put(self.session, person, what, name, actor, on=on, now=self.now)


@pytest.fixture
def office(session: AsyncSession, now: datetime) -> Office:
    return Office(session, now)


async def test_a_written_field_is_tidied_and_the_change_written_down(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    change, _ = await office.sets(deputy, Field.NAME, " 王　建军\n", me)

    assert (deputy.name, deputy.initials, change.old, change.new) == ("王建军", "wjj", ("王建国",), ("王建军",))
    [entry] = await office.session.scalars(select(AuditEntry))
    assert (entry.action, entry.subject, entry.actor_id) == ("roster.changed", f"person:{deputy.id}", me.id)
    assert entry.details == {"name": [["王建国"], ["王建军"]]}


async def test_the_same_again_changes_nothing(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    change, _ = await office.sets(deputy, Field.NAME, "王建国", me)

    assert change is None
    assert (await office.session.scalars(select(AuditEntry))).all() == []


@pytest.mark.parametrize("said", ["1390000", "12900000001", "没有", "139000000011", "", "139 0000 000x"])
async def test_what_is_no_phone_number_is_refused(office: Office, said: str) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    with pytest.raises(PhoneWrong):
        await office.sets(deputy, Field.PHONE, said, me)


async def test_a_number_is_written_in_any_usual_way(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    await office.sets(deputy, Field.PHONE, "+86 １38-0000-1234", me)

    assert deputy.phone == "13800001234"


async def test_a_number_of_somebody_on_the_roster_is_refused_by_name(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")
    other = await office.person("李四")

    with pytest.raises(PhoneHeld) as refused:
        await office.sets(deputy, Field.PHONE, other.phone or "", me)

    assert refused.value.values == {"name": "李四"}


async def test_a_number_of_somebody_who_has_left_passes_on(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")
    former = await office.person("李四", phone="13800001234", active=False)

    await office.sets(deputy, Field.PHONE, "13800001234", me)

    assert (deputy.phone, former.phone) == ("13800001234", None)


@pytest.mark.parametrize("said", ["", "  ", "……", "·"])
async def test_nobody_is_without_a_name(office: Office, said: str) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    with pytest.raises(NameNeeded):
        await office.sets(deputy, Field.NAME, said, me)


async def test_what_the_roster_cannot_hold_is_refused(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    for what, length in ((Field.NAME, 61), (Field.EMPLOYER, 121)):
        with pytest.raises(FieldTooLong):
            await office.sets(deputy, what, "长" * length, me)


async def test_two_of_the_office_at_once_and_the_second_sees_it(office: Office) -> None:
    me, colleague = await office.person("周主任", Role.OFFICE), await office.person("吴干事", Role.OFFICE)
    deputy = await office.person("王建国")
    when_seen = await seen(office.session, deputy, Field.EMPLOYER)
    await office.sets(deputy, Field.EMPLOYER, "甲单位", colleague)

    with pytest.raises(CardStale):
        await office.sets(deputy, Field.EMPLOYER, "乙单位", me, when_seen)

    assert deputy.employer == "甲单位"


async def test_another_field_can_be_changed_meanwhile_but_not_on_a_card_that_bears_another_name(office: Office) -> None:
    me, colleague = await office.person("周主任", Role.OFFICE), await office.person("吴干事", Role.OFFICE)
    deputy = await office.person("王建国")
    when_seen = await seen(office.session, deputy, Field.EMPLOYER)

    await office.sets(deputy, Field.PHONE, "13800001234", colleague)
    await office.sets(deputy, Field.EMPLOYER, "甲单位", me, when_seen)
    when_seen = await seen(office.session, deputy, Field.EMPLOYER)
    await office.sets(deputy, Field.NAME, "王建军", colleague)
    with pytest.raises(CardStale):
        await office.sets(deputy, Field.EMPLOYER, "乙单位", me, when_seen)

    assert (deputy.phone, deputy.employer) == ("13800001234", "甲单位")


async def test_of_several_each_is_given_and_taken_for_itself(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")
    office.session.add_all([Specialty(name="甲", keywords=[]), Specialty(name="乙", keywords=[])])
    await office.session.flush()

    for name, on in (("甲", True), ("乙", True), ("乙", True), ("甲", False), ("甲", False)):
        await office.puts(deputy, Field.SPECIALTIES, name, me, on=on)

    assert (await card_of(office.session, deputy))[Field.SPECIALTIES] == ("乙",)
    assert len((await office.session.scalars(select(AuditEntry))).all()) == 3


async def test_whoever_is_put_on_or_taken_off_a_circle_is_named(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")
    circle = Circle(name="企业", specialties=[])
    office.session.add(circle)
    await office.session.flush()

    _, joining = await office.puts(deputy, Field.CIRCLES, "企业", me)
    (await office.session.get_one(CircleMember, (circle.id, deputy.id))).joined_at = office.now
    _, leaving = await office.puts(deputy, Field.CIRCLES, "企业", me, on=False)

    assert joining.new_in_circles == [deputy]
    assert leaving.out_of == [(deputy, circle)]


async def test_a_role_given_or_taken_is_named_and_counts_at_once(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    _, given = await office.puts(deputy, Field.ROLES, "office", me)
    had_it = deputy.has(Role.OFFICE)
    _, taken = await office.puts(deputy, Field.ROLES, "office", me, on=False)

    [was_given], [was_taken] = given.roles_changed, taken.roles_changed
    assert (was_given.given, was_given.taken, had_it) == ([Role.OFFICE], [], True)
    assert (was_taken.given, was_taken.taken, deputy.has(Role.OFFICE)) == ([], [Role.OFFICE], False)


async def test_whoever_leads_a_group_is_a_deputy(office: Office) -> None:
    me, leader = await office.person("周主任", Role.OFFICE), await office.person("徐正华", Role.LEADER)

    await office.puts(leader, Field.ROLES, "group_leader", me)
    led = leader.roles
    await office.puts(leader, Field.ROLES, "deputy", me, on=False)

    assert led == {Role.LEADER, Role.DEPUTY, Role.GROUP_LEADER}
    assert leader.roles == {Role.LEADER}


async def test_the_office_does_not_lock_itself_out(office: Office) -> None:
    me, colleague = await office.person("周主任", Role.OFFICE, Role.DEPUTY), await office.person("吴干事", Role.OFFICE, Role.DEPUTY)

    with pytest.raises(OwnOffice):
        await office.puts(me, Field.ROLES, "office", me, on=False)
    me.telegram_id = None
    await office.session.flush()
    with pytest.raises(LastOffice):
        await office.puts(colleague, Field.ROLES, "office", me, on=False)


async def test_the_last_role_is_not_taken(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    with pytest.raises(LastRole):
        await office.puts(deputy, Field.ROLES, "deputy", me, on=False)


async def test_only_the_office_changes_a_card_and_only_of_somebody_on_the_roster(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")
    former = await office.person("李四", active=False)

    with pytest.raises(NotAllowed):
        await office.sets(me, Field.EMPLOYER, "甲", deputy)
    with pytest.raises(NotAllowed):
        await office.puts(deputy, Field.ROLES, "office", deputy)
    with pytest.raises(NotAllowed):
        await make_named(office.session, Field.AREA, "新镇", deputy, now=office.now)
    with pytest.raises(NotAllowed):
        await return_to_roster(office.session, former, deputy, now=office.now)
    with pytest.raises(Gone):
        await office.sets(former, Field.EMPLOYER, "甲", me)


async def test_a_place_that_is_not_there_is_not_made_by_a_button(office: Office) -> None:
    me, deputy = await office.person("周主任", Role.OFFICE), await office.person("王建国")

    with pytest.raises(Gone):
        await office.sets(deputy, Field.AREA, "新镇", me)
    await make_named(office.session, Field.AREA, "新镇", me, now=office.now)
    await make_named(office.session, Field.AREA, "新镇", me, now=office.now)
    await office.sets(deputy, Field.AREA, "新镇", me)

    assert [area.name for area in await office.session.scalars(select(Area))] == ["新镇"]
    assert deputy.area is not None


async def test_alike_are_namesakes_and_those_typed_by_the_same_keys(office: Office) -> None:
    for name in ("张伟", "章伟", "张薇薇", "李四", "章常胜"):
        await office.person(name)

    assert [person.name for person in await alike(office.session, "张玮")] == ["张伟", "章伟"]
    assert [person.name for person in await alike(office.session, "张长胜")] == []
    assert [person.name for person in await alike(office.session, "张长生")] == ["章常胜"]


async def test_whoever_comes_back_is_as_before(office: Office) -> None:
    me = await office.person("周主任", Role.OFFICE)
    former = await office.person("李四", Role.DEPUTY, active=False)

    await return_to_roster(office.session, former, me, now=office.now)

    assert former.has(Role.DEPUTY)
    with pytest.raises(Gone):
        await return_to_roster(office.session, former, me, now=office.now)
