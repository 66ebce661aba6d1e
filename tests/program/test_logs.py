"""The logs: structured, and silent about tokens and about what people said."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.logs import hide_tokens
from tests.village import Village

ROOT = Path(__file__).parents[2]
TOKEN = "1000001:AAH-secret_secret_secret_secret"


def test_a_token_is_hidden_wherever_it_stands_in_a_line() -> None:
    event = hide_tokens(None, "info", {"event": f"POST https://api.telegram.org/bot{TOKEN}/sendMessage", "count": 3})

    assert TOKEN not in str(event)
    assert event["count"] == 3


def log_of_a_failure(log_format: str) -> str:
    """What a process writes that logs as ``log_format`` and fails with a token in its words and a constituent's in a variable."""
    program = f"""
import logging, structlog
from bot.logs import set_up_logs
set_up_logs("{log_format}")
said = "王代表，我叫李长根"
try:
    raise ValueError("bot{TOKEN}")
except ValueError:
    structlog.get_logger().exception("failed", update=7)
logging.getLogger("telegram").warning("address bot{TOKEN}")
logging.getLogger("telegram").info(said)
"""

    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr


def test_a_line_is_json_where_asked_for_and_a_traceback_shows_no_values() -> None:
    written = log_of_a_failure("json")

    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["failed", "address bot<token>"]
    assert lines[0]["update"] == 7
    assert "李长根" not in written
    assert TOKEN not in written


def test_on_a_console_a_traceback_shows_no_values_either() -> None:
    written = log_of_a_failure("console")

    assert "ValueError: bot<token>" in written
    assert "address bot<token>" in written
    assert "李长根" not in written
    assert TOKEN not in written


async def test_what_people_say_never_reaches_the_log(
    home: Village, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    deputy = await home.person("王建国")
    await home.request("POST", "/sandbox/faults", json={"method": "sendMessage", "kind": "500", "count": 1})

    await deputy.says("群众李长根反映下水道堵塞")
    await asyncio.sleep(0.05)
    await home.passes(timedelta(seconds=5))

    captured = capsys.readouterr()
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("asyncio", "sqlalchemy", "telegram", "aiosqlite"))
    ]
    assert "李长根" not in captured.out + captured.err + "\n".join(ours)
    assert "李长根" not in "\n".join(record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING)
