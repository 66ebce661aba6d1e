"""The serial number of an issue: 2026-0042, counted anew each year."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class IssueCounter(Base):
    """The last serial given in a year."""

    __tablename__ = "issue_counters"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


async def next_number(session: AsyncSession, year: int) -> str:
    """The next number of the year. The counter's row is held until the transaction ends, so none is given twice and none is left out."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    await session.execute(insert(IssueCounter).values(year=year, last=0).on_conflict_do_nothing())
    counted = update(IssueCounter).where(IssueCounter.year == year).values(last=IssueCounter.last + 1).returning(IssueCounter.last)
    serial = await session.scalar(counted.execution_options(synchronize_session=False))
    return f"{year}-{serial:04}"
