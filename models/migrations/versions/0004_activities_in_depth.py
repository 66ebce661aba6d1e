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
        "leave_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("media_group_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["leave_requests.id"], name=op.f("fk_leave_proofs_request_id_leave_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_proofs")),
        sa.UniqueConstraint("request_id", "chat_id", "message_id", name=op.f("uq_leave_proofs_request_id_chat_id_message_id")),
    )
    op.execute(
        "INSERT INTO leave_proofs (request_id, chat_id, message_id) SELECT id, proof_chat_id, proof_message_id FROM leave_requests "
        "WHERE proof_chat_id IS NOT NULL AND proof_message_id IS NOT NULL"
    )
    op.drop_column("leave_requests", "proof_chat_id")
    op.drop_column("leave_requests", "proof_message_id")
    halves = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("leave_requests", sa.Column("half_days", halves, nullable=False, server_default="[]"))
    op.add_column("leave_requests", sa.Column("partial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("leave_requests", sa.Column("reminded_for", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "leave_remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_leave_remarks_author_id_people")),
        sa.ForeignKeyConstraint(["request_id"], ["leave_requests.id"], name=op.f("fk_leave_remarks_request_id_leave_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_remarks")),
    )
    op.create_index(op.f("ix_leave_remarks_author_id"), "leave_remarks", ["author_id"])
    op.create_index(op.f("ix_leave_remarks_request_id"), "leave_remarks", ["request_id"])
    op.create_table(
        "leave_behalves",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["people.id"], name=op.f("fk_leave_behalves_leader_id_people")),
        sa.ForeignKeyConstraint(["request_id"], ["leave_requests.id"], name=op.f("fk_leave_behalves_request_id_leave_requests")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_leave_behalves")),
    )
    op.create_index(op.f("ix_leave_behalves_leader_id"), "leave_behalves", ["leader_id"])
    op.create_table(
        "leave_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("span_began", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_leave_flags_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_flags")),
        sa.UniqueConstraint("person_id", "span_began", name=op.f("uq_leave_flags_person_id_span_began")),
    )
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name=op.f("fk_delegations_delegate_id_people")),
        sa.ForeignKeyConstraint(["leader_id"], ["people.id"], name=op.f("fk_delegations_leader_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_delegate_id"), "delegations", ["delegate_id"])
    op.create_index(op.f("ix_delegations_ended_at"), "delegations", ["ended_at"])
    op.create_index(op.f("ix_delegations_leader_id"), "delegations", ["leader_id"])
    op.create_table(
        "post_holders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["deputy_groups.id"], name=op.f("fk_post_holders_group_id_deputy_groups")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_post_holders_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holders")),
    )
    op.create_index(op.f("ix_post_holders_group_id"), "post_holders", ["group_id"])
    op.create_index(op.f("ix_post_holders_person_id"), "post_holders", ["person_id"])


def downgrade() -> None:
    for table in ("post_holders", "delegations", "leave_flags", "leave_behalves", "leave_remarks"):
        op.drop_table(table)
    for column in ("reminded_for", "partial", "half_days"):
        op.drop_column("leave_requests", column)
    op.add_column("leave_requests", sa.Column("proof_message_id", sa.BigInteger(), nullable=True))
    op.add_column("leave_requests", sa.Column("proof_chat_id", sa.BigInteger(), nullable=True))
    for proof in ("chat_id", "message_id"):  # the first one; there was room for one only
        op.execute(
            f"UPDATE leave_requests SET proof_{proof} = (SELECT {proof} FROM leave_proofs WHERE leave_proofs.id = "
            "(SELECT min(id) FROM leave_proofs WHERE request_id = leave_requests.id))"
        )
    op.drop_table("leave_proofs")

    op.drop_column("activities", "followed_at")
    op.drop_column("activities", "capacity")
    op.drop_column("invitations", "released_at")

    op.drop_column("invitations", "attendance")

    op.drop_index(op.f("ix_check_ins_person_id"), table_name="check_ins")
    op.drop_table("check_ins")
