"""How routing fares as cases arrive: one by one as in a Home, and in an order that should not matter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.table import Table

from models.policy import Policy
from models.route_confidence import MOST, how_many
from models.route_log import KEPT, LAST, Outcome
from models.route_model import RouteModel
from models.routing import FEW, GROWTH
from tests.benchmarks.measures import top
from tests.benchmarks.messages import LEARN, LOOK, fields, messages
from tests.benchmarks.rankers import FORMS, cases_of, of_model

SHUFFLES = 2
STAGES = (500, 1_000, 2_000)
"""Where the table draws a line."""


@dataclass(frozen=True)
class Arrival:
    """What came of one case: how many were proposed, and whether it was among them."""

    number: int
    proposed: int
    right: bool


def arrivals(folder: Path, seed: int) -> list[Arrival]:
    """Let all cases arrive one by one, by chance; each is proposed for, confirmed, and learnt at once. Rebuilds as the Home makes them."""
    policy, cases = Policy(), cases_of(messages(folder, LEARN))
    random.Random(seed).shuffle(cases)
    model, built = RouteModel.of(fields()), 0
    outcomes: list[Outcome] = []
    arrived: list[Arrival] = []
    for number, case in enumerate(cases):
        ranking = model.rank(case.text)
        probabilities = [round(each.probability, 4) for each in ranking]
        place = [each.key for each in ranking].index(case.key) + 1
        proposed = MOST if number < policy.routing_learns_for else how_many(probabilities, outcomes[-LAST:], policy.routing_right)
        arrived.append(Arrival(number, proposed, place <= proposed))
        outcomes.append(Outcome(probabilities[0], probabilities[1], place if place <= KEPT else 0))
        model.learn(case)
        if number + 1 - built >= max(FEW, GROWTH * built):
            built = number + 1
            model = RouteModel.of(fields(), cases[:built])
    return arrived


def table(lives: Sequence[Sequence[Arrival]]) -> Table:
    """How many were proposed, and how often that was right."""
    rows = Table("cases", *(f"{count} proposed" for count in ("one", "two", "three")), title=f"Arriving one by one, {len(lives)} shuffles")
    first, last = Policy().routing_learns_for, len(lives[0])
    bounds = [0, first, *STAGES, last]
    for start, stop in [*pairwise(bounds), (first, last)]:
        stage = [each for life in lives for each in life if start <= each.number < stop]
        cells = []
        for count in range(1, MOST + 1):
            right = [each.right for each in stage if each.proposed == count]
            cells.append(f"{len(right) / len(stage):.1%}, right {np.mean(right):.1%}" if right else "–")
        rows.add_row(f"{start + 1:,} to {stop:,}", *cells)
    return rows


def order_of_arrival(folder: Path) -> str:
    """What the order of arrival changes: after a rebuild, and before."""
    look = messages(folder, LOOK)

    def right(model: RouteModel) -> float:
        return top(of_model(model)(look, FORMS["title apart"]), 1)

    cases, models = cases_of(messages(folder, LEARN)), []
    for seed in (1, 2):
        random.Random(seed).shuffle(cases)
        models.append(RouteModel.of(fields(), cases))
    apart = float(np.abs(models[0].learnt - models[1].learnt).max())
    one_by_one = RouteModel.of(fields())
    for case in sorted(cases, key=lambda case: case.key):
        one_by_one.learn(case)
    return (
        f"Order of arrival: the weights of two shuffles of all differ by {apart:g} at most.\n"
        f"Learnt one by one, sorted by label: top-1 {right(one_by_one):.4f}; after a rebuild {right(models[0]):.4f}."
    )
