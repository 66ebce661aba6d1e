"""The command line, run as a person would."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from bot.cli import app

ROOT = Path(__file__).parents[2]
TOKEN = "1000001:village"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The commands set up logging for their process; here it is the tests' own."""
    root = logging.getLogger()
    handlers, level, events = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**events)


def command(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/home.db"\n[telegram]\ntoken = "{TOKEN}"\napi = "http://127.0.0.1:9"\n')
    return path


def test_a_wrong_config_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("colour = 'red'\n")

    result = command("check", "--config", str(path))

    assert result.exit_code == 2
    assert result.stderr == f"{path}: colour: no such key\n"


def test_running_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")

    result = command("run", "--config", str(path))

    assert result.exit_code == 2
    assert "@BotFather" in result.stderr


def test_running_on_an_old_database_says_to_migrate(config: Path, home_address: str) -> None:
    config.write_text(config.read_text().replace("http://127.0.0.1:9", home_address))

    result = subprocess.run(
        [sys.executable, "-m", "bot", "run", "--config", str(config)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert result.returncode == 1
    assert "run 'migrate' first" in result.stderr


def test_the_check_names_each_thing_and_what_to_do(config: Path) -> None:
    result = command("check", "--config", str(config))

    assert result.exit_code == 1
    assert "✗ database: the database is at revision none" in result.stdout
    assert "✗ telegram: not reached" in result.stdout
    assert TOKEN not in result.output


@pytest.fixture
def home_address(tmp_path: Path) -> Iterator[str]:
    """A sandbox in a process of its own, through its command."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--token", TOKEN], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()  # whoever runs the tests in the background has their processes ignore Ctrl+C
    process.wait(10)
    process.stdout.close()


def roster_file(folder: Path) -> Path:
    workbook = Workbook()
    workbook.active.append(["姓名", "手机号", "归属地", "专长", "角色"])
    workbook.active.append(["王秀兰", "13800000101", "云溪街道", "教科文卫", ""])
    workbook.active.append(["陈志强", "138 0000 0102", "柳河镇", "城建环保、法治监察", "代表、组长"])
    workbook.active.append(["无号码", "", "柳河镇", "", ""])
    workbook.save(path := folder / "名册.xlsx")
    return path


def test_the_roster_is_previewed_row_by_row_and_imported_after_a_yes_once(config: Path, tmp_path: Path) -> None:
    command("migrate", "--config", str(config))
    words = ("import-roster", str(roster_file(tmp_path)), "--config", str(config))

    refused = CliRunner().invoke(app, list(words), input="n\n")
    first = CliRunner().invoke(app, list(words), input="y\n")
    second = command(*words, "--yes")

    assert "无号码" in refused.stdout
    assert "未导入" in refused.stdout
    assert "王秀兰" in first.stdout
    assert "已导入" in first.stdout
    assert "王秀兰" not in second.stdout


def test_a_file_that_is_no_roster_is_refused_in_words(config: Path, tmp_path: Path) -> None:
    command("migrate", "--config", str(config))
    (path := tmp_path / "roster.xlsx").write_bytes(b"no spreadsheet")

    result = command("import-roster", str(path), "--config", str(config))

    assert result.exit_code == 1
    assert "xlsx" in result.stderr


def test_a_home_in_order_passes_the_check(config: Path, home_address: str) -> None:
    config.write_text(config.read_text().replace("http://127.0.0.1:9", home_address))

    assert command("migrate", "--config", str(config)).exit_code == 0
    result = command("check", "--config", str(config))

    assert result.exit_code == 0, result.output
    assert "✓ token: @" in result.stdout
    assert "✗" not in result.stdout


def test_a_home_stops_cleanly_when_told_to(config: Path, home_address: str) -> None:
    config.write_text(config.read_text().replace("http://127.0.0.1:9", home_address))
    command("migrate", "--config", str(config))
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run", "--config", str(config)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    announced = process.stdout.readline() + process.stdout.readline()
    second = subprocess.run(
        [sys.executable, "-m", "bot", "run", "--config", str(config)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=15)

    assert "?start=p_" in announced
    assert second.returncode == 1
    assert "running already" in second.stderr
    assert process.returncode == 0, errors
    assert time.monotonic() - started < 10
    assert TOKEN not in errors
