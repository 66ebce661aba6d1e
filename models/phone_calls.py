"""Calls by phone: the second way of notice. Each is logged with one tap, counts as the notice by phone, and a wrong tap is undone."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import Activity
from models.audit import record
from models.base import Base
from models.invitations import Invitation, Reply, Standing
from models.leave import Decision, LeaveCategory, LeaveRequest, ask_leave
from models.people import Person, Role
from models.rules import Gone, RuleBroken
from models.waiting_list import hold_to_answer, say_yes


class CallResult(enum.StrEnum):
    """What came of a call."""

    WILL_ATTEND = "will_attend"
    ASKS_LEAVE = "asks_leave"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


SPOKE = (CallResult.WILL_ATTEND, CallResult.ASKS_LEAVE)
"""Calls in which the person heard of the activity."""


class AnsweredAlready(RuleBroken):
    """They asked leave themselves meanwhile: what they wrote is not overwritten by a tap of the office."""

    key = "calls.answered_already"


class TooLateToUndo(RuleBroken):
    """The leave asked in this call has been decided."""

    key = "calls.too_late_to_undo"


class PhoneCall(Base):
    """One call to one person called. ``starts_at`` is the start of which they heard; ``before`` what their answer was until then."""

    __tablename__ = "phone_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]
    phone: Mapped[str] = mapped_column(String(20))
    result: Mapped[CallResult]
    starts_at: Mapped[datetime]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    leave_id: Mapped[int | None] = mapped_column(ForeignKey("leave_requests.id"))
    undone_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship(lazy="selectin")
    by: Mapped[Person] = relationship(lazy="selectin")
    leave: Mapped[LeaveRequest | None] = relationship(lazy="selectin")

    @property
    def gave_answer(self) -> bool:
        """Whether the answer that stands now was given in this call."""
        return (
            self.result in SPOKE
            and self.undone_at is None
            and self.invitation.replied_at == (self.leave.asked_at if self.leave else self.at)
        )


async def log_call(session: AsyncSession, invitation: Invitation, caller: Person, result: CallResult, *, now: datetime) -> PhoneCall:
    """Write down what came of a call; *will attend* is their answer. Raises NotAllowed, ActivityStarted, ActivityOff, AnsweredAlready."""
    caller.require(Role.OFFICE)
    invitation.activity.require_open(now=now)
    asked_leave = invitation.standing in (Standing.LEAVE_PENDING, Standing.LEAVE_APPROVED)
    if result in SPOKE and asked_leave:
        raise AnsweredAlready(name=invitation.person.name)
    call = PhoneCall(
        invitation=invitation,
        by=caller,
        at=now,
        phone=invitation.person.phone or "",
        result=result,
        starts_at=invitation.activity.starts_at,
        before=_answer_of(invitation),
        leave=None,
    )
    session.add(call)
    if result is CallResult.WILL_ATTEND:
        await say_yes(session, invitation, await hold_to_answer(session, invitation.activity_id), now=now)
    subject = f"invitation:{invitation.id}"
    record(session, caller, f"call.{result}", subject, now=now, phone=call.phone)
    await session.flush()
    return call


def ask_leave_by_phone(
    session: AsyncSession, call: PhoneCall, caller: Person, category: LeaveCategory, reason: str, *, cutoff: timedelta, now: datetime
) -> LeaveRequest:
    """The leave asked for in a call, in the person's name; whoever decides leave decides it as any other. Raises Gone for a call undone."""
    caller.require(Role.OFFICE)
    invitation = call.invitation
    if call.undone_at is not None or call.leave is not None or call.result is not CallResult.ASKS_LEAVE:
        raise Gone
    if invitation.standing in (Standing.LEAVE_PENDING, Standing.LEAVE_APPROVED):
        raise AnsweredAlready(name=invitation.person.name)
    call.before = _answer_of(invitation)
    call.leave = ask_leave(invitation, category, reason, cutoff=cutoff, now=now)
    return call.leave


def undo_call(session: AsyncSession, call: PhoneCall, caller: Person, *, now: datetime) -> None:
    """Take a wrong tap back, and with it the answer that it gave. Raises NotAllowed, Gone, TooLateToUndo, ActivityStarted, ActivityOff."""
    caller.require(Role.OFFICE)
    invitation = call.invitation
    invitation.activity.require_open(now=now)
    if call.undone_at is not None:
        raise Gone
    if call.leave is not None and call.leave.decision not in (Decision.NONE, Decision.WITHDRAWN):
        raise TooLateToUndo(name=invitation.person.name)
    if call.gave_answer:
        if call.leave is not None:
            call.leave.withdraw()
        _put_back(invitation, call.before)
    call.undone_at = now
    record(session, caller, "call.undone", f"invitation:{invitation.id}", now=now, result=call.result)


def _answer_of(invitation: Invitation) -> dict[str, Any]:
    replied_at, leave = invitation.replied_at, invitation.leave
    return {
        "reply": invitation.reply.value,
        "replied_at": replied_at.isoformat() if replied_at else None,
        "leave": leave.id if leave else None,
    }


def _put_back(invitation: Invitation, before: dict[str, Any]) -> None:
    """Their answer as it was; a leave that was refused stands refused again."""
    replied_at = before["replied_at"]
    invitation.reply, invitation.replied_at = Reply(before["reply"]), datetime.fromisoformat(replied_at) if replied_at else None
    for request in invitation.leave_requests:
        if request.id == before["leave"]:
            request.current = True


async def call_by_id(session: AsyncSession, call_id: int) -> PhoneCall:
    """The call. Raises Gone."""
    call = await session.get(PhoneCall, call_id)
    if call is None:
        raise Gone
    return call


async def last_call_by(session: AsyncSession, activity: Activity, caller: Person) -> PhoneCall | None:
    """The caller's newest call about an activity that was not undone: the one whose tap may have been wrong."""
    made = select(PhoneCall).join(PhoneCall.invitation).where(Invitation.activity_id == activity.id, PhoneCall.by_id == caller.id)
    newest: PhoneCall | None = await session.scalar(made.where(PhoneCall.undone_at.is_(None)).order_by(PhoneCall.id.desc()).limit(1))
    return newest


async def calls_about(session: AsyncSession, activity: Activity) -> dict[int, list[PhoneCall]]:
    """All calls about an activity that were not undone, in order, by invitation."""
    made = select(PhoneCall).join(PhoneCall.invitation).where(Invitation.activity_id == activity.id, PhoneCall.undone_at.is_(None))
    found: dict[int, list[PhoneCall]] = {}
    for call in await session.scalars(made.order_by(PhoneCall.id)):
        found.setdefault(call.invitation_id, []).append(call)
    return found


async def notified_by_phone(session: AsyncSession, activity_ids: Collection[int]) -> Counter[int]:
    """How many have heard by phone of each activity as it stands now."""
    rows = await session.execute(
        select(Invitation.activity_id, func.count(func.distinct(PhoneCall.invitation_id)))
        .select_from(PhoneCall)
        .join(PhoneCall.invitation)
        .join(Activity, Activity.id == Invitation.activity_id)
        .where(Invitation.activity_id.in_(activity_ids), PhoneCall.undone_at.is_(None), PhoneCall.result.in_(SPOKE))
        .where(PhoneCall.starts_at == Activity.starts_at)
        .group_by(Invitation.activity_id)
    )
    return Counter({row[0]: row[1] for row in rows})
