"""How many specialties to propose: one when the Home may be sure, two when it is between two, else three.

How sure it may be is read from its own last outcomes, not from the probabilities themselves: a model that has seen little thinks too much
of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.route_log import Outcome

MOST = 3
ENOUGH = 30
"""Outcomes that a bar must stand on."""
NEVER = 2.0
"""A bar that no probability reaches."""


def bar(outcomes: Iterable[tuple[float, bool]], target: float) -> float:
    """The lowest probability from which up at least ``target`` (a share of 1) of the outcomes were right; NEVER where there is none."""
    found, right = NEVER, 0
    ordered = sorted(outcomes, key=lambda outcome: -outcome[0])
    for number, (probability, was_right) in enumerate(ordered, start=1):
        right += was_right
        ends_here = number == len(ordered) or ordered[number][0] < probability
        if ends_here and number >= ENOUGH and right >= target * number:
            found = probability
    return found


def how_many(probabilities: Sequence[float], outcomes: Sequence[Outcome], target: float) -> int:
    """How many of a ranking to propose, of which these are the probabilities, the best first."""
    first, second = sum(probabilities[:1]), sum(probabilities[:2])
    if first >= bar(((each.first, each.place == 1) for each in outcomes), target):
        return 1
    if second >= bar(((each.first + each.second, each.place in (1, 2)) for each in outcomes), target):
        return 2
    return MOST
