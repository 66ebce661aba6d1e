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
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("audience_json", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("card_shown", sa.String(length=120), nullable=False),
        sa.Column("card_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_announcements_author_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_author_id"), "announcements", ["author_id"])
    op.create_index("ix_announcements_due", "announcements", ["state", "publish_at"])
    op.create_index(op.f("ix_announcements_published_at"), "announcements", ["published_at"])
    op.create_table(
        "announcement_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("file_unique_id", sa.String(length=64), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_announcement_pieces_announcement_id_announcements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_pieces")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_announcement_pieces_chat_id_message_id")),
    )
    op.create_index(op.f("ix_announcement_pieces_announcement_id"), "announcement_pieces", ["announcement_id"])
    op.create_table(
        "announcement_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("circle_id", sa.Integer(), nullable=False),
        sa.Column("pinning", sa.String(length=32), nullable=False),
        sa.Column("delivery", sa.String(length=32), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_announcement_posts_announcement_id_announcements")
        ),
        sa.ForeignKeyConstraint(["circle_id"], ["circles.id"], name=op.f("fk_announcement_posts_circle_id_circles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_posts")),
        sa.UniqueConstraint("announcement_id", "circle_id", name=op.f("uq_announcement_posts_announcement_id_circle_id")),
    )
    op.create_index(op.f("ix_announcement_posts_circle_id"), "announcement_posts", ["circle_id"])
    op.create_table(
        "announcement_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=32), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files_failed", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_announcement_recipients_announcement_id_announcements")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_announcement_recipients_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_recipients")),
        sa.UniqueConstraint("announcement_id", "person_id", name=op.f("uq_announcement_recipients_announcement_id_person_id")),
    )
    op.create_index("ix_announcement_recipients_missed", "announcement_recipients", ["delivery", "announcement_id"])
    op.create_index(op.f("ix_announcement_recipients_person_id"), "announcement_recipients", ["person_id"])


def downgrade() -> None:
    for table in ("announcement_recipients", "announcement_posts", "announcement_pieces", "announcements"):
        op.drop_table(table)

    op.drop_column("activities", "followed_at")
    op.drop_column("activities", "capacity")
    op.drop_column("invitations", "released_at")

    op.drop_column("invitations", "attendance")

    op.drop_index(op.f("ix_check_ins_person_id"), table_name="check_ins")
    op.drop_table("check_ins")
