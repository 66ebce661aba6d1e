"""The figures of activities: who was there, who answered in time, how soon everybody was notified; counted by the database.

What counts is over and took place: an activity that is cancelled, postponed or still to end counts nowhere. Until its record is confirmed
its figures are provisional. Excused speaks neither for nor against anybody; late is there. Somebody counts for the group and area of today.
"""

from __future__ import annotations

import enum
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, String, and_, case, cast, exists, func, literal, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import NOT_HELD, Activity, ActivityKind, ActivityState
from models.attendance import Attendance, CheckIn
from models.checkin_desk import CheckInDesk
from models.invitations import Invitation, Reply
from models.leave import Decision, LeaveRequest
from models.notices import Notice, NoticeKind
from models.outbox import OutboxMessage, OutboxState
from models.people import Area, DeputyGroup, Person, PersonRole, Role
from models.periods import Period
from models.policy import Policy
from models.rules import NotAllowed
from models.sql_times import MicrosecondsBetween, in_microseconds

WRITTEN_WITHIN = timedelta(minutes=5)
"""So long it may take to write a notice, piece by piece."""


class Reach(enum.StrEnum):
    """Whose figures somebody reads."""

    ALL = "all"
    GROUP = "group"
    AREA = "area"
    OWN = "own"


class By(enum.StrEnum):
    """What the figures are counted by."""

    PERSON = "person"
    GROUP = "group"
    AREA = "area"
    KIND = "kind"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class Count:
    """What came of some invitations. ``judged`` are those of which it can be said whether they were answered before the deadline."""

    called: int = 0
    present: int = 0
    late: int = 0
    excused: int = 0
    absent: int = 0
    judged: int = 0
    in_time: int = 0
    activities: int = 0
    provisional: int = 0
    """How many of the activities have no confirmed record yet."""

    @property
    def came(self) -> int:
        return self.present + self.late

    @property
    def rate(self) -> float | None:
        """The share of those who came among those who had to; None where nobody had to."""
        expected = self.came + self.absent
        return self.came / expected if expected else None

    @property
    def share_in_time(self) -> float | None:
        return self.in_time / self.judged if self.judged else None


@dataclass(frozen=True)
class Line:
    """One person, group, area, kind or activity. Without a group or area the name is empty; of a kind it is the kind's value."""

    id: int | None
    name: str
    count: Count
    starts_at: datetime | None = None
    group: str = ""
    area: str = ""


@dataclass(frozen=True)
class Notifying:
    """From the sending of a formal notice until its last message was settled."""

    notices: int
    median: timedelta
    longest: timedelta


@dataclass(frozen=True)
class View:
    """What is asked for: whose, of which time, by which rules."""

    reader: Person
    reach: Reach
    period: Period
    policy: Policy
    now: datetime


def reaches(person: Person) -> list[Reach]:
    """Whose figures a person may read, the widest first."""
    found = []
    if person.has(Role.OFFICE, Role.LEADER):
        found.append(Reach.ALL)
    if person.has(Role.GROUP_LEADER) and person.group_id is not None:
        found.append(Reach.GROUP)
    if person.has(Role.AREA_STAFF) and person.area_id is not None:
        found.append(Reach.AREA)
    if person.has(Role.DEPUTY):
        found.append(Reach.OWN)
    return found


def _theirs(view: View) -> ColumnElement[bool]:
    """The people whose figures are read. Raises NotAllowed."""
    if view.reach not in reaches(view.reader):
        raise NotAllowed
    match view.reach:
        case Reach.ALL:
            return Person.id.is_not(None)
        case Reach.GROUP:
            return Person.group_id == view.reader.group_id
        case Reach.AREA:
            return Person.area_id == view.reader.area_id
        case Reach.OWN:
            return Person.id == view.reader.id


def _counting(view: View) -> ColumnElement[bool]:
    """The activities that count: those of the period that took place and are over."""
    since, until = view.period.moments(view.policy.timezone)
    wanted = [Activity.state.not_in(NOT_HELD), Activity.ends_at <= view.now]
    if since is not None:
        wanted.append(Activity.starts_at >= since)
    if until is not None:
        wanted.append(Activity.starts_at < until)
    return and_(*wanted)


