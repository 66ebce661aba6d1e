"""the learning router

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "route_weights",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("taken_back", sa.Integer(), nullable=False),
        sa.Column("made_of", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("archive", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_weights")),
    )
    op.create_table(
        "routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("specialty_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_routes_issue_id_issues")),
        sa.ForeignKeyConstraint(["specialty_id"], ["specialties.id"], name=op.f("fk_routes_specialty_id_specialties")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    with op.batch_alter_table("routes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_routes_issue_id"), ["issue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_routes_specialty_id"), ["specialty_id"], unique=False)

    # Not in a batch: that makes the table anew, and others refer to it.
    topics = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("specialties", sa.Column("description", sa.Text(), nullable=False, server_default=""))
    op.add_column("specialties", sa.Column("topics", topics, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("specialties", "topics")
    op.drop_column("specialties", "description")
    with op.batch_alter_table("routes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_routes_specialty_id"))
        batch_op.drop_index(batch_op.f("ix_routes_issue_id"))

    op.drop_table("routes")
    op.drop_table("route_weights")
