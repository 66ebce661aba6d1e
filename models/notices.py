"""Notices: when people hear of an activity. What is due is a query; a moved activity voids what was queued."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.activities import NOT_HELD, OPEN, Activity, ActivityState, Offsets
from models.audit import record
from models.base import Base
from models.following import follow_audience
from models.invitations import Delivery, Invitation, Standing
from models.leave import excused
from models.outbox import Attachment
from models.people import Person
from models.policy import Policy
from models.quiet_hours import QuietHours


class NoticeKind(enum.StrEnum):
    PRE_NOTICE = "pre_notice"
    FORMAL = "formal"
    REMINDER = "reminder"
    CHANGE = "change"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


OFF = (NoticeKind.POSTPONED, NoticeKind.CANCELLED)
"""Notices that an activity does not take place."""
CALLS = (NoticeKind.PRE_NOTICE, NoticeKind.FORMAL)
TIMED = (*CALLS, NoticeKind.REMINDER)
"""Notices with a time of their own before the start."""
Planned = tuple[NoticeKind, datetime, timedelta]
"""A notice, when, and how long before the start."""
FARTHEST_EARLIER = timedelta(days=1, hours=1)
"""No quiet hours move a notice farther ahead."""
A_LITTLE_LATE = timedelta(minutes=5)
"""So late a notice still goes out as it was planned."""


class Notice(Base):
    """One round of messages to everybody called. ``details`` of a change say what it was before."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_waiting", "sent_at", "void", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), index=True)
    kind: Mapped[NoticeKind]
    offset_seconds: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    void: Mapped[bool] = mapped_column(default=False)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))

    activity: Mapped[Activity] = relationship(back_populates="notices", lazy="selectin")
    attachment: Mapped[Attachment | None] = relationship(lazy="selectin")

    def goes_out_at(self, quiet: QuietHours | None) -> datetime:
        """When it is to go out: at its time, but outside the quiet hours."""
        return _goes_out_at(self.kind, self.due_at, self.offset_seconds, self.activity.starts_at, quiet)

    @property
    def subject(self) -> str:
        """What the messages of this notice are about, in the outbox."""
        return f"notice:{self.id}"


def announce(activity: Activity, kind: NoticeKind, *, due_at: datetime, offset: timedelta = timedelta(0), **details: Any) -> Notice:
    """Queue a notice."""
    seconds = round(offset.total_seconds())
    notice = Notice(kind=kind, due_at=due_at, offset_seconds=seconds, void=False, details=details, attachment=None)
    activity.notices.append(notice)
    return notice


def planned(starts_at: datetime, offsets: Offsets, *, now: datetime, told: bool = False) -> list[Planned]:
    """Which notices an activity gets, and when.

    Of those whose time has passed, the last one that calls people goes out at once, unless they were ``told`` otherwise; the rest
    are skipped.
    """
    calls = [(NoticeKind.FORMAL, offsets.formal)]
    if offsets.pre_notice is not None:
        calls.insert(0, (NoticeKind.PRE_NOTICE, offsets.pre_notice))
    wanted = [*calls, *((NoticeKind.REMINDER, offset) for offset in offsets.reminders)]
    times = [(kind, starts_at - offset, offset) for kind, offset in wanted if starts_at - offset > now]
    passed = [(kind, now, offset) for kind, offset in calls if starts_at - offset <= now]
    return times if told else [*passed[-1:], *times]


def schedule_notices(activity: Activity, *, now: datetime, told: bool = False) -> list[Notice]:
    """Queue the notices of an activity at their offsets before its start; see ``planned``."""
    times = planned(activity.starts_at, activity.offsets, now=now, told=told)
    return [announce(activity, kind, due_at=due_at, offset=offset) for kind, due_at, offset in times]


def outside_quiet_hours(times: Iterable[Planned], starts_at: datetime, quiet: QuietHours, *, now: datetime) -> list[Planned]:
    """The same with the times at which they will go out; without reminders that should have gone out before."""
    moved = [(kind, _goes_out_at(kind, at, round(offset.total_seconds()), starts_at, quiet), offset) for kind, at, offset in times]
    return [each for each in moved if each[0] is not NoticeKind.REMINDER or each[1] > now]


def _goes_out_at(kind: NoticeKind, due_at: datetime, offset_seconds: int, starts_at: datetime, quiet: QuietHours | None) -> datetime:
    """Outside the quiet hours, unless it was to go out the moment it was queued: then its time is not so long before the start."""
    planned_ahead = kind in TIMED and starts_at - due_at == timedelta(seconds=offset_seconds)
    return quiet.outside(due_at, before=starts_at) if quiet is not None and planned_ahead else due_at


