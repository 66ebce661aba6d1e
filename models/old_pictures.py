"""Pictures that the Home drew and that a newer one has replaced on their card: nobody sees them any more, and they are large."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.outbox import Attachment, AttachmentKind, Card, OutboxMessage, OutboxState

_UNSENT = (OutboxState.QUEUED, OutboxState.SENDING)


async def forget_old_pictures(session: AsyncSession) -> int:
    """Forget them, and tell how many. Only what is sent as a picture is drawn by the Home; files of people are documents, and stay."""
    newer, waiting = aliased(OutboxMessage), aliased(OutboxMessage)
    replaced = select(newer.id).where(
        newer.card_id == OutboxMessage.card_id,
        newer.id > OutboxMessage.id,
        newer.attachment_id.is_not(None),
        newer.attachment_id != OutboxMessage.attachment_id,
        newer.state == OutboxState.SENT,
    )
    needed = select(waiting.id).where(waiting.attachment_id == OutboxMessage.attachment_id, waiting.state.in_(_UNSENT))
    old = (
        select(OutboxMessage.attachment_id)
        .join(Attachment, Attachment.id == OutboxMessage.attachment_id)
        .where(
            Attachment.kind == AttachmentKind.PHOTO,
            OutboxMessage.card_id.in_(select(Card.id).where(Card.has_media)),
            replaced.exists(),
            ~needed.exists(),
        )
    )
    ids = set(await session.scalars(old))
    if ids:
        await session.execute(update(OutboxMessage).where(OutboxMessage.attachment_id.in_(ids)).values(attachment_id=None))
        await session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
    return len(ids)
