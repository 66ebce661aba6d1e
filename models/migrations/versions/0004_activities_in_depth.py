"""activities in depth

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        "budgets",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_budgets_activity_id_activities")),
        sa.ForeignKeyConstraint(["group_id"], ["deputy_groups.id"], name=op.f("fk_budgets_group_id_deputy_groups")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_budgets")),
    )
    op.create_index(op.f("ix_budgets_group_id"), "budgets", ["group_id"])
    op.create_table(
        "budget_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_by_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_budget_entries_activity_id_activities")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_budget_entries_by_id_people")),
        sa.ForeignKeyConstraint(["replaces_id"], ["budget_entries.id"], name=op.f("fk_budget_entries_replaces_id_budget_entries")),
        sa.ForeignKeyConstraint(["struck_by_id"], ["people.id"], name=op.f("fk_budget_entries_struck_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_entries")),
    )
    op.create_index("ix_budget_entries_counting", "budget_entries", ["activity_id", "struck_at"])
    op.create_table(
        "budget_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file_id", sa.String(length=255), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_budget_receipts_by_id_people")),
        sa.ForeignKeyConstraint(["entry_id"], ["budget_entries.id"], name=op.f("fk_budget_receipts_entry_id_budget_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_receipts")),
    )
    op.create_index(op.f("ix_budget_receipts_entry_id"), "budget_receipts", ["entry_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_budget_receipts_entry_id"), table_name="budget_receipts")
    op.drop_table("budget_receipts")
    op.drop_index("ix_budget_entries_counting", table_name="budget_entries")
    op.drop_table("budget_entries")
    op.drop_index(op.f("ix_budgets_group_id"), table_name="budgets")
    op.drop_table("budgets")

    op.drop_column("activities", "followed_at")
    op.drop_column("activities", "capacity")
    op.drop_column("invitations", "released_at")
    op.drop_column("invitations", "attendance")
    op.drop_index(op.f("ix_check_ins_person_id"), table_name="check_ins")
    op.drop_table("check_ins")
