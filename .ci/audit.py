"""Looks the locked dependencies up among known vulnerabilities. Fails on one that a newer version mends.

When nothing can be looked up, it says so and does not fail.

Runs by `make audit`, in an environment of its own: python .ci/audit.py requirements.lock …
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

SECONDS = 15
"""How long the data is waited for, a call."""
UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "Max retries",
    "Failed to resolve",
    "ProxyError",
    "SSLError",
    "Service Unavailable",
)


def audit(lock: str) -> int:
    """Look up one lock and print what was found. Gives 1 when something must be done, or the lock cannot be read."""
    asked = [
        "--requirement",
        lock,
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        str(SECONDS),
    ]
    done = subprocess.run([sys.executable, "-m", "pip_audit", *asked], capture_output=True, text=True, check=False)
    fails, lines = verdict(lock, done.stdout, done.stderr)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return fails


def verdict(lock: str, out: str, complaints: str) -> tuple[int, Sequence[str]]:
    """What the answer means, and in which words."""
    try:
        packages: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (complaints.strip().splitlines() or ["no answer"])[-1][:200]
        if any(sign in complaints for sign in UNREACHABLE):
            return 0, [f"{lock}: NOT AUDITED, the data cannot be reached: {reason}"]
        return 1, [f"{lock}: the audit failed: {reason}"]
    looked_up = [package for package in packages if "skip_reason" not in package]
    if not looked_up:  # an index that mirrors packages but not their vulnerabilities
        return 0, [f"{lock}: NOT AUDITED, the package index here knows no vulnerabilities"]
    findings = [(bool(fix), line) for package in looked_up for fix, line in _findings(lock, package)]
    skipped = f", {len(packages) - len(looked_up)} could not be looked up" if len(looked_up) < len(packages) else ""
    summary = f"{lock}: {len(looked_up)} packages audited{skipped}, {len(findings)} known vulnerabilities"
    return int(any(mended for mended, _ in findings)), [*(line for _, line in findings), summary]


def _findings(lock: str, package: dict[str, Any]) -> Iterator[tuple[list[str], str]]:
    for found in package.get("vulns", ()):
        fix = found.get("fix_versions") or []
        advice = f"mended in {', '.join(fix)}: run 'make lock'" if fix else "not mended yet"
        yield fix, f"{lock}: {package['name']} {package['version']}: {found['id']}, {advice}"


if __name__ == "__main__":
    sys.exit(max(audit(lock) for lock in sys.argv[1:]))
