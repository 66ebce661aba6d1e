"""The sandbox stands alone: it can be run by itself and knows nothing of the rest of the project."""

from __future__ import annotations

import ast
import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest

import bot.sandbox
from bot.sandbox import run_sandbox

FOLDER = Path(bot.sandbox.__file__).parent


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_nothing_outside_its_folder_is_imported(file: Path) -> None:
    depth = len(file.relative_to(FOLDER).parts)
    found = list(ast.walk(ast.parse(file.read_text("utf-8"))))

    imported = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in found if isinstance(node, ast.ImportFrom) and not node.level}

    assert not {name for name in imported if name.partition(".")[0] in ("bot", "handlers", "models", "telegram")}
    assert all(node.level <= depth for node in found if isinstance(node, ast.ImportFrom))


async def test_run_alone_it_prints_its_address_and_token(capsys: pytest.CaptureFixture[str]) -> None:
    running = asyncio.create_task(run_sandbox(port=0, token="7:alone"))
    await asyncio.sleep(0.05)
    printed = capsys.readouterr().out.split()

    async with httpx.AsyncClient() as http:
        me = (await http.get(f"{printed[1]}/bot{printed[3]}/getMe")).json()
        page = await http.get(printed[1])
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert (me["result"]["id"], page.status_code) == (7, 200)
