"""Recurring activities: a rule from which ordinary activities are made ahead of time, each to be moved or called off on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import (
    NOT_HELD,
    NOTES_LIMIT,
    OPEN,
    PLACE_LIMIT,
    TITLE_LIMIT,
    Activity,
    ActivityKind,
    ActivityOff,
    ActivityState,
    Offsets,
)
from models.audience import Audience
from models.audit import record
from models.base import Base
from models.changes import cancel_activity
from models.invitations import NobodyCalled, call_activity, require_may_call
from models.leave import LeaveRequest
from models.notices import schedule_notices
from models.organising import leads, organises
from models.people import Person, Role, people_with
from models.policy import Policy
from models.recurrence import Every, SeriesDay, Until, rule_starts, rule_text, series_days, stands_for
from models.rules import Gone, NotAllowed, RuleBroken

RULE_LIMIT = 255
TRIED_AGAIN = timedelta(days=1)
"""When nobody could be called, or there is nobody who may call."""


class RepeatedAlready(RuleBroken):
    """The activity belongs to a series."""

    key = "series.repeated_already"


class NothingToRepeat(RuleBroken):
    """By this rule no date follows the first one."""

    key = "series.nothing_follows"


class SeriesEnded(RuleBroken):
    """The series has been ended."""

    key = "series.ended_already"


class Series(Base):
    """What every activity of a series has in common, and when they are held. ``next_make_at`` is None when none is to be made any more."""

    __tablename__ = "series"
    __table_args__ = (Index("ix_series_due", "next_make_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    rule: Mapped[str] = mapped_column(String(RULE_LIMIT))
    """RFC 5545: DTSTART and RRULE, one a line."""
    shift: Mapped[bool]
    """Whether a date on a day off is held on the next working day."""
    kind: Mapped[ActivityKind]
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    place: Mapped[str] = mapped_column(String(PLACE_LIMIT))
    notes: Mapped[str] = mapped_column(String(NOTES_LIMIT), default="")
    length_seconds: Mapped[int]
    capacity: Mapped[int | None]
    audience_json: Mapped[dict[str, Any]] = mapped_column("audience")
    offsets_json: Mapped[dict[str, Any]] = mapped_column("offsets")
    created_at: Mapped[datetime]
    next_make_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    maker: Mapped[Person] = relationship(lazy="selectin")

    @property
    def longest_notice(self) -> timedelta:
        offsets = Offsets.from_json(self.offsets_json)
        return max(filter(None, (offsets.pre_notice, offsets.formal, *offsets.reminders)))

    def days(self, timezone: ZoneInfo) -> list[tuple[datetime, SeriesDay]]:
        """Each beginning by the rule with the day on which it is held."""
        starts = rule_starts(self.rule, timezone)
        return list(zip(starts, series_days(starts, timezone, shift=self.shift), strict=True))


class SeriesDate(Base):
    """One date of a series that has become an activity."""

    __tablename__ = "series_dates"
    __table_args__ = (UniqueConstraint("series_id", "original_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    original_on: Mapped[date]
    """The date by the rule, whatever day it is held on."""
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), unique=True)


@dataclass(frozen=True)
class Repetition:
    """What an organiser chooses: how often, which date the first one stands for, until when, and whether days off are passed over."""

    every: Every
    back: int
    """How many days before the first activity the date lies that it stands for: the 15th where that was a Sunday, and it is held on the
    16th."""
    until: Until
    shift: bool

    def first(self, activity: Activity, timezone: ZoneInfo) -> datetime:
        """Raises Gone where the activity cannot stand for such a date."""
        starts = activity.starts_at.astimezone(timezone)
        if starts.date() - timedelta(days=self.back) not in stands_for(starts.date()) or (self.back and self.every is not Every.MONTH):
            raise Gone
        return starts - timedelta(days=self.back)


def may_repeat(person: Person, activity: Activity) -> bool:
    """Whoever organises it."""
    return organises(person, activity)


def previewed(activity: Activity, choice: Repetition, *, now: datetime, timezone: ZoneInfo) -> list[SeriesDay]:
    """All dates that a choice gives; the first is the activity itself, which stays where it is. Raises NothingToRepeat."""
    starts = rule_starts(rule_text(choice.every, choice.first(activity, timezone), choice.until), timezone)
    days = series_days(starts, timezone, shift=choice.shift)
    if not any(day.held_on is not None and start > now for start, day in list(zip(starts, days, strict=True))[1:]):
        raise NothingToRepeat
    return [replace(days[0], held_on=activity.starts_at.astimezone(timezone).date()), *days[1:]]


async def begin_series(
    session: AsyncSession, activity: Activity, maker: Person, choice: Repetition, *, policy: Policy, now: datetime
) -> Series:
    """Let an activity be repeated. Raises NotAllowed, ActivityOff, RepeatedAlready, NothingToRepeat, Gone."""
    if not may_repeat(maker, activity):
        raise NotAllowed
    if activity.state in NOT_HELD:
        raise ActivityOff
    if await series_of(session, activity) is not None:
        raise RepeatedAlready
    previewed(activity, choice, now=now, timezone=policy.timezone)
    first = choice.first(activity, policy.timezone)
    series = Series(
        maker=maker,
        rule=rule_text(choice.every, first, choice.until),
        shift=choice.shift,
        kind=activity.kind,
        title=activity.title,
        place=activity.place,
        notes=activity.notes,
        length_seconds=round((activity.ends_at - activity.starts_at).total_seconds()),
        capacity=activity.capacity,
        audience_json=activity.audience_json,
        offsets_json=activity.offsets_json,
        created_at=now,
        next_make_at=None,
        ended_at=None,
    )
    session.add(series)
    await session.flush()
    session.add(SeriesDate(series_id=series.id, original_on=first.date(), activity_id=activity.id))
    await session.flush()
    series.next_make_at = await _next_make_at(session, series, policy, now=now)
    record(session, maker, "series.begun", f"series:{series.id}", now=now, activity=activity.id, rule=series.rule, shift=series.shift)
    return series


async def series_of(session: AsyncSession, activity: Activity) -> Series | None:
    """The series an activity belongs to."""
    own = select(SeriesDate.series_id).where(SeriesDate.activity_id == activity.id)
    found: Series | None = await session.scalar(select(Series).where(Series.id.in_(own)))
    return found


async def series_by_id(session: AsyncSession, series_id: int, person: Person, *, to_change: bool = False) -> Series:
    """A series that this person may end. Raises Gone, NotAllowed."""
    series = await session.get(Series, series_id, with_for_update={"of": Series} if to_change else None)
    if series is None:
        raise Gone
    if not (person.has(Role.OFFICE) or (series.maker_id == person.id and leads(person, Audience.from_json(series.audience_json)))):
        raise NotAllowed
    return series


async def running_series(session: AsyncSession, person: Person, *, limit: int) -> Sequence[Series]:
    """The series that go on: the office's view is of all, a group leader's of the own."""
    going_on = select(Series).where(Series.ended_at.is_(None), Series.next_make_at.is_not(None)).order_by(Series.id.desc()).limit(limit)
    if not person.has(Role.OFFICE):
        going_on = going_on.where(Series.maker_id == person.id)
    return (await session.scalars(going_on)).all()


async def made_of(session: AsyncSession, series: Series, *, now: datetime) -> Sequence[Activity]:
    """The activities of a series still to come, the next first."""
    made = select(SeriesDate.activity_id).where(SeriesDate.series_id == series.id)
    coming = select(Activity).where(Activity.id.in_(made), Activity.starts_at > now).order_by(Activity.starts_at)
    return (await session.scalars(coming)).all()


async def still_to_make(session: AsyncSession, series: Series, timezone: ZoneInfo, *, now: datetime) -> list[SeriesDay]:
    """The dates to come that are no activities yet."""
    if series.ended_at is not None:
        return []
    made = set(await session.scalars(select(SeriesDate.original_on).where(SeriesDate.series_id == series.id)))
    return [day for start, day in series.days(timezone) if day.by_rule not in made and _held_at(start, day, timezone, after=now)]


def _held_at(start: datetime, day: SeriesDay, timezone: ZoneInfo, *, after: datetime) -> datetime | None:
    at = datetime.combine(day.held_on, start.timetz().replace(tzinfo=None), timezone) if day.held_on is not None else None
    return at if at is not None and at > after else None


async def make_early(session: AsyncSession, series: Series, original_on: date, *, policy: Policy, now: datetime) -> Activity:
    """Make the activity of one date before its time, so that it can be moved. Raises SeriesEnded, Gone, NobodyCalled, NotAllowed."""
    if series.ended_at is not None:
        raise SeriesEnded
    for day in await still_to_make(session, series, policy.timezone, now=now):
        if day.by_rule == original_on:
            activity = await _make(session, series, day, policy, now=now)
            series.next_make_at = await _next_make_at(session, series, policy, now=now)
            return activity
    raise Gone


async def make_due_activities(session: AsyncSession, *, policy: Policy, now: datetime) -> list[Activity]:
    """Make the activities whose time has come, each once."""
    due = select(Series).where(Series.next_make_at <= now).order_by(Series.id).with_for_update(of=Series)
    made: list[Activity] = []
    for series in await session.scalars(due):
        try:
            for day in await still_to_make(session, series, policy.timezone, now=now):
                if _make_at(series, day, policy) > now:
                    break
                made.append(await _make(session, series, day, policy, now=now))
            series.next_make_at = await _next_make_at(session, series, policy, now=now)
        except (NobodyCalled, NotAllowed):
            series.next_make_at = now + TRIED_AGAIN
    return made


async def next_to_make(session: AsyncSession) -> datetime | None:
    """When the next activity of a series is to be made."""
    at: datetime | None = await session.scalar(select(func.min(Series.next_make_at)))
    return at


async def _next_make_at(session: AsyncSession, series: Series, policy: Policy, *, now: datetime) -> datetime | None:
    waiting = await still_to_make(session, series, policy.timezone, now=now)
    return _make_at(series, waiting[0], policy) if waiting else None


def _make_at(series: Series, day: SeriesDay, policy: Policy) -> datetime:
    """So far ahead that no notice comes late, and the organiser can look at it before anybody hears of it."""
    midnight = datetime.combine(day.by_rule, datetime.min.time(), policy.timezone)
    return midnight - series.longest_notice - policy.series_ahead


async def _make(session: AsyncSession, series: Series, day: SeriesDay, policy: Policy, *, now: datetime) -> Activity:
    """An ordinary activity; whoever belongs to the audience today is called. Raises NobodyCalled, NotAllowed."""
    [start] = [at for at, other in series.days(policy.timezone) if other.by_rule == day.by_rule]
    starts_at = _held_at(start, day, policy.timezone, after=now)
    if starts_at is None:
        raise Gone
    audience = Audience.from_json(series.audience_json)
    activity = await call_activity(
        session,
        await _caller(session, series, audience),
        kind=series.kind,
        title=series.title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=series.length_seconds),
        place=series.place,
        notes=series.notes,
        audience=audience,
        offsets=Offsets.from_json(series.offsets_json),
        capacity=series.capacity,
        now=now,
    )
    schedule_notices(activity, now=now)
    session.add(SeriesDate(series_id=series.id, original_on=day.by_rule, activity_id=activity.id))
    await session.flush()
    return activity


async def _caller(session: AsyncSession, series: Series, audience: Audience) -> Person:
    """Whoever began the series; the office, once they have left or lead that group no longer."""
    try:
        require_may_call(series.maker, audience)
    except NotAllowed:
        office = await people_with(session, Role.OFFICE)
        if not office:
            raise
        return office[0]
    return series.maker


def untold(activities: Sequence[Activity]) -> list[Activity]:
    """Those nobody has heard of yet."""
    return [activity for activity in activities if not activity.told and activity.state in (*OPEN, ActivityState.POSTPONED)]


async def end_series(
    session: AsyncSession, series: Series, actor: Person, *, cancel: bool, now: datetime
) -> tuple[list[Activity], list[LeaveRequest]]:
    """Make no more activities of it. What people have been told of stays; the others are called off if ``cancel`` says so.

    Gives those called off, and the leave requests that need no decision any more. Raises SeriesEnded.
    """
    if series.ended_at is not None:
        raise SeriesEnded
    series.ended_at, series.next_make_at = now, None
    cancelled = untold(await made_of(session, series, now=now)) if cancel else []
    requests = [request for activity in cancelled for request in await cancel_activity(session, activity, actor, now=now)]
    record(session, actor, "series.ended", f"series:{series.id}", now=now, cancelled=[activity.id for activity in cancelled])
    await session.flush()
    return cancelled, requests
