"""The shape of the code itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("models", "handlers", "bot") for path in (ROOT / folder).rglob("*.py"))
MAY_IMPORT = {"models": {"models"}, "handlers": {"models", "handlers"}, "bot": {"models", "handlers", "bot"}}
NEVER_IN = {
    "models": {"telegram", "apscheduler", "jinja2", "aiohttp", "starlette", "uvicorn", "openpyxl"},
    "handlers": {"apscheduler", "aiohttp", "starlette", "uvicorn"},
}


def imported(path: Path) -> set[str]:
    """The full names of all modules a file imports, relative ones resolved."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = list(path.relative_to(ROOT).parent.parts)
            base = parents[: len(parents) - node.level + 1] if node.level else []
            names.add(".".join([*base, *([node.module] if node.module else [])]))
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_flow_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imported(path)} & set(MAY_IMPORT)
    theirs = {name.split(".")[0] for name in imported(path)} & NEVER_IN.get(package, set())

    assert ours <= MAY_IMPORT[package]
    assert not theirs


def test_the_sandbox_knows_nothing_of_the_project() -> None:
    for path in (ROOT / "bot" / "sandbox").rglob("*.py"):
        ours = {name for name in imported(path) if name.split(".")[0] in MAY_IMPORT}

        assert all(name.startswith("bot.sandbox") for name in ours), path


def test_no_file_is_a_thousand_lines() -> None:
    every = [
        path
        for ending in ("py", "js", "css", "html")
        for folder in ("models", "handlers", "bot", "tests")
        for path in (ROOT / folder).rglob(f"*.{ending}")
    ]

    assert [path for path in every if len(path.read_text().splitlines()) >= 1000] == []


def test_a_home_starts_without_what_it_seldom_needs() -> None:
    """Dictionaries of pinyin, spreadsheets, documents, charts and the like are loaded when somebody first needs them."""
    seldom = {"pypinyin", "openpyxl", "docx", "matplotlib", "icalendar", "dateparser", "PIL", "prometheus_client"}
    told = "import bot.cli, bot.home, sys; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()

    assert not seldom & {*loaded}
