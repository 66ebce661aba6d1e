"""How well a text is routed: with nothing learnt, and with more and more; beside what one would do otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from dataclasses import fields as columns_of
from pathlib import Path
from statistics import stdev

from rich.console import Console
from rich.table import Table

from models.route_words import Field
from tests.benchmarks import routing_cost, routing_life
from tests.benchmarks.measures import Figures, figures_of, mean_of
from tests.benchmarks.messages import LEARN, LOOK, Message, fields, messages
from tests.benchmarks.rankers import FORMS, Ranker, home_model, keywords_alone, linear_svm

SHUFFLES = 5
ALL = 1_000_000
LEFT_OUT = 10
WORKERS = 2
APART, TITLE = "title apart", "title only"


@dataclass(frozen=True)
class Row:
    """One line of the table: who ranks, and how many messages it has learnt."""

    name: str
    make: Callable[[tuple[Field, ...], tuple[Message, ...]], Ranker]
    learns: int = 0
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
    Row("the Home, all", home_model, ALL, Figures(0.93, 0.988, 0.92, 0.83), 0.88),
)
TARGETS = (".80 / .92", ".83 / .955", ".885 / .978 / – / 55 %", ".93 / .988 / .92 / 83 % / .88")


def drawn(folder: Path, learns: int, seed: int) -> tuple[Message, ...]:
    """So many messages to learn, by chance; all of them where there are no more."""
    every = messages(folder, LEARN)
    return tuple(random.Random(seed).sample(every, min(learns, len(every))))


def measured(folder: Path, row: int, seed: int) -> dict[str, Figures]:
    """One draw of a row, by the form of the question."""
    ranker = ROWS[row].make(fields(), drawn(folder, ROWS[row].learns, seed))
    asked = messages(folder, LOOK)
    forms = FORMS if ROWS[row].learns == ALL else (APART, TITLE)
    return {form: figures_of(ranker(asked, FORMS[form])) for form in forms}


def all_but_a_few(folder: Path, seed: int) -> float:
    """Top-1 with nearly all learnt. Which few are left out changes the order of learning, and hardly anything else."""
    ranker = home_model(fields(), drawn(folder, len(messages(folder, LEARN)) - LEFT_OUT, seed))
    return figures_of(ranker(messages(folder, LOOK), FORMS[APART])).top_1


def report(console: Console, folder: Path) -> None:
    """Measure and print. Raises Absent."""
    learn, look = messages(folder, LEARN), messages(folder, LOOK)
    with console.status("How long one takes…"):
        cost = routing_cost.table(folder)
    with console.status("Learning and looking…"), ProcessPoolExecutor(WORKERS) as pool:
        lives = [pool.submit(routing_life.arrivals, folder, seed) for seed in range(routing_life.SHUFFLES)]
        order = pool.submit(routing_life.order_of_arrival, folder)
        nearly = [pool.submit(all_but_a_few, folder, seed) for seed in range(SHUFFLES)]
        draws = list(_draws(pool, folder))
        table, forms = _table(draws, len(learn), len(look)), _forms(draws[-1][0])
        spread = [each.result() for each in nearly]
        life, orders = routing_life.table([each.result() for each in lives]), order.result()
    console.print(table)
    console.print(
        f"All but {LEFT_OUT}, {SHUFFLES} draws: top-1 {min(spread):.4f} to {max(spread):.4f}, standard deviation {stdev(spread):.4f}"
    )
    console.print(forms, orders, life, cost, sep="\n")


def _draws(pool: Executor, folder: Path) -> Iterator[list[dict[str, Figures]]]:
    """All draws of each row. All messages, and none, are one draw: the set decides what is learnt, not its order."""
    ahead = [
        [pool.submit(measured, folder, number, seed) for seed in range(SHUFFLES if 0 < row.learns < ALL else 1)]
        for number, row in enumerate(ROWS)
    ]
    for row in ahead:
        yield [draw.result() for draw in row]


def _table(draws: list[list[dict[str, Figures]]], learn: int, look: int) -> Table:
    table = Table("learnt", "top-1", "top-2", "macro-F1", "alone at 97 %", "title only", "targets")
    table.title = f"Routing: learnt from {learn} messages, looked at {look}; mean of {SHUFFLES} draws"
    targets = iter(TARGETS)
    for row, each in zip(ROWS, draws, strict=True):
        mean = mean_of([draw[APART] for draw in each])
        cells = [_cell(getattr(mean, one.name), row.targets and getattr(row.targets, one.name)) for one in columns_of(Figures)]
        title = _cell(mean_of([draw[TITLE] for draw in each]).top_1, row.title_target)
        table.add_row(row.name, *cells, title, next(targets) if row.targets else "")
    return table


def _cell(figure: float, target: float | None) -> str:
    """The figure, and whether it reaches its target, where it has one."""
    mark = "" if target is None or target != target else " ✓" if figure >= target else " ✗"
    return f"{figure:.4f}{mark}"


def _forms(by_form: dict[str, Figures]) -> Table:
    table = Table("what is given", "top-1", "top-2", "macro-F1", "alone at 97 %", title="The Home, all learnt: forms of the question")
    for form, figures in by_form.items():
        table.add_row(form, *(_cell(getattr(figures, one.name), None) for one in columns_of(Figures)))
    return table
