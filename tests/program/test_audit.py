"""Dependencies: every lock is hashed, and what the look-up among known vulnerabilities says is understood."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def vulnerable(*fixes: str) -> dict[str, Any]:
    return {"name": "jinja2", "version": "3.1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": list(fixes), "description": "…"}]}


GOOD = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
UNKNOWN = {"name": "asyncpg", "skip_reason": "not found"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_of_a_lock_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]

    assert requirements
    assert [line for line in requirements if not re.match(r"[\w.\-\[\],]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_every_installation_from_a_lock_asks_for_the_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installing = [line for line in makefile.splitlines() if "pip install" in line]

    assert "--require-hashes" in next(line for line in makefile.splitlines() if line.startswith("PIP_FLAGS"))
    assert len(installing) == len(LOCKS)
    assert all("$(PIP_FLAGS) -r requirements" in line for line in installing)


def test_a_vulnerability_that_is_mended_somewhere_fails_and_one_that_is_not_is_only_told(audit: ModuleType) -> None:
    assert audit.verdict("a.lock", answer(GOOD, vulnerable("3.1.6")), "")[0] == 1
    fails, lines = audit.verdict("a.lock", answer(GOOD, vulnerable()), "")

    assert fails == 0
    assert lines == ["a.lock: jinja2 3.1.0: PYSEC-1, not mended yet", "a.lock: 2 packages audited, 1 known vulnerabilities"]


def test_when_nothing_can_be_looked_up_it_says_so_and_does_not_fail(audit: ModuleType) -> None:
    away = audit.verdict("a.lock", "", "Traceback …\nrequests.exceptions.ConnectionError: Failed to resolve 'pypi.org'\n")
    mirror = audit.verdict("a.lock", answer(UNKNOWN), "No known vulnerabilities found")

    assert (away[0], mirror[0]) == (0, 0)
    assert all("NOT AUDITED" in lines[0] for _, lines in (away, mirror))


def test_what_was_not_looked_up_is_counted_and_a_lock_that_cannot_be_read_fails(audit: ModuleType) -> None:
    assert "1 could not be looked up" in audit.verdict("a.lock", answer(GOOD, UNKNOWN), "")[1][-1]
    assert audit.verdict("a.lock", "", "ERROR: requirement aiohttp does not contain a hash")[0] == 1
