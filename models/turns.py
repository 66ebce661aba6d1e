"""Whose turn it is to change the Home, where several processes work on one PostgreSQL.

Most of what updates do reads before it writes, and was written for one at a time. So an update works alone, unless it is known to change
nothing but rows of whoever it comes from, and others only after locking them: those work side by side. Between the two kinds a lock of
the database decides, which ends with the transaction.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

TURN = 0x4465707574696570
"""The number of the lock; those of ``bot.roles`` are its neighbours."""
FROZEN = "60s"
"""After so long PostgreSQL rolls back the work of a process that says nothing any more: others wait for what it holds."""


async def take_turn(session: AsyncSession, *, alone: bool) -> None:
    """Wait until this transaction may change the Home. To be called before it reads anything that it decides by. On SQLite there is one
    writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        turn = text(f"SELECT set_config('idle_in_transaction_session_timeout', :frozen, true), {lock}(:turn)")
        await session.execute(turn, {"frozen": FROZEN, "turn": TURN})
