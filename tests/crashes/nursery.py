"""Homes as processes of their own that begin at once: a process that has read the whole program forks one for every config it is told.

Most of a start is reading the program; forked, fifty starts take seconds instead of minutes. Those who are forked are processes like any
other, with a number to send signals to. ``python -m tests.crashes.nursery`` reads configs' paths, and answers each with a number; how
a process ended it writes beside the config.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Child:
    """A Home that was begun; with the names of ``asyncio.subprocess.Process``."""

    pid: int
    config: Path

    @property
    def returncode(self) -> int | None:
        """How it ended, None while it runs; of one that was killed, the signal's number below zero."""
        with contextlib.suppress(FileNotFoundError, ValueError):  # empty for a moment
            return int(_how_it_ended(self.config, self.pid).read_text())
        return None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    async def wait(self) -> int:
        while (code := self.returncode) is None:  # noqa: ASYNC110 - it is nobody's child here, so nobody is told
            await asyncio.sleep(0.005)
        return code


async def begin(config: Path) -> Child:
    """Run a Home with this config; what it logs stands beside it."""
    return Child(int(await asyncio.to_thread(_told, config)), config)


def _told(config: Path) -> str:
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{config}\n")
    nursery.stdin.flush()
    return nursery.stdout.readline()


@functools.cache
def _nursery() -> subprocess.Popen[str]:
    """One for all tests of this process; it ends with it, when nobody can tell it anything any more."""
    command = [sys.executable, "-m", "tests.crashes.nursery"]
    nursery = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(_end, nursery)
    return nursery


def _end(nursery: subprocess.Popen[str]) -> None:
    nursery.communicate()


def _how_it_ended(config: Path, pid: int) -> Path:
    return config.with_name(f"{config.name}.{pid}.ended")


def main() -> None:
    from bot import home  # noqa: F401 - read once, for all
    from bot.cli import app

    configs: dict[int, Path] = {}
    told = b""
    while True:
        if select.select([0], [], [], 0.005 if configs else None)[0]:
            told += (said := os.read(0, 4096))
            if not said:
                return
        while b"\n" in told:
            line, _, told = told.partition(b"\n")
            config = Path(line.decode())
            pid = os.fork()
            if not pid:
                _run(app, config)
            configs[pid] = config
            print(pid, flush=True)  # noqa: T201 - whoever asked waits for it
        while configs and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _how_it_ended(configs.pop(ended[0]), ended[0]).write_text(str(os.waitstatus_to_exitcode(ended[1])))


def _run(app: object, config: Path) -> None:
    """The child's whole life."""
    with config.with_name(f"{config.name}.log").open("ab") as log:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    code = 1
    try:
        app(["run", "--config", str(config)])  # type: ignore[operator]  # typer's own
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