def still_planned(activity: Activity, offsets: Offsets, quiet: QuietHours, *, now: datetime) -> list[Planned]:
    """What such offsets would still bring an activity: of its calls only those that people have not had."""
    changing = any(notice.kind is NoticeKind.CHANGE and notice.sent_at is None and not notice.void for notice in activity.notices)
    had = {ActivityState.PRE_NOTICED: CALLS[:1], ActivityState.NOTICED: CALLS}
    done = () if changing else had.get(activity.state, ())
    times = [each for each in planned(activity.starts_at, offsets, now=now, told=changing) if each[0] not in done]
    going_out = {(kind, offset) for kind, _, offset in outside_quiet_hours(times, activity.starts_at, quiet, now=now)}
    return [(kind, at, offset) for kind, at, offset in times if (kind, offset) in going_out]


def change_offsets(
    session: AsyncSession, activity: Activity, offsets: Offsets, changer: Person, *, now: datetime, quiet: QuietHours
) -> None:
    """Other times for the notices still to come. What was sent is not sent again. Raises ActivityStarted, ActivityOff, NoticesTooMany."""
    activity.require_open(now=now)
    offsets.require_few()
    activity.offsets_json = offsets.as_json()
    record(session, changer, "activity.offsets", f"activity:{activity.id}", now=now, offsets=offsets.as_json())
    for notice in activity.notices:
        notice.void = notice.void or (notice.sent_at is None and notice.kind in TIMED)
    for kind, due_at, offset in still_planned(activity, offsets, quiet, now=now):
        announce(activity, kind, due_at=due_at, offset=offset)


async def due_notices(session: AsyncSession, *, now: datetime, quiet: QuietHours | None = None) -> Sequence[Notice]:
    """Notices whose time has come; none after the start, and only the newest of one activity when the Home was away for longer.

    One that is late on that account waits for the end of the quiet hours as well, where it keeps.
    """
    due = await _newest_due(session, now=now, quiet=quiet)
    if not due:
        return []
    held = _to_send(now).where(Notice.id.in_(due)).options(selectinload(Notice.activity).selectinload(Activity.notices))
    # Whoever moves or cancels it meanwhile waits, and then sees that it was sent.
    return (await session.scalars(held.order_by(Notice.id).with_for_update(of=(Activity, Notice)))).all()


def _to_send(now: datetime) -> Select[Notice]:
    """What is still to be said of activities to come, and of those that are off."""
    still_to_come = and_(Activity.state.in_(OPEN), Activity.starts_at > now, Notice.kind.not_in(OFF))
    off = and_(Activity.state.in_(NOT_HELD), Notice.kind.in_(OFF))
    return select(Notice).join(Notice.activity).where(Notice.sent_at.is_(None), ~Notice.void, or_(still_to_come, off))


async def _newest_due(session: AsyncSession, *, now: datetime, quiet: QuietHours | None) -> list[int]:
    """The newest notice due of each activity, by id. It holds nothing: most of what is looked at here is not due yet."""
    soon = now + (FARTHEST_EARLIER if quiet is not None else timedelta(0))
    columns = (Notice.id, Notice.activity_id, Notice.kind, Notice.due_at, Notice.offset_seconds, Activity.starts_at)
    newest: dict[int, tuple[bool, datetime, datetime, int, bool]] = {}
    for id, activity_id, kind, due_at, offset, starts_at in await session.execute(
        _to_send(now).where(Notice.due_at <= soon).with_only_columns(*columns)
    ):
        goes_out_at = _goes_out_at(kind, due_at, offset, starts_at, quiet)
        if goes_out_at <= now:
            keeps = quiet is not None and kind in TIMED and goes_out_at < now - A_LITTLE_LATE and quiet.outside(now, before=starts_at) > now
            order = (kind is NoticeKind.CHANGE, goes_out_at, due_at, id, keeps)  # what changed is said before anybody is reminded of it
            newest[activity_id] = max(newest.get(activity_id, order), order)
    return [id for *_, id, keeps in newest.values() if not keeps]


