"""What an activity may cost and what it did: amounts by item, receipts, and a warning before the money is gone.

An entry never changes: whoever corrects one strikes it out and puts another in its place, so that every figure can be traced.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import Activity
from models.audience import Audience, Part
from models.audit import record
from models.base import Base
from models.money import NOTHING, Yuan
from models.organising import organises
from models.people import DeputyGroup, Person, Role
from models.rules import Gone, NotAllowed, RuleBroken

ITEM_LIMIT = 30
LARGEST = Decimal("99_999_999.99")
MOST_ENTRIES, MOST_RECEIPTS = 200, 20


class MoneyKind(enum.StrEnum):
    PLANNED = "planned"
    SPENT = "spent"


class Warned(enum.IntEnum):
    """How far the money is gone."""

    NO = 0
    NEARLY = 1
    ALL = 2


class ReceiptKind(enum.StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"


class ItemTooLong(RuleBroken):
    """An item is a few words."""

    key = "budget.item_too_long"


class TooManyEntries(RuleBroken):
    """An activity has so many entries at most, an entry so many receipts."""

    key = "budget.too_many"


class Budget(Base):
    """One activity's budget, made with its first entry. ``group`` is whose money it is; none stands for the office's."""

    __tablename__ = "budgets"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("deputy_groups.id"), index=True)
    warned: Mapped[int] = mapped_column(default=Warned.NO)

    group: Mapped[DeputyGroup | None] = relationship(lazy="selectin")


class BudgetEntry(Base):
    """An amount planned or spent. ``struck_at`` is set once it counts no more; ``replaces`` names the entry it stands for now."""

    __tablename__ = "budget_entries"
    __table_args__ = (Index("ix_budget_entries_counting", "activity_id", "struck_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    kind: Mapped[MoneyKind]
    item: Mapped[str] = mapped_column(String(ITEM_LIMIT))
    amount: Mapped[Decimal] = mapped_column(Yuan)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("budget_entries.id"))

    by: Mapped[Person] = relationship(foreign_keys=[by_id], lazy="selectin")
    struck_by: Mapped[Person | None] = relationship(foreign_keys=[struck_by_id], lazy="selectin")
    receipts: Mapped[list[Receipt]] = relationship(lazy="selectin", order_by="Receipt.id")

    @property
    def counts(self) -> bool:
        return self.struck_at is None


class Receipt(Base):
    """A photo or file that proves an amount spent, by Telegram's own name for it: it can be shown after its message is gone."""

    __tablename__ = "budget_receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("budget_entries.id"), index=True)
    kind: Mapped[ReceiptKind]
    file_id: Mapped[str] = mapped_column(String(255))
    file_name: Mapped[str] = mapped_column(String(255), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="selectin")


@dataclass(frozen=True)
class Sum:
    """Planned against spent."""

    planned: Decimal = NOTHING
    spent: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        return self.planned - self.spent

    @property
    def percent(self) -> int | None:
        """How much of the plan is spent, rounded down; None where nothing is planned."""
        return int(self.spent * 100 / self.planned) if self.planned else None

    def plus(self, kind: MoneyKind, amount: Decimal) -> Sum:
        if kind is MoneyKind.PLANNED:
            return Sum(self.planned + amount, self.spent)
        return Sum(self.planned, self.spent + amount)

    def warned(self, percent: int) -> Warned:
        """How far the money is gone, with a warning at so many per cent."""
        if not self.planned or self.spent * 100 < self.planned * percent:
            return Warned.NO
        return Warned.ALL if self.spent >= self.planned else Warned.NEARLY


def may_keep_budget(person: Person, activity: Activity) -> bool:
    """Whoever organises the activity."""
    return organises(person, activity)


def may_see_budget(person: Person, activity: Activity) -> bool:
    return may_keep_budget(person, activity) or person.has(Role.LEADER)


def group_of(activity: Activity) -> int | None:
    """Whose money an activity costs: the deputies' group that it is called for alone; otherwise the office's."""
    groups = [group for group in activity.audience.of(Part.GROUP) if isinstance(group, int)]
    return groups[0] if len(groups) == 1 and activity.audience == Audience().plus(Part.GROUP, groups) else None


async def entries_of(session: AsyncSession, activity: Activity) -> Sequence[BudgetEntry]:
    """All entries in the order they were made, also those struck out."""
    return (await session.scalars(select(BudgetEntry).where(BudgetEntry.activity_id == activity.id).order_by(BudgetEntry.id))).all()


async def entry_by_id(session: AsyncSession, activity: Activity, entry_id: int) -> BudgetEntry:
    """An entry of this activity that counts. Raises Gone."""
    entry = await session.get(BudgetEntry, entry_id, populate_existing=True)
    if entry is None or entry.activity_id != activity.id or not entry.counts:
        raise Gone
    return entry


