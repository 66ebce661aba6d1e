"""A group that became a supergroup: every column that holds a chat's id is accounted for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, select
from sqlalchemy.ext.asyncio import AsyncSession

import models.tables  # noqa: F401 - every table must be known
from models.base import Base
from models.circle_groups import move_group_row
from models.circle_presence import ChatPresence
from models.circles import Chat, Circle
from models.issue_pieces import IssuePiece
from models.moved_groups import CHAT_COLUMNS, AtMove, chat_columns, move_messages
from models.outbox import Card, CopiedMessage, OutboxMessage, OutboxState, subject_of

OLD, NEW = -5, -1000000000005


def test_every_column_that_holds_a_chat_says_what_a_move_does_to_it() -> None:
    assert chat_columns(Base.metadata) == set(CHAT_COLUMNS)


def test_no_column_holds_a_chat_under_a_name_that_tells_nothing() -> None:
    """Telegram's ids need 64 bits; whoever adds such a column calls it by what it holds."""
    known = {"chat_id", "message_id", "thread_id", "telegram_id", "sender_id", "update_id", "user_id", "size"}  # a size in bytes
    big = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, BigInteger) and column.name not in known
    }

    assert big == {"chats.id"}


@pytest.mark.parametrize("name", sorted(name for name, at_move in CHAT_COLUMNS.items() if at_move is AtMove.FOLLOWS))
async def test_what_speaks_of_the_group_as_it_is_now_follows_it(session: AsyncSession, now: Any, name: str) -> None:
    await _one_of_each(session, now)

    await move_messages(session, OLD, NEW)
    await move_group_row(session, OLD, NEW)
    await session.flush()

    table, column = name.split(".")
    found: Column[Any] = Base.metadata.tables[table].columns[column]
    left = (await session.scalars(select(found))).all()
    assert OLD not in left
    assert left == ([] if name in ("copied_messages.chat_id", "issue_topics.chat_id") else [NEW])


async def _one_of_each(session: AsyncSession, now: Any) -> None:
    session.add(Chat(id=OLD, title="交流群"))
    await session.flush()
    session.add_all([Circle(name="城建", chat_id=OLD), Card(key="issue:1:1", chat_id=OLD, message_id=7)])
    session.add(ChatPresence(chat_id=OLD, telegram_id=7, name="王", seen_at=now))
    message = OutboxMessage(chat_id=OLD, method="sendMessage", params={}, subject="circled:1:1", created_at=now, due_at=now)
    message.state, message.message_id = OutboxState.SENT, 7
    session.add(message)
    await session.flush()
    session.add(CopiedMessage(chat_id=OLD, message_id=8, outbox_message_id=message.id))
    await session.flush()


async def test_a_number_of_the_old_group_is_not_taken_for_a_message_of_the_new_one(session: AsyncSession, now: Any) -> None:
    await _one_of_each(session, now)

    await move_messages(session, OLD, NEW)

    assert await subject_of(session, NEW, 7) is None
    assert await subject_of(session, NEW, 8) is None


async def test_two_cards_of_one_key_become_one(session: AsyncSession, now: Any) -> None:
    await _one_of_each(session, now)
    session.add(Card(key="issue:1:1", chat_id=NEW, message_id=2))
    await session.flush()

    await move_messages(session, OLD, NEW)

    [card] = (await session.scalars(select(Card).execution_options(populate_existing=True))).all()
    assert (card.chat_id, card.key) == (NEW, "issue:1:1")


def test_what_was_said_before_the_move_keeps_its_address() -> None:
    assert CHAT_COLUMNS[f"{IssuePiece.__tablename__}.chat_id"] is AtMove.STAYS
