"""What routing costs: the time of one answer, and the time and memory of a rebuild."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
from rich.table import Table

from models.route_model import Case, RouteModel
from tests.benchmarks.messages import LEARN, LOOK, fields, messages
from tests.benchmarks.rankers import cases_of

REBUILT, TIMES = 5_000, 3
LATE, REBUILD, MEMORY = 5, 3, 60
"""Targets: milliseconds, seconds, megabytes."""
STATUS = Path("/proc/self/status")
"""Where Linux tells how much memory a process has, and had at most."""


def table(folder: Path) -> Table:
    """Measured one after another, with nothing of the benchmark beside."""
    cases = _cases(folder)
    clock, processor, model = _rebuild(cases)
    taken, busy = zip(*_ranks(folder, model), strict=True)
    rows = Table("", "measured", "target", title="What it costs")
    rows.add_row("one routing, median", f"{np.median(taken):.2f} ms")
    rows.add_row("one routing, by the clock, p99", *_against(float(np.quantile(taken, 0.99)), LATE, "ms"))
    rows.add_row("the same in processor time", f"{np.quantile(busy, 0.99):.2f} ms")
    rows.add_row(f"a rebuild of {len(cases):,}, by the clock, median of {TIMES}", *_against(clock, REBUILD, "s"))
    rows.add_row("the same in processor time, all threads", f"{processor:.2f} s")
    rows.add_row("its memory, as Python traces it", *_against(_in_a_process(traced, folder), MEMORY, "MB"))
    if STATUS.exists():
        rows.add_row("its memory, as a fresh process grows", *_against(_in_a_process(grown, folder), MEMORY, "MB"))
        rows.add_row("its memory, after a small model was made", *_against(_in_a_process(grown_again, folder), MEMORY, "MB"))
    return rows


def _against(figure: float, target: float, unit: str) -> tuple[str, str]:
    return f"{figure:.2f} {unit} {'✓' if figure < target else '✗'}", f"under {target} {unit}"


def _cases(folder: Path) -> list[Case]:
    return cases_of([*messages(folder, LEARN), *messages(folder, LOOK)][:REBUILT])


def _rebuild(cases: list[Case]) -> tuple[float, float, RouteModel]:
    """Seconds by the clock and of the processor, and what was made."""
    clock, processor = [], []
    for _ in range(TIMES):
        began, busy = time.perf_counter(), time.process_time()
        model = RouteModel.of(fields(), cases)
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    return median(clock), median(processor), model


def _ranks(folder: Path, model: RouteModel) -> list[tuple[float, float]]:
    """Milliseconds for each message, by the clock and of the processor."""
    taken = []
    for message in messages(folder, LOOK):
        began, busy = time.perf_counter(), time.process_time()
        model.rank(message.text)
        taken.append(((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000))
    return taken


def _in_a_process(measure: Callable[[Path], float], folder: Path) -> float:
    """In one of its own, begun afresh: what was in use before should not count."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, folder).result()


def traced(folder: Path) -> float:
    """The peak of what is allocated during a rebuild, in MB; what it leaves behind is a part of it."""
    cases = _cases(folder)
    tracemalloc.start()
    model = RouteModel.of(fields(), cases)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.cases
    return peak / 1e6


def grown(folder: Path) -> float:
    """How far the process's resident memory rises above what it was before a rebuild, in MB."""
    cases = _cases(folder)
    before = _status("VmRSS")
    RouteModel.of(fields(), cases)
    return (_status("VmHWM") - before) * 1024 / 1e6


def grown_again(folder: Path) -> float:
    """The same where libraries are at work already, as in a Home."""
    RouteModel.of(fields(), _cases(folder)[:20])
    return grown(folder)


def _status(name: str) -> int:
    """In kB."""
    found = re.search(rf"^{name}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    assert found
    return int(found[1])
