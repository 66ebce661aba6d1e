"""people and circles

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox_updates") as batch_op:
        batch_op.add_column(sa.Column("said_by", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_inbox_updates_said_by", ["said_by", "position"], unique=False)
    with op.batch_alter_table("mailbox_senders") as batch_op:
        batch_op.drop_column("messages")
        batch_op.drop_column("window_began_at")


def downgrade() -> None:
    # data: nothing was counted; every window begins anew
    long_ago = sa.text("'2026-01-01 00:00:00+00:00'")
    with op.batch_alter_table("mailbox_senders") as batch_op:
        batch_op.add_column(sa.Column("window_began_at", sa.DateTime(timezone=True), nullable=False, server_default=long_ago))
        batch_op.add_column(sa.Column("messages", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("inbox_updates") as batch_op:
        batch_op.drop_index("ix_inbox_updates_said_by")
        batch_op.drop_column("said_by")
