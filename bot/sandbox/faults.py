"""Failures on demand: the next calls of a method go wrong in a given way."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("429", "500", "hang", "drop", "refuse")


@dataclass(slots=True)
class Fault:
    """One order for failures; `after` carries the call out before failing it."""

    method: str
    kind: str
    count: int
    retry_after: int = 1
    seconds: float = 30.0
    after: bool = False
    code: int = 400
    description: str = ""


class Faults:
    """The failures still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._orders.append(fault)

    def clear(self) -> None:
        self._orders.clear()

    def take(self, method: str) -> Fault | None:
        """The failure this call (lower-case name) shall meet."""
        for fault in self._orders:
            if fault.method in ("*", method):
                fault.count -= 1
                if fault.count <= 0:
                    self._orders.remove(fault)
                return fault
        return None
