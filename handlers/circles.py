"""Circles: which groups they live in, who is in them, and the way in."""

from __future__ import annotations

from handlers.circle_place import place_of_circle

__all__ = ["place_of_circle"]
