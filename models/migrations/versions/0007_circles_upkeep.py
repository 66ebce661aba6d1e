"""circles upkeep

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_presences",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_chat_presences_chat_id_chats"), onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "telegram_id", name=op.f("pk_chat_presences")),
    )
    # Not in a batch: that makes the table anew, and others refer to it.
    op.add_column("chats", sa.Column("can_pin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("chats", sa.Column("can_change_info", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("circle_members", sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("circle_members", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_circle_members_remind_at"), "circle_members", ["remind_at"], unique=False)
    op.add_column("circles", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))

    # data: whoever is in a circle's group was seen there, so that nobody known is taken for absent.
    op.execute(
        sa.text(
            "INSERT INTO chat_presences (chat_id, telegram_id, name, seen_at, is_admin)"
            " SELECT circles.chat_id, people.telegram_id, MAX(people.name), MAX(circle_members.joined_at), :no"
            " FROM circle_members JOIN circles ON circles.id = circle_members.circle_id"
            " JOIN people ON people.id = circle_members.person_id"
            " WHERE circle_members.joined_at IS NOT NULL AND circles.chat_id IS NOT NULL AND people.telegram_id IS NOT NULL"
            " GROUP BY circles.chat_id, people.telegram_id"
        ).bindparams(sa.bindparam("no", False, sa.Boolean()))
    )
    # data: whoever has the link and is not in yet is reminded from now on, as those are who get it later.
    op.execute(
        sa.text(
            "UPDATE circle_members SET remind_at = :week WHERE joined_at IS NULL AND circle_id IN"
            " (SELECT id FROM circles WHERE invite_link IS NOT NULL AND chat_id IS NOT NULL)"
        ).bindparams(sa.bindparam("week", datetime.now(UTC) + timedelta(days=7), sa.DateTime(timezone=True)))
    )


def downgrade() -> None:
    op.drop_column("circles", "retired_at")
    op.drop_index(op.f("ix_circle_members_remind_at"), table_name="circle_members")
    op.drop_column("circle_members", "reminders")
    op.drop_column("circle_members", "remind_at")
    op.drop_column("chats", "can_change_info")
    op.drop_column("chats", "can_pin")
    op.drop_table("chat_presences")