def _attendance(late_after: timedelta) -> ColumnElement[str]:
    """What ``attendance_at`` and ``attendance_of`` say of an activity that is over, in SQL."""
    leave = (LeaveRequest.invitation_id == Invitation.id, LeaveRequest.current, LeaveRequest.decision == Decision.APPROVED)
    on_leave, partly = exists().where(*leave, ~LeaveRequest.partial), exists().where(*leave, LeaveRequest.partial)
    leads = exists().where(PersonRole.person_id == Person.id, PersonRole.role == Role.GROUP_LEADER)
    led = and_(Activity.created_by_id == Person.id, Person.active, leads)
    late = and_(MicrosecondsBetween(Activity.starts_at, CheckIn.at) > in_microseconds(late_after), ~partly)
    return case(
        (Invitation.attendance.is_not(None), type_coerce(Invitation.attendance, String)),
        (and_(CheckIn.id.is_not(None), late), Attendance.LATE.value),
        (CheckIn.id.is_not(None), Attendance.PRESENT.value),
        (on_leave, Attendance.EXCUSED.value),
        (led, Attendance.PRESENT.value),
        else_=Attendance.ABSENT.value,
    )


def _could_answer_in_time(cutoff: timedelta) -> ColumnElement[bool]:
    """Activities that people heard of before the deadline, and heard nothing new of after it. Found once, not for each invitation."""
    before = MicrosecondsBetween(Notice.sent_at, Activity.starts_at) > in_microseconds(cutoff)
    sent = select(Notice.activity_id).join(Activity, Activity.id == Notice.activity_id).where(Notice.sent_at.is_not(None))
    changed = sent.where(Notice.kind == NoticeKind.CHANGE, ~before)
    return and_(Invitation.activity_id.in_(sent.where(before)), Invitation.activity_id.not_in(changed))


def _invitations(view: View) -> CTE:
    """A row for each invitation that counts, with what came of it: worked out once, and then added up in many ways."""
    cutoff = view.policy.leave_cutoff
    ahead = MicrosecondsBetween(Invitation.replied_at, Activity.starts_at) >= in_microseconds(cutoff)
    return (
        select(
            Invitation.person_id,
            Invitation.activity_id,
            Person.group_id,
            Person.area_id,
            Activity.kind,
            (Activity.state != ActivityState.RECORD_CONFIRMED).label("provisional"),
            _attendance(view.policy.late_after).label("attendance"),
            _could_answer_in_time(cutoff).label("judged"),
            and_(Invitation.reply != Reply.NONE, Invitation.replied_at.is_not(None), ahead).label("ahead"),
        )
        .select_from(Invitation)
        .join(Activity, Activity.id == Invitation.activity_id)
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(CheckIn, and_(CheckIn.activity_id == Invitation.activity_id, CheckIn.person_id == Invitation.person_id))
        .where(_counting(view), _theirs(view))
        .where(or_(and_(Person.active, Invitation.released_at.is_(None)), CheckIn.id.is_not(None), Invitation.attendance.is_not(None)))
        .cte("counting")
        .prefix_with("MATERIALIZED")
    )


def _sums(rows: CTE) -> list[ColumnElement[Any]]:
    """The fields of a Count, in their order."""

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    column = rows.c
    return [
        func.count(),
        *(how_many(column.attendance == attendance.value) for attendance in Attendance),
        how_many(column.judged),
        how_many(and_(column.judged, column.ahead)),
        func.count(column.activity_id.distinct()),
        func.count(case((column.provisional, column.activity_id)).distinct()),
    ]


async def whole(session: AsyncSession, view: View) -> Count:
    """All of it together. Raises NotAllowed."""
    rows = _invitations(view)
    return Count(*(await session.execute(select(*_sums(rows)))).one())


