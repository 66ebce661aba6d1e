"""where it happened

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # data: what is not worked on yet has no chat, and is worked on in the order of its account, or of all
    op.add_column("inbox_updates", sa.Column("chat_id", sa.BigInteger(), nullable=True))
    new = sa.text("state = 'new'")
    for name, column in (("ix_inbox_updates_waiting_account", "telegram_id"), ("ix_inbox_updates_waiting_chat", "chat_id")):
        op.create_index(name, "inbox_updates", [column, "position"], sqlite_where=new, postgresql_where=new)


def downgrade() -> None:
    op.drop_index("ix_inbox_updates_waiting_chat", "inbox_updates")
    op.drop_index("ix_inbox_updates_waiting_account", "inbox_updates")
    op.drop_column("inbox_updates", "chat_id")
