"""What belongs to a leave request besides its reason: proofs, what the decider asked back, and what the deputy answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.invitations import Invitation
from models.leave import Decision, LeaveRequest
from models.people import Person
from models.rules import NotAllowed, RuleBroken

REMARK_LIMIT = 300
MOST_PROOFS = 20
MOST_REMARKS = 20


class LeaveSettled(RuleBroken):
    """It was decided or taken back; nothing can be added."""

    key = "leave.settled"


class RemarkTooLong(RuleBroken):
    """A question or an answer is a line or two."""

    key = "leave.remark_too_long"


class TooManyProofs(RuleBroken):
    """More than a leader would look at."""

    key = "leave.too_many_proofs"


class TooManyRemarks(RuleBroken):
    """So much asking is better done by telephone."""

    key = "leave.too_many_remarks"


class LeaveProof(Base):
    """A photo or file in the deputy's chat with the Home: the person may have another account by the time it is looked at."""

    __tablename__ = "leave_proofs"
    __table_args__ = (UniqueConstraint("request_id", "chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    media_group_id: Mapped[str | None] = mapped_column(String(64))

    request: Mapped[LeaveRequest] = relationship(back_populates="proofs")


class LeaveRemark(Base):
    """What was asked back about a request, or what its deputy said to it."""

    __tablename__ = "leave_remarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("leave_requests.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    question: Mapped[bool]
    text: Mapped[str] = mapped_column(String(REMARK_LIMIT))
    said_at: Mapped[datetime]

    author: Mapped[Person] = relationship(lazy="selectin")
    request: Mapped[LeaveRequest] = relationship(back_populates="remarks")


def ask_back(session: AsyncSession, request: LeaveRequest, asker: Person, text: str, *, now: datetime) -> None:
    """A decider's question. Raises LeaveSettled, RemarkTooLong, TooManyRemarks; whether the asker may, the caller has seen."""
    _remark(request, asker, text, question=True, now=now)
    record(session, asker, "leave.asked_back", f"leave:{request.id}", now=now)


def add_words(session: AsyncSession, request: LeaveRequest, author: Person, text: str, *, now: datetime) -> None:
    """The deputy's answer, or something to add unasked. Raises NotAllowed, LeaveSettled, RemarkTooLong, TooManyRemarks."""
    _require_own(request, author)
    _remark(request, author, text, question=False, now=now)
    record(session, author, "leave.answered", f"leave:{request.id}", now=now)


def add_proof(
    session: AsyncSession, request: LeaveRequest, author: Person, chat_id: int, message_id: int, group: str | None, *, now: datetime
) -> bool:
    """One more proof; False for one that is there already. Raises NotAllowed, LeaveSettled, TooManyProofs."""
    _require_own(request, author)
    _require_waiting(request)
    if any((proof.chat_id, proof.message_id) == (chat_id, message_id) for proof in request.proofs):
        return False
    if len(request.proofs) >= MOST_PROOFS:
        raise TooManyProofs(limit=MOST_PROOFS)
    request.proofs.append(LeaveProof(chat_id=chat_id, message_id=message_id, media_group_id=group))
    record(session, author, "leave.proof_added", f"leave:{request.id}", now=now)
    return True


def _remark(request: LeaveRequest, author: Person, text: str, *, question: bool, now: datetime) -> None:
    _require_waiting(request)
    if len(text) > REMARK_LIMIT:
        raise RemarkTooLong(limit=REMARK_LIMIT, length=len(text))
    if len(request.remarks) >= MOST_REMARKS:
        raise TooManyRemarks
    request.remarks.append(LeaveRemark(author=author, question=question, text=text, said_at=now))


def _require_own(request: LeaveRequest, author: Person) -> None:
    if author.id != request.invitation.person_id:
        raise NotAllowed


def _require_waiting(request: LeaveRequest) -> None:
    if not request.waits:
        raise LeaveSettled


async def request_of_album(session: AsyncSession, chat_id: int, media_group_id: str) -> int | None:
    """The request to which an album's earlier parts belong."""
    found: int | None = await session.scalar(
        select(LeaveProof.request_id)
        .where(LeaveProof.chat_id == chat_id, LeaveProof.media_group_id == media_group_id)
        .order_by(LeaveProof.id.desc())
        .limit(1)
    )
    return found


async def open_question(session: AsyncSession, person: Person) -> LeaveRemark | None:
    """The newest question to this person that waits for an answer."""
    asked = (
        select(LeaveRemark)
        .join(LeaveRemark.request)
        .join(LeaveRequest.invitation)
        .where(LeaveRequest.current, LeaveRequest.decision == Decision.NONE, Invitation.person_id == person.id)
        .order_by(LeaveRemark.id)
    )
    newest = {remark.request_id: remark for remark in await session.scalars(asked)}
    return max((remark for remark in newest.values() if remark.question), key=lambda remark: remark.id, default=None)