async def lines(session: AsyncSession, view: View, by: By) -> list[Line]:
    """The same by person, group, area, kind or activity. Raises NotAllowed.

    People in the order of their rates, the lowest first, since whoever stays away is to be spoken to; activities the latest first.
    """
    rows = _invitations(view)
    if by is By.KIND:
        counted = await session.execute(select(rows.c.kind, *_sums(rows)).group_by(rows.c.kind))
        found = {ActivityKind(kind): Count(*sums) for kind, *sums in counted}
        return [Line(None, kind.value, found[kind]) for kind in ActivityKind if kind in found]
    if by is By.PERSON:
        return await _by_person(session, rows)
    if by is By.ACTIVITY:
        counted = await session.execute(
            select(Activity.id, Activity.title, Activity.starts_at, *_sums(rows))
            .select_from(rows)
            .join(Activity, Activity.id == rows.c.activity_id)
            .group_by(Activity.id, Activity.title, Activity.starts_at)
            .order_by(Activity.starts_at.desc(), Activity.id.desc())
        )
        return [Line(id, title, Count(*sums), starts_at=starts_at) for id, title, starts_at, *sums in counted]
    table, key = (DeputyGroup, rows.c.group_id) if by is By.GROUP else (Area, rows.c.area_id)
    counted = await session.execute(
        select(table.id, table.name, *_sums(rows))
        .select_from(rows)
        .outerjoin(table, table.id == key)
        .group_by(table.id, table.name)
        .order_by(table.id.is_(None), table.id)
    )
    return [Line(id, name or "", Count(*sums)) for id, name, *sums in counted]


async def _by_person(session: AsyncSession, rows: CTE) -> list[Line]:
    counted = await session.execute(
        select(Person.id, Person.name, DeputyGroup.name, Area.name, *_sums(rows))
        .select_from(rows)
        .join(Person, Person.id == rows.c.person_id)
        .outerjoin(DeputyGroup, DeputyGroup.id == Person.group_id)
        .outerjoin(Area, Area.id == Person.area_id)
        .group_by(Person.id, Person.name, DeputyGroup.name, Area.name)
        .order_by(Person.id)
    )
    found = [Line(id, name, Count(*sums), group=group or "", area=area or "") for id, name, group, area, *sums in counted]
    return sorted(found, key=lambda line: (line.count.rate is None, line.count.rate or 0.0, -line.count.absent))


async def notifying(session: AsyncSession, view: View) -> Notifying | None:
    """How long it took to notify everybody of the activities that count; None where no formal notice has gone out.

    A notice some of whose messages are still on their way is not among them. What was sent again later, to people who came in long after
    the notice, is no part of it. Raises NotAllowed.
    """
    theirs = select(Invitation.activity_id).join(Person, Person.id == Invitation.person_id).where(_theirs(view))
    under_way = func.sum(case((OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING)), 1), else_=0))
    rows = await session.execute(
        select(Notice.sent_at, func.max(OutboxMessage.settled_at))
        .select_from(Notice)
        .join(Activity, Activity.id == Notice.activity_id)
        .join(OutboxMessage, OutboxMessage.subject == literal("notice:") + cast(Notice.id, String))
        .where(_counting(view), Activity.id.in_(theirs), Notice.kind == NoticeKind.FORMAL, Notice.sent_at.is_not(None))
        .where(MicrosecondsBetween(Notice.sent_at, OutboxMessage.created_at) <= in_microseconds(WRITTEN_WITHIN))
        .where(OutboxMessage.state != OutboxState.SUPERSEDED)
        .group_by(Notice.id, Notice.sent_at)
        .having(under_way == 0)
    )
    took = [settled_at - sent_at for sent_at, settled_at in rows if sent_at is not None and settled_at is not None]
    return Notifying(len(took), _median(took), max(took)) if took else None


async def guests(session: AsyncSession, view: View) -> int:
    """How many guests the activities that count had, as their organisers counted them. Raises NotAllowed."""
    theirs = select(Invitation.activity_id).join(Person, Person.id == Invitation.person_id).where(_theirs(view))
    counted = select(func.sum(CheckInDesk.guests)).join(Activity, Activity.id == CheckInDesk.activity_id)
    return await session.scalar(counted.where(_counting(view), Activity.id.in_(theirs))) or 0


def _median(lengths: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=statistics.median(length.total_seconds() for length in lengths))
