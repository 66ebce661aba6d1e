"""How well a text is routed: with nothing learnt, and with more and more; beside what one would do otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from dataclasses import fields as columns_of
from pathlib import Path

from rich.console import Console
from rich.table import Table

from models.route_words import Field
from tests.benchmarks import routing_cost, routing_life
from tests.benchmarks.measures import Figures, figures_of, mean_of
from tests.benchmarks.messages import LEARN, LOOK, Message, fields, messages
from tests.benchmarks.rankers import FORMS, Ranker, home_model, keywords_alone, linear_svm

SHUFFLES, WORKERS = 5, 2
ALL, ALL_BUT_TEN = None, -10
"""Where a slice of the shuffled messages ends. All are one draw, as the set decides what is learnt, not its order. Which ten are left out
changes the order of learning, and hardly anything else."""
APART, TITLE = "title apart", "title only"


@dataclass(frozen=True)
class Row:
    """One line of the table: who ranks, and how many messages it has learnt."""

    name: str
    make: Callable[[tuple[Field, ...], list[Message]], Ranker]
    learns: int | None = 0
    targets: Figures | None = None
    title_target: float | None = None


NONE = float("nan")
ROWS = (
    Row("keywords alone", keywords_alone),
    Row("TF-IDF + linear SVM, 200", linear_svm, 200),
    Row("TF-IDF + linear SVM, 1,000", linear_svm, 1_000),
    Row("TF-IDF + linear SVM, all", linear_svm, ALL),
    Row("the Home, nothing learnt", home_model, 0, Figures(0.80, 0.92, NONE, NONE)),
    Row("the Home, 200", home_model, 200, Figures(0.83, 0.955, NONE, NONE)),
    Row("the Home, 1,000", home_model, 1_000, Figures(0.885, 0.978, NONE, 0.55)),
    Row("the Home, all but ten", home_model, ALL_BUT_TEN),
    Row("the Home, all", home_model, ALL, Figures(0.93, 0.988, 0.92, 0.83), 0.88),
)
TARGETS = (".80 / .92", ".83 / .955", ".885 / .978 / – / 55 %", ".93 / .988 / .92 / 83 % / .88")


def drawn(folder: Path, learns: int | None, seed: int) -> list[Message]:
    """The first so many of the messages, shuffled."""
    every = list(messages(folder, LEARN))
    random.Random(seed).shuffle(every)
    return every[:learns]


def measured(folder: Path, row: int, seed: int) -> dict[str, Figures]:
    """One draw of a row, by the form of the question."""
    ranker = ROWS[row].make(fields(), drawn(folder, ROWS[row].learns, seed))
    asked = messages(folder, LOOK)
    forms = FORMS if ROWS[row].learns is ALL else (APART, TITLE)
    return {form: figures_of(ranker(asked, FORMS[form])) for form in forms}


def report(console: Console, folder: Path) -> None:
    """Measure and print. Raises Absent."""
    learn, look = messages(folder, LEARN), messages(folder, LOOK)
    with console.status("How long one takes…"):
        cost = routing_cost.table(folder)
    with console.status("Learning and looking…"), ProcessPoolExecutor(WORKERS) as pool:
        lives = [pool.submit(routing_life.arrivals, folder, seed) for seed in range(routing_life.SHUFFLES)]
        order = pool.submit(routing_life.order_of_arrival, folder)
        draws = list(_draws(pool, folder))
        table, forms = _table(draws, len(learn), len(look)), _forms(draws[-1][0])
        life, orders = routing_life.table([each.result() for each in lives]), order.result()
    console.print(table)
    console.print(_spread(draws[-2]))
    console.print(forms, orders, life, cost, sep="\n")


def _draws(pool: Executor, folder: Path) -> Iterator[list[dict[str, Figures]]]:
    """All draws of each row."""
    ahead = [
        [pool.submit(measured, folder, number, seed) for seed in range(SHUFFLES if row.learns else 1)] for number, row in enumerate(ROWS)
    ]
    for row in ahead:
        yield [draw.result() for draw in row]


def _table(draws: list[list[dict[str, Figures]]], learn: int, look: int) -> Table:
    table = Table("learnt", "top-1", "top-2", "macro-F1", "alone at 97 %", "title only", "targets")
    table.title = f"Routing: learnt from {learn} messages, looked at {look}; mean of {SHUFFLES} draws"
    targets = iter(TARGETS)
    for row, each in zip(ROWS, draws, strict=True):
        mean = mean_of([draw[APART] for draw in each])
        cells = [_cell(getattr(mean, one.name), getattr(row.targets, one.name, None)) for one in columns_of(Figures)]
        title = _cell(mean_of([draw[TITLE] for draw in each]).top_1, row.title_target)
        table.add_row(row.name, *cells, title, next(targets) if row.targets else "")
    return table


def _spread(draws: list[dict[str, Figures]]) -> str:
    top_1 = [draw[APART].top_1 for draw in draws]
    return f"All but ten: top-1 from {min(top_1):.4f} to {max(top_1):.4f}, as the order of learning differs."


def _cell(figure: float, target: float | None) -> str:
    """The figure, and whether it reaches its target, where it has one."""
    mark = "" if target is None or target != target else " ✓" if figure >= target else " ✗"
    return f"{figure:.4f}{mark}"


def _forms(by_form: dict[str, Figures]) -> Table:
    table = Table("what is given", "top-1", "top-2", "macro-F1", "alone at 97 %", title="The Home, all learnt: forms of the question")
    for form, figures in by_form.items():
        table.add_row(form, *(_cell(getattr(figures, one.name), None) for one in columns_of(Figures)))
    return table
