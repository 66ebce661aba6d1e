"""Notices: when people hear of an activity. What is due is a query; a moved activity voids what was queued."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.activities import OPEN, Activity, ActivityState, Offsets
from models.audit import record
from models.base import Base
from models.following import follow_audience
from models.invitations import Delivery, Invitation, Standing, invitations_of
from models.outbox import Attachment
from models.people import Person


class NoticeKind(enum.StrEnum):
    PRE_NOTICE = "pre_notice"
    FORMAL = "formal"
    REMINDER = "reminder"
    CHANGE = "change"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


OFF = (NoticeKind.POSTPONED, NoticeKind.CANCELLED)
"""Notices that an activity does not take place."""


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


def planned(starts_at: datetime, offsets: Offsets, *, now: datetime, told: bool = False) -> list[tuple[NoticeKind, datetime, timedelta]]:
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


async def due_notices(session: AsyncSession, *, now: datetime) -> Sequence[Notice]:
    """Notices whose time has come; none after the start, and only the newest of one activity when the Home was away for longer."""
    still_to_come = and_(Activity.state.in_(OPEN), Activity.starts_at > now, Notice.kind.not_in(OFF))
    due = (
        select(Notice)
        .join(Notice.activity)
        .where(Notice.sent_at.is_(None), ~Notice.void, Notice.due_at <= now)
        .where(or_(still_to_come, and_(Activity.state.in_((ActivityState.CANCELLED, ActivityState.POSTPONED)), Notice.kind.in_(OFF))))
        .order_by(Notice.due_at, Notice.id)
        .options(selectinload(Notice.activity).selectinload(Activity.notices))
        .with_for_update(of=(Activity, Notice))  # whoever moves or cancels it meanwhile waits, and then sees that it was sent
    )
    newest = {notice.activity_id: notice for notice in await session.scalars(due)}
    return list(newest.values())


async def next_notice_at(session: AsyncSession) -> datetime | None:
    """When the next notice is due."""
    return await session.scalar(
        select(func.min(Notice.due_at))
        .join(Notice.activity)
        .where(Notice.sent_at.is_(None), ~Notice.void, or_(Activity.state.in_(OPEN), Notice.kind.in_(OFF)))
    )


async def send_notice(session: AsyncSession, notice: Notice, *, now: datetime) -> list[Invitation]:
    """Mark a notice as sent and give those who get it: everybody called, but no reminder for those on approved leave."""
    activity = notice.activity
    if notice.kind not in OFF:
        await follow_audience(session, activity, now=now)
    notice.sent_at = now
    for older in activity.notices:  # of several that fell due while the Home was away, only the newest speaks
        if older.sent_at is None and older.due_at <= now:
            older.void = True
    if notice.kind in (NoticeKind.PRE_NOTICE, NoticeKind.FORMAL):
        activity.state = ActivityState.PRE_NOTICED if notice.kind is NoticeKind.PRE_NOTICE else ActivityState.NOTICED
    elif notice.kind is NoticeKind.CHANGE:
        formal_follows = any(other.kind is NoticeKind.FORMAL and other.sent_at is None and not other.void for other in activity.notices)
        activity.state = ActivityState.PRE_NOTICED if formal_follows else ActivityState.NOTICED
    record(session, None, f"notice.{notice.kind}", f"activity:{activity.id}", now=now, notice=notice.id)
    return [invitation for invitation in await invitations_of(session, activity) if gets(notice, invitation)]


def gets(notice: Notice, invitation: Invitation) -> bool:
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
        .where(Person.active, Person.telegram_id.is_not(None), Person.unreachable_since.is_(None))
        .where(Activity.id.in_(select(Notice.activity_id).where(Notice.sent_at.is_not(None), Notice.kind.not_in(OFF))))
        .order_by(Invitation.id)
    )
    return (await session.scalars(missed)).all()
