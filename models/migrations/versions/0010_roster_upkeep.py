"""roster upkeep

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.pinyin import initials_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: that makes the table anew, and others refer to it.
    op.add_column("people", sa.Column("initials", sa.String(length=130), nullable=False, server_default=""))

    # data: everybody on the roster is found by their initials too
    people = sa.table("people", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("initials", sa.String))
    connection = op.get_bind()
    for id, name in connection.execute(sa.select(people.c.id, people.c.name)).all():
        connection.execute(sa.update(people).where(people.c.id == id).values(initials=initials_of(name)))


def downgrade() -> None:
    op.drop_column("people", "initials")
