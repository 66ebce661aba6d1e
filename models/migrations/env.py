"""Alembic's entry: migrates the connection it is given."""

from __future__ import annotations

from alembic import context

import models.tables  # noqa: F401 - every table must be known
from models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
