"""The sandbox's time: the real one, plus what was skipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A clock that runs with the real one, from ``start`` if given, and can be moved ahead."""

    def __init__(self, start: datetime | None = None) -> None:
        self.ahead = start - datetime.now(UTC) if start else timedelta()

    def now(self) -> datetime:
        """The present moment of the sandbox, aware, in UTC."""
        return datetime.now(UTC) + self.ahead

    def advance(self, by: timedelta) -> None:
        """Skip ahead; time never runs backwards, since message dates would."""
        if by < timedelta():
            raise ValueError("the clock only moves ahead")
        self.ahead += by

    def timestamp(self) -> int:
        """The moment as Telegram writes it: whole seconds since 1970."""
        return int(self.now().timestamp())
