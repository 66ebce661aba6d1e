"""The time. Everything that asks for it is given ``now``, so that tests and the demo can skip ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def system_now() -> datetime:
    return datetime.now(UTC)
