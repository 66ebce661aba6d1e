"""Budgets: amounts as they are typed, kept to the fen; entries that are corrected with a trace; a warning told once; a year's totals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.amounts import AmountOutOfRange, AmountUnclear, lines_of, read_amount, read_line
from models.activities import Activity, ActivityKind, Offsets
from models.audience import Audience, Part
from models.audit import AuditEntry
from models.budget_years import booked, budget_year
from models.budgets import (
    BudgetEntry,
    MoneyKind,
    ReceiptKind,
    Warned,
    add_entry,
    add_receipt,
    entries_of,
    entry_by_id,
    passed,
    strike_out,
    sums_of,
    total,
)
from models.changes import cancel_activity
from models.invitations import call_activity
from models.people import DeputyGroup, Person, Role
from models.policy import Policy
from models.rules import Gone, NotAllowed

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLANNED, SPENT = MoneyKind.PLANNED, MoneyKind.SPENT


async def somebody(session: AsyncSession, name: str, *roles: Role, group: DeputyGroup | None = None) -> Person:
    person = Person(name=name, role_rows=[], specialties=[], group=group)
    for role in roles or (Role.DEPUTY,):
        person.give(role)
    session.add(person)
    await session.flush()
    return person


async def meeting(
    session: AsyncSession, creator: Person, now: datetime, *, audience: Audience, starts_at: datetime | None = None
) -> Activity:
    return await call_activity(
        session,
        creator,
        kind=ActivityKind.STUDY,
        title="学习",
        starts_at=starts_at or now + timedelta(days=5),
        ends_at=None,
        place="三楼",
        notes="",
        audience=audience,
        offsets=Offsets.of(Policy()),
        now=now,
    )


@pytest.fixture
async def office(session: AsyncSession) -> Person:
    await somebody(session, "王建国")
    return await somebody(session, "周主任", Role.OFFICE)


@pytest.fixture
async def activity(session: AsyncSession, office: Person, now: datetime) -> Activity:
    return await meeting(session, office, now, audience=Audience(everyone=True))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,200元", "1200.00"),
        ("1200.50", "1200.50"),
        ("1.2万", "12000.00"),
        ("１，２００", "1200.00"),
        ("￥1200", "1200.00"),
        ("人民币 980.5 元整", "980.50"),
        ("3千", "3000.00"),
        ("99,999,999.99", "99999999.99"),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, amount: str) -> None:
    assert str(read_amount(typed)) == amount


@pytest.mark.parametrize(
    "typed", ["12,00", "1.234", "-5", "1e3", "约1200", "1200左右", "1200-1500", "300*4", "一千二百元", "$30", "12:00", "¥", "餐费"]
)
def test_what_is_no_plain_amount_is_refused_rather_than_guessed(typed: str) -> None:
    with pytest.raises(AmountUnclear):
        read_amount(typed)


@pytest.mark.parametrize("typed", ["0", "0.00元", "1亿0", "100000000", "12345万"])
def test_nothing_and_far_too_much_are_refused(typed: str) -> None:
    with pytest.raises((AmountOutOfRange, AmountUnclear)):
        read_amount(typed)


@pytest.mark.parametrize(
    ("typed", "item", "amount"),
    [
        ("餐费 1200", "餐费", "1200.00"),
        ("餐费：1,200元", "餐费", "1200.00"),
        ("3月资料费500", "3月资料费", "500.00"),
        ("A4纸 2包 60", "A4纸 2包", "60.00"),
        ("Box 200", "Box", "200.00"),
        ("餐费", "餐费", None),
        ("1200", "", "1200.00"),
    ],
)
def test_an_item_may_stand_before_its_amount(typed: str, item: str, amount: str | None) -> None:
    assert read_line(typed) == (item, Decimal(amount) if amount else None)


@pytest.mark.parametrize("typed", ["餐费 1,2345", "餐费 12.345", "餐费 300×4", "午餐 30人x40", "#1 200", "会议室B2"])
def test_a_line_whose_amount_is_in_doubt_is_refused(typed: str) -> None:
    with pytest.raises(AmountUnclear):
        read_line(typed)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("场地 500、资料 300.50、误餐 600", ["场地 500", "资料 300.50", "误餐 600"]),
        ("场地500，资料 1,200；\n误餐 600元", ["场地500", "资料 1,200", "误餐 600元"]),
        ("水、电 300", ["水、电 300"]),
        ("餐费 1，200", ["餐费 1，200"]),
        ("餐费", ["餐费"]),
    ],
)
def test_items_in_a_row_are_read_one_by_one_where_each_has_its_amount(typed: str, lines: list[str]) -> None:
    assert lines_of(typed) == lines


async def test_amounts_come_back_to_the_fen_and_add_up_in_the_database(
    session: AsyncSession, activity: Activity, office: Person, now: datetime
) -> None:
    for _ in range(10):
        await add_entry(session, activity, office, SPENT, "餐费", Decimal("0.10"), now=now)

    whole = await session.scalar(select(func.sum(BudgetEntry.amount)))

    assert (whole, str(whole)) == (Decimal("1.00"), "1.00")


@pytest.mark.parametrize("wrong", [12.5, 12, Decimal("0.001"), Decimal("NaN")])
async def test_money_that_is_no_decimal_of_whole_fen_is_never_kept(
    session: AsyncSession, activity: Activity, office: Person, now: datetime, wrong: object
) -> None:
    with pytest.raises(StatementError):
        await add_entry(session, activity, office, SPENT, "餐费", wrong, now=now)  # type: ignore[arg-type]


async def test_a_correction_strikes_out_the_old_amount_and_keeps_its_receipts(
    session: AsyncSession, activity: Activity, office: Person, now: datetime
) -> None:
    wrong = await add_entry(session, activity, office, SPENT, "餐费", Decimal("1800.00"), now=now)
    await add_receipt(session, activity, wrong, office, ReceiptKind.PHOTO, "file-1", now=now)

    right = await add_entry(session, activity, office, SPENT, "餐费", Decimal("1080"), now=now, replaces=wrong)

    assert (await sums_of(session, activity))["餐费"].spent == Decimal("1080.00")
    assert [receipt.file_id for receipt in right.receipts] == ["file-1"]
    struck, _ = await entries_of(session, activity)
    assert (struck.counts, struck.struck_by, struck.amount, right.replaces_id) == (False, office, Decimal("1800.00"), struck.id)
    trace = await session.scalar(select(AuditEntry).where(AuditEntry.action == "budget.corrected"))
    assert trace is not None
    assert trace.details["instead_of"] == "餐费 1800.00"


async def test_what_is_struck_out_counts_no_more_and_cannot_be_touched_again(
    session: AsyncSession, activity: Activity, office: Person, now: datetime
) -> None:
    entry = await add_entry(session, activity, office, SPENT, "餐费", Decimal("300"), now=now)

    await strike_out(session, activity, entry, office, now=now)

    assert await sums_of(session, activity) == {}
    assert len(await entries_of(session, activity)) == 1
    with pytest.raises(Gone):
        await entry_by_id(session, activity, entry.id)


async def test_an_entry_is_found_only_under_its_own_activity(
    session: AsyncSession, activity: Activity, office: Person, now: datetime
) -> None:
    other = await meeting(session, office, now, audience=Audience(everyone=True))
    entry = await add_entry(session, other, office, SPENT, "餐费", Decimal("300"), now=now)

    with pytest.raises(Gone):
        await entry_by_id(session, activity, entry.id)


async def test_only_the_office_and_the_maker_write(session: AsyncSession, activity: Activity, now: datetime) -> None:
    leader, other = await somebody(session, "郑主任", Role.LEADER), await somebody(session, "李组长", Role.GROUP_LEADER)

    for person in (leader, other):
        with pytest.raises(NotAllowed):
            await add_entry(session, activity, person, PLANNED, "餐费", Decimal("300"), now=now)


async def test_eighty_per_cent_and_all_of_it_are_each_told_once(
    session: AsyncSession, activity: Activity, office: Person, now: datetime
) -> None:
    await add_entry(session, activity, office, PLANNED, "餐费", Decimal("1000"), now=now)
    told = []

    for amount in ("799.99", "0.01", "100", "100", "50"):
        await add_entry(session, activity, office, SPENT, "餐费", Decimal(amount), now=now)
        told.append(await passed(session, activity, percent=80))

    assert told == [Warned.NO, Warned.NEARLY, Warned.NO, Warned.ALL, Warned.NO]
    await add_entry(session, activity, office, PLANNED, "餐费", Decimal("2000"), now=now)
    assert await passed(session, activity, percent=80) is Warned.NO
    await add_entry(session, activity, office, SPENT, "餐费", Decimal("1500"), now=now)
    assert await passed(session, activity, percent=80) is Warned.NEARLY


async def test_without_a_plan_nothing_is_warned_of(session: AsyncSession, activity: Activity, office: Person, now: datetime) -> None:
    await add_entry(session, activity, office, SPENT, "餐费", Decimal("300"), now=now)

    assert await passed(session, activity, percent=80) is Warned.NO
    assert total(await sums_of(session, activity)).percent is None


async def test_a_year_is_added_up_by_group_in_local_time(session: AsyncSession, office: Person, now: datetime) -> None:
    first, second = DeputyGroup(name="第一代表小组"), DeputyGroup(name="第二代表小组")
    session.add_all([first, second])
    leader = await somebody(session, "李组长", Role.GROUP_LEADER, Role.DEPUTY, group=first)
    await somebody(session, "陈明", group=second)
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai, already 2027
    for group, starts_at, planned, spent in (
        (first, None, "1000.10", "500.05"),
        (first, None, "200", "300"),
        (second, None, "50", "0.01"),
        (first, new_year, "7", "7"),
    ):
        activity = await meeting(session, office, now, audience=Audience().plus(Part.GROUP, [group.id]), starts_at=starts_at)
        await add_entry(session, activity, office, PLANNED, "餐费", Decimal(planned), now=now)
        await add_entry(session, activity, office, SPENT, "餐费", Decimal(spent), now=now)
    everybody = await meeting(session, office, now, audience=Audience(everyone=True))
    await add_entry(session, everybody, office, PLANNED, "场地费", Decimal("900"), now=now)
    await add_entry(session, everybody, office, SPENT, "场地费", Decimal("100"), now=now)
    await cancel_activity(session, everybody, office, now=now)

    year = await budget_year(session, office, 2026, timezone=SHANGHAI)

    assert [(one.name, one.activities, str(one.sum.planned), str(one.sum.spent)) for one in year] == [
        ("第一代表小组", 2, "1200.10", "800.05"),
        ("第二代表小组", 1, "50.00", "0.01"),
        ("", 1, "0.00", "100.00"),
    ]
    assert [one.name for one in await budget_year(session, leader, 2026, timezone=SHANGHAI)] == ["第一代表小组"]
    assert {one.group for one in await booked(session, leader, 2026, timezone=SHANGHAI)} == {"第一代表小组"}
    with pytest.raises(NotAllowed):
        await budget_year(session, await somebody(session, "孙代表"), 2026, timezone=SHANGHAI)
