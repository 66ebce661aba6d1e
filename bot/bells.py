"""The bell of the outbox: it wakes whoever sends, in this process or in another one."""

from __future__ import annotations

import asyncio


class OutboxBell(asyncio.Event):
    """Rung when something was queued. A bell that nobody hears costs half a second, no more: delivery looks by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.near = True
        """Whether it is this process that sends."""
        self.unheard = False
        """Rung here, while another process sends, and not passed on yet."""
        self.wakes = asyncio.Event()
        """Wakes whoever passes it on."""

    def set(self) -> None:
        super().set()
        if not self.near:
            self.unheard = True
            self.wakes.set()

    def ring_near(self) -> None:
        """Another process rang, or delivery is to look up."""
        super().set()
