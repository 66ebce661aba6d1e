"""A district in two halves that have nothing to do with each other: one of everything in each, and every word of it tells whose it is."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import ActivityState
from models.base import Base
from models.issues import IssueState
from models.people import Role

OFFICE, LEADER, NOBODY, SOMEBODY = 501, 502, 503, 504
"""The people of the whole district, one who is on the roster without any role, and somebody who is not on it."""
DEPUTY, GROUP_LEADER, AREA_STAFF, NAMED, LEFT = 1, 2, 3, 4, 5
"""The people of a half, counted from its number. The last but one is a deputy who was named for whatever
somebody can be named for, the last one who has left the roster, and an issue with it."""
HALVES = {1000: "甲半区", 2000: "乙半区"}
HERE, THERE = HALVES
NUMBERS = (1, 2, 3, 4, 5)
"""What the things of a half are numbered, counted from its number; the people too."""


class Rows:
    """Writes rows as they come: what must hold something and is not named holds anything of its kind, its half's word where it is text."""

    def __init__(self, session: AsyncSession, half: int, now: datetime) -> None:
        self.session, self.half, self.now = session, half, now

    async def add(self, table: str, **values: object) -> None:
        rows = Base.metadata.tables[table]
        counts_itself = rows.autoincrement_column
        needed = {c.name: self._anything(c) for c in rows.c if not c.nullable and c.name not in values and c is not counts_itself}
        await self.session.execute(rows.insert().values(**needed, **values))

    def _anything(self, column: Any) -> object:
        kind = type(column.type).__name__
        if kind == "UtcDateTime":
            return self.now
        if kind == "JSON":
            return [] if column.name in ("keywords", "topics", "cover_more", "readable", "half_days", "proposed") else {}
        if kind == "Yuan":
            return Decimal(1)
        if kind == "Date":
            return self.now.date()
        if kind == "LargeBinary":
            return b""
        python = column.type.python_type
        if issubclass(python, enum.Enum):
            return next(iter(python))
        return {bool: False, int: 1, str: HALVES.get(self.half, "全区"), float: 1.0, date: self.now.date()}[python]


async def settle(session: AsyncSession, now: datetime) -> None:
    """Write the whole district."""
    whole = Rows(session, 0, now)
    for number, name, roles in ((OFFICE, "周主任", (Role.OFFICE,)), (LEADER, "徐主任", (Role.LEADER,)), (NOBODY, "无职务", ())):
        await whole.add("people", id=number, name=name, active=True, telegram_id=number, language="zh_CN", phone=f"1380000{number:04}")
        for role in roles:
            await whole.add("person_roles", person_id=number, role=role)
    for half in HALVES:
        await _settle_half(Rows(session, half, now), half, now)


async def _settle_half(rows: Rows, half: int, now: datetime) -> None:
    for table in ("areas", "deputy_groups", "specialties", "circles"):  # their names are no secret
        await rows.add(table, id=half + 1, name=f"{half}号")
    await rows.add("circle_specialties", circle_id=half + 1, specialty_id=half + 1)
    people = (
        (DEPUTY, Role.DEPUTY),
        (GROUP_LEADER, Role.GROUP_LEADER),
        (AREA_STAFF, Role.AREA_STAFF),
        (NAMED, Role.DEPUTY),
        (LEFT, Role.DEPUTY),
    )
    for number, role in people:
        at_home = {"area_id": half + 1, "group_id": half + 1} if number != NAMED else {}
        more = {"phone": f"139{half + number:08}", "telegram_id": half + number, "language": "zh_CN", "active": number != LEFT}
        await rows.add("people", id=half + number, **more, **at_home)
        await rows.add("person_roles", person_id=half + number, role=role)
    await rows.add("person_specialties", person_id=half + DEPUTY, specialty_id=half + 1)
    await rows.add("circle_members", circle_id=half + 1, person_id=half + DEPUTY)
    await _activities(rows, half, now)
    await _issues(rows, half, now)
    await _announcements(rows, half)
    await _letters(rows, half, now)


