"""Leave: the exception. A category and a reason; only a main leader decides, and after the cut-off it is emergency leave."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from models.activities import Activity, ActivityState
from models.audit import record
from models.base import Base
from models.invitations import Invitation, Reply, Standing
from models.people import Person, Role, people_with
from models.rules import Gone, RuleBroken

REASON_LIMIT = 200


class LeaveCategory(enum.StrEnum):
    SUPERIOR_MEETING = "superior_meeting"
    OFFICIAL_TRAVEL = "official_travel"
    ILLNESS = "illness"
    DISASTER_RELIEF = "disaster_relief"
    OTHER = "other"


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
    """A leader does not decide their own leave while another leader can."""

    key = "leave.own"


class LeaveRequest(Base):
    """One request. ``current`` is false once the deputy changed their mind or asked anew."""

    __tablename__ = "leave_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    category: Mapped[LeaveCategory]
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    proof_message_id: Mapped[int | None] = mapped_column(BigInteger)
    proof_chat_id: Mapped[int | None] = mapped_column(BigInteger)
    """Where the proof stands: the person may have another account by the time it is looked at."""
    """A photo or file in the deputy's chat with the Home."""
    asked_at: Mapped[datetime] = mapped_column(index=True)
    emergency: Mapped[bool] = mapped_column(default=False)
    current: Mapped[bool] = mapped_column(default=True)
    decision: Mapped[Decision] = mapped_column(default=Decision.NONE, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship(back_populates="leave_requests", lazy="selectin")
    decided_by: Mapped[Person | None] = relationship(lazy="selectin")

    @property
    def standing(self) -> Standing:
        by_decision = {Decision.APPROVED: Standing.LEAVE_APPROVED, Decision.REFUSED: Standing.LEAVE_REFUSED}
        return by_decision.get(self.decision, Standing.LEAVE_PENDING)

    def withdraw(self) -> None:
        """It counts no longer; one that was decided keeps its decision, for the record."""
        self.current = False
        if self.decision is Decision.NONE:
            self.decision = Decision.WITHDRAWN

    def decide(self, leader: Person, *, approve: bool, others_can: bool, now: datetime) -> None:
        """One tap of a main leader. Raises NotAllowed, AlreadyDecided, LeaveWithdrawn, OwnLeave, or Gone when the activity is off."""
        leader.require(Role.LEADER)
        if self.decision is Decision.WITHDRAWN or not self.current:
            raise LeaveWithdrawn(name=self.invitation.person.name)
        if self.decision is not Decision.NONE:
            raise AlreadyDecided(name=self.decided_by.name if self.decided_by else "")
        if self.invitation.activity.state is ActivityState.CANCELLED:
            raise Gone
        if leader.id == self.invitation.person_id and others_can:
            raise OwnLeave
        self.decision = Decision.APPROVED if approve else Decision.REFUSED
        self.decided_by, self.decided_at = leader, now


def ask_leave(
    invitation: Invitation, category: LeaveCategory, reason: str, *, cutoff: timedelta, now: datetime, proof_message_id: int | None = None
) -> LeaveRequest:
    """Ask leave until the start; within ``cutoff`` before it, as emergency leave. Raises ActivityStarted, ActivityOff."""
    invitation.answer(Reply.LEAVE, now=now)
    request = LeaveRequest(
        category=category,
        reason=reason,
        proof_message_id=proof_message_id,
        proof_chat_id=invitation.person.telegram_id if proof_message_id is not None else None,
        asked_at=now,
        emergency=now > invitation.activity.starts_at - cutoff,
        current=True,
        decision=Decision.NONE,
        decided_by=None,
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


async def decide_leave(session: AsyncSession, request: LeaveRequest, leader: Person, *, approve: bool, now: datetime) -> None:
    """Decide and write it down; see ``LeaveRequest.decide`` for what it raises."""
    others = [other for other in await people_with(session, Role.LEADER) if other.id != leader.id and other.telegram_id is not None]
    request.decide(leader, approve=approve, others_can=bool(others), now=now)
    record(session, leader, f"leave.{request.decision}", f"leave:{request.id}", now=now)


async def asked_before(session: AsyncSession, request: LeaveRequest, *, timezone: ZoneInfo) -> int:
    """For how many other activities this person asked leave earlier in the same calendar year, requests taken back not counted."""
    year = request.asked_at.astimezone(timezone).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    invitation = request.invitation
    count: int | None = await session.scalar(
        select(func.count(func.distinct(LeaveRequest.invitation_id)))
        .join(LeaveRequest.invitation)
        .where(Invitation.person_id == invitation.person_id, LeaveRequest.invitation_id != invitation.id)
        .where(LeaveRequest.asked_at >= year, LeaveRequest.asked_at <= request.asked_at, LeaveRequest.decision != Decision.WITHDRAWN)
    )
    return count or 0


async def undecided(session: AsyncSession) -> Sequence[LeaveRequest]:
    """Requests that wait for a leader, the oldest first; a decision may still be made after the start."""
    waiting = select(LeaveRequest).where(LeaveRequest.current, LeaveRequest.decision == Decision.NONE)
    return (await session.scalars(waiting.order_by(LeaveRequest.id).options(_whole()))).all()


async def undecided_for(session: AsyncSession, activity: Activity) -> Sequence[LeaveRequest]:
    """Those of one activity."""
    return [request for request in await undecided(session) if request.invitation.activity_id == activity.id]
