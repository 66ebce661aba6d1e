"""What answers are measured by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True)
class Answer:
    """What was said of one text: the keys, best first, and how sure the first is; and the key that is right."""

    ranking: tuple[int, ...]
    sureness: float
    truth: int


@dataclass(frozen=True)
class Figures:
    """Shares of 1."""

    top_1: float
    top_2: float
    macro_f1: float
    alone: float


def figures_of(answers: Sequence[Answer]) -> Figures:
    """All that is measured of a set of answers."""
    return Figures(top(answers, 1), top(answers, 2), macro_f1(answers), share_alone(answers))


def mean_of(draws: Sequence[Figures]) -> Figures:
    """The mean of several draws."""
    return Figures(*(fmean(each) for each in zip(*((one.top_1, one.top_2, one.macro_f1, one.alone) for one in draws), strict=True)))


def top(answers: Sequence[Answer], places: int) -> float:
    """In what share the right one is among so many first."""
    return fmean(answer.truth in answer.ranking[:places] for answer in answers)


def macro_f1(answers: Sequence[Answer]) -> float:
    """The mean over all keys, seldom or not, of the harmonic mean of precision and recall."""
    said = Counter(answer.ranking[0] for answer in answers)
    true = Counter(answer.truth for answer in answers)
    right = Counter(answer.truth for answer in answers if answer.ranking[0] == answer.truth)
    return fmean(2 * right[key] / (said[key] + true[key]) for key in said.keys() | true.keys())


def share_alone(answers: Sequence[Answer], target: float = 0.97) -> float:
    """The largest share of the answers, surest first, of which at least ``target`` are right. Those equally sure stand together."""
    ordered = sorted(answers, key=lambda answer: -answer.sureness)
    found = right = 0
    for number, answer in enumerate(ordered, start=1):
        right += answer.ranking[0] == answer.truth
        ends_here = number == len(ordered) or ordered[number].sureness < answer.sureness
        if ends_here and right >= target * number:
            found = number
    return found / len(ordered)
