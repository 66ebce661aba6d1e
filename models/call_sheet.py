"""The call sheet: who is silent or could not be reached, when the office gets it, and whose turn it is to call whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, UniqueConstraint, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import Activity, ActivityState
from models.base import Base
from models.invitations import Invitation, Standing, invitations_of
from models.notices import OFF, Notice
from models.people import Person
from models.phone_calls import SPOKE, CallResult, PhoneCall, calls_about
from models.policy import Policy
from models.rules import RuleBroken
from models.working_days import in_working_hours

TIME_TO_ANSWER = timedelta(hours=2)
"""So long people have after the first notice before they are called, where the notice went out late."""
USEFUL_BEFORE = timedelta(hours=2)
"""Nearer to the start nobody waits for working hours."""
TURN_LASTS = timedelta(minutes=10)
"""After so long without a tap somebody else may call the person."""
CALL_AGAIN_AFTER = timedelta(minutes=30)
"""So soon somebody who did not pick up is not proposed again."""
TOLD = (ActivityState.PRE_NOTICED, ActivityState.NOTICED)


class BeingCalled(RuleBroken):
    """Somebody else of the office has this person on the line."""

    key = "calls.being_called"


class CallSheet(Base):
    """The office was given the sheet for this start; a moved activity gets another."""

    __tablename__ = "call_sheets"
    __table_args__ = (UniqueConstraint("activity_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    starts_at: Mapped[datetime]
    given_at: Mapped[datetime]


class CallTurn(Base):
    """Who is calling somebody right now, so that nobody is called by two at once."""

    __tablename__ = "call_turns"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="selectin")


@dataclass(frozen=True)
class Line:
    """One person of the sheet; ``turn`` says who is calling them."""

    invitation: Invitation
    calls: Sequence[PhoneCall]
    turn: CallTurn | None

    @property
    def last(self) -> PhoneCall | None:
        return self.calls[-1] if self.calls else None

    @property
    def number_wrong(self) -> bool:
        """Whether the number on the roster is known to be wrong, or missing."""
        phone = self.invitation.person.phone or ""
        return not phone or any(call.result is CallResult.WRONG_NUMBER and call.phone == phone for call in self.calls)

    def waits(self, *, now: datetime) -> bool:
        """Whether they may be proposed as the next to call."""
        recent = self.last is not None and now - self.last.at < CALL_AGAIN_AFTER
        return self.turn is None and not self.number_wrong and not recent


@dataclass(frozen=True)
class Sheet:
    """``lines`` are still to be called, those never called first; ``done`` were, and need no call any more."""

    lines: Sequence[Line]
    done: Sequence[PhoneCall]

    def next_for(self, person: Person, *, now: datetime, skip: bool = False) -> Line | None:
        """The next to call: whoever this person is calling already, or with ``skip`` the next after them."""
        own = next((place for place, line in enumerate(self.lines) if line.turn is not None and line.turn.person_id == person.id), None)
        if own is not None and not skip:
            return self.lines[own]
        after = self.lines if own is None else [*self.lines[own + 1 :], *self.lines[:own]]
        return next((line for line in after if line.waits(now=now)), None)


def needs_call(invitation: Invitation, calls: Sequence[PhoneCall]) -> bool:
    """The silent, and those whom the last notice did not reach, until they have heard by phone of this start; nobody with leave."""
    if invitation.standing is Standing.SILENT:
        return True
    if invitation.standing not in (Standing.ATTENDING, Standing.WAITING, Standing.LEAVE_REFUSED):
        return False
    return invitation.missed and not any(call.result in SPOKE and call.starts_at == invitation.activity.starts_at for call in calls)


async def sheet_of(session: AsyncSession, activity: Activity, *, now: datetime) -> Sheet:
    """The sheet as it stands."""
    calls, turns = await calls_about(session, activity), await _turns(session, activity, now=now)
    lines, done = [], []
    for invitation in await invitations_of(session, activity):
        made = calls.get(invitation.id, [])
        if needs_call(invitation, made):
            lines.append(Line(invitation, made, turns.get(invitation.id)))
        elif made:
            done.append(made[-1])
    lines.sort(key=lambda line: (line.number_wrong, line.last.at if line.last else activity.created_at, line.invitation.person_id))
    return Sheet(lines, sorted(done, key=lambda call: call.at, reverse=True))


async def _turns(session: AsyncSession, activity: Activity, *, now: datetime) -> Mapping[int, CallTurn]:
    going_on = select(CallTurn).join(Invitation, Invitation.id == CallTurn.invitation_id).where(Invitation.activity_id == activity.id)
    return {turn.invitation_id: turn for turn in await session.scalars(going_on.where(CallTurn.since > now - TURN_LASTS))}


async def take_turn(session: AsyncSession, invitation: Invitation, caller: Person, *, now: datetime) -> None:
    """Call this person now. Raises BeingCalled while somebody else does."""
    # Held, so that of two who tap at the same moment the second sees the first.
    await session.scalar(select(Invitation.id).where(Invitation.id == invitation.id).with_for_update())
    turn = await session.get(CallTurn, invitation.id, populate_existing=True)
    if turn is not None and turn.person_id != caller.id and turn.since > now - TURN_LASTS:
        raise BeingCalled(by=turn.person.name, name=invitation.person.name)
    await end_turn(session, caller)
    await session.merge(CallTurn(invitation_id=invitation.id, person_id=caller.id, since=now))
    await session.flush()


async def end_turn(session: AsyncSession, caller: Person) -> None:
    """The caller has nobody on the line any more."""
    await session.execute(delete(CallTurn).where(CallTurn.person_id == caller.id))


async def has_turn(session: AsyncSession, invitation: Invitation, caller: Person) -> bool:
    turn = await session.get(CallTurn, invitation.id)
    return turn is not None and turn.person_id == caller.id


async def sheets_due(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Activity]:
    """Activities whose call sheet the office is to get now: people were told, and had time to answer."""
    soon = _without_sheet().where(Activity.starts_at > now, Activity.starts_at <= now + policy.leave_cutoff + policy.call_sheet_before)
    return [
        activity
        for activity, heard_at in await session.execute(soon)
        if heard_at is not None and sheet_due_at(activity.starts_at, heard_at, policy) <= now
    ]


def sheet_due_at(starts_at: datetime, heard_at: datetime, policy: Policy) -> datetime:
    """So long before the answers are due, in working hours; where people were told late, once they had time to answer."""
    time_to_answer = min(TIME_TO_ANSWER, (starts_at - heard_at) / 2)
    wanted = max(starts_at - policy.leave_cutoff - policy.call_sheet_before, heard_at + time_to_answer)
    at_work = in_working_hours(wanted, policy.work_starts, policy.work_ends, policy.timezone)
    return at_work if at_work <= starts_at - USEFUL_BEFORE else policy.quiet_hours.outside(wanted, before=starts_at)


async def next_sheet_at(session: AsyncSession) -> datetime | None:
    """When the next is due, by the usual numbers."""
    soonest = await session.execute(_without_sheet().order_by(Activity.starts_at).limit(20))
    times = [sheet_due_at(activity.starts_at, heard_at, Policy()) for activity, heard_at in soonest if heard_at is not None]
    return min(times, default=None)


def _without_sheet() -> Select[Activity, datetime | None]:
    """Activities that people were told of, each with when they last heard, and no sheet for this start yet."""
    given = select(CallSheet.id).where(CallSheet.activity_id == Activity.id, CallSheet.starts_at == Activity.starts_at)
    return (
        select(Activity, func.max(Notice.sent_at))
        .join(Notice, Notice.activity_id == Activity.id)
        .where(Activity.state.in_(TOLD), Notice.sent_at.is_not(None), Notice.kind.not_in(OFF), ~given.exists())
        .group_by(Activity.id)
    )


def note_given(session: AsyncSession, activity: Activity, *, now: datetime) -> None:
    session.add(CallSheet(activity_id=activity.id, starts_at=activity.starts_at, given_at=now))
