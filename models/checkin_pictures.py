"""The pictures of a desk: a new one every 30 seconds, of which nothing is left once it has been replaced."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.checkin_desk import CheckInDesk, screen_key
from models.outbox import Attachment, Card, OutboxMessage, OutboxState

_ON_THE_WAY = (OutboxState.QUEUED, OutboxState.SENDING)


async def forget_replaced(session: AsyncSession, desk: CheckInDesk) -> None:
    """Forget the calls that showed earlier pictures of this desk, and the pictures; what is on its way is left for the next time.

    All calls with pictures of a desk are those of its screens' cards, so that their index finds them.
    """
    newer = aliased(OutboxMessage)
    cards = select(Card.id).where(Card.key == screen_key(desk.activity_id)).scalar_subquery()
    newest = select(func.max(newer.id)).where(newer.card_id == OutboxMessage.card_id).scalar_subquery()
    settled = OutboxMessage.card_id.in_(cards) & OutboxMessage.state.not_in(_ON_THE_WAY)
    pictures = set(
        await session.scalars(
            select(OutboxMessage.attachment_id).where(OutboxMessage.card_id.in_(cards), OutboxMessage.attachment_id.is_not(None))
        )
    )
    quietly = {"synchronize_session": False}
    await session.execute(delete(OutboxMessage).where(settled, OutboxMessage.id < newest), execution_options=quietly)
    needed = set(await session.scalars(select(OutboxMessage.attachment_id).where(OutboxMessage.card_id.in_(cards), ~settled)))
    old = pictures - needed - {desk.picture_id}
    if old:
        await session.execute(
            update(OutboxMessage).where(OutboxMessage.card_id.in_(cards), OutboxMessage.attachment_id.in_(old)).values(attachment_id=None),
            execution_options=quietly,
        )
        await session.execute(delete(Attachment).where(Attachment.id.in_(old)), execution_options=quietly)
