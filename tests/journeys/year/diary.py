"""When everybody does what: a list of doings by time, and a clock that stops wherever something is due."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from tests.village import Village

Doing = Callable[[], Awaitable[None]]
AT_MOST = timedelta(days=1)


class Diary:
    def __init__(self) -> None:
        self._doings: list[tuple[datetime, int, Doing]] = []
        self._numbers = itertools.count()

    def note(self, at: datetime, doing: Doing) -> None:
        """Something to be done then; of what falls on one moment, what was noted first comes first."""
        heapq.heappush(self._doings, (at, next(self._numbers), doing))

    async def live(self, home: Village) -> None:
        """Do it all in order; what is done may note more."""
        while self._doings:
            at, _, doing = heapq.heappop(self._doings)
            await pass_until(home, at)
            await doing()


async def pass_until(home: Village, at: datetime) -> None:
    """Let time pass, looking up whenever the Home has something to do."""
    while (now := home.clock.now()) < at:
        due = await home.home.next_due()
        step = min(at, now + AT_MOST)
        await home.until(due if due is not None and now < due < step else step)