async def next_notice_at(session: AsyncSession) -> datetime | None:
    """When the next notice is due, by the usual quiet hours; one that is still being written is due since it went out."""
    owed_since: datetime | None = await session.scalar(select(Notice.sent_at).where(Notice.id == _OLDEST_OWED))
    if owed_since is not None:
        return owed_since
    usual = Policy().quiet_hours
    soonest = (
        select(Notice.kind, Notice.due_at, Notice.offset_seconds, Activity.starts_at)
        .join(Notice.activity)
        .where(Notice.sent_at.is_(None), ~Notice.void, or_(Activity.state.in_(OPEN), Notice.kind.in_(OFF)))
        .order_by(Notice.due_at)
        .limit(20)
    )
    return min([_goes_out_at(*row, usual) for row in await session.execute(soonest)], default=None)


async def send_notice(session: AsyncSession, notice: Notice, *, now: datetime, quiet: QuietHours | None = None) -> None:
    """Mark a notice as sent, and owed to those who get it: everybody called, but no reminder for those on approved leave."""
    activity = notice.activity
    if notice.kind not in OFF:
        await follow_audience(session, activity, now=now)
    notice.sent_at = now
    for older in activity.notices:  # of several that fell due while the Home was away, only the newest speaks
        if older.sent_at is None and older.goes_out_at(quiet) <= now:
            older.void = True
    if notice.kind in (NoticeKind.PRE_NOTICE, NoticeKind.FORMAL):
        activity.state = ActivityState.PRE_NOTICED if notice.kind is NoticeKind.PRE_NOTICE else ActivityState.NOTICED
    elif notice.kind not in OFF:  # a reminder stands for the formal notice where the Home was away when that was due
        formal_follows = any(other.kind is NoticeKind.FORMAL and other.sent_at is None and not other.void for other in activity.notices)
        activity.state = ActivityState.PRE_NOTICED if formal_follows else ActivityState.NOTICED
    record(session, None, f"notice.{notice.kind}", f"activity:{activity.id}", now=now, notice=notice.id)
    called = update(Invitation).where(Invitation.activity_id == activity.id, Invitation.released_at.is_(None))
    if notice.kind is NoticeKind.REMINDER:
        called = called.where(~excused())
    await session.execute(called.values(owed_notice_id=notice.id))


_OLDEST_OWED = select(func.min(Invitation.owed_notice_id)).where(Invitation.owed_notice_id.is_not(None)).scalar_subquery()


async def owed_notice(session: AsyncSession) -> Notice | None:
    """The oldest notice that somebody is still owed; held, so that nobody moves or cancels its activity meanwhile."""
    held = select(Notice).join(Notice.activity).where(Notice.id == _OLDEST_OWED).with_for_update(read=True, of=Activity)
    return (await session.scalars(held)).one_or_none()


async def take_owed(session: AsyncSession, notice: Notice, *, limit: int) -> list[Invitation]:
    """So many of those who are owed it, in the roster's order, to write it to them now; whoever gets none is owed none any more."""
    owed = select(Invitation).where(Invitation.owed_notice_id == notice.id).order_by(Invitation.person_id).limit(limit)
    taken = (await session.scalars(owed)).all()
    for invitation in taken:
        invitation.owed_notice_id = None
    return [invitation for invitation in taken if gets(notice, invitation)]


def gets(notice: Notice, invitation: Invitation) -> bool:
    """No reminder for those on approved leave."""
    on_leave = invitation.standing is Standing.LEAVE_APPROVED and invitation.leave is not None and not invitation.leave.partial
    return notice.kind is not NoticeKind.REMINDER or not on_leave


def latest_call(activity: Activity) -> Notice | None:
    """The newest notice sent, for somebody who could not be reached then: rather one that calls than a reminder."""
    sent = [notice for notice in activity.notices if notice.sent_at is not None]
    calls = [notice for notice in sent if notice.kind is not NoticeKind.REMINDER]
    return max(calls or sent, key=lambda notice: notice.id, default=None)


async def missed_notices(session: AsyncSession, *, now: datetime) -> Sequence[Invitation]:
    """Invitations to coming activities whose people can be reached now, but could not when the notices went out."""
    missed = (
        select(Invitation)
        .join(Invitation.activity)
        .join(Invitation.person)
        .where(Activity.state.in_(OPEN), Activity.starts_at > now)
        .where(Invitation.released_at.is_(None), Invitation.delivery.in_((Delivery.NONE, Delivery.UNREACHABLE)))
        .where(Invitation.owed_notice_id.is_(None))
        .where(Person.active, Person.telegram_id.is_not(None), Person.unreachable_since.is_(None))
        .where(Activity.notices.any(and_(Notice.sent_at.is_not(None), Notice.kind.not_in(OFF))))
        .order_by(Invitation.id)
    )
    return (await session.scalars(missed)).all()
