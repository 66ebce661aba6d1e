"""Alembic's entry: migrates the connection it is given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Enum

import models.tables  # noqa: F401 - every table must be known
from models.base import Base, UtcDateTime


def in_plain_types(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Write our own types as what they are in the database: a migration must not change when the code does."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(thing, Enum):
        return "sa.String(length=32)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=in_plain_types,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
