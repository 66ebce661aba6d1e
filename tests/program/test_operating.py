"""The commands of whoever runs a Home, as they would give them, and what the check finds."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from bot.check_web import web_findings
from bot.checkin_page import checkin_page
from bot.cli import app
from bot.config import Config, Monitor, Telegram, Transport, Web
from bot.database import open_engine, sessions_of
from bot.web import serving
from tests.program.test_cli import ROOT, command, config, logs_as_before  # noqa: F401 - fixtures


def areas(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM areas ORDER BY id")]


def add_area(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO areas (name) VALUES (?)", (name,))


@pytest.fixture
def home_file(config: Path, tmp_path: Path) -> Path:  # noqa: F811
    config.write_text(config.read_text() + f'[backup]\nfolder = "{tmp_path}/backups"\n')
    assert command("migrate", "--config", str(config)).exit_code == 0
    return tmp_path / "home.db"


def test_backing_up_and_going_back_by_commands(config: Path, home_file: Path, tmp_path: Path) -> None:  # noqa: F811
    add_area(home_file, "云溪街道")

    made = command("backup", "--config", str(config))
    assert made.exit_code == 0, made.output
    [backup] = (tmp_path / "backups").glob("home-*.db")
    add_area(home_file, "柳河镇")
    back = command("restore", str(backup), "--yes", "--config", str(config))

    assert back.exit_code == 0, back.output
    assert areas(home_file) == ["云溪街道"]
    [kept] = tmp_path.glob("before-restore-*.db")
    assert areas(kept) == ["云溪街道", "柳河镇"]


def test_nothing_is_replaced_without_a_yes(config: Path, home_file: Path, tmp_path: Path) -> None:  # noqa: F811
    command("backup", str(tmp_path / "mine.db"), "--config", str(config))
    add_area(home_file, "柳河镇")

    result = CliRunner().invoke(app, ["restore", str(tmp_path / "mine.db"), "--config", str(config)], input="n\n")

    assert result.exit_code == 1
    assert areas(home_file) == ["柳河镇"]


def test_migrating_back_and_forth_keeps_what_was_there_in_a_file(config: Path, home_file: Path, tmp_path: Path) -> None:  # noqa: F811
    add_area(home_file, "云溪街道")

    down = command("migrate", "--back-to", "0004", "--config", str(config))
    up = command("migrate", "--config", str(config))

    assert (down.exit_code, up.exit_code) == (0, 0), down.output + up.output
    assert areas(home_file) == ["云溪街道"]
    assert any(areas(path) == ["云溪街道"] for path in (tmp_path / "backups").glob("before-migration-*.db"))


def test_the_status_is_told_on_the_command_line(config: Path, home_file: Path) -> None:  # noqa: F811
    with closing(sqlite3.connect(home_file)) as database, database:
        database.execute(
            "INSERT INTO inbox_updates (update_id, position, payload, state, attempts, done_at) "
            "VALUES (1, '2026-03-10 04:00:00.000000', '{}', 'set_aside', 3, '2026-03-10 04:00:00.000000')"
        )

    result = command("status", "--config", str(config))

    assert result.exit_code == 0, result.output
    assert "已搁置：1 条，最早 3月10日(周二) 12:00" in result.stdout
    assert "<" not in result.stdout


def test_a_status_without_a_database_says_what_to_do(config: Path) -> None:  # noqa: F811
    result = command("status", "--config", str(config))

    assert result.exit_code == 1
    assert "run 'migrate' first" in result.stderr


def test_moving_to_what_is_no_address_is_refused(config: Path, home_file: Path) -> None:  # noqa: F811
    assert command("move", "mysql://there", "--config", str(config)).exit_code == 2


def test_the_check_names_a_token_that_others_can_read(config: Path, home_file: Path) -> None:  # noqa: F811
    config.chmod(0o644)

    assert "! config: others on this machine can read the token" in command("check", "--config", str(config)).stdout

    config.chmod(0o600)
    assert "✓ config" in command("check", "--config", str(config)).stdout


def test_the_check_names_what_was_set_aside_what_stands_still_and_a_missing_backup(config: Path, home_file: Path) -> None:  # noqa: F811
    with closing(sqlite3.connect(home_file)) as database, database:
        columns = "update_id, position, payload, state, attempts"
        database.execute(f"INSERT INTO inbox_updates ({columns}) VALUES (1, '2026-03-10 04:00:00', '{{}}', 'set_aside', 3)")
        database.execute("INSERT INTO alarms (kind, since, raised_at) VALUES ('outbox', '2026-03-10 04:00:00', '2026-03-10 04:05:00')")
        database.execute("INSERT INTO nightly_backups (night, made_at, name, size) VALUES ('2026-03-01', '2026-03-01 04:00:00', 'x', 1)")

    result = command("check", "--config", str(config))

    assert "! queues: 1 set aside or given up" in result.stdout
    assert "✗ outbox: stands still since 2026-03-10 04:00 UTC" in result.stdout
    assert "✗ nightly backup: the last is of 2026-03-01" in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize("name", ["status", "check", "backup"])
def test_a_command_finds_all_it_needs_in_a_process_of_its_own(name: str, config: Path, home_file: Path) -> None:  # noqa: F811
    words = [sys.executable, "-m", "bot", name, "--config", str(config)]
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    assert "Traceback" not in result.stderr
    assert result.returncode == (1 if name == "check" else 0)  # Telegram is not reached


async def says(web: Web, **more: Any) -> str:
    found = await web_findings(Config(web=web, **more))
    return "\n".join(f"{finding.mark} {finding.what}: {finding.says}" for finding in found)


@pytest.fixture
async def page(database_url: str) -> AsyncIterator[Starlette]:
    engine = open_engine(database_url)
    yield checkin_page(sessions_of(engine), lambda session: pytest.fail("there is no such activity"))
    await engine.dispose()


async def test_a_check_in_page_that_is_off_is_in_order() -> None:
    assert (await says(Web())).startswith("✓ check-in page: off")


async def test_a_check_in_page_whose_link_opens_on_this_machine_only_is_named() -> None:
    assert "✗ check-in page: its link would be http://127.0.0.1:8444" in await says(Web(enabled=True))


async def test_a_check_in_page_without_encryption_is_named() -> None:
    assert "✗ check-in page: http://home.example is not encrypted" in await says(Web(enabled=True, public_url="http://home.example"))


async def test_a_check_in_page_past_the_proxy_is_named() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    assert "! check-in page: it listens on 0.0.0.0" in await says(Web(enabled=True, listen="0.0.0.0", port=port))


async def test_two_that_want_one_port_are_named() -> None:
    telegram = Telegram(transport=Transport.WEBHOOK, webhook_secret="s", webhook_port=8444)

    said = await says(Web(enabled=True), telegram=telegram, monitor=Monitor(port=8444))

    assert "✗ ports: telegram.webhook_port, web.port, monitor.port are the same" in said


async def test_another_program_at_the_page_s_port_is_named() -> None:
    async with serving(Starlette(), "127.0.0.1", 0) as port:
        assert f"✗ check-in page: another program answers at 127.0.0.1:{port}" in await says(Web(enabled=True, port=port))


async def test_a_public_address_that_leads_elsewhere_is_named(page: Starlette) -> None:
    async with serving(page, "127.0.0.1", 0) as port, serving(Starlette(), "127.0.0.1", 0) as elsewhere:
        said = await says(Web(enabled=True, port=port, public_url=f"http://127.0.0.1:{elsewhere}"))

    assert f"✗ check-in page: http://127.0.0.1:{elsewhere} does not lead to it (status 404)" in said


async def test_a_check_in_page_that_answers_where_it_should_is_in_order(page: Starlette) -> None:
    async with serving(page, "127.0.0.1", 0) as port:
        address = f"http://127.0.0.1:{port}"

        assert f"✓ check-in page: answers at {address}" in await says(Web(enabled=True, port=port, public_url=address))
