"""The time. Everything that asks for it is given ``now``, so that tests and the demo can skip ahead."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def running_time() -> float:
    """Seconds that nobody can set, forwards or back; those in which the machine slept count, where the system knows them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


def system_now() -> datetime:
    return datetime.now(UTC)
