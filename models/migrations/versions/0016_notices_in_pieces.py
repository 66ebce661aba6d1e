"""notices in pieces

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitations", sa.Column("owed_notice_id", sa.Integer(), nullable=True))
    owed = sa.text("owed_notice_id IS NOT NULL")
    op.create_index("ix_invitations_owed", "invitations", ["owed_notice_id", "person_id"], sqlite_where=owed, postgresql_where=owed)


def downgrade() -> None:
    op.drop_index("ix_invitations_owed", "invitations")
    op.drop_column("invitations", "owed_notice_id")