async def _activities(rows: Rows, half: int, now: datetime) -> None:
    """One to come, and one that is over and whose record is open."""
    group = {"everyone": False, "group": [half + 1]}
    offsets = {"pre_notice": 7 * 86400, "formal": 3 * 86400, "reminders": [86400]}
    for number, state, starts_at in (
        (1, ActivityState.NOTICED, now + timedelta(days=9)),
        (2, ActivityState.ENDED, now - timedelta(days=2)),
    ):
        activity = half + number
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        made = {"created_by_id": half + GROUP_LEADER, "audience": group, "offsets": offsets}
        await rows.add("activities", id=activity, state=state, **times, **made)
        await rows.add("check_in_desks", activity_id=activity, secret="00" * 16)
        await rows.add("check_in_helpers", activity_id=activity, person_id=half + NAMED)
        await rows.add("budgets", activity_id=activity, group_id=half + 1)
        await rows.add("budget_entries", id=activity, activity_id=activity, by_id=half + GROUP_LEADER)
        called = [half + DEPUTY, half + GROUP_LEADER, half + AREA_STAFF, *([OFFICE, LEADER] if half == HERE and number == 1 else [])]
        for place, person in enumerate(called):
            await rows.add("invitations", id=half + 10 * number + place, activity_id=activity, person_id=person)
    await rows.add("activity_records", id=half + 2, activity_id=half + 2, keeper_id=half + NAMED, sections={"content": HALVES[half]})
    await rows.add("record_pieces", id=half + 1, record_id=half + 2, author_id=half + NAMED, chat_id=half + NAMED, message_id=1)
    await rows.add("leave_requests", id=half + 1, invitation_id=half + 10, current=True)
    await rows.add("duty_entries", id=half + 1, person_id=half + DEPUTY, activity_id=half + 2)
    rule = f"DTSTART;TZID=Asia/Shanghai:{now + timedelta(days=9):%Y%m%dT%H%M%S}\nRRULE:FREQ=MONTHLY;COUNT=6"
    await rows.add("series", id=half + 1, maker_id=half + GROUP_LEADER, rule=rule, audience=group, offsets=offsets, length_seconds=7200)
    await rows.add("series_dates", series_id=half + 1, original_on=(now + timedelta(days=9)).date(), activity_id=half + 1)
    await rows.add("plan_items", id=half + 1, group_id=half + 1, year=now.year, month=12, created_by_id=half + GROUP_LEADER)
    if half == HERE:
        times = {"starts_at": now - timedelta(days=1), "until": now + timedelta(days=5)}
        await rows.add("delegations", id=half + 1, leader_id=LEADER, delegate_id=half + NAMED, **times)


async def _issues(rows: Rows, half: int, now: datetime) -> None:
    """A live one with the area, a draft, one that is closed, one that another deputy asked about, and one that was left behind."""
    states = {1: IssueState.REFERRED, 2: IssueState.DRAFT, 3: IssueState.CLOSED, 4: IssueState.REFERRED, 5: IssueState.REFERRED}
    for number, state in states.items():
        deputy = half + {4: NAMED, 5: LEFT}.get(number, DEPUTY)
        more = {} if state is IssueState.DRAFT else {"number": f"{half}-{number}", "specialty_id": half + 1, "confirmed_at": now}
        where = {"area_id": half + 1, "round_began_at": now}
        await rows.add("issues", id=half + number, state=state, deputy_id=deputy, **more, **where)
        await rows.add("issue_pieces", id=half + number, issue_id=half + number, chat_id=deputy, message_id=100 + number)
    await rows.add("referrals", id=half + 1, issue_id=half + 4, person_id=half + DEPUTY, lapses_at=now + timedelta(days=2))
    await rows.add("issue_remarks", id=half + 1, issue_id=half + 1, author_id=half + NAMED, chat_id=half + NAMED, message_id=7)
    await rows.add("issue_outcomes", id=half + 1, issue_id=half + 3, decided_by_id=half + DEPUTY)
    await rows.add("issue_links", id=half + 1, issue_id=half + 1, earlier_id=half + 3)
    await rows.add("suggestion_drafts", id=half + 1, issue_id=half + 3, lead_id=half + DEPUTY)
    await rows.add("suggestion_cosigners", draft_id=half + 1, person_id=half + NAMED)
    await rows.add("area_tasks", id=half + 1, issue_id=half + 1, area_id=half + 1, due_at=now + timedelta(days=9))
    await rows.add("profiles", id=half + 1, person_id=half + DEPUTY, state="waiting")
    await rows.add("issue_searches", id=half + 1, person_id=half + DEPUTY)
    await rows.add("alike_groups", id=half + 1)
    await rows.add("alike_members", group_id=half + 1, issue_id=half + 1)


async def _announcements(rows: Rows, half: int) -> None:
    group, area = {"group": [half + 1]}, {"area": [half + 1]}
    for number, author, audience in ((1, half + GROUP_LEADER, group), (2, half + AREA_STAFF, area)):
        await rows.add("announcements", id=half + number, author_id=author, audience_json=audience, state="published", round=1)
        await rows.add("announcement_pieces", id=half + number, announcement_id=half + number, chat_id=author, message_id=50)
        for reader in (half + DEPUTY, *((half + GROUP_LEADER, half + AREA_STAFF, OFFICE, LEADER) if half == HERE else ())):
            await rows.add("announcement_recipients", announcement_id=half + number, person_id=reader)
    if half == HERE:
        await rows.add("announcements", id=half + 3, author_id=LEADER, audience_json={"everyone": True}, state="published", round=1)


async def _letters(rows: Rows, half: int, now: datetime) -> None:
    """A letter of a constituent to the half's deputy, waiting; its writer's account carries the half's number."""
    sender = half + 9
    place = {"area_id": half + 1, "deputy_id": half + DEPUTY, "category": "help", "code": "ABCD2345" if half == HERE else "EFGH6789"}
    await rows.add("mailbox_letters", id=half + 1, state="waiting", sender_id=sender, sent_at=now, **place)
    await rows.add("mailbox_pieces", id=half + 1, letter_id=half + 1, chat_id=sender, message_id=1)
    await rows.add("mailbox_senders", telegram_id=sender)
