"""Leave: the exception. A category and a reason; whoever may, decides it, and after the cut-off it is emergency leave."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, Select, String, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from models.activities import Activity, ActivityKind, ActivityState
from models.audit import record
from models.base import Base
from models.half_days import HalfDay
from models.invitations import Invitation, Reply, Standing
from models.leave_deciders import Decider, deciders_now
from models.people import Person
from models.rules import Gone, RuleBroken

if TYPE_CHECKING:
    from models.leave_thread import LeaveProof, LeaveRemark

REASON_LIMIT = 200


class LeaveCategory(enum.StrEnum):
    SUPERIOR_MEETING = "superior_meeting"
    OFFICIAL_TRAVEL = "official_travel"
    ILLNESS = "illness"
    DISASTER_RELIEF = "disaster_relief"
    OTHER = "other"

    @property
    def special(self) -> bool:
        """Whether duty called elsewhere; such leave does not count towards the flag."""
        return self in (LeaveCategory.SUPERIOR_MEETING, LeaveCategory.OFFICIAL_TRAVEL, LeaveCategory.DISASTER_RELIEF)


class Decision(enum.StrEnum):
    NONE = "none"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AlreadyDecided(RuleBroken):
    """Another leader, or an earlier tap, decided it."""

    key = "leave.already_decided"


class LeaveWithdrawn(RuleBroken):
    """The deputy took the request back."""

    key = "leave.was_withdrawn"


class OwnLeave(RuleBroken):
    """Nobody decides their own leave while another can."""

    key = "leave.own"


class LeaveApproved(RuleBroken):
    """Leave was approved already: whoever needs it otherwise says first that they come."""

    key = "leave.approved_already"


class NoHalfDays(RuleBroken):
    """Leave from a session is asked for at least half a day."""

    key = "leave.no_half_days"


class LeaveRequest(Base):
    """One request. ``current`` is false once the deputy changed their mind or asked anew."""

    __tablename__ = "leave_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    category: Mapped[LeaveCategory]
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    asked_at: Mapped[datetime] = mapped_column(index=True)
    emergency: Mapped[bool] = mapped_column(default=False)
    current: Mapped[bool] = mapped_column(default=True)
    decision: Mapped[Decision] = mapped_column(default=Decision.NONE, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    half_days: Mapped[list[str]] = mapped_column(default=list)
    """From a session: which half days were asked for, and with its approval granted; see ``HalfDay``."""
    partial: Mapped[bool] = mapped_column(default=False)
    """Whether it leaves half days on which the deputy is expected."""
    reminded_for: Mapped[datetime | None]
    """The start of which whoever decides was reminded."""

    invitation: Mapped[Invitation] = relationship(back_populates="leave_requests", lazy="immediate")
    decided_by: Mapped[Person | None] = relationship(lazy="selectin")
    behalf: Mapped[LeaveBehalf | None] = relationship(lazy="selectin")
    proofs: Mapped[list[LeaveProof]] = relationship(
        "LeaveProof", back_populates="request", lazy="selectin", order_by="LeaveProof.message_id"
    )
    remarks: Mapped[list[LeaveRemark]] = relationship("LeaveRemark", back_populates="request", lazy="selectin", order_by="LeaveRemark.id")

    @property
    def waits(self) -> bool:
        """Whether it waits for a decision; it may do so after the start too."""
        return self.current and self.decision is Decision.NONE and not self.invitation.activity.frozen

    @property
    def refused_before(self) -> LeaveRequest | None:
        """The latest earlier request for the same activity that was refused: whoever decides should know it."""
        earlier = (each for each in reversed(self.invitation.leave_requests) if each is not self and each.decision is Decision.REFUSED)
        return next(earlier, None)

    @property
    def asked_back(self) -> bool:
        """Whether it waits for the deputy's answer to a question."""
        return self.waits and bool(self.remarks) and self.remarks[-1].question

    @property
    def version(self) -> tuple[int, ...]:
        """What changes when there is more to see than before; what was confirmed is what was seen."""
        return (self.id, len(self.proofs), len(self.remarks), self.invitation.activity.sequence)

    @property
    def standing(self) -> Standing:
        by_decision = {Decision.APPROVED: Standing.LEAVE_APPROVED, Decision.REFUSED: Standing.LEAVE_REFUSED}
        return by_decision.get(self.decision, Standing.LEAVE_PENDING)

    def withdraw(self) -> None:
        """It counts no longer; one that was decided keeps its decision, for the record."""
        self.current = False
        if self.decision is Decision.NONE:
            self.decision = Decision.WITHDRAWN

    def decide(self, decider: Decider, *, approve: bool, others_can: bool, now: datetime) -> None:
        """One tap. Raises AlreadyDecided, LeaveWithdrawn, OwnLeave, TermOver, or Gone when the activity is off."""
        self.invitation.activity.require_unfrozen()
        if self.decision is Decision.WITHDRAWN or not self.current:
            raise LeaveWithdrawn(name=self.invitation.person.name)
        if self.decision is not Decision.NONE:
            raise AlreadyDecided(name=self.decided_by.name if self.decided_by else "")
        if self.invitation.activity.state is ActivityState.CANCELLED:
            raise Gone
        if decider.person.id == self.invitation.person_id and others_can:
            raise OwnLeave
        self.decision = Decision.APPROVED if approve else Decision.REFUSED
        self.decided_by, self.decided_at = decider.person, now
        self.behalf = LeaveBehalf(leader=decider.behalf) if decider.behalf is not None else None


