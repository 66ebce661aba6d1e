"""A plan as it comes back from a spreadsheet: what each row would change, and carrying that out."""

from __future__ import annotations

import enum
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import ActivityKind
from models.people import Person
from models.plans import (
    ITEMS_LIMIT,
    RESPONSIBLE_LIMIT,
    TOPIC_LIMIT,
    PlanFull,
    PlanItem,
    PlanTextTooLong,
    add_item,
    change_item,
    fitting_text,
    of_plan,
    require_plan,
)

MONTHS = range(1, 13)


@dataclass(frozen=True)
class PlanRow:
    """One line as it was written. ``month`` is 0 and ``kind`` empty where nothing stood there or it was not understood: see ``unread``.

    None stands for a column the spreadsheet does not have: what is known stays.
    """

    line: int
    number: int | None
    month: int
    topic: str
    kind: str | None
    responsible: str | None
    unread: tuple[tuple[str, str], ...] = ()
    """Cells that were not understood, by the field's name."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "unread": tuple((name, text) for name, text in data["unread"])})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Fate(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"


class Fault(enum.StrEnum):
    """Why a row is left out."""

    NO_MONTH = "no_month"
    BAD_MONTH = "bad_month"
    NO_TOPIC = "no_topic"
    BAD_KIND = "bad_kind"
    TOO_LONG = "too_long"
    TWICE = "twice"


@dataclass(frozen=True)
class PlannedRow:
    """What would become of a row: for a changed one the item and the fields that differ, for one left out why."""

    row: PlanRow
    fate: Fate
    item_id: int | None = None
    before: Mapping[str, Any] | None = None
    changed: tuple[str, ...] = ()
    fault: Fault | None = None
    fault_value: str = ""

    @property
    def kind(self) -> ActivityKind | None:
        return ActivityKind(self.row.kind) if self.row.kind else None


@dataclass(frozen=True)
class PlanChange:
    """What an import would do. ``absent`` counts the plan's items that the file does not name: they stay."""

    rows: Sequence[PlannedRow]
    absent: int

    def count(self, fate: Fate) -> int:
        return Counter(row.fate for row in self.rows)[fate]

    @property
    def changes_nothing(self) -> bool:
        return all(row.fate in (Fate.UNCHANGED, Fate.LEFT_OUT) for row in self.rows)

    @property
    def fingerprint(self) -> str:
        """Tells whether it is still what was previewed."""
        rows = [(asdict(row.row), row.fate, row.item_id, row.before, row.changed) for row in self.rows]
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[:16]


async def plan_rows(session: AsyncSession, rows: Sequence[PlanRow], group_id: int | None, year: int) -> PlanChange:
    """What the rows would do to a plan.

    A row changes the item of its number, when that is of this plan; else the one of its month and topic; else it is a new item, so that
    last year's file makes this year's plan.
    """
    items = (await session.scalars(select(PlanItem).where(*of_plan(group_id, year)).order_by(PlanItem.id))).all()
    by_number = {item.id: item for item in items}
    named = {row.number for row in rows}
    free = {(item.month, item.topic, item.kind.value): item for item in reversed(items) if item.id not in named}
    planned: list[PlannedRow] = []
    seen: dict[Any, int] = {}
    for row in rows:
        if (faulty := _faulty(row)) is not None:
            planned.append(faulty)
            continue
        item = by_number.get(row.number or 0)
        if item is None:
            alike = (key for key in free if key[:2] == (row.month, row.topic) and row.kind in (None, "", key[2]))
            item = free.pop(key) if (key := next(alike, None)) is not None else None
        what = item.id if item is not None else (row.number, row.month, row.topic, row.kind, row.responsible)
        if what in seen:
            planned.append(PlannedRow(row, Fate.LEFT_OUT, fault=Fault.TWICE, fault_value=str(seen[what])))
            continue
        seen[what] = row.line
        planned.append(_fate_of(row, item))
    return PlanChange(planned, len(items) - sum(row.item_id is not None for row in planned))


def _faulty(row: PlanRow) -> PlannedRow | None:
    def left_out(fault: Fault, value: str = "") -> PlannedRow:
        return PlannedRow(row, Fate.LEFT_OUT, fault=fault, fault_value=value)

    unread = dict(row.unread)
    if "month" in unread:
        return left_out(Fault.BAD_MONTH, unread["month"])
    if row.month not in MONTHS:
        return left_out(Fault.NO_MONTH)
    if not row.topic:
        return left_out(Fault.NO_TOPIC)
    if "kind" in unread:
        return left_out(Fault.BAD_KIND, unread["kind"])
    for text, limit in ((row.topic, TOPIC_LIMIT), (row.responsible or "", RESPONSIBLE_LIMIT)):
        try:
            fitting_text(text, limit)
        except PlanTextTooLong:
            return left_out(Fault.TOO_LONG, text)
    return None


def _fate_of(row: PlanRow, item: PlanItem | None) -> PlannedRow:
    if item is None:
        return PlannedRow(row, Fate.ADDED)
    before = item.said
    wanted = {"month": row.month, "kind": row.kind or None, "topic": row.topic, "responsible": row.responsible}
    changed = tuple(name for name, value in wanted.items() if value is not None and value != before[name])
    return PlannedRow(row, Fate.CHANGED if changed else Fate.UNCHANGED, item.id, before, changed)


async def apply_rows(session: AsyncSession, change: PlanChange, actor: Person, *, group_id: int | None, year: int, now: datetime) -> None:
    """Carry out what was planned in the same transaction. Raises NotAllowed, PlanFull."""
    require_plan(actor, group_id, to_change=True)
    known = change.absent + sum(row.item_id is not None for row in change.rows)
    if known + change.count(Fate.ADDED) > ITEMS_LIMIT:
        raise PlanFull(limit=ITEMS_LIMIT)
    for planned in change.rows:
        row = planned.row
        if planned.fate is Fate.ADDED:
            await add_item(
                session,
                actor,
                group_id=group_id,
                year=year,
                month=row.month,
                kind=planned.kind or ActivityKind.OTHER,
                topic=row.topic,
                responsible=row.responsible or "",
                now=now,
            )
        elif planned.fate is Fate.CHANGED and planned.item_id is not None:
            item = await session.get_one(PlanItem, planned.item_id)
            change_item(session, item, actor, month=row.month, kind=planned.kind, topic=row.topic, responsible=row.responsible, now=now)
    await session.flush()
