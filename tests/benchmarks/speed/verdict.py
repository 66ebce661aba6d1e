"""How a figure stands to what was aimed at."""

from __future__ import annotations


def verdict(reached: bool) -> str:
    """A tick or a cross."""
    return "✓" if reached else "✗"
