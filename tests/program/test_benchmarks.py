"""What the benchmark counts is counted right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.measures import Answer, Figures, macro_f1, mean_of, share_alone, top
from tests.benchmarks.messages import LOOK, Absent, messages

FOUR = [
    Answer((0, 1, 2), 0.9, truth=0),
    Answer((0, 1, 2), 0.8, truth=1),
    Answer((1, 2, 0), 0.7, truth=1),
    Answer((0, 1, 2), 0.6, truth=2),
]


def sure(*outcomes: tuple[float, bool]) -> list[Answer]:
    return [Answer((0, 1), sureness, truth=0 if right else 1) for sureness, right in outcomes]


def test_an_answer_is_right_when_it_is_among_the_first() -> None:
    assert [top(FOUR, places) for places in (1, 2, 3)] == [0.5, 0.75, 1.0]


def test_every_field_counts_the_same_however_seldom_it_is() -> None:
    precise_and_found = [(1 / 3, 1), (1, 1 / 2), (0, 0)]

    assert macro_f1(FOUR) == pytest.approx(sum(2 * p * f / (p + f) if p else 0 for p, f in precise_and_found) / 3)


def test_proposing_alone_ends_where_too_many_would_be_wrong() -> None:
    some = sure((0.9, True), (0.8, True), (0.7, True), (0.6, False), (0.5, True), (0.4, False))

    assert share_alone(some, 1.0) == 3 / 6
    assert share_alone(some, 0.8) == 5 / 6
    assert share_alone(some, 0.6) == 1.0
    assert share_alone(sure((0.9, False), (0.1, False)), 0.97) == 0


def test_those_equally_sure_are_proposed_together_or_not_at_all() -> None:
    assert share_alone(sure((0.9, True), (0.5, True), (0.5, False)), 1.0) == 1 / 3
    assert share_alone(sure((0.5, True), (0.5, False)), 1.0) == 0


def test_a_mean_is_of_each_figure_by_itself() -> None:
    assert mean_of([Figures(0.5, 0.75, 0.25, 0.0), Figures(1.0, 1.0, 0.75, 0.5)]) == Figures(0.75, 0.875, 0.5, 0.25)


def test_absent_messages_are_named_with_the_place_they_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Absent) as absent:
        messages(tmp_path, LOOK)

    assert LOOK in str(absent.value)
    assert str(tmp_path) in str(absent.value)
