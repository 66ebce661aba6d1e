"""A group that becomes a supergroup gets another id, and its messages other numbers: what becomes of each column that holds a chat's id."""

from __future__ import annotations

import enum

from sqlalchemy import Column, MetaData, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Chat
from models.issue_topics import IssueTopic
from models.outbox import move_chat


class AtMove(enum.Enum):
    """What a move does to a column."""

    FOLLOWS = "follows"
    """It speaks of the group as it is now."""
    STAYS = "stays"
    """The address of something said before the move, together with its number there. Under the new id that number is another message."""


CHAT_COLUMNS = {
    "announcement_pieces.chat_id": AtMove.STAYS,
    "area_report_pieces.chat_id": AtMove.STAYS,
    "cards.chat_id": AtMove.FOLLOWS,
    "chats.id": AtMove.FOLLOWS,
    "circles.chat_id": AtMove.FOLLOWS,
    "copied_messages.chat_id": AtMove.FOLLOWS,
    "inbox_updates.chat_id": AtMove.STAYS,
    "issue_pieces.chat_id": AtMove.STAYS,
    "issue_remarks.chat_id": AtMove.STAYS,
    "issue_topics.chat_id": AtMove.FOLLOWS,
    "chat_presences.chat_id": AtMove.FOLLOWS,
    "leave_proofs.chat_id": AtMove.STAYS,
    "mailbox_pieces.chat_id": AtMove.STAYS,
    "outbox_messages.chat_id": AtMove.FOLLOWS,
    "record_pieces.chat_id": AtMove.STAYS,
}
"""Every such column. Whoever adds one says here what becomes of it; a test finds it by its name."""


def holds_chat(column: Column[object]) -> bool:
    """Whether a column's name or what it refers to tells that it holds a chat's id."""
    refers = any(key.target_fullname == "chats.id" for key in column.foreign_keys)
    return refers or column.name == "chat_id" or column.name.endswith("_chat_id") or str(column) == "chats.id"


def chat_columns(metadata: MetaData) -> set[str]:
    """All columns that hold a chat's id, as ``table.column``."""
    return {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns if holds_chat(column)}


async def move_messages(session: AsyncSession, old: int, new: int) -> None:
    """What is said in the group, and where, follows; its row and its circles do by ``move_group_row``."""
    # Locked first of all: the group's own word and the answer to a message into it may bring the news at the same time.
    await session.get(Chat, old, with_for_update=True)
    await move_chat(session, old, new)
    await session.execute(update(IssueTopic).where(IssueTopic.chat_id == old).values(chat_id=new))