class LeaveBehalf(Base):
    """On whose behalf a delegate decided."""

    __tablename__ = "leave_behalves"

    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"), primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)

    leader: Mapped[Person] = relationship(lazy="selectin")


def require_may_ask(invitation: Invitation, *, now: datetime) -> None:
    """Raise ActivityStarted, ActivityOff, or LeaveApproved where nothing is left to ask."""
    invitation.activity.require_open(now=now)
    if invitation.standing is Standing.LEAVE_APPROVED:
        raise LeaveApproved


def ask_leave(
    invitation: Invitation,
    category: LeaveCategory,
    reason: str,
    *,
    cutoff: timedelta,
    now: datetime,
    half_days: Iterable[HalfDay] = (),
    partial: bool = False,
) -> LeaveRequest:
    """Ask leave until the start; within ``cutoff`` before it, as emergency leave. From a session for the half days named.

    Raises ActivityStarted, ActivityOff, LeaveApproved, NoHalfDays.
    """
    require_may_ask(invitation, now=now)
    wanted = [str(half_day) for half_day in sorted(half_days)]
    if invitation.activity.kind is ActivityKind.SESSION and not wanted:
        raise NoHalfDays
    invitation.answer(Reply.LEAVE, now=now)
    request = LeaveRequest(
        category=category,
        reason=reason,
        asked_at=now,
        emergency=now > invitation.activity.starts_at - cutoff,
        current=True,
        decision=Decision.NONE,
        decided_by=None,
        behalf=None,
        half_days=wanted,
        partial=partial,
        proofs=[],
        remarks=[],
    )
    invitation.leave_requests.append(request)
    return request


def _whole() -> ORMOption:
    """With all of the invitation's requests, which eager loading by itself leaves out, since it came from one of them."""
    return selectinload(LeaveRequest.invitation).selectinload(Invitation.leave_requests)


async def leave_by_id(session: AsyncSession, request_id: int) -> LeaveRequest:
    """The request. Raises Gone."""
    request = await session.get(LeaveRequest, request_id, options=[_whole()])
    if request is None:
        raise Gone
    return request


async def decide_leave(session: AsyncSession, request: LeaveRequest, person: Person, *, approve: bool, now: datetime) -> None:
    """Decide and write it down. Raises NotAllowed for whoever may not, and what ``LeaveRequest.decide`` raises."""
    deciders = await deciders_now(session, now=now)
    decider = deciders.require(request, person)
    others = [other for other in deciders.of(request) if other.person.id != person.id and other.person.telegram_id is not None]
    request.decide(decider, approve=approve, others_can=bool(others), now=now)
    on_behalf = {"on_behalf_of": decider.behalf.id} if decider.behalf is not None else {}
    record(session, person, f"leave.{request.decision}", f"leave:{request.id}", now=now, **on_behalf)
    await session.flush()


def waiting() -> Select[LeaveRequest]:
    """Requests that wait for a decision, the oldest first; one may still be made after the start, until the term is closed."""
    frozen = LeaveRequest.invitation.has(Invitation.activity.has(Activity.frozen_at.is_not(None)))
    undecided_ones = select(LeaveRequest).where(LeaveRequest.current, LeaveRequest.decision == Decision.NONE, ~frozen)
    return undecided_ones.order_by(LeaveRequest.id).options(_whole())


async def undecided(session: AsyncSession) -> Sequence[LeaveRequest]:
    return (await session.scalars(waiting())).all()


def excused() -> ColumnElement[bool]:
    """``Standing.LEAVE_APPROVED``, from the whole of it, in SQL: asked for each invitation, so that old leave is not read."""
    theirs = LeaveRequest.invitation_id == Invitation.id
    return exists().where(theirs, LeaveRequest.current, LeaveRequest.decision == Decision.APPROVED, ~LeaveRequest.partial)


async def undecided_for(session: AsyncSession, activity: Activity) -> Sequence[LeaveRequest]:
    """Those of one activity."""
    of_it = waiting().join(LeaveRequest.invitation).where(Invitation.activity_id == activity.id)
    return (await session.scalars(of_it)).all()
