"""circle life

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circle_digests",
        sa.Column("circle_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circles.id"], name=op.f("fk_circle_digests_circle_id_circles"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circle_id", "monday", name=op.f("pk_circle_digests")),
    )
    with op.batch_alter_table("circle_digests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_circle_digests_due_at"), ["due_at"], unique=False)

    op.create_table(
        "lost_places",
        sa.Column("circle_id", sa.Integer(), nullable=False),
        sa.Column("loss", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trying_id", sa.Integer(), nullable=True),
        sa.Column("needs_right", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["circle_id"], ["circles.id"], name=op.f("fk_lost_places_circle_id_circles"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circle_id", name=op.f("pk_lost_places")),
    )
    with op.batch_alter_table("lost_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lost_places_look_at"), ["look_at"], unique=False)

    # Not in a batch: that makes the table anew, and others refer to it.
    op.add_column("outbox_messages", sa.Column("circle_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_outbox_messages_circle_id"), "outbox_messages", ["circle_id"])

    # data: circles whose group the bot has left are lost; what is said to them waits from now on.
    op.execute(
        "INSERT INTO lost_places (circle_id, loss, since, look_at, needs_right) "
        "SELECT circles.id, 'removed', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, "
        f"{'false' if op.get_bind().dialect.name == 'postgresql' else '0'} "
        "FROM circles JOIN chats ON chats.id = circles.chat_id WHERE NOT chats.is_member"
    )


def downgrade() -> None:
    op.execute("UPDATE outbox_messages SET state = 'failed' WHERE state = 'waiting'")
    op.drop_index(op.f("ix_outbox_messages_circle_id"), "outbox_messages")
    op.drop_column("outbox_messages", "circle_id")
    with op.batch_alter_table("lost_places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lost_places_look_at"))

    op.drop_table("lost_places")
    with op.batch_alter_table("circle_digests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_circle_digests_due_at"))

    op.drop_table("circle_digests")
