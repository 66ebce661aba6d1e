"""How well masking covers what tells who somebody is, on labelled messages, and how fast.

``python -m tests.benchmarks.masking [--misses]``; the second lists what was missed or covered in vain in the part used for tuning.

What is to be recalled is a label (``tests/data/masking.jsonl``: kind, exact words, and which occurrence if not the first): it is, when each
character of it is covered. What was covered is right when it stands on a label and reaches one character beyond it at most.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from models.masking import Masked, Personal, mask

MESSAGES = Path(__file__).parents[1] / "data" / "masking.jsonl"
TUNING, HELD_OUT = "tuning", "held-out"
NUMBERS = frozenset(Personal) - {Personal.NAME, Personal.OTHER}
UNCUED = "uncued_name"
"""A name that nothing announces: told apart, as no rule can be held to it."""


@dataclass(frozen=True)
class Label:
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    part: str
    text: str
    labels: tuple[Label, ...]

    def masked(self) -> Masked:
        return mask(self.text)


@dataclass
class Score:
    """Counted for each kind."""

    labels: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def recall(self, kinds: Iterable[str]) -> float:
        return _share(self.covered, self.labels, kinds)

    def precision(self, kinds: Iterable[str]) -> float:
        return _share(self.right, self.found, kinds)


def _share(some: Counter[str], of: Counter[str], kinds: Iterable[str]) -> float:
    kinds = list(kinds)
    whole = sum(of[kind] for kind in kinds)
    return sum(some[kind] for kind in kinds) / whole if whole else 1.0


def messages(part: str) -> list[Message]:
    """The labelled messages of one part."""
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    return [Message(part, row["text"], tuple(_labels(row["text"], row["labels"]))) for row in rows if row["part"] == part]


def _labels(text: str, labels: list[list[str]]) -> Iterator[Label]:
    for kind, words, *occurrence in labels:
        start = -1
        for _ in range(int(occurrence[0]) + 1 if occurrence else 1):
            start = text.index(words, start + 1)
        yield Label(kind, start, start + len(words))


def misses(message: Message) -> tuple[list[Label], list[Label]]:
    """The labels that were not covered whole, and what was covered without reason."""
    found = [Label(span.kind, span.start, span.end) for span in message.masked().found]
    covered = {at for span in found for at in range(span.start, span.end)}
    personal = {at for label in message.labels for at in range(label.start, label.end)}
    missed = [label for label in message.labels if not covered.issuperset(range(label.start, label.end))]
    wrong = [
        span for span in found if len(inside := set(range(span.start, span.end)) - personal) > 1 or len(inside) == span.end - span.start
    ]
    return missed, wrong


def score(part: str) -> Score:
    """Compare what is covered with the labels of one part."""
    counted = Score()
    for message in messages(part):
        missed, wrong = misses(message)
        found = Counter[str](span.kind for span in message.masked().found)
        labels = Counter(label.kind for label in message.labels)
        counted.labels += labels
        counted.covered += labels - Counter(label.kind for label in missed)
        counted.found += found
        counted.right += found - Counter(span.kind for span in wrong)
    return counted


def table() -> Table:
    """Precision and recall of each kind, on both parts."""
    scores = [score(part) for part in (TUNING, HELD_OUT)]
    sizes = [len(messages(part)) for part in (TUNING, HELD_OUT)]
    rows = Table("", "labels", "recall", "precision", "labels", "recall", "precision")
    rows.title = f"Masking: {sizes[0]} messages used for tuning (left), {sizes[1]} held out (right)"
    groups = {str(kind): [kind] for kind in sorted(NUMBERS)} | {"numbers together": NUMBERS, "names after a cue": [Personal.NAME]}
    for name, kinds in groups.items():
        cells = [
            cell
            for one in scores
            for cell in (str(sum(one.labels[kind] for kind in kinds)), f"{one.recall(kinds):.3f}", f"{one.precision(kinds):.3f}")
        ]
        rows.add_row(name, *cells)
    bare = [cell for one in scores for cell in (str(one.labels[UNCUED]), f"{one.recall([UNCUED]):.3f}", "")]
    rows.add_row("names without a cue", *bare)
    return rows


def seconds_for(length: int) -> float:
    """How long masking a text of so many characters takes: the messages, one after another."""
    said = "\n".join(message.text for part in (TUNING, HELD_OUT) for message in messages(part))
    text = (said * (length // len(said) + 1))[:length]
    began = time.perf_counter()
    mask(text)
    return time.perf_counter() - began


def report(console: Console) -> None:
    """Measure and print."""
    console.print(table())
    for length in (400, 4_000, 20_000, 40_000):
        console.print(f"{length:>6} characters in {min(seconds_for(length) for _ in range(3)) * 1000:.1f} ms")


def main() -> None:
    console = Console()
    report(console)
    if "--misses" in sys.argv:
        for message in messages(TUNING):
            for word, spans in zip(("missed", "in vain"), misses(message), strict=True):
                for span in spans:
                    console.print(f"{word:8}{span.kind:12}{message.text[span.start : span.end]!r} in {message.text!r}", markup=False)


if __name__ == "__main__":
    main()
