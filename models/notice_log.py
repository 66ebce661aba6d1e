"""The record of notice: which notice went to whom, when, and whether it arrived. The outbox may be tidied; this stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import Activity
from models.base import Base
from models.invitations import Delivery, Invitation
from models.notices import Notice, NoticeKind
from models.outbox import OutboxMessage, OutboxState, void_unsent

OUTCOMES = {
    OutboxState.SENT: Delivery.REACHED,
    OutboxState.UNREACHABLE: Delivery.UNREACHABLE,
    OutboxState.FAILED: Delivery.FAILED,
    OutboxState.SUPERSEDED: Delivery.NONE,
}
"""What a settled message means for whoever should have got it."""


class WrittenNotice(Base):
    """One notice on its way to one person. ``outcome`` is *none* where it was never sent: they had not come in, or it was overtaken."""

    __tablename__ = "written_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id"), index=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(index=True)
    """The outbox's row, as long as it is kept."""
    starts_at: Mapped[datetime]
    """Which start it told."""
    place: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime]
    outcome: Mapped[Delivery]
    settled_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship(lazy="selectin")

    @property
    def kind(self) -> NoticeKind:
        return self.notice.kind

    @property
    def at(self) -> datetime:
        return self.sent_at


def note_sent(session: AsyncSession, notice: Notice, invitation: Invitation, message_id: int | None, *, now: datetime) -> None:
    """Write down that a notice was queued for somebody, as the message of this number, or that there was nowhere to send it."""
    activity = notice.activity
    invitation.delivery = Delivery.ON_THE_WAY if message_id is not None else Delivery.NONE
    session.add(
        WrittenNotice(
            invitation_id=invitation.id,
            notice=notice,
            message_id=message_id,
            starts_at=activity.starts_at,
            place=activity.place,
            sent_at=now,
            outcome=invitation.delivery,
            settled_at=None if message_id is not None else now,
        )
    )


async def note_outcome(session: AsyncSession, message: OutboxMessage, *, now: datetime) -> None:
    """Write down what became of a notice; the person's last one decides whether they count as reached."""
    outcome = OUTCOMES.get(message.state)
    # The columns alone: with the row would come the notice, its activity and all that hangs on it, for each of thousands.
    sent = select(WrittenNotice.id, WrittenNotice.invitation_id).where(WrittenNotice.message_id == message.id)
    written = (await session.execute(sent)).one_or_none()
    if outcome is None or written is None:
        return
    newer = select(WrittenNotice.id).where(WrittenNotice.invitation_id == written.invitation_id, WrittenNotice.id > written.id)
    for change in (
        update(WrittenNotice).where(WrittenNotice.id == written.id).values(outcome=outcome, settled_at=now),
        update(Invitation).where(Invitation.id == written.invitation_id, ~newer.exists()).values(delivery=outcome),
    ):
        await session.execute(change.execution_options(synchronize_session=False))


async def give_up_unsent(session: AsyncSession, notice: Notice, *, now: datetime) -> None:
    """What still waits in the outbox, or was not written yet, is overtaken: it reaches nobody any more, and the record says so."""
    if notice.sent_at is None:
        return
    owed = Invitation.owed_notice_id == notice.id
    never_written: dict[str, Any] = {
        "notice_id": notice.id,
        "starts_at": notice.activity.starts_at,
        "place": notice.activity.place,
        "sent_at": notice.sent_at,
        "outcome": Delivery.NONE,
        "settled_at": now,
    }
    those = (await session.scalars(select(Invitation.id).where(owed).order_by(Invitation.person_id))).all()
    if those:
        await session.execute(insert(WrittenNotice), [{**never_written, "invitation_id": id} for id in those])
        await session.execute(update(Invitation).where(owed).values(owed_notice_id=None))
    await void_unsent(session, notice.subject, now=now)
    given_up = select(OutboxMessage.id).where(OutboxMessage.subject == notice.subject, OutboxMessage.state == OutboxState.SUPERSEDED)
    await session.execute(
        update(WrittenNotice)
        .where(WrittenNotice.notice_id == notice.id, WrittenNotice.outcome == Delivery.ON_THE_WAY, WrittenNotice.message_id.in_(given_up))
        .values(outcome=Delivery.NONE, settled_at=now)
        .execution_options(synchronize_session=False)
    )


async def written_to(session: AsyncSession, activity: Activity) -> dict[int, list[WrittenNotice]]:
    """All that was sent about an activity, in order, by invitation."""
    sent = select(WrittenNotice).join(Invitation, Invitation.id == WrittenNotice.invitation_id).where(Invitation.activity_id == activity.id)
    found: dict[int, list[WrittenNotice]] = {}
    for written in await session.scalars(sent.order_by(WrittenNotice.id)):
        found.setdefault(written.invitation_id, []).append(written)
    return found
