"""Checking in by where one is."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH = 6_371_000.0
"""The earth's mean radius in metres."""


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points given in degrees of latitude and longitude, along a great circle (haversine)."""
    (latitude, longitude), (other_latitude, other_longitude) = ((radians(degrees) for degrees in point) for point in (one, other))
    across = sin((other_latitude - latitude) / 2) ** 2
    along = cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    return 2 * EARTH * asin(min(sqrt(across + along), 1.0))
