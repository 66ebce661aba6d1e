"""activities in depth

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_check_ins_activity_id_activities")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_check_ins_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_check_ins_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("activity_id", "person_id", name=op.f("uq_check_ins_activity_id_person_id")),
    )
    op.create_index(op.f("ix_check_ins_person_id"), "check_ins", ["person_id"])

    # Not in a batch: that makes the table anew, and others refer to it.
    op.add_column("invitations", sa.Column("attendance", sa.String(length=32), nullable=True))

    op.add_column("invitations", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("activities", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("activities", sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "written_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_written_notices_invitation_id_invitations")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_written_notices_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_notices")),
    )
    for column in ("invitation_id", "notice_id", "message_id"):
        op.create_index(op.f(f"ix_written_notices_{column}"), "written_notices", [column])
    op.create_table(
        "phone_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("leave_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_phone_calls_by_id_people")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_phone_calls_invitation_id_invitations")),
        sa.ForeignKeyConstraint(["leave_id"], ["leave_requests.id"], name=op.f("fk_phone_calls_leave_id_leave_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_calls")),
    )
    for column in ("invitation_id", "by_id"):
        op.create_index(op.f(f"ix_phone_calls_{column}"), "phone_calls", [column])
    op.create_table(
        "call_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_call_sheets_activity_id_activities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_sheets")),
        sa.UniqueConstraint("activity_id", "starts_at", name=op.f("uq_call_sheets_activity_id_starts_at")),
    )
    op.create_table(
        "call_turns",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_call_turns_invitation_id_invitations")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_call_turns_person_id_people")),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_call_turns")),
    )
    op.create_index(op.f("ix_call_turns_person_id"), "call_turns", ["person_id"])
    op.create_table(
        "final_accounts",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reach", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_final_accounts_activity_id_activities")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_final_accounts")),
    )
    op.add_column("outbox_messages", sa.Column("void", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("outbox_messages", "void")
    for table in ("final_accounts", "call_turns", "call_sheets", "phone_calls", "written_notices"):
        op.drop_table(table)

    op.drop_column("activities", "followed_at")
    op.drop_column("activities", "capacity")
    op.drop_column("invitations", "released_at")

    op.drop_column("invitations", "attendance")

    op.drop_index(op.f("ix_check_ins_person_id"), table_name="check_ins")
    op.drop_table("check_ins")
