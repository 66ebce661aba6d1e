"""who said it

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox_updates", sa.Column("telegram_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_inbox_updates_telegram_id", "inbox_updates", ["telegram_id", "position"])
    # data: an account that looked in lately began lately, as far as anybody knows
    op.drop_index("ix_mailbox_senders_window_began_at", "mailbox_senders")
    op.alter_column("mailbox_senders", "window_began_at", new_column_name="begun_at")
    op.create_index("ix_mailbox_senders_begun_at", "mailbox_senders", ["begun_at"])
    op.drop_column("mailbox_senders", "messages")


def downgrade() -> None:
    # data: nothing was counted
    op.add_column("mailbox_senders", sa.Column("messages", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_mailbox_senders_begun_at", "mailbox_senders")
    op.alter_column("mailbox_senders", "begun_at", new_column_name="window_began_at")
    op.create_index("ix_mailbox_senders_window_began_at", "mailbox_senders", ["window_began_at"])
    op.drop_index("ix_inbox_updates_telegram_id", "inbox_updates")
    op.drop_column("inbox_updates", "telegram_id")
