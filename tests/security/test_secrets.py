"""Secrets reach no log, no error and no row, whatever goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from telegram.error import BadRequest

from bot.calls import judge
from bot.config import Config, Telegram
from bot.database import open_engine, sessions_of
from bot.logs import hiding
from bot.sandbox import Sandbox, SandboxClock, serve
from models.base import Base
from models.inbox import InboxState, InboxUpdate, take_in
from models.outbox import OutboxMessage
from tests.conftest import NOON

ROOT = Path(__file__).parents[2]
TOKEN, WRONG_TOKEN = "1000001:AArightrightrightright", "1000001:AAwrongwrongwrongwrong"
SECRET, PASSWORD = "hook-secret-of-the-home", "pass-word-of-the-database"
CONFIG = """
database = "{database}"
[telegram]
token = "{token}"
api = "{api}"
transport = "webhook"
webhook_secret = "{secret}"
webhook_port = 0
"""


def config_file(folder: Path, *, database: str, api: str, token: str = TOKEN) -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(database=database, api=api, token=token, secret=SECRET), encoding="utf-8")
    return path


async def run(config: Path, *arguments: str) -> asyncio.subprocess.Process:
    """The real program, all that it says caught."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        "--config",
        str(config),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


@contextlib.asynccontextmanager
async def telegram() -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    sandbox = Sandbox(token=TOKEN, bot_username="village_bot", bot_name="代表之家", clock=SandboxClock(NOON))
    async with serve(sandbox.app) as address, aiohttp.ClientSession(address, raise_for_status=True) as http:
        yield address, http


async def every_row(database: str) -> str:
    """All that stands in the database."""
    engine = open_engine(database)
    async with sessions_of(engine).begin() as session:
        rows = [str(tuple(row)) for table in Base.metadata.sorted_tables for row in await session.execute(select(table))]
    await engine.dispose()
    return "\n".join(rows)


async def until_worked(database: str, updates: int) -> None:
    engine = open_engine(database)
    done = select(func.count()).select_from(InboxUpdate).where(InboxUpdate.state != InboxState.NEW)
    found = 0
    for _ in range(1200):
        async with sessions_of(engine).begin() as session:
            found = await session.scalar(done) or 0
        if found >= updates:
            break
        await asyncio.sleep(0.1)
    await engine.dispose()
    assert found >= updates, found


async def test_after_faults_no_secret_stands_in_what_the_program_says_or_in_its_database(database_url: str, tmp_path: Path) -> None:
    database = str(database_url)
    if make_url(database).get_backend_name() == "postgresql":
        database = make_url(database).set(password=PASSWORD).render_as_string(hide_password=False)
    async with telegram() as (address, http):
        for kind in ("500", "drop", "refuse"):
            await http.post("/sandbox/faults", json={"method": "sendMessage", "kind": kind, "count": 1})
        await http.post("/sandbox/users", json={"id": 5001, "first_name": "路人"})
        engine = open_engine(database)
        async with sessions_of(engine).begin() as session:
            await take_in(session, [(1, '{"update_id": 1, "message": {"from": 7}}')], now=NOON)
        await engine.dispose()
        program = await run(config_file(tmp_path, database=database, api=address), "run")
        await until_worked(database, 1)
        for _ in range(3):
            await http.post("/sandbox/users/5001/start", json={"payload": ""})
        await until_worked(database, 4)
        program.send_signal(signal.SIGTERM)
        said = (await program.communicate())[0].decode()

    assert "an update failed" in said
    for secret in (TOKEN, SECRET, PASSWORD):
        assert secret not in said
        assert secret not in await every_row(database)


async def test_a_token_that_telegram_refuses_is_not_shown(sqlite_template: Path, tmp_path: Path) -> None:
    async with telegram() as (address, _):
        program = await run(config_file(tmp_path, database=f"sqlite+aiosqlite:///{sqlite_template}", api=address, token=WRONG_TOKEN), "run")
        said = (await program.communicate())[0].decode()

    assert WRONG_TOKEN not in said
    assert "BotFather" in said
    assert program.returncode == 1


@pytest.mark.parametrize("command", ["run", "check", "migrate"])
async def test_a_database_that_is_away_shows_no_password(tmp_path: Path, command: str) -> None:
    database = f"postgresql+asyncpg://home:{PASSWORD}@127.0.0.1:1/home"
    async with telegram() as (address, _):
        program = await run(config_file(tmp_path, database=database, api=address), command)
        said = (await program.communicate())[0].decode()

    assert program.returncode != 0
    assert not [secret for secret in (TOKEN, SECRET, PASSWORD) if secret in said]


@pytest.mark.parametrize("wrong", ['log_format = "loud"', "telegram = 1", "nonsense = ]"])
async def test_a_config_that_cannot_be_read_shows_no_secret(tmp_path: Path, wrong: str) -> None:
    path = config_file(tmp_path, database=f"postgresql+asyncpg://home:{PASSWORD}@127.0.0.1:1/home", api="https://api.telegram.org")
    path.write_text(f"{wrong}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    program = await run(path, "check")
    said = (await program.communicate())[0].decode()

    assert program.returncode == 2
    assert not [secret for secret in (TOKEN, SECRET, PASSWORD) if secret in said]


def test_a_config_shown_by_mistake_shows_no_secret() -> None:
    config = Config(
        database=f"postgresql+asyncpg://home:{PASSWORD}@localhost/home",
        telegram=Telegram(token=TOKEN, webhook_secret=SECRET),  # type: ignore[arg-type]  # as the file gives them
    )

    assert config.secrets == (TOKEN, SECRET, PASSWORD)
    assert not [secret for secret in config.secrets if secret in f"{config} {config!r}"]


def test_an_error_that_holds_the_token_is_kept_without_it() -> None:
    error = BadRequest(f"no such method: https://api.telegram.org/bot{TOKEN}/sendMessage")

    kept = judge(error, OutboxMessage(method="sendMessage", params={}, attempts=0)).error

    assert kept == "no such method: https://api.telegram.org/bot<token>/sendMessage"


async def test_the_program_hides_its_own_secrets_in_what_it_logs(tmp_path: Path) -> None:
    path = config_file(tmp_path, database=f"postgresql+asyncpg://home:{PASSWORD}@127.0.0.1:1/home", api="http://127.0.0.1:1")
    words = f"import structlog; from pathlib import Path; from bot.console import config_at; config_at(Path({str(path)!r}));"
    words += f"structlog.get_logger().error('header {SECRET}', found=['{PASSWORD}']); raise ValueError('{SECRET} {TOKEN}')"
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await program.communicate())[0].decode()

    assert "header <secret>" in said
    assert "stopped by an error" in said
    assert not [secret for secret in (TOKEN, SECRET, PASSWORD) if secret in said]


def test_a_secret_without_a_shape_is_hidden_in_a_log_line_and_short_ones_hide_no_words() -> None:
    event: dict[str, Any] = {"event": f"header {SECRET}", "found": [SECRET], "count": 3}

    assert hiding([SECRET, "", "a"])(None, "info", event) == {"event": "header <secret>", "found": "['<secret>']", "count": 3}
