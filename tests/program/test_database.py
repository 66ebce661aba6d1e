"""How the database is opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OPEN = """
import asyncio
from bot.database import open_engine

async def asked() -> None:
    engine = open_engine("sqlite+aiosqlite:///{path}")
    async with engine.connect() as connection:
        for name in ("synchronous", "journal_mode", "foreign_keys"):
            print((await connection.exec_driver_sql("PRAGMA " + name)).scalar())
    await engine.dispose()

asyncio.run(asked())
"""


def test_on_sqlite_a_home_waits_for_the_disk_before_anything_counts_as_stored(tmp_path: Path) -> None:
    """In a process of its own, since the tests' own databases do not wait."""
    done = subprocess.run([sys.executable, "-c", OPEN.format(path=tmp_path / "home.db")], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["2", "wal", "1"]  # 2 is FULL
