"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``says`` tells what to do where it is not ``good``; a ``hint`` is worth a thought and no failure."""

    what: str
    good: bool
    says: str
    hint: bool = False

    @property
    def mark(self) -> str:
        return "✗" if not self.good else ("!" if self.hint else "✓")