async def sums_of(session: AsyncSession, activity: Activity) -> dict[str, Sum]:
    """Planned and spent by item, in the order in which the items came up."""
    rows = await session.execute(
        select(BudgetEntry.item, BudgetEntry.kind, func.sum(BudgetEntry.amount), func.min(BudgetEntry.id))
        .where(BudgetEntry.activity_id == activity.id, BudgetEntry.struck_at.is_(None))
        .group_by(BudgetEntry.item, BudgetEntry.kind)
        .order_by(func.min(BudgetEntry.id))
    )
    sums: dict[str, Sum] = {}
    for item, kind, amount, _ in rows:
        sums[item] = sums.get(item, Sum()).plus(kind, amount)
    return sums


def total(sums: dict[str, Sum]) -> Sum:
    return Sum(sum((one.planned for one in sums.values()), NOTHING), sum((one.spent for one in sums.values()), NOTHING))


async def add_entry(
    session: AsyncSession,
    activity: Activity,
    keeper: Person,
    kind: MoneyKind,
    item: str,
    amount: Decimal,
    *,
    now: datetime,
    replaces: BudgetEntry | None = None,
) -> BudgetEntry:
    """Write an amount down; ``replaces`` is struck out by it and hands on its receipts. Raises NotAllowed, ItemTooLong, TooManyEntries."""
    _require(keeper, activity)
    if len(item) > ITEM_LIMIT:
        raise ItemTooLong(limit=ITEM_LIMIT, length=len(item))
    written = await session.scalar(select(func.count()).where(BudgetEntry.activity_id == activity.id))
    if (written or 0) >= MOST_ENTRIES:
        raise TooManyEntries(most=MOST_ENTRIES)
    if await session.get(Budget, activity.id) is None:
        session.add(Budget(activity_id=activity.id, group_id=group_of(activity), warned=Warned.NO))
    entry = BudgetEntry(activity_id=activity.id, kind=kind, item=item, amount=amount, by=keeper, at=now, receipts=[])
    session.add(entry)
    if replaces is not None:
        replaces.struck_at, replaces.struck_by = now, keeper
        entry.replaces_id = replaces.id
        entry.receipts = [
            Receipt(kind=one.kind, file_id=one.file_id, file_name=one.file_name, by_id=one.by_id, at=one.at) for one in replaces.receipts
        ]
    await session.flush()
    details = {"kind": kind.value, "item": item, "amount": str(amount)}
    if replaces is not None:
        details |= {"instead_of": f"{replaces.item} {replaces.amount}", "replaces": str(replaces.id)}
    record(session, keeper, "budget.corrected" if replaces else "budget.entered", f"budget_entry:{entry.id}", now=now, **details)
    return entry


async def strike_out(session: AsyncSession, activity: Activity, entry: BudgetEntry, keeper: Person, *, now: datetime) -> None:
    """It counts no more, and stays to be seen. Raises NotAllowed."""
    _require(keeper, activity)
    entry.struck_at, entry.struck_by = now, keeper
    record(session, keeper, "budget.struck_out", f"budget_entry:{entry.id}", now=now, item=entry.item, amount=str(entry.amount))
    await session.flush()


async def add_receipt(
    session: AsyncSession,
    activity: Activity,
    entry: BudgetEntry,
    keeper: Person,
    kind: ReceiptKind,
    file_id: str,
    *,
    now: datetime,
    file_name: str = "",
) -> Receipt:
    """Put a receipt to what was spent. Raises NotAllowed, TooManyEntries."""
    _require(keeper, activity)
    if len(entry.receipts) >= MOST_RECEIPTS:
        raise TooManyEntries(most=MOST_RECEIPTS)
    receipt = Receipt(kind=kind, file_id=file_id, file_name=file_name, by=keeper, at=now)
    entry.receipts.append(receipt)
    await session.flush()
    record(session, keeper, "budget.receipt", f"budget_entry:{entry.id}", now=now, receipt=receipt.id)
    return receipt


async def passed(session: AsyncSession, activity: Activity, *, percent: int) -> Warned:
    """What has been passed since it was last looked at, so that each is told once; a plan that is raised begins anew."""
    budget = await session.get(Budget, activity.id)
    if budget is None:
        return Warned.NO
    before, budget.warned = budget.warned, total(await sums_of(session, activity)).warned(percent)
    return Warned(budget.warned) if budget.warned > before else Warned.NO


def _require(keeper: Person, activity: Activity) -> None:
    if not may_keep_budget(keeper, activity):
        raise NotAllowed
    activity.require_unfrozen()
