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
        "record_counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_record_counters")),
    )
    op.create_table(
        "activity_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sections", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("keeper_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=300), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_records_activity_id_activities")),
        sa.ForeignKeyConstraint(["keeper_id"], ["people.id"], name=op.f("fk_activity_records_keeper_id_people")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["people.id"], name=op.f("fk_activity_records_submitted_by_id_people")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["people.id"], name=op.f("fk_activity_records_confirmed_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_records")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_activity_records_activity_id")),
        sa.UniqueConstraint("number", name=op.f("uq_activity_records_number")),
    )
    op.create_index(op.f("ix_activity_records_keeper_id"), "activity_records", ["keeper_id"])
    op.create_table(
        "record_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("is_photo", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.String(length=255), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["activity_records.id"], name=op.f("fk_record_pieces_record_id_activity_records")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_record_pieces_author_id_people")),
        sa.ForeignKeyConstraint(["said_by_id"], ["people.id"], name=op.f("fk_record_pieces_said_by_id_people")),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_record_pieces_attachment_id_attachments")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_record_pieces_issue_id_issues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_pieces")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_record_pieces_chat_id_message_id")),
    )
    op.create_index(op.f("ix_record_pieces_record_id"), "record_pieces", ["record_id"])
    op.create_table(
        "duty_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attendance", sa.String(length=32), nullable=False),
        sa.Column("left_early", sa.Boolean(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("half_days_missed", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_by_id", sa.Integer(), nullable=True),
        sa.Column("correction_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duty_entries_person_id_people")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_duty_entries_activity_id_activities")),
        sa.ForeignKeyConstraint(["corrected_by_id"], ["people.id"], name=op.f("fk_duty_entries_corrected_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_entries")),
    )
    op.create_index(
        "uq_duty_entries_current",
        "duty_entries",
        ["person_id", "activity_id", "item"],
        unique=True,
        sqlite_where=sa.text("corrected_at IS NULL"),
        postgresql_where=sa.text("corrected_at IS NULL"),
    )
    op.create_index("ix_duty_entries_person_day", "duty_entries", ["person_id", "day"])
    op.create_index(op.f("ix_duty_entries_activity_id"), "duty_entries", ["activity_id"])


def downgrade() -> None:
    op.drop_table("duty_entries")
    op.drop_table("record_pieces")
    op.drop_table("activity_records")
    op.drop_table("record_counters")

    op.drop_column("activities", "followed_at")
    op.drop_column("activities", "capacity")
    op.drop_column("invitations", "released_at")

    op.drop_column("invitations", "attendance")

    op.drop_index(op.f("ix_check_ins_person_id"), table_name="check_ins")
    op.drop_table("check_ins")
